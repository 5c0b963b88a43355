"""A month that is over: billed, paid, tied out, and signed off by two people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from rich.console import Console
from temporalio.client import Client

from store.keyring import KeyRing
from store.seal import Seal
from store.store import Store
from workers.access.authorities import concierge
from workers.access.callers import Role
from workers.access.tokens import mint
from workers.demo.house import Neighbourhood
from workers.demo.people import Clerk, Line
from workers.demo.tie_out import kept_as_page, tied_out
from workers.demo.watch import Watch
from workers.opening import open_store
from workers.tieout.report import load, signature
from workers.tieout.signing import SigningDesk, somebody
from workers.tieout.table import show

_PEOPLE = (("Ada, who keeps the books", Role.OPERATOR), ("Ben, the controller", Role.APPROVER))


@dataclass(frozen=True)
class LastMonth:
    """The month before today's in the books of one connection."""

    house: Neighbourhood
    client: Client
    clerk: Clerk
    watch: Watch
    today: date

    @property
    def last(self) -> date:
        return self.today.replace(day=1) - timedelta(days=1)

    async def live(self) -> None:
        """One invoice of the month, paid on its last day."""
        client = await self.clerk.add_client("Fabrikam Inc.", "ap@fabrikam.example")
        lines = [Line("Advice", "8", "150.00", (("HST", "13"),))]
        invoice = await self.clerk.write_invoice(client, "USD", self.last, lines)
        await self.clerk.send_invoice(invoice)
        await self.watch.wait(invoice, "posted")
        owed = await self.clerk.outstanding(invoice)
        await self.clerk.enter_payment(invoice, owed, "USD", self.last)
        await self.watch.wait(invoice, "closed")

    async def sign_off(self, console: Console) -> bool:
        """Tie it out, let one person prepare the sign-off and another approve it; True when the
        month ties. Refusal when it may not be signed."""
        name, period = self.watch.connection, f"{self.last:%Y-%m}"
        await tied_out(self.client, name, period)
        async with open_store(self.house.settings) as store:
            for who, role in _PEOPLE:
                await self._sign(store, who, role)
            report = await load(store, name, period, datetime.now(UTC))
        show(report, console)
        console.print(f"{name}, {period}: {signature(report.sign_off)}", soft_wrap=True)
        console.print(f"The page with both names: {kept_as_page(report)}")
        return report.is_tied

    async def _sign(self, store: Store, who: str, role: Role) -> None:
        """Each with a token of their own, as `tieout tie-out sign-off` asks for it."""
        name, period, new = self.watch.connection, f"{self.last:%Y-%m}", mint()
        await store.persons.add(new.person_id, who, role.value, new.digest)
        doors = concierge(self.house.settings, store.persons)
        caller = await somebody(doors, new.token, Role.OPERATOR)
        seal = Seal(KeyRing.from_source(self.house.settings.keys.get_secret_value()))
        now = datetime.now(UTC)
        await SigningDesk(store, seal, now).sign(await load(store, name, period, now), caller)
