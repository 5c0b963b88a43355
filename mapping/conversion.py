"""Currencies: the target's code of one, and conversion of a draft at a dated rate."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from documents.exchange import Exchange, Rate
from documents.hold import HoldRequired
from documents.money import Money
from documents.record import Figures, TraceEntry
from mapping.coding import Coder, Draft
from mapping.errors import held
from mapping.lines import CodedLine, Role
from mapping.names import money
from mapping.rates import RateFile, RatesUnreadable, RateTable
from mapping.rules import Outcome, Rules
from mapping.sections import Conversion
from mapping.spec import Spec
from mapping.tables import entries
from mapping.trace import entry

_ISO = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True)
class TargetCurrency:
    """The code that a document's currency has in the target, and how it was found."""

    code: str
    trace: TraceEntry


class Currencies:
    """Currency codes and conversions of one spec. Rates come from the spec's file, or from a
    table that the caller gives."""

    def __init__(self, spec: Spec, rules: Rules, folder: Path, rates: RateTable | None) -> None:
        self._spec = spec
        self._rules = rules
        self._source: Callable[[], RateTable] | None = None
        if rates is not None:
            self._source = lambda: rates
        elif spec.currency.convert is not None:
            self._source = RateFile(folder / spec.currency.convert.rates).current

    def posting_currency(self, currency: str) -> str:
        """The ISO code that a document in `currency` is posted in."""
        convert = self._spec.currency.convert
        return convert.to if convert else currency

    def code(self, currency: str) -> TargetCurrency:
        """The target's code. HoldRequired (currency-unmapped) when the map has none."""
        settings = self._spec.currency
        if currency == settings.local:
            found = Outcome(settings.local_code, "local currency", currency)
        else:
            remedy = f"add {currency} to the map {settings.codes} and to the target's currencies"
            found = self._rules.lookup(settings.codes, [currency], "currency-unmapped", remedy)
        return TargetCurrency(str(found.value), entry("currency", found))

    def rate(self, currency: str, on: date) -> Rate | None:
        """The rate that amounts of a currency are converted at; None when they are not.

        HoldRequired (rate-missing) when no rate is young enough, or the rates cannot be read.
        """
        convert = self._spec.currency.convert
        if convert is None or self._source is None or currency == convert.to:
            return None
        try:
            table = self._source()
        except RatesUnreadable as error:
            raise held("rate-missing", f"the exchange rates cannot be read: {error}") from error
        return table.find(currency, convert.to, on, convert.max_age_days)

    def without_rate(self, on: date) -> list[str]:
        """The mapped currencies that have no rate on a day, and would need one."""
        mapped = [key for key, _ in entries(self._spec.maps[self._spec.currency.codes])]
        known = [self._spec.currency.local, *(key for key in mapped if _ISO.fullmatch(key))]
        return [each for each in known if self._lacks(each, on)]

    def _lacks(self, currency: str, on: date) -> bool:
        try:
            self.rate(currency, on)
        except HoldRequired:
            return True
        return False

    def converted(self, draft: Draft, on: date, coder: Coder) -> Draft:
        """The draft in the posting currency, each line rounded by itself; what the rounded lines
        lack to the converted total goes to the difference account."""
        rate = self.rate(draft.expected.total.currency, on)
        convert = self._spec.currency.convert
        if rate is None or convert is None:
            return draft
        lines = [line.as_one(rate.convert(line.net)) for line in draft.lines]
        expected = _exchanged(draft.expected, rate)
        made = Exchange(amount=draft.expected.total, booked=expected.total, rate=rate)
        lack = expected.net - Money.total((line.net for line in lines), convert.to)
        trace = [*draft.trace, exchange_entry("total", made)]
        if lack:
            difference = self._difference(lack, convert, coder)
            lines.append(replace(difference, dimensions=draft.dimensions))
            trace.append(_difference_entry(lack, convert))
        taxes = {code: rate.convert(tax) for code, tax in draft.taxes.items()}
        return replace(
            draft, lines=lines, expected=expected, trace=trace, exchange=made, taxes=taxes
        )

    def _difference(self, lack: Money, convert: Conversion, coder: Coder) -> CodedLine:
        code = self._spec.taxes.zero_code
        return coder.made_line(
            Role.DIFFERENCE, lack, convert.difference_account, code, convert.description
        )


def _exchanged(figures: Figures, rate: Rate) -> Figures:
    tax, total = rate.convert(figures.tax), rate.convert(figures.total)
    return Figures(net=total - tax, tax=tax, total=total)


def exchange_entry(field: str, made: Exchange) -> TraceEntry:
    """The trace of a conversion: both amounts, the rate, its date and its source."""
    return TraceEntry(
        field=field,
        rule="converted at a dated rate",
        source=f"{money(made.amount)} {made.amount.currency}",
        value=f"{money(made.booked)} {made.booked.currency}",
        note=str(made.rate),
    )


def _difference_entry(lack: Money, convert: Conversion) -> TraceEntry:
    return TraceEntry(
        field=f"difference line: {convert.difference_account}",
        rule="what the rounded lines lack to the converted total",
        source=convert.description,
        value=money(lack),
    )
