"""Ways to the records of a filter that are shorter than reading the whole table."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from sandbox.nav.database import Key, Records
from sandbox.nav.odata.filters import Comparison, Node, choices

_WIDEST = 50_000


def by_choice(records: Records, where: Node | None) -> list[Key] | None:
    """The keys of what `No eq 'A' or No eq 'B'` names, in order; None when no index leads there."""
    for compared in [] if where is None else choices(where):
        plain = all(item.verb == "eq" and not item.operand.function for item in compared)
        found = _named(records, compared) if plain else None
        if found is not None:
            return found
    return None


def by_range(records: Records, known: Iterable[Comparison]) -> list[Key] | None:
    """The keys of what a field is from one value to another of, in order, by its index: numbers,
    or texts that are the whole key."""
    bounds: dict[tuple[str, str], int] = {}
    texts: dict[tuple[str, str], str] = {}
    for item in (each for each in known if not each.operand.function):
        place = (item.operand.field.id, item.verb)
        if isinstance(item.literal, Decimal):
            bounds[place] = int(item.literal)
        elif isinstance(item.literal, str):
            texts[place] = item.literal
    first, last = (texts.get((records.table.key[0], verb)) for verb in ("ge", "le"))
    if len(records.table.key) == 1 and first is not None and last is not None:
        return records.keys_between((first,), (last,))
    for names in records.table.indexes:
        least, most = bounds.get((names[0], "ge")), bounds.get((names[0], "le"))
        if len(names) == 1 and least is not None and most is not None:
            return _between(records, names, least, most)
    return None


def _between(records: Records, names: tuple[str, ...], least: int, most: int) -> list[Key] | None:
    if most - least > _WIDEST:
        return None
    found = (records.indexed(names, (value,)) for value in range(least, most + 1))
    return sorted(key for keys in found for key in keys)


def _named(records: Records, compared: list[Comparison]) -> list[Key] | None:
    (name,) = {item.operand.field.id for item in compared}
    if any(item.literal == "" for item in compared):
        # Blank values are in no index.
        return None
    values = {_stored(item.literal) for item in compared}
    if records.table.key == (name,):
        return sorted((value,) for value in values if records.get(value) is not None)
    if (name,) in records.table.indexes:
        return sorted({key for value in values for key in records.indexed((name,), (value,))})
    return None


def _stored(literal: object) -> object:
    return int(literal) if isinstance(literal, Decimal) else literal
