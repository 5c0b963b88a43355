"""Records of customers: made new, or updated in the few fields a spec lists."""

from __future__ import annotations

from documents.customer import Customer, TargetCustomer
from documents.key import Key, Kind
from documents.record import MappedRecord, TraceEntry
from mapping.entity import Posting
from mapping.fields import FieldWriter
from mapping.names import CUSTOMER, Value, blanks_of, values_of
from mapping.sales import Tools
from mapping.scope import names_at
from mapping.trace import of_header


class CustomerRecords:
    """Makes records of customers by one spec."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def new(self, customer: Customer, key: Key) -> MappedRecord:
        """A new customer. Raises HoldRequired."""
        section = self._tools.spec.customer
        values, trace = self._values(customer)
        values.update(Posting(key=key, currency=str(values["record.currency"])).values())
        header, filled = self._writer().write(section.header, values)
        return MappedRecord(
            kind=Kind.CUSTOMER,
            entity=section.entity,
            header=header,
            trace=(*trace, *of_header(filled)),
            spec=self._tools.identity,
        )

    def update(self, customer: Customer, existing: TargetCustomer) -> MappedRecord | None:
        """The listed fields whose value differs from the target's; None when none does.

        A field that the client leaves blank is not cleared, unless its rule sends blanks.
        """
        section = self._tools.spec.customer
        values, _ = self._values(customer)
        values["record.key"] = existing.key
        values["record.customer"] = existing.number
        rules = {name: section.header[name] for name in section.updates}
        header, filled = self._writer().write(rules, values)
        changed = {n: v for n, v in header.items() if _text(v) != existing.fields.get(n, "")}
        if not changed:
            return None
        return MappedRecord(
            kind=Kind.CUSTOMER,
            entity=section.entity,
            header=changed,
            trace=tuple(_before(e, existing) for e in of_header(filled) if e.field in changed),
            spec=self._tools.identity,
        )

    def _values(self, customer: Customer) -> tuple[dict[str, Value], list[TraceEntry]]:
        values = blanks_of(names_at(self._tools.spec, ("customer", "header")))
        values.update(values_of("customer", CUSTOMER, customer))
        if customer.currency is None:
            return values, []
        currency = self._tools.currencies.code(customer.currency)
        values["record.currency"] = currency.code
        return values, [currency.trace]

    def _writer(self) -> FieldWriter:
        entity = self._tools.spec.customer.entity
        return self._tools.entities.header_writer(entity, self._tools.rules)


def _text(value: str | bool) -> str:
    return value if isinstance(value, str) else str(value).lower()


def _before(found: TraceEntry, existing: TargetCustomer) -> TraceEntry:
    before = existing.fields.get(found.field, "")
    note = f"{found.note}; was {before!r}".lstrip("; ")
    return found.model_copy(update={"note": note})
