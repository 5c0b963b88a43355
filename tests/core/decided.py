"""Breaks that two people decided about, and a worker that carries out what they decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from activities.context import Connection, Workplace
from activities.putting_right import PutRightActivities
from activities.signatures_breaks import PutRightInput, PutRightResult
from documents.key import Kind
from documents.ledger import book_kind, match_of
from documents.tieout import Break, BreakAction, BreakType
from policies.tieout.settings import TieOutPolicy
from tests.bookkeeper import Row
from tests.core.desk import TODAY, Desk
from tests.lives.driver import Status
from workers.access.callers import Caller, Role
from workers.tieout.signing import SigningDesk

PERIOD = f"{TODAY:%Y-%m}"
ADA, BEN = Caller("1", "Ada", Role.OPERATOR), Caller("2", "Ben", Role.APPROVER)


@dataclass
class Decided:
    """A desk beside which two people decide about breaks, at a moment that a test sets."""

    desk: Desk
    now: datetime
    status: Status | None = None

    @classmethod
    def beside(cls, desk: Desk) -> Decided:
        return cls(desk, datetime.now(UTC))

    @property
    def signing(self) -> SigningDesk:
        site = self.desk.site
        return SigningDesk(site.store, site.seal, self.now)

    async def twice(self, document: int, entry: Row, kind: Kind = Kind.INVOICE) -> Break:
        """The break of an entry that is too many, as a tie-out writes it down."""
        amount = abs(entry["Amount"])
        return await self._found(
            document,
            entry["Document_No"],
            kind,
            amount=amount,
            difference=amount,
            type=BreakType.DUPLICATE_IN_TARGET,
            cause="posted-by-hand-too",
            entry=str(entry["Entry_No"]),
        )

    async def differs(self, document: int, entry: Row, amount: str, **more: Any) -> Break:
        """The break of an invoice over another amount at the source."""
        total = Decimal(amount)
        return await self._found(
            document,
            entry["Document_No"],
            Kind.INVOICE,
            amount=total,
            difference=entry["Amount"] - total,
            type=BreakType.AMOUNT,
            cause="edited-at-source",
            **more,
        )

    async def _found(self, document: int, number: str, kind: Kind, **more: Any) -> Break:
        row = await self.desk.row(document, kind)
        found = Break(
            connection=self.desk.site.connection.name,
            period=PERIOD,
            kind=book_kind(kind),
            match=match_of(kind, str(document)),
            number=row.source_number,
            target_number=number,
            **{"currency": "USD", **more},
        )
        await self.desk.site.store.breaks.found(1, [found])
        return await self.read(found)

    async def read(self, found: Break) -> Break:
        """The break as it stands now."""
        now = await self.desk.site.store.breaks.get(found.connection, PERIOD, found.break_id)
        assert now is not None
        return now

    async def reversed(self, found: Break) -> Break:
        """Approved to be reversed by two people."""
        policy = TieOutPolicy()
        reverse, why = BreakAction.REVERSE, "entered twice"
        await self.signing.propose(await self.read(found), reverse, ADA, why, policy)
        return await self.signing.approve(await self.read(found), BEN)

    async def written_off(self, found: Break) -> Break:
        """Approved to be written off by two people."""
        await self.proposed_to_write_off(found, self.desk.site.connection.tie_out)
        return await self.signing.approve(await self.read(found), BEN)

    async def proposed_to_write_off(self, found: Break, policy: TieOutPolicy) -> Break:
        action, now = BreakAction.WRITE_OFF, await self.read(found)
        return await self.signing.propose(now, action, ADA, "a rounding", policy)

    async def carried_out(self, found: Break) -> PutRightResult:
        """One step of a worker that has just started."""
        site = self.desk.site
        place = Workplace(site.place.connections, site.store, site.seal, lambda: self.now)
        request = PutRightInput(
            connection=found.connection, period=PERIOD, match=found.match, queue="of nobody"
        )
        return await PutRightActivities(place, self._told).put_right(request)

    async def _told(self, connection: Connection, kind: Kind, source_id: str) -> None:
        """The process of the document looks again, as Temporal lets it."""
        self.status = await self.desk.driver.follow(kind, int(source_id))
