"""Breaks that two people decided about, and a worker that carries out what they decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from activities.context import Workplace
from activities.signatures_undo import UndoInput, Undone
from activities.undoing import UndoActivities
from documents.key import Kind
from documents.ledger import BookKind, match_of
from documents.tieout import Break, BreakAction, BreakType
from policies.tieout.settings import TieOutPolicy
from tests.bookkeeper import Row
from tests.core.desk import TODAY, Desk
from workers.access.callers import Caller, Role
from workers.tieout.signing import SigningDesk

PERIOD = f"{TODAY:%Y-%m}"
ADA, BEN = Caller("1", "Ada", Role.OPERATOR), Caller("2", "Ben", Role.APPROVER)


@dataclass
class Decided:
    """A desk beside which two people decide about breaks, at a moment that a test sets."""

    desk: Desk
    now: datetime

    @classmethod
    def beside(cls, desk: Desk) -> Decided:
        return cls(desk, datetime.now(UTC))

    @property
    def signing(self) -> SigningDesk:
        site = self.desk.site
        return SigningDesk(site.store, site.seal, self.now)

    async def found(self, document: int, entry: Row, kind: Kind = Kind.INVOICE) -> Break:
        """The break of an entry that is too many, as a tie-out writes it down."""
        row = await self.desk.row(document, kind)
        amount = abs(entry["Amount"])
        twice = Break(
            connection=self.desk.site.connection.name,
            period=PERIOD,
            type=BreakType.DUPLICATE_IN_TARGET,
            kind=BookKind.INVOICE,
            match=match_of(kind, str(document)),
            entry=str(entry["Entry_No"]),
            number=row.source_number,
            target_number=entry["Document_No"],
            currency="USD",
            amount=amount,
            difference=amount,
            cause="posted-by-hand-too",
        )
        await self.desk.site.store.breaks.found(1, [twice])
        return await self.read(twice)

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

    async def carried_out(self, found: Break) -> Undone:
        """One step of a worker that has just started."""
        site = self.desk.site
        place = Workplace(site.place.connections, site.store, site.seal, lambda: self.now)
        request = UndoInput(
            connection=found.connection, period=PERIOD, match=found.match, queue="of nobody"
        )
        return await UndoActivities(place).take_back(request)
