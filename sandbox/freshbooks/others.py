"""The plain resources: catalogue, payables, other income (freshbooks.md, 5.6, 5.7, 5.9).

They have their fields, stamps and delete styles, and the postings of payables; nothing else.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from sandbox.freshbooks import money
from sandbox.freshbooks.errors import invalid, not_found
from sandbox.freshbooks.fields import Fields
from sandbox.freshbooks.kind import REMOVED, Filters, Kind
from sandbox.freshbooks.ledger import Line
from sandbox.freshbooks.query import Filter
from sandbox.storage import Row

_ZERO = {"amount": "0.00", "code": "USD"}
_PERIOD = {"updated_min": Filter("min", "updated"), "updated_max": Filter("max", "updated")}


class Items(Kind):
    """Things that are sold."""

    path, singular, plural = "items/items", "item", "items"
    aliases = ("id", "itemid")
    event, scope, first_id = "item", "billable_items", 6_000_001
    writable: ClassVar[Fields] = {
        **dict.fromkeys(("name", "description", "sku"), ""),
        "qty": "1",
        "inventory": None,
        "unit_cost": _ZERO,
        "tax1": 0,
        "tax2": 0,
    }
    moneys = frozenset({"unit_cost"})
    numbers = frozenset({"qty", "inventory"})
    filters: ClassVar[Filters] = {"sku": Filter("equal"), **_PERIOD}


class Taxes(Kind):
    """Taxes; they have no vis_state and are deleted for good."""

    path, singular, plural = "taxes/taxes", "tax", "taxes"
    aliases = ("id", "taxid")
    event, scope, first_id = "tax", "taxes", 6_100_001
    http_delete, hard_delete = True, True
    writable: ClassVar[Fields] = {"name": "", "number": None, "amount": "0", "compound": False}
    needed = ("name",)
    numbers = frozenset({"amount"})
    hidden = frozenset({"vis_state"})
    filters: ClassVar[Filters] = {"compound": Filter("equal"), **_PERIOD}


class Tasks(Kind):
    """The billable catalogue."""

    path, singular, plural = "projects/tasks", "task", "tasks"
    aliases = ("id", "taskid")
    scope, first_id = "billable_items", 6_200_001
    writable: ClassVar[Fields] = {
        **dict.fromkeys(("name", "tname", "description", "tdesc"), ""),
        "rate": _ZERO,
        "billable": True,
        "tax1": 0,
        "tax2": 0,
    }
    moneys = frozenset({"rate"})


class Estimates(Kind):
    """Estimates, as plain objects."""

    path, singular, plural = "estimates/estimates", "estimate", "estimates"
    aliases = ("id", "estimateid")
    event, scope, first_id = "estimate", "estimates", 6_300_001
    http_delete = True
    birth = "created_at"
    writable: ClassVar[Fields] = {
        "customerid": 0,
        "create_date": None,
        "estimate_number": "",
        "currency_code": "USD",
        "lines": [],
        "notes": "",
        "terms": None,
    }
    needed = ("customerid", "create_date")
    dates = frozenset({"create_date"})
    integers = frozenset({"customerid"})
    hidden = frozenset({"lines"})


class InvoiceProfiles(Estimates):
    """Recurring invoices, as plain objects; the stand-in does not make invoices from them."""

    path, singular, plural = "invoice_profiles/invoice_profiles", "invoice_profile", ""
    plural = "invoice_profiles"
    aliases = ("id", "profileid")
    event, scope, first_id = "recurring", "invoices", 6_400_001
    http_delete = False


class Bills(Kind):
    """What the business owes; its moments are in UTC."""

    path, singular, plural = "bills/bills", "bill", "bills"
    event, scope, first_id = "bill", "bills", 7_000_001
    stamps, birth, stamp_in_utc = ("updated_at",), "created_at", True
    writable: ClassVar[Fields] = {
        "vendorid": 0,
        "issue_date": None,
        "due_offset_days": 0,
        "currency_code": "USD",
        "language": "en",
        "bill_number": None,
        "lines": [],
        "attachment": None,
    }
    readonly: ClassVar[Fields] = {"_paid": "0"}
    needed = ("vendorid", "issue_date")
    dates = frozenset({"issue_date"})
    integers = frozenset({"vendorid", "due_offset_days"})
    filters: ClassVar[Filters] = {
        "vendorid": Filter("equal"),
        "statuses": Filter("in", "status"),
        "currency_code": Filter("equal"),
    }

    def __init__(self, books: Any, vendors: BillVendors) -> None:
        super().__init__(books)
        self.vendors = vendors

    def derive(self, row: Row, body: Row) -> Row:
        """Check the vendor and add up the lines."""
        code = money.currency(row["currency_code"], self.singular, "currency_code")
        self._require_vendor(row)
        issued = date.fromisoformat(row["issue_date"])
        due = issued + timedelta(days=int(row["due_offset_days"]))
        made = [self._line(item, code) for item in row["lines"] or []]
        net = sum((money.amount(item["amount"]) for item in made), Decimal(0))
        gross = sum((money.amount(item["total_amount"]) for item in made), Decimal(0))
        sums = {"amount": net, "tax_amount": gross - net, "total_amount": gross}
        shown = {name: money.money(value, code) for name, value in sums.items()}
        return self.settled(row | {"lines": made, "due_date": due.isoformat()} | shown)

    def _require_vendor(self, row: Row) -> None:
        vendor = self.vendors.table.get(str(row["vendorid"]))
        if vendor is None or vendor["_account"] != row["_account"]:
            raise not_found("bill_vendor", "vendorid", row["vendorid"], 422)

    def settled(self, row: Row) -> Row:
        """The row with what depends on its payments."""
        code, paid = row["currency_code"], Decimal(row["_paid"])
        left = money.amount(row["total_amount"]) - paid
        word = "unpaid" if paid <= 0 else "partial" if left > 0 else "paid"
        sums = {"paid": money.money(paid, code), "outstanding": money.money(left, code)}
        return row | sums | {"status": word}

    def effect(self, row: Row) -> list[Line]:
        """Cost and tax against the payable."""
        code, gross = row["currency_code"], money.amount(row["total_amount"])
        tax = money.amount(row["tax_amount"])
        return [
            Line("expense", code, gross - tax),
            Line("tax", code, tax),
            Line("payable", code, -gross),
        ]

    def _line(self, item: Row, code: str) -> Row:
        quantity = money.number(item.get("quantity") or 0, self.singular, "quantity")
        cost, given = money.parsed_money(item.get("unit_cost") or 0, code, "bill", "unit_cost")
        if given != code:
            raise invalid("bill", "unit_cost.code", given)
        net = money.rounded(quantity * cost, code)
        rates = [item.get(f"tax_percent{place}") or 0 for place in (1, 2)]
        taxes = [
            money.rounded(net * money.number(r, "bill", "tax_percent") / 100, code) for r in rates
        ]
        return item | {
            "quantity": money.plain(quantity),
            "unit_cost": money.money(cost, code),
            "amount": money.money(net, code),
            "tax_amount1": money.money(taxes[0], code),
            "tax_amount2": money.money(taxes[1], code),
            "total_amount": money.money(net + sum(taxes), code),
        }


class BillVendors(Kind):
    """Who the bills come from; their moments are in UTC."""

    path, singular, plural = "bill_vendors/bill_vendors", "bill_vendor", "bill_vendors"
    aliases = ("id", "vendorid")
    event, scope, first_id = "bill_vendor", "bill_vendors", 7_100_001
    stamps, birth, stamp_in_utc = ("updated_at",), "created_at", True
    writable: ClassVar[Fields] = {
        **dict.fromkeys(("vendor_name", "account_number", "note", "phone", "website"), ""),
        "currency_code": "USD",
        "language": "en",
        "is_1099": False,
        **dict.fromkeys(("street", "street2", "city", "province", "postal_code", "country"), ""),
        **{f"primary_contact_{part}": "" for part in ("first_name", "last_name", "email")},
        "tax_defaults": [],
    }
    readonly: ClassVar[Fields] = {"outstanding_balance": [], "overdue_balance": []}
    needed = ("vendor_name",)


class BillPayments(Kind):
    """Payments of bills; no event tells of them."""

    path, singular, plural = "bill_payments/bill_payments", "bill_payment", "bill_payments"
    scope, first_id = "bill_payments", 7_200_001
    stamps = ()
    writable: ClassVar[Fields] = {
        "billid": 0,
        "amount": None,
        "paid_date": None,
        "payment_type": "Other",
        "note": "",
    }
    needed = ("billid", "amount", "paid_date")
    moneys = frozenset({"amount"})
    dates = frozenset({"paid_date"})
    integers = frozenset({"billid"})
    indexed = ("billid",)
    filters: ClassVar[Filters] = {"billid": Filter("equal")}

    def __init__(self, books: Any, bills: Bills) -> None:
        super().__init__(books)
        self.bills = bills

    def derive(self, row: Row, body: Row) -> Row:
        """Check the bill."""
        bill = self.bills.table.get(str(row["billid"]))
        if bill is None or bill["_account"] != row["_account"]:
            raise not_found("bill", "billid", row["billid"], 422)
        if bill["currency_code"] != row["amount"]["code"]:
            raise invalid(self.singular, "amount.code", row["amount"]["code"])
        return row

    def effect(self, row: Row) -> list[Line]:
        """The payable against cash."""
        code, value = row["amount"]["code"], money.amount(row["amount"])
        return [Line("payable", code, value), Line("cash", code, -value)]

    def committed(self, former: Row | None, row: Row) -> None:
        """Bring the bill up to date."""
        active = [r for r in self.with_value("billid", row["billid"]) if r["vis_state"] != REMOVED]
        paid = sum((money.amount(item["amount"]) for item in active), Decimal(0))
        bill = self.bills.table[str(row["billid"])]
        self.bills.save(self.bills.settled(bill | {"_paid": str(paid)}))


class OtherIncome(Kind):
    """Income without an invoice; the plural key equals the singular one."""

    path, singular, plural = "other_incomes/other_incomes", "other_income", "other_income"
    aliases = ("id", "incomeid")
    scope, first_id = "other_income", 7_300_001
    http_delete = True
    stamps, birth = ("updated_at",), "created_at"
    writable: ClassVar[Fields] = {
        "amount": None,
        "category_name": "other",
        "date": None,
        "note": "",
        "payment_type": "Other",
        "source": "",
        "sourceid": None,
        "userid": None,
        "taxes": [],
    }
    needed = ("amount", "date")
    moneys = frozenset({"amount"})
    dates = frozenset({"date"})

    def effect(self, row: Row) -> list[Line]:
        """Cash against income."""
        code, value = row["amount"]["code"], money.amount(row["amount"])
        return [Line("cash", code, value), Line("income", code, -value)]


class Gateways(Kind):
    """Online payment gateways; the stand-in has none."""

    path, singular, plural = "systems/gateways", "gateway", "gateways"
    scope, first_id = "online_payments", 7_400_001
    verbs = frozenset({"list", "delete"})
    http_delete, hard_delete = True, True
    writable: ClassVar[Fields] = {}
