"""What NAV's default dimensions demand of a record, told before anything of it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from connectors.errors import Rejected
from connectors.nav.causes import CAUSES
from connectors.nav.company import Company
from connectors.nav.errors import SYSTEM
from connectors.nav.odata import Entity
from connectors.nav.posting_accounts import CustomerAccounts, PostingAccounts
from connectors.nav.values import equals
from documents.record import FieldValue, MappedRecord

_TABLES = {
    "G/L Account": 15,
    "Customer": 18,
    "Vendor": 23,
    "Item": 27,
    "Resource": 156,
    "Bank Account": 270,
    "Employee": 5200,
}
_LEDGER, _CUSTOMER = _TABLES["G/L Account"], _TABLES["Customer"]
_CAPTIONS = {number: caption for caption, number in _TABLES.items()}
_NAMED_AT_ONCE = 40
"""Accounts that one filter names: an address must not grow beyond what servers take."""

Bearer = tuple[int, str]
"""A master record whose default dimensions count: its table and its number."""
Fields = Mapping[str, FieldValue]
Rules = Mapping[str, Entity]


@dataclass(frozen=True)
class _Place:
    """Something that is posted: who bears dimensions there, and what the record gives it."""

    name: str
    bearers: Sequence[Bearer]
    fields: Sequence[Fields]

    def given(self, number: int) -> str:
        """The value of a global dimension (1 or 2) by the record, the nearest first."""
        values = (str(each.get(f"Shortcut_Dimension_{number}_Code", "")) for each in self.fields)
        return next(filter(None, values), "")

    def with_set_up(self, accounts: CustomerAccounts) -> _Place:
        """The place with the account that NAV adds: the tax of a document's line, receivables
        for whatever else is a customer's."""
        added = ""
        if len(self.fields) > 1:
            added = accounts.taxes.get(str(self.fields[0].get("VAT_Prod_Posting_Group", "")), "")
        elif any(table == _CUSTOMER for table, _ in self.bearers):
            added = accounts.receivables
        return replace(self, bearers=[*self.bearers, (_LEDGER, added)]) if added else self


class Demands:
    """The dimensions that customer, accounts and banks of a record demand of it.

    Values come from the record or from any default dimension of what is posted there. Accounts
    that NAV posts to by its set-up (receivables, output tax) count too. Where NAV does not
    publish its default dimensions nothing is known before it refuses.
    """

    def __init__(self, company: Company) -> None:
        self._company = company
        self._service = company.settings.services.default_dimensions
        self._accounts = PostingAccounts(company)

    async def lacking(self) -> list[str]:
        """What is missing for knowing them."""
        if not self._service or await self._are_known():
            return []
        return [
            f"NAV does not publish {self._service} (page 540), which says what is mandatory; "
            "publish it, or set target.services.default_dimensions to nothing"
        ]

    async def check(self, record: MappedRecord) -> None:
        """Rejected (dimension-missing) that names every dimension and account."""
        if not await self._are_known():
            return
        places = list(_places(record))
        set_up = await self._accounts.all()
        own = {bearer for place in places for bearer in place.bearers}
        rules = await self._rules(own | {(_LEDGER, account) for account in set_up})
        if any(table == _LEDGER and number in set_up for table, number in rules):
            accounts = await self._accounts.of(_customer(own))
            places = [place.with_set_up(accounts) for place in places]
        names = await self._company.global_dimensions()
        complaints = [c for place in places for c in _complaints(place, rules, names)]
        if complaints:
            raise _missing(record, complaints)

    async def _are_known(self) -> bool:
        return bool(self._service) and (await self._company.model()).publishes(self._service)

    async def _rules(self, bearers: Iterable[Bearer]) -> dict[Bearer, Rules]:
        """The rules of each, by dimension; those of a whole table (blank number) come first."""
        wanted = sorted({*bearers, *((table, "") for table, _ in bearers)})
        found: dict[Bearer, dict[str, Entity]] = {}
        for start in range(0, len(wanted), _NAMED_AT_ONCE):
            for rule in await self._read(wanted[start : start + _NAMED_AT_ONCE]):
                bearer = int(rule.number("Table_ID")), rule.text("No")
                found.setdefault(bearer, {})[rule.text("Dimension_Code")] = rule
        return {
            (table, number): rules
            for table, number in wanted
            if number
            and (rules := {**found.get((table, ""), {}), **found.get((table, number), {})})
        }

    async def _read(self, bearers: Sequence[Bearer]) -> list[Entity]:
        tables = " or ".join(f"Table_ID eq {table}" for table in {t: "" for t, _ in bearers})
        numbers = " or ".join(equals("No", number) for number in {n: "" for _, n in bearers})
        return await self._company.odata.find(
            self._service,
            operation="read default dimensions",
            filters=[f"({tables})", f"({numbers})"],
        )


