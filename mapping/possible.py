"""The fixed values a rule can give: constants, map rows, and what codings lead to."""

from __future__ import annotations

from collections.abc import Iterator

from documents.record import FieldValue
from mapping.rule import Rule
from mapping.sections import DiscountAccount
from mapping.source import SpecPath
from mapping.spec import Spec
from mapping.tables import entries

Found = tuple[SpecPath, FieldValue]


class Possible:
    """Finds them for one spec, each with the place it is written."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec

    def of(self, path: SpecPath, rule: Rule) -> Iterator[Found]:
        """Fixed values that reach a field as they stand. What is cut, split or joined is only
        known with a document at hand."""
        if rule.truncate or rule.split or rule.skip or rule.concat:
            return
        if rule.value is not None:
            yield (*path, "value"), rule.value
        if rule.default is not None:
            yield (*path, "default"), rule.default
        if rule.lookup is not None:
            yield from self._rows(rule.lookup)
        if rule.path is not None and not _is_coding(path):
            yield from self._coded(rule.path)
        for step, inner in rule.inner:
            yield from self.of((*path, *step), inner)

    def _rows(self, name: str) -> Iterator[Found]:
        spec = self._spec.maps.get(name)
        for key, value in entries(spec) if spec else ():
            part = "codes" if spec and value in spec.codes else "rows"
            yield ("maps", name, part, value if part == "codes" else key), value

    def _coded(self, path: str) -> Iterator[Found]:
        """What the mapping's own names can hold."""
        if path == "line.account":
            yield from self._accounts()
        elif path == "line.tax_code":
            yield from self._tax_codes()
        elif path == "line.deferral" and self._spec.coding.deferral:
            yield from self.of(("coding", "deferral"), self._spec.coding.deferral)
        elif path.startswith(("line.dimensions.", "document.dimensions.")):
            name = path.rpartition(".")[2]
            rule = self._spec.coding.dimensions.get(name)
            yield from self.of(("coding", "dimensions", name), rule) if rule else ()
        elif path == "record.currency":
            yield ("currency", "local_code"), self._spec.currency.local_code
            yield from self._rows(self._spec.currency.codes)
        elif path == "record.bank_account":
            yield from self.of(("payment", "bank_account"), self._spec.payment.bank_account)

    def _accounts(self) -> Iterator[Found]:
        spec = self._spec
        yield from self.of(("coding", "account"), spec.coding.account)
        for number, row in enumerate(spec.taxes.rows):
            if row.line:
                where: SpecPath = ("taxes", "rows", number, "line")
                yield (*where, "account"), row.line.account
                for name, account in row.line.accounts.items():
                    yield (*where, "accounts", name), account
        if isinstance(spec.discount, DiscountAccount):
            yield ("discount", "account"), spec.discount.account
        if spec.rounding:
            yield ("rounding", "account"), spec.rounding.account
        if spec.currency.convert:
            yield ("currency", "convert"), spec.currency.convert.difference_account

    def _tax_codes(self) -> Iterator[Found]:
        spec = self._spec
        yield from self.of(("taxes", "untaxed"), spec.taxes.untaxed)
        yield ("taxes", "zero_code"), spec.taxes.zero_code
        for number, row in enumerate(spec.taxes.rows):
            where: SpecPath = ("taxes", "rows", number)
            if row.code is not None:
                yield (*where, "code"), row.code
            if row.line and row.line.code is not None:
                yield (*where, "line", "code"), row.line.code
        if isinstance(spec.discount, DiscountAccount) and spec.discount.code is not None:
            yield ("discount", "code"), spec.discount.code


def _is_coding(path: SpecPath) -> bool:
    """Whether a rule is one of those that field rules draw on: it draws on no other itself."""
    return path[0] in ("coding", "taxes", "expense_coding", "bill_coding") or path[:2] == (
        "payment",
        "bank_account",
    )
