"""Coding: from the lines of a document to what is booked where, to the cent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from documents.exchange import Exchange
from documents.hold import HoldClass
from documents.money import Money
from documents.record import Figures, TraceEntry
from mapping.corrections import Corrections
from mapping.document import SalesDocument
from mapping.errors import held
from mapping.line_coding import CodedSource, LineCoder
from mapping.lines import CodedLine, Dimensions, Role, aggregated
from mapping.names import money, plain
from mapping.rules import Rules, Values
from mapping.sections import DiscountAccount
from mapping.spec import Spec
from mapping.taxes import TaxShare, tax_shares


@dataclass(frozen=True)
class Draft:
    """Coded lines, the figures that the target must compute from them, the trace so far, how
    the figures were converted if they were, the tax that the target computes by code, and the
    dimensions of the document as a whole."""

    lines: Sequence[CodedLine]
    expected: Figures
    trace: Sequence[TraceEntry] = field(default=())
    exchange: Exchange | None = None
    taxes: Mapping[str, Money] = field(default_factory=dict)
    dimensions: Dimensions = ()


class Coder:
    """Codes documents by the coding, taxes and discount of one spec."""

    def __init__(self, spec: Spec, rules: Rules) -> None:
        self._spec = spec
        self._rules = rules

    def code(self, document: SalesDocument, values: Values, corrections: Corrections) -> Draft:
        """Lines that add up to the document. Raises HoldRequired."""
        coder = LineCoder(self._spec, self._rules, values, corrections)
        shares = document.discount_shares()
        coded = [coder.code(n, part) for n, part in zip(document.lines, shares, strict=True)]
        taxes = list(tax_shares(document.taxes, [(c.line, c.net, c.treated) for c in coded]))
        whole = self._of_the_whole(coded, corrections)
        made = [*self._discounts(document, coded), *self._taxes(taxes, coded)]
        made = [replace(line, dimensions=whole) for line in made]
        unused = corrections.unused({*coder.seen, *(line.account for line in made)})
        made = [_recoded(line, corrections) for line in made]
        trace = [*coder.trace, *map(_made, made), *map(_unused, unused.items())]
        lines = [*(c.booked for c in coded), *made]
        expected = _expected(document, taxes)
        draft = Draft(lines, expected, trace, taxes=_by_code(taxes), dimensions=whole)
        _prove(document, draft)
        return draft

    def summed(self, draft: Draft) -> Draft:
        """The draft with lines of one coding added up, where the spec says so."""
        if self._spec.lines == "one to one":
            return draft
        lines, trace = aggregated(draft.lines)
        return replace(draft, lines=lines, trace=[*draft.trace, *trace])

    def made_line(self, role: Role, net: Money, account: str, code: str, name: str) -> CodedLine:
        """A line that the mapping itself makes."""
        blank = tuple((dimension, "") for dimension in self._spec.coding.dimensions)
        return CodedLine(role, net, account, code, name, dimensions=blank)

    def _of_the_whole(self, coded: Sequence[CodedSource], corrections: Corrections) -> Dimensions:
        """What a person gave the whole document, else the value that all its lines share: header,
        taxes and discounts have no line of the source to take theirs from."""
        found: list[tuple[str, str]] = []
        for name in self._spec.coding.dimensions:
            values = {dict(c.booked.dimensions)[name] for c in coded}
            shared = values.pop() if len(values) == 1 else ""
            found.append((name, corrections.dimension(name, "") or shared))
        return tuple(found)

    def _discounts(
        self, document: SalesDocument, coded: Sequence[CodedSource]
    ) -> Iterator[CodedLine]:
        policy = self._spec.discount
        if not isinstance(policy, DiscountAccount):
            return
        by_code: dict[str, Money] = {}
        for c in coded:
            code = c.treated.code if policy.code is None else policy.code
            by_code[code] = by_code.get(code, Money.zero(document.currency)) - c.discount
        name = f"{policy.description} {plain(document.discount_percent)} %"
        for code, net in by_code.items():
            if net:
                yield self.made_line(Role.DISCOUNT, net, policy.account, code, name)

    def _taxes(
        self, shares: Sequence[TaxShare], coded: Sequence[CodedSource]
    ) -> Iterator[CodedLine]:
        for share in shares:
            if share.account and share.amount:
                name = f"{share.tax.name} {plain(share.tax.percent)} %"
                code = self._code_beside(share, coded)
                yield self.made_line(Role.TAX, share.amount, share.account, code, name)

    def _code_beside(self, share: TaxShare, coded: Sequence[CodedSource]) -> str:
        """The code without tax that the goods beside a tax line carry."""
        codes = (c.treated.code for c in coded if c.treated.account(share.tax.name))
        return next(codes, self._spec.taxes.zero_code)


def _recoded(line: CodedLine, corrections: Corrections) -> CodedLine:
    """A made line is corrected only by the account it has: no line of the source names it."""
    return replace(line, account=corrections.accounts.get(line.account, line.account))


def _expected(document: SalesDocument, taxes: Sequence[TaxShare]) -> Figures:
    """What the target must compute: a tax with a line of its own is net to the target."""
    computed = [t.amount for t in taxes if not t.account]
    tax = Money.total(computed, document.currency)
    total = document.figures.total
    return Figures(net=total - tax, tax=tax, total=total)


def _by_code(taxes: Sequence[TaxShare]) -> dict[str, Money]:
    found: dict[str, Money] = {}
    for each in taxes:
        if not each.account:
            before = found.get(each.code, Money.zero(each.amount.currency))
            found[each.code] = before + each.amount
    return found


def _prove(document: SalesDocument, draft: Draft) -> None:
    """Lines that do not give the expected net would post a wrong total: never sent."""
    found = Money.total((line.net for line in draft.lines), document.currency)
    if found.amount != draft.expected.net.amount:
        raise held(
            "does-not-add-up",
            f"the mapped lines give {money(found)}, the document says "
            f"{money(draft.expected.net)} {document.currency}",
            "check the discount and the taxes of the document at the source",
            HoldClass.DATA,
            lines=money(found),
            document=money(draft.expected.net),
        )


def _unused(correction: tuple[str, str]) -> TraceEntry:
    name, value = correction
    note = "fits nothing in this document, so it changed nothing"
    return TraceEntry(field=name, rule="correction", source="", value=value, note=note)


def _made(line: CodedLine) -> TraceEntry:
    return TraceEntry(
        field=f"{line.role.value} line: {line.account}",
        rule=f"{line.role.value} as a line of its own",
        source=line.name,
        value=money(line.net),
        note=f"tax code {line.tax_code}" if line.tax_code else "",
    )
