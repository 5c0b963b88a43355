"""The doors at which approvers are recognised: the signed link and the command line."""

from __future__ import annotations

import asyncio
import base64
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest_asyncio

from activities.expenses.links import Link, mark_of, sign
from tests.e2e.expenses import PNG, Claims, open_claims
from tests.e2e.house import CONNECTION, TODAY, House


@pytest_asyncio.fixture(loop_scope="session")
async def claims(house: House) -> Claims:
    return await open_claims(house)


async def _link(claims: Claims, expense: int, who: str, hours: int = 1) -> str:
    need = (await claims.approval(expense)).need
    assert need is not None
    link = Link(
        connection=CONNECTION,
        source_id=str(expense),
        version=need.version,
        who=mark_of(who, claims.seal),
        until=datetime.now(UTC) + timedelta(hours=hours),
    )
    return f"{claims.house.ready.gateway}/approvals/{sign(link, claims.seal)}"


async def test_a_link_shows_first_and_decides_by_its_button_once(claims: Claims) -> None:
    expense = await claims.enter("81.00", vendor="Shop of the page")
    await claims.wait(expense, "approval")
    address, http = await _link(claims, expense, "Noor"), claims.house.http
    body = address.rpartition("/")[2].partition(".")[0]
    assert b"Noor" not in base64.urlsafe_b64decode(body + "==")
    for _ in range(2):
        # A scanner may open the link as often as it likes.
        page = await http.get(address)
        assert (page.status_code, "81.00 USD" in page.text) == (200, True)
    assert all(word in page.text for word in ("Travel", "Shop of the page", str(TODAY)))
    receipt = await http.get(f"{address}/receipts/{expense}")
    assert (receipt.headers["content-type"], receipt.content[:8]) == ("image/png", PNG[:8])
    assert (await http.get(f"{address}/receipts/{expense + 1}")).status_code == 404
    assert (await http.get(f"{address[:-3]}AAA/receipts/{expense}")).status_code == 403
    assert page.headers["cache-control"] == "no-store"
    assert await claims.posted(expense) == []
    assert (await http.post(address, data={"answer": "approve"})).status_code == 200
    await claims.wait(expense, "posted")
    assert (await http.get(f"{address}/receipts/{expense}")).status_code == 410
    again = await http.post(address, data={"answer": "approve"})
    assert again.status_code == 410
    assert (await http.get(address)).status_code == 410


async def test_a_link_of_the_claimant_expired_or_made_up_decides_nothing(claims: Claims) -> None:
    expense = await claims.enter("82.00")
    await claims.wait(expense, "approval")
    http = claims.house.http
    for address, status in (
        (await _link(claims, expense, "Erin"), 403),
        (await _link(claims, expense, "Noor", hours=-1), 403),
        ((await _link(claims, expense, "Noor"))[:-3] + "AAA", 403),
        (f"{claims.house.ready.gateway}/approvals/nothing", 403),
    ):
        assert (await http.post(address, data={"answer": "approve"})).status_code == status
    unclear = await http.post(await _link(claims, expense, "Noor"), data={"answer": "maybe"})
    assert unclear.status_code == 400
    status_now = await claims.status(expense)
    assert status_now is not None
    assert status_now.stage == "approval"


async def test_the_commands_list_show_approve_and_reject(claims: Claims) -> None:
    expense = await claims.enter("83.00")
    await claims.wait(expense, "approval")
    run = _Command(claims.house)
    token = (await run("person", "add", "Noor", "--role", "approver")).strip()
    assert str(expense) in await run("expenses", "list", "--connection", CONNECTION)
    assert "Noor or Owen" in await run("expenses", "show", str(expense), "--connection", CONNECTION)
    asked = ("expenses", "approve", str(expense), "--connection", CONNECTION)
    assert "nobody with a valid token" in await run(*asked, "--token", "wrong", code=1)
    assert "approve: level 1 of 1, by Noor" in await run(*asked, "--token", token)
    await claims.wait(expense, "posted")
    assert "does not wait" in await run(*asked, "--token", token, code=1)


class _Command:
    """`tieout` as an engineer types it, against this house."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def __call__(self, *words: str, code: int = 0) -> str:
        script = Path(sys.executable).with_name("tieout")
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(script), *words,
            "--config", str(self._house.state / "tieout.yaml"),
            env={"TEMPORAL_ADDRESS": self._house.ready.temporal, "PATH": "/usr/bin:/bin",
                 "TEMPORAL_NAMESPACE": self._house.ready.namespace},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output, _ = await process.communicate()
        assert process.returncode == code, output.decode()
        return output.decode()
