"""Sign-offs: who prepared and who approved the figures of a period, and when they were re-opened.

Nothing is overwritten: every change is a new row, the last one counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from documents.sign_off import SignOff, SignOffState
from store.audit import Audit
from store.cipher import Cipher
from store.engine import Database
from store.entries import Fact
from store.tieout_tables import SIGN_OFF_CONTENT, sign_offs

_c = sign_offs.c


class SignOffs:
    """The sign-offs of all connections; each is journalled in the same transaction."""

    def __init__(self, database: Database, cipher: Cipher, audit: Audit) -> None:
        self._database = database
        self._cipher = cipher
        self._audit = audit

    async def get(self, connection: str, period: str) -> SignOff | None:
        """How a period stands; None when nobody has prepared anything."""
        history = await self.history(connection, period)
        return history[-1] if history else None

    async def history(self, connection: str, period: str) -> list[SignOff]:
        """Everything that happened to the sign-off of a period, oldest first."""
        query = select(sign_offs).where(_c.connection == connection, _c.period == period)
        rows = await self._database.rows(query.order_by(_c.number))
        return [self._read(row) for row in rows]

    async def add(self, sign_off: SignOff) -> None:
        """The new state of a period's sign-off."""

        async def work(transaction: AsyncConnection) -> None:
            place = (sign_off.connection, sign_off.period)
            query = select(func.max(_c.number)).where(
                _c.connection == place[0], _c.period == place[1]
            )
            number = ((await transaction.execute(query)).scalar() or 0) + 1
            await transaction.execute(insert(sign_offs).values(self._columns(sign_off, number)))
            await self._audit.append_in(transaction, _fact(sign_off))

        await self._database.write(work)

    async def signed_periods(self, connection: str) -> Sequence[str]:
        """The periods that are signed off now, in order."""
        latest = (
            select(_c.period, func.max(_c.number).label("number"))
            .where(_c.connection == connection)
            .group_by(_c.period)
            .subquery()
        )
        query = (
            select(sign_offs)
            .join(latest, (_c.period == latest.c.period) & (_c.number == latest.c.number))
            .where(_c.connection == connection)
        )
        # What is sealed counts: the column beside it could be changed by anybody with a client.
        found = [self._read(row) for row in await self._database.rows(query.order_by(_c.period))]
        return [each.period for each in found if each.state is SignOffState.SIGNED_OFF]

    async def is_signed_off(self, connection: str, day: date) -> bool:
        """Whether a day lies in a period that is signed off."""
        return f"{day:%Y-%m}" in await self.signed_periods(connection)

    def _columns(self, sign_off: SignOff, number: int) -> dict[str, Any]:
        context = SIGN_OFF_CONTENT.context((sign_off.connection, sign_off.period, number))
        return {
            "connection": sign_off.connection,
            "period": sign_off.period,
            "number": number,
            "state": sign_off.state.value,
            "digest": sign_off.digest,
            "at": sign_off.reopened_at or sign_off.approved_at or sign_off.prepared_at,
            "content": self._cipher.encrypt(sign_off.model_dump_json().encode(), context),
        }

    def _read(self, row: Any) -> SignOff:
        context = SIGN_OFF_CONTENT.context((row.connection, row.period, row.number))
        return SignOff.model_validate_json(self._cipher.decrypt(row.content, context))


def _fact(sign_off: SignOff) -> Fact:
    who = sign_off.approver if sign_off.state is SignOffState.SIGNED_OFF else sign_off.preparer
    return Fact(
        connection=sign_off.connection,
        kind="period",
        source_id=sign_off.period,
        number=sign_off.period,
        what=f"tie-out {sign_off.state.value}",
        who=who if sign_off.state is not SignOffState.REOPENED else "tieout",
        why=sign_off.reason,
        after={"digest": sign_off.digest, "preparer": sign_off.preparer},
    )
