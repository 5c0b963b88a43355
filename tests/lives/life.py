"""A life: what people do on both sides, in any order, and the reckoning at the end."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

import httpx

from connectors.errors import Rejected
from documents.key import Kind
from documents.row import Action
from tests.lives.by_hand import ByHand, NothingThere, one_of
from tests.lives.driver import Driver, Status
from tests.lives.site import Site
from workers.demo.people import Line, line_fields

Deed = Literal[
    "invoice", "send", "edit", "renumber", "pay", "overpay", "pay rest", "refund",
    "delete payment", "edit payment", "void", "restore", "goodwill", "prepayment", "use credit",
    "edit credit", "delete credit", "edit client", "close periods", "open periods",
    "receipt by hand", "write off by hand", "look", "killed worker", "bank statement",
    "late fee", "waive late fee", "deposit", "give away", "merge clients", "delete client",
    "restore client", "settle by hand", "credit by hand", "invoice by hand", "refund by hand",
    "reverse by hand", "decide",
]  # fmt: skip
DEEDS: tuple[Deed, ...] = Deed.__args__  # type: ignore[attr-defined]

_TAXES = (
    (),
    (("HST", "13"),),
    (("GST", "5"), ("QST", "9.975")),
    (("Zero", "0"),),
)
_ROUNDS = 8


@dataclass
class Life(ByHand):
    """Two clients with invoices, payments and credits; `n` of every deed chooses among them.
    `rounding` is how much the target's tax of a document may differ from the source's."""

    site: Site
    rounding: Decimal = Decimal(0)
    client: int = 0
    other: int = 0
    invoices: list[int] = field(default_factory=list)
    payments: list[int] = field(default_factory=list)
    credits: list[int] = field(default_factory=list)
    settled_by_hand: set[str] = field(default_factory=set)
    told: list[str] = field(default_factory=list)
    given_up: set[tuple[Kind, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.driver = Driver(self.site)
        self.today = datetime.now(UTC).date()

    async def begin(self) -> None:
        self.client = await self.site.clerk.add_client("Northwind", "ap@northwind.example")
        self.other = await self.site.clerk.add_client("Southwind", "ap@southwind.example")

    async def do(self, deed: Deed, n: int) -> None:
        """A deed; what FreshBooks or NAV does not let people do is not done."""
        self.told.append(f"{deed} {n}")
        act: Callable[[int], Coroutine[Any, Any, None]] = getattr(self, deed.replace(" ", "_"))
        with suppress(httpx.HTTPStatusError, Rejected, NothingThere):
            await act(n)

    def day(self, n: int) -> date:
        return self.today - timedelta(days=n * 7 % 70)

    async def invoice(self, n: int) -> None:
        made = await self.site.clerk.write_invoice(
            self._client(n), "USD", self.day(n), _lines(n), discount="10" if n % 5 == 0 else "0"
        )
        self.invoices.append(made)
        if n % 3:
            await self.site.clerk.send_invoice(made)

    async def send(self, n: int) -> None:
        await self.site.clerk.send_invoice(one_of(self.invoices, n))

    async def edit(self, n: int) -> None:
        await self.site.clerk.change_lines(one_of(self.invoices, n), "USD", _lines(n + 1))

    async def late_fee(self, n: int) -> None:
        """Every third bears a tax, which FreshBooks does not add by itself."""
        invoice = one_of(self.invoices, n)
        fee = Line("Late fee", "1", f"{5 + n}.00", _TAXES[1] if n % 3 == 0 else ())
        lines = [*self._lines_of(invoice), line_fields(fee, "USD")]
        await self.site.clerk.change_invoice(invoice, lines=lines)

    async def waive_late_fee(self, n: int) -> None:
        invoice = one_of(self.invoices, n)
        lines = [line for line in self._lines_of(invoice) if line["name"] != "Late fee"]
        await self.site.clerk.change_invoice(invoice, lines=lines)

    def _lines_of(self, invoice: int) -> list[dict[str, Any]]:
        return list(self.site.freshbooks.invoices.table[str(invoice)]["lines"])

    async def renumber(self, n: int) -> None:
        await self.site.clerk.change_invoice(one_of(self.invoices, n), invoice_number="REUSED")

    async def pay(self, n: int) -> None:
        await self._pay(one_of(self.invoices, n), Decimal(10 + n), n)

    async def overpay(self, n: int) -> None:
        invoice = one_of(self.invoices, n)
        await self._pay(invoice, await self.site.clerk.outstanding(invoice) + 20 + n, n)

    async def pay_rest(self, n: int) -> None:
        invoice = one_of(self.invoices, n)
        await self._pay(invoice, await self.site.clerk.outstanding(invoice), n)

    async def refund(self, n: int) -> None:
        await self._pay(one_of(self.invoices, n), -Decimal(5 + n), n)

    async def delete_payment(self, n: int) -> None:
        await self.site.clerk.delete_payment(one_of(self.payments, n))

    async def edit_payment(self, n: int) -> None:
        amount = {"amount": str(15 + n), "code": "USD"}
        await self.site.clerk.change_payment(one_of(self.payments, n), amount=amount)

    async def void(self, n: int) -> None:
        await self.site.clerk.void_invoice(one_of(self.invoices, n))

    async def restore(self, n: int) -> None:
        await self.site.clerk.restore_invoice(one_of(self.invoices, n))

    async def goodwill(self, n: int) -> None:
        await self._credit("goodwill", n)

    async def prepayment(self, n: int) -> None:
        await self._credit("prepayment", n)

    async def deposit(self, n: int) -> None:
        """A deposit is asked for, and perhaps paid before anybody looks."""
        made = await self.site.clerk.write_invoice(
            self._client(n), "USD", self.day(n), _lines(n),
            deposit_amount={"amount": "20.00", "code": "USD"},
        )  # fmt: skip
        self.invoices.append(made)
        await self.site.clerk.send_invoice(made)
        if n % 2:
            await self._pay(made, Decimal(20), n)

    async def give_away(self, n: int) -> None:
        """An invoice was written for the wrong client."""
        party = self.other if n % 2 else self.client
        await self.site.clerk.change_invoice(one_of(self.invoices, n // 2), customerid=party)

    async def merge_clients(self, n: int) -> None:
        """One of the two was entered twice: the invoices go to the other, and it is deleted."""
        for invoice in self.invoices:
            await self.site.clerk.change_invoice(invoice, customerid=self.client)
        await self.site.clerk.change_client(self.other, vis_state=1)

    async def delete_client(self, n: int) -> None:
        await self.site.clerk.change_client(self._client(n), vis_state=1)

    async def restore_client(self, n: int) -> None:
        await self.site.clerk.change_client(self._client(n), vis_state=0)

    async def use_credit(self, n: int) -> None:
        credit = one_of(await self.site.clerk.credits_of(self._client(n)), n)
        invoice = one_of(self.invoices, n)
        left = Decimal(credit["amount"]["amount"]) - Decimal(credit["paid"]["amount"])
        amount = min(left, await self.site.clerk.outstanding(invoice))
        if amount <= 0:
            raise NothingThere
        await self._pay(invoice, amount, n, kind="Credit", creditid=int(credit["id"]))

    async def edit_credit(self, n: int) -> None:
        await self.site.clerk.change_credit(
            one_of(self.credits, n), "USD", f"{50 + n}.00", _lines(n) if n % 2 else ()
        )

    async def delete_credit(self, n: int) -> None:
        await self.site.clerk.delete_credit(one_of(self.credits, n))

    async def edit_client(self, n: int) -> None:
        edits: list[dict[str, Any]] = [
            {"organization": f"Northwind {n}"},
            {"p_street": f"{n} Harbour Road", "p_city": "Halifax", "p_country": "Canada"},
            {"currency_code": "EUR"},
            {"vat_number": f"GB{n:09d}", "email": "new@northwind.example"},
        ]
        await self.site.clerk.change_client(self._client(n // 4), **edits[n % 4])

    async def close_periods(self, n: int) -> None:
        await self.site.books.allow_posting(self.today - timedelta(days=n * 5))

    async def open_periods(self, n: int) -> None:
        await self.site.books.allow_posting(None)

    async def decide(self, n: int) -> None:
        """A person says what becomes of a document that is held."""
        action = one_of([Action.RETRY, Action.RELEASE, Action.SKIP, Action.ABANDON], n)
        kind, source_id = one_of(self.all(), n // 4)
        status = await self.driver.follow(kind, source_id)
        if status.stage == "held":
            await self.driver.decide(kind, source_id, action)
            if action in (Action.SKIP, Action.ABANDON):
                self.given_up.add((kind, source_id))

    async def look(self, n: int) -> None:
        await self.driver.invoice(one_of(self.invoices, n))

    async def killed_worker(self, n: int) -> None:
        await self.driver.invoice(one_of(self.invoices, n), dies_after=1 + n % 2)

    async def settle(self) -> dict[tuple[Kind, int], Status]:
        """Everybody looks until nobody has anything left to do; how every document stands."""
        before: dict[tuple[Kind, int], Status] = {}
        for _ in range(_ROUNDS):
            found = {
                (kind, each): await self.driver.follow(kind, each) for kind, each in self.all()
            }
            # What is held after steps that only try something out does so at every look.
            is_new = {
                each: status.stage != "held" or status != before.get(each)
                for each, status in found.items()
            }
            if not any(status.steps and is_new[each] for each, status in found.items()):
                return found
            before = found
        raise AssertionError(f"never at rest: {found}")

    async def resolve(self) -> dict[tuple[Kind, int], Status]:
        """People look after what is held: periods are opened, possible duplicates are none."""
        await self.site.books.allow_posting(None)
        found = await self.settle()
        for _ in range(_ROUNDS):
            doubtful = [d for d, s in found.items() if s.cause == "possible-duplicate"]
            if not doubtful:
                return found
            for kind, source_id in doubtful:
                await self.driver.decide(kind, source_id, Action.RELEASE)
            found = await self.settle()
        raise AssertionError(f"always held: {found}")

    def all(self) -> list[tuple[Kind, int]]:
        return [(Kind.CREDIT_NOTE, c) for c in self.credits] + [
            (Kind.INVOICE, i) for i in self.invoices
        ]

    async def _pay(self, invoice: int, amount: Decimal, n: int, **fields: Any) -> None:
        made = await self.site.clerk.enter_payment(
            invoice, amount, "USD", self.day(n // 2), **fields
        )
        self.payments.append(made)

    async def _credit(self, kind: str, n: int) -> None:
        amount = f"{30 + n}.00"
        given = _lines(n) if kind == "goodwill" and n % 2 else ()
        self.credits.append(
            await self.site.clerk.write_credit(
                self._client(n), "USD", self.day(n), kind, amount, given
            )
        )

    def _client(self, n: int) -> int:
        return self.client if n % 3 else self.other


def _lines(n: int) -> list[Line]:
    lines = [Line("Advice", str(1 + n % 3), f"{40 + n}.37", _TAXES[n % 4], compound=n % 2 == 0)]
    if n % 3 == 0:
        lines.append(Line("Travel", "1.5", "9.99", _TAXES[1]))
    if n % 7 == 0:
        lines.append(Line("Rebate", "1", "-5.00"))
    return lines
