"""Whatever happens, the books balance and the subledger agrees to its control accounts."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.ax import chart
from sandbox.ax.company import Company
from sandbox.ax.documents.customer import CUST_TABLE, ORGANIZATION
from sandbox.ax.documents.invoice import CUST_INVOICE_TABLE
from sandbox.ax.documents.journal import LEDGER_JOURNAL_TABLE
from sandbox.ax.errors import AifError
from sandbox.ax.posting.invoice import post_free_text
from sandbox.ax.posting.journal import post_journal
from sandbox.ax.posting.reversal import reverse_free_text, reverse_transaction
from sandbox.ax.posting.settlement import remaining, reverse_settlement, settle
from sandbox.ax.posting.voucher import trial_balance
from sandbox.ax.rows import Database
from sandbox.ax.schema import Row
from sandbox.ax.seed import add_rate, ensure_set_up
from sandbox.ax.services.customer import CustomerAxd
from sandbox.ax.services.invoices import FreeTextInvoiceAxd
from sandbox.ax.services.journals import PAYMENTS
from sandbox.ax.wire.reading import Node
from sandbox.clock import Clock
from sandbox.storage import Storage

CURRENCIES = tuple(chart.CURRENCIES)
DAYS = ("2026-01-15", "2026-02-15", "2026-03-15")
TAXES = ("NONE", "VAT7", "VAT20", "EXEMPT")

_amounts = st.decimals(min_value="-9999", max_value="9999", places=2)
_lines = st.lists(st.tuples(_amounts, st.sampled_from(TAXES)), min_size=1, max_size=4)
_pick = st.integers(min_value=0, max_value=50)
_steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("invoice"),
            st.sampled_from(CURRENCIES),
            st.sampled_from(DAYS),
            _lines,
            st.booleans(),
        ),
        st.tuples(
            st.just("payment"),
            st.sampled_from(CURRENCIES),
            st.sampled_from(DAYS),
            _amounts,
        ),
        st.tuples(st.just("settle"), _pick, _pick, _amounts),
        st.tuples(st.just("unsettle"), _pick),
        st.tuples(st.just("reverse payment"), _pick, st.sampled_from(DAYS)),
        st.tuples(st.just("reverse invoice"), _pick, st.sampled_from(DAYS)),
        st.tuples(st.just("period"), st.sampled_from(DAYS), st.booleans()),
    ),
    max_size=25,
)


def _company() -> Company:
    company = Company("usmf", Database(Storage(None)), Clock())
    ensure_set_up(company)
    for currency in ("EUR", "JPY"):
        add_rate(company, currency, "2026-02-01", "133.3333")
    return company


def _customer(company: Company) -> str:
    party = Node(ORGANIZATION, values={"Name": "Acme"})
    node = Node(CUST_TABLE, values={"CustGroup": "DOM"}, children={"DirParty": [party]})
    return str(CustomerAxd().insert(company, node)["AccountNum"])


class Life:
    """The books of one company under arbitrary events, of which many are refused."""

    def __init__(self) -> None:
        self.company = _company()
        self.customer = _customer(self.company)
        self.keys = 0

    def invoice(
        self, currency: str, day: str, lines: list[tuple[Decimal, str]], inclusive: bool
    ) -> None:
        entity = CUST_INVOICE_TABLE.children["CustInvoiceLine"]
        nodes = [
            Node(
                entity,
                values={
                    "AmountCur": str(amount),
                    "LedgerDimension": {"Account": "4000", "Values": {}},
                    "TaxGroup": "TAX",
                    "TaxItemGroup": tax,
                },
            )
            for amount, tax in lines
        ]
        values = {
            "OrderAccount": self.customer,
            "CurrencyCode": currency,
            "InvoiceDate": day,
            "InclTax": "Yes" if inclusive else "No",
        }
        node = Node(CUST_INVOICE_TABLE, values=values, children={"CustInvoiceLine": nodes})
        row = FreeTextInvoiceAxd().insert(self.company, node)
        post_free_text(self.company, row)

    def payment(self, currency: str, day: str, amount: Decimal) -> None:
        side = "AmountCurCredit" if amount > 0 else "AmountCurDebit"
        values = {
            "LedgerDimension": {"Account": self.customer, "Values": {}},
            "OffsetAccountType": "Bank",
            "OffsetLedgerDimension": {"Account": "STRIPE", "Values": {}},
            "CurrencyCode": currency,
            "TransDate": day,
            side: str(abs(amount)),
        }
        entity = LEDGER_JOURNAL_TABLE.children["LedgerJournalTrans"]
        line = Node(entity, values=values)
        node = Node(
            LEDGER_JOURNAL_TABLE,
            values={"JournalName": "CustPay"},
            children={"LedgerJournalTrans": [line]},
        )
        post_journal(self.company, PAYMENTS.insert(self.company, node))

    def settle(self, one: int, other: int, amount: Decimal) -> None:
        limit = amount if amount > 5000 else None
        settle(self.company, self._trans(one), self._trans(other), limit)

    def unsettle(self, one: int) -> None:
        reverse_settlement(self.company, self._trans(one))

    def reverse_payment(self, one: int, day: str) -> None:
        self.keys += 1
        reverse_transaction(self.company, self._trans(one), f"R{self.keys}", day)

    def reverse_invoice(self, one: int, day: str) -> None:
        self.keys += 1
        rows = list(self.company["CustInvoiceTable"].find("OrderAccount", self.customer))
        posted = [row for row in rows if row["Posted"] == "Yes"]
        if posted:
            row = posted[one % len(posted)]
            reverse_free_text(self.company, row, f"R{self.keys}", day)

    def period(self, day: str, closed: bool) -> None:
        self.company.setup.set_period(day[:7], "Closed" if closed else "Open")

    def _trans(self, place: int) -> Row:
        rows = list(self.company["CustTrans"].all())
        if not rows:
            raise AifError("Setup", value="no transactions")
        return rows[place % len(rows)]

    def check(self) -> None:
        """Trial balance zero; control accounts, tax and bank agree to their subledgers."""
        balances = trial_balance(self.company)
        assert sum(balances.values(), Decimal(0)) == 0
        rows = list(self.company["CustTrans"].all())
        valued = sum(
            (Decimal(row["AmountMST"]) - Decimal(row["SettleAmountMST"]) for row in rows),
            Decimal(0),
        )
        assert balances.get("1300", Decimal(0)) == valued
        banks = self.company["BankAccountTrans"].all()
        held = sum((Decimal(row["AmountMST"]) for row in banks), Decimal(0))
        assert balances.get("1250", Decimal(0)) == held
        for row in rows:
            lines = (Decimal(one["SettleAmountCur"]) for one in row["CustSettlement"])
            assert sum(lines, Decimal(0)) == Decimal(row["SettleAmountCur"])
            assert abs(remaining(row)) <= abs(Decimal(row["AmountCur"]))
            if not remaining(row):
                assert Decimal(row["AmountMST"]) == Decimal(row["SettleAmountMST"])


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
@given(steps=_steps)
def test_the_trial_balance_stays_zero_and_subledgers_agree(
    steps: list[tuple[object, ...]],
) -> None:
    life = Life()
    for name, *arguments in steps:
        act: Callable[..., None] = getattr(life, str(name).replace(" ", "_"))
        before = trial_balance(life.company)
        try:
            with life.company.database.transaction():
                act(*arguments)
        except AifError:
            assert trial_balance(life.company) == before
        life.check()


def test_a_reversed_invoice_and_payment_leave_nothing_behind() -> None:
    life = Life()
    life.invoice("EUR", DAYS[0], [(Decimal("100"), "VAT7")], False)
    life.payment("EUR", DAYS[1], Decimal("107"))
    life.settle(0, 1, Decimal(0))
    life.reverse_payment(1, DAYS[2])
    life.reverse_invoice(0, DAYS[0])
    life.check()
    assert all(not value for value in trial_balance(life.company).values())
