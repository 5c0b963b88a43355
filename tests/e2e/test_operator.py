"""A person decides about a held document through the operator interface of the whole house."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from documents.key import Kind
from tests.e2e.house import CONNECTION, House
from workers.access.callers import Role
from workers.access.tokens import mint
from workers.demo.people import Line
from workers.opening import open_store


async def _operator(house: House, role: Role) -> tuple[httpx.AsyncClient, str]:
    name, new = f"Ada {uuid4().hex[:6]}", mint()
    async with open_store(house.settings) as store:
        await store.persons.add(new.person_id, name, role.value, new.digest)
    headers = {"Authorization": f"Bearer {new.token}"}
    return httpx.AsyncClient(base_url=house.ready.operator, headers=headers, timeout=30), name


async def _decide(http: httpx.AsyncClient, invoice: int, **body: Any) -> httpx.Response:
    request = {"connection": CONNECTION, "why": "asked the bookkeeper", **body}
    return await http.post(f"/operator/documents/invoice/{invoice}/resolve", json=request)


async def _listed(http: httpx.AsyncClient, invoice: int) -> dict[str, Any]:
    """The hold in the list. A hint that comes late makes the process look once more, and while
    it does so the document is in flight."""
    async with asyncio.timeout(20):
        while True:
            answer = await http.get("/operator/holds", params={"limit": 200})
            for hold in answer.json()["holds"]:
                if hold["id"] == str(invoice):
                    found: dict[str, Any] = hold
                    return found
            await asyncio.sleep(0.1)


async def test_a_hold_is_listed_read_and_decided_by_who_is_signed_in(house: House) -> None:
    invoice = await house.sent_invoice([Line("Hardware sale", "1", "10.00")])
    await house.watch.wait(invoice, "held")
    http, name = await _operator(house, Role.OPERATOR)
    async with http:
        held = await _listed(http, invoice)
        assert held["hold_cause"] == "account-unknown"
        asked = {"connection": CONNECTION}
        answer = await http.get(f"/operator/documents/{held['number']}", params=asked)
        (found,) = answer.json()["documents"]
        assert found["process"]["stage"] == "held"
        stale = await _decide(http, invoice, action="abandon", version=0)
        assert stale.status_code == 409
        assert "version 0 is stale" in stale.json()["detail"]
        version = found["process"]["version"]
        taken = await _decide(http, invoice, action="abandon", version=version)
        assert taken.json()["who"] == name
    await house.watch.wait(invoice, "ignored")
    async with open_store(house.settings) as store:
        row = await store.documents.get(CONNECTION, Kind.INVOICE, str(invoice))
    assert row is not None
    assert row.decision is not None
    assert row.decision.who == name


async def test_a_decision_about_what_is_not_held_is_refused_by_the_process(house: House) -> None:
    invoice = await house.sent_invoice()
    await house.watch.wait(invoice, "posted")
    http, _ = await _operator(house, Role.APPROVER)
    async with http:
        refused = await _decide(http, invoice, action="retry")
    assert refused.status_code == 409
    assert "not held" in refused.json()["detail"]


async def test_a_correction_is_approved_by_somebody_else(house: House) -> None:
    invoice = await house.sent_invoice([Line("Hardware sale", "1", "10.00")])
    await house.watch.wait(invoice, "held")
    correction = {"action": "correct", "values": {"account:4999": "4050"}}
    (operator, _), (approver, _) = [
        await _operator(house, role) for role in (Role.OPERATOR, Role.APPROVER)
    ]
    async with operator, approver:
        await _listed(operator, invoice)
        proposed = await _decide(approver, invoice, **correction)
        assert proposed.json()["needs_approval"] is True
        own = await _decide(approver, invoice, action="approve")
        assert own.status_code == 409
        assert "somebody else has to approve" in own.json()["detail"]
        assert (await _decide(operator, invoice, action="approve")).status_code == 403
        await _decide(operator, invoice, **correction)
        approved = await _decide(approver, invoice, action="approve")
        assert approved.status_code == 200
    await house.watch.wait(invoice, "posted")


async def test_a_proposal_of_nobody_who_signed_in_cannot_be_approved(house: House) -> None:
    invoice = await house.sent_invoice([Line("Hardware sale", "1", "10.00")])
    await house.watch.wait(invoice, "held")
    approver, _ = await _operator(house, Role.APPROVER)
    async with approver:
        await _listed(approver, invoice)
        forged = {"account:4999": "4050"}
        await house.resolve(
            invoice,
            action="correct",
            who="Ada",
            why="x",
            values=forged,
            proof="k1:00",
            sealed_at=datetime.now(UTC).isoformat(),
        )
        refused = await _decide(approver, invoice, action="approve")
    assert refused.status_code == 409
    assert "not made by a person who had signed in" in refused.json()["detail"]
