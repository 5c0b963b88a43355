"""The look at a claim over a real store: what counts of an answer, and what it leaves behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from activities.context import Workplace
from activities.expenses.claim_steps import ClaimActivities
from activities.expenses.letters import Post
from activities.signatures import DocumentRef
from activities.signatures_expenses import ClaimLook, ExpenseLookRequest
from activities.telling import Messengers
from documents.claim import Part, PartState
from documents.key import Kind
from documents.money import Money
from documents.review import Answer, Verdict, verdict_text
from store.cipher import Cipher
from store.keyring import KeyRing
from store.seal import Seal
from store.store import Store
from tests.fresh import fresh_database
from tests.policies.expense_model import ERIN, NOOR, policy

_CLAIM, _NOW = "1-2026M03", datetime(2026, 4, 2, tzinfo=UTC)


class _Named:
    name, target_queue, expenses = "c", "nav.c", policy(claims="month")


@dataclass(frozen=True)
class Desk:
    """The steps of one claim of two expenses over 80.00 USD."""

    store: Store
    seal: Seal

    async def look(self, verdict: Verdict | None = None) -> ClaimLook:
        connections = cast("Any", {"c": _Named()})
        place = Workplace(connections, self.store, self.seal, lambda: _NOW)
        steps = ClaimActivities(place, cast("Post", None), cast("Messengers", None))
        document = DocumentRef(connection="c", kind=Kind.EXPENSE_CLAIM, source_id=_CLAIM)
        return await steps.look_at_claim(ExpenseLookRequest(document=document, verdict=verdict))

    async def said(self, who: str, *, sealed: bool = True, about: str = _CLAIM) -> ClaimLook:
        need = (await self.look()).need
        version = need.version if need else "none"
        verdict = Verdict(answer=Answer.APPROVE, who=who, version=version, at=_NOW)
        proof = self.seal.sign(verdict_text("c", about, verdict)) if sealed else "forged"
        return await self.look(verdict.model_copy(update={"proof": proof}))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    ring = KeyRing.generate("k")
    url = await fresh_database(tmp_path / "t.db")
    async with await Store.open(url, Cipher(ring)) as store:
        for number in "56":
            part = Part(
                source_id=number,
                state=PartState.READY,
                version="v",
                amount=Money.of("40", "USD"),
                claimant=ERIN,
            )
            await store.expense_claims.put("c", _CLAIM, part)
        yield Desk(store, Seal(ring))


async def test_an_answer_without_the_seal_of_a_door_covers_nothing(desk: Desk) -> None:
    for look in (await desk.said(NOOR, sealed=False), await desk.said(NOOR, about="1-2026M04")):
        assert "lacks the proof" in look.refused
        assert look.settled == ()


async def test_a_recognised_answer_settles_all_of_the_claim_and_is_kept(desk: Desk) -> None:
    refused = await desk.said(ERIN)
    assert "claims this expense" in refused.refused
    look = await desk.said(NOOR)
    assert (look.settled, look.refused) == (("5:v", "6:v"), "")
    again = await desk.look()
    assert [v.who for v in again.verdicts] == [NOOR]
    assert again.need is None


async def test_a_version_that_nobody_has_seen_is_asked_about(desk: Desk) -> None:
    await desk.said(NOOR)
    parts = await desk.store.expense_claims.parts("c", _CLAIM)
    edited = parts[0].model_copy(update={"version": "w"})
    await desk.store.expense_claims.put("c", _CLAIM, edited)
    look = await desk.look()
    assert look.settled == ("6:v",)
    assert look.need is not None
    assert look.need.approvers == (NOOR,)
