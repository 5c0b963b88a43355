"""Why a FreshBooks document cannot be built: a cause code and plain words for each trap."""

from __future__ import annotations

from pydantic import ValidationError

from connectors.freshbooks.models import DATE_ERROR, NUMBER_ERROR
from documents.hold import Hold, HoldClass, HoldRequired
from documents.money import Money

_REMEDY = "Correct it in FreshBooks; it is looked at again by itself."


def held(cause: str, reason: str, remedy: str = _REMEDY, **values: str) -> HoldRequired:
    """The exception that stops the reading of a document, with its hold."""
    return HoldRequired(
        Hold(
            cause=cause,
            hold_class=HoldClass.DATA,
            reason=reason,
            remedy=remedy,
            values=dict(values),
        )
    )


def does_not_add_up(what: str, found: Money, stated: Money) -> HoldRequired:
    """Both figures, in the document's currency."""
    return held(
        "does-not-add-up",
        f"{what}: the lines give {found}, FreshBooks says {stated}.",
        "Open and save it in FreshBooks so that it is computed again, or correct its lines.",
        computed=str(found),
        stated=str(stated),
    )


def no_lines(what: str) -> HoldRequired:
    return held("no-lines", f"{what} has no lines.", "Add its lines in FreshBooks, or delete it.")


def lines_missing(what: str, total: str) -> HoldRequired:
    return held("lines-missing", f"{what} has no lines but a total of {total}.")


def no_client(what: str) -> HoldRequired:
    return held("no-client", f"{what} names no client.", "Choose its client in FreshBooks.")


def no_date(what: str) -> HoldRequired:
    return held("missing-field", f"{what} has no date.")


def unknown_currency(what: str, code: str) -> HoldRequired:
    return held(
        "unknown-currency",
        f"{what} is in the currency {code!r}, which does not exist.",
        currency=code,
    )


def mixed_currencies(what: str, currency: str, where: str, other: str) -> HoldRequired:
    return held(
        "mixed-currencies",
        f"{what} is in {currency}, but {where} is in {other or 'no currency'}.",
        document=currency,
        part=other,
    )


def too_many_decimals(what: str, amount: str, currency: str) -> HoldRequired:
    return held(
        "too-many-decimals", f"{what} is {amount}, which is no whole number of units of {currency}."
    )


def mixed_signs(what: str) -> HoldRequired:
    return held(
        "discount-over-mixed-signs",
        f"{what} has a discount over lines of both signs, which cannot be spread over them.",
        "Put the discount on a line of its own in FreshBooks.",
    )


def unknown_type(what: str, kind: str) -> HoldRequired:
    return held("unknown-type", f"{what} is of the unknown type {kind!r}.")


def malformed(what: str, error: ValidationError) -> HoldRequired:
    """A field of the wire object that cannot be read: the first one, with its value."""
    first = error.errors(include_url=False, include_context=False)[0]
    field = _place(first["loc"])
    value = repr(first["input"])[:60]
    if first["type"] == NUMBER_ERROR:
        return held("bad-number", f"{what}: {field} is {value}, which is not a number.")
    if first["type"] == DATE_ERROR:
        return held("bad-date", f"{what}: {field} is {value}, which is not a date.")
    if first["type"] == "missing":
        return held("missing-field", f"{what}: {field} is missing.")
    return held("bad-field", f"{what}: {field} cannot be read.")


def _place(loc: tuple[int | str, ...]) -> str:
    """`lines, 0, qty` as `line 1, qty`."""
    words = [f"line {part + 1}" if isinstance(part, int) else part for part in loc]
    return ", ".join(w for w in words if w != "lines")