def _places(record: MappedRecord) -> Iterator[_Place]:
    """The header, where it has a party or an account, and every line."""
    header = record.header
    party = list(_parties(header))
    if party or not record.lines:
        yield _Place("", [*party, *_accounts(header)], [header])
    for number, line in enumerate(record.lines, 1):
        fields = [line, header] if party else [line]
        yield _Place(f"line {number}", [*party, *_accounts(line)], fields)


def _parties(header: Fields) -> Iterator[Bearer]:
    for field, table in (("Sell_to_Customer_No", "Customer"), ("Buy_from_Vendor_No", "Vendor")):
        if number := str(header.get(field, "")):
            yield _TABLES[table], number


def _accounts(fields: Fields) -> Iterator[Bearer]:
    """What a line, or a line of a journal with its balancing account, is posted to."""
    for kind, account in (
        ("Type", "No"),
        ("Account_Type", "Account_No"),
        ("Bal_Account_Type", "Bal_Account_No"),
    ):
        table, number = _TABLES.get(str(fields.get(kind, ""))), str(fields.get(account, ""))
        if table and number:
            yield table, number


def _customer(bearers: Iterable[Bearer]) -> str:
    return next((number for table, number in bearers if table == _CUSTOMER), "")


def _complaints(
    place: _Place, rules: Mapping[Bearer, Rules], names: tuple[str, str]
) -> Iterator[tuple[str, str, str]]:
    """Dimension, account and sentence of each rule that the values of a place break."""
    for bearer in place.bearers:
        for dimension, rule in rules.get(bearer, {}).items():
            value = place.given(names.index(dimension) + 1) if dimension in names else ""
            value = value or _default(place, rules, dimension)
            account = f"{_CAPTIONS[bearer[0]]} {bearer[1]}"
            if wanted := _broken(rule, value):
                where = f" ({place.name})" if place.name else ""
                yield dimension, account, f"{account}{where} {wanted} for dimension {dimension}"


def _default(place: _Place, rules: Mapping[Bearer, Rules], dimension: str) -> str:
    found = (rules[bearer].get(dimension) for bearer in place.bearers if bearer in rules)
    values = (rule.text("Dimension_Value_Code") for rule in found if rule)
    return next(filter(None, values), "")


def _broken(rule: Entity, value: str) -> str:
    """What a rule wants instead of a value; empty when it is content."""
    wanted = rule.text("Dimension_Value_Code")
    match rule.text("Value_Posting"):
        case "Code Mandatory" if not value:
            return "demands a value"
        case "Same Code" if value != wanted:
            return f"demands {wanted}, not {value}," if wanted else f"allows no value, not {value},"
        case "No Code" if value:
            return f"allows no value, not {value},"
    return ""


def _missing(record: MappedRecord, complaints: Sequence[tuple[str, str, str]]) -> Rejected:
    dimensions, accounts, sentences = (
        dict.fromkeys(each) for each in zip(*complaints, strict=True)
    )
    hold = CAUSES["dimension-missing"].hold(
        dimension=", ".join(dimensions), account=", ".join(accounts)
    )
    reason = f"{hold.reason} {'; '.join(sentences)}."
    return Rejected(SYSTEM, f"create {record.entity}", hold.model_copy(update={"reason": reason}))
