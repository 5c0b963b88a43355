"""What is remembered of claims: each expense as it was last looked at, and what people answered.

The look at an expense writes its part, the look at the claim the review. A part stays untold until
the process of its claim was told of it, so that nothing is lost when a worker dies in between.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from documents.claim import ClaimReview, Part, PartState
from documents.key import Kind
from store.cipher import Cipher
from store.claim_tables import CLAIM_PART, CLAIM_REVIEW, claim_parts, claim_reviews
from store.engine import Database
from store.errors import StaleRow
from store.upsert import upsert

_p, _r = claim_parts.c, claim_reviews.c
_PART = [_p.connection, _p.claim, _p.source_id]


class ExpenseClaims:
    """The claims of all connections, by the text of their id."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    async def parts(self, connection: str, claim: str) -> list[Part]:
        """The expenses of a claim, also those that left it."""
        where = and_(_p.connection == connection, _p.claim == claim)
        rows = await self._database.rows(select(claim_parts).where(where))
        found = [self._part(row) for row in rows]
        return sorted(found, key=lambda part: (len(part.source_id), part.source_id))

    async def put(self, connection: str, claim: str, part: Part) -> None:
        """The expense as it is now. Its claim has to be told unless nothing changed."""
        place = {"connection": connection, "claim": claim, "source_id": part.source_id}
        where = and_(*(_p[name] == value for name, value in place.items()))
        row = await self._database.row(select(claim_parts).where(where))
        if row is not None and self._part(row) == part:
            return
        context = CLAIM_PART.context((connection, claim, part.source_id))
        values = {
            "state": part.state.value,
            "told": False,
            "content": self._cipher.encrypt(part.model_dump_json().encode(), context),
        }
        statement = upsert(self._database, claim_parts).values(**place, **values)
        await self._database.change(
            statement.on_conflict_do_update(index_elements=_PART, set_=values)
        )

    async def leave(self, connection: str, source_id: str, stays_in: str = "") -> None:
        """The expense is no part of any claim any more, but for the one that it is in now."""
        where = and_(
            _p.connection == connection,
            _p.source_id == source_id,
            _p.claim != stays_in,
            _p.state != PartState.OUT.value,
        )
        for row in await self._database.rows(select(claim_parts).where(where)):
            part = self._part(row).model_copy(update={"state": PartState.OUT})
            await self.put(connection, row.claim, part)

    async def untold(self, connection: str, source_id: str) -> list[str]:
        """The claims that have to be told of an expense. One that the expense waits for is told
        at each of its looks: its process may have been ended by somebody."""
        waits = _p.state == PartState.READY.value
        news = or_(_p.told.is_(False), waits)
        where = and_(_p.connection == connection, _p.source_id == source_id, news)
        rows = await self._database.rows(select(_p.claim).where(where).order_by(_p.claim))
        return [row.claim for row in rows]

    async def told(self, connection: str, claim: str, source_id: str) -> None:
        """The process of the claim was told."""
        where = and_(_p.connection == connection, _p.claim == claim, _p.source_id == source_id)
        await self._database.change(update(claim_parts).where(where).values(told=True))

    async def review(self, connection: str, claim: str) -> tuple[ClaimReview, int]:
        """What people answered, and the version to save the next one over."""
        where = and_(_r.connection == connection, _r.claim == claim)
        row = await self._database.row(select(claim_reviews).where(where))
        if row is None:
            return ClaimReview(), 0
        content = self._cipher.decrypt(row.content, CLAIM_REVIEW.context((connection, claim)))
        return ClaimReview.model_validate_json(content), row.version

    async def save(self, connection: str, claim: str, review: ClaimReview, version: int) -> None:
        """Keep a review over the one that was read as `version`; StaleRow when it moved on."""
        context = CLAIM_REVIEW.context((connection, claim))
        content = self._cipher.encrypt(review.model_dump_json().encode(), context)
        place = {"connection": connection, "claim": claim}
        if version == 0:
            statement: Any = insert(claim_reviews).values(**place, version=1, content=content)
        else:
            same = and_(_r.connection == connection, _r.claim == claim, _r.version == version)
            values = {"version": version + 1, "content": content}
            statement = update(claim_reviews).where(same).values(**values)
        try:
            saved = await self._database.change(statement)
        except IntegrityError:
            saved = 0
        if not saved:
            raise StaleRow(connection, Kind.EXPENSE_CLAIM.value, claim, version)

    def _part(self, row: Any) -> Part:
        context = CLAIM_PART.context((row.connection, row.claim, row.source_id))
        return Part.model_validate_json(self._cipher.decrypt(row.content, context))
