"""Held documents as a sheet: out to a spreadsheet, decided there, back in checked row by row."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TextIO

from documents.row import Action
from workers.csvsafe import safe_cell
from workers.operator.models import DocumentView
from workers.refusal import Refusal

COLUMNS = (
    "connection", "kind", "id", "number", "amount", "currency", "cause", "held_since", "reason",
    "remedy", "action", "why", "adopt_number", "values",
)  # fmt: skip
"""The first ten say what is held; the last four are for the person to fill in. `values` are
corrections as name=value, separated by semicolons."""

_ACTIONS = (Action.RETRY, Action.CORRECT, Action.ADOPT, Action.RELEASE, Action.SKIP, Action.ABANDON)


@dataclass(frozen=True)
class Decided:
    """One row that somebody filled in."""

    document: DocumentView
    action: Action
    why: str
    number: str
    values: dict[str, str]


def write(documents: Iterable[DocumentView], out: TextIO) -> int:
    """Write a sheet of held documents; returns how many. Cells are safe to open."""
    # Quoted, so that no separator of another country begins a cell within a cell.
    sheet = csv.writer(out, quoting=csv.QUOTE_ALL)
    sheet.writerow(COLUMNS)
    count = 0
    for count, d in enumerate(documents, 1):  # noqa: B007 - the last number is the answer
        since = d.held_since.isoformat() if d.held_since else ""
        told = (
            d.connection, d.kind, d.id, d.number, d.amount, d.currency, d.hold_cause, since,
            d.hold_reason, d.hold_remedy, "", "", "", "",
        )  # fmt: skip
        sheet.writerow([safe_cell(cell) for cell in told])
    return count


def read(lines: TextIO, held: Mapping[tuple[str, str, str], DocumentView]) -> list[Decided]:
    """The rows with an action. Refusal naming every wrong row and field; then nothing is done.

    `held` are the documents as they are now: a row about one that is no longer held, or held for
    another cause by now, is refused.
    """
    sheet = csv.DictReader(lines)
    missing = [name for name in COLUMNS if name not in (sheet.fieldnames or ())]
    if missing:
        raise Refusal(f"row 1: the columns {', '.join(missing)} are missing")
    decided: list[Decided] = []
    problems: list[str] = []
    for number, row in enumerate(sheet, 2):
        if not (row["action"] or "").strip():
            continue
        found, wrong = _row(row, held)
        problems += [f"row {number}: {problem}" for problem in wrong]
        decided += [found] if found else []
    if problems:
        raise Refusal("nothing was done:\n" + "\n".join(problems))
    return decided


def _row(
    row: Mapping[str, str | None], held: Mapping[tuple[str, str, str], DocumentView]
) -> tuple[Decided | None, list[str]]:
    text = {name: (value or "").strip() for name, value in row.items() if name}
    document = held.get((text["connection"], text["kind"], text["id"]))
    wrong = [*_stale(text, document), *_incomplete(text)]
    values, unread = _values(text["values"])
    wrong += unread
    if wrong or document is None:
        return None, wrong
    action = Action(text["action"])
    return Decided(document, action, text["why"], text["adopt_number"], values), []


def _stale(text: Mapping[str, str], document: DocumentView | None) -> list[str]:
    if document is None:
        return [f"id: {text['kind']} {text['id']} is not held (any more)"]
    if text["cause"] != document.hold_cause:
        return [f"cause: held for {document.hold_cause} by now, the row says {text['cause']}"]
    return []


def _incomplete(text: Mapping[str, str]) -> list[str]:
    wrong = []
    names = [action.value for action in _ACTIONS]
    if text["action"] not in names:
        wrong.append(f"action: {text['action']!r} must be one of {', '.join(names)}")
    if not text["why"]:
        wrong.append("why: must not be empty, it goes into the audit trail")
    if text["action"] == Action.ADOPT and not text["adopt_number"]:
        wrong.append("adopt_number: must be the number of the existing posting")
    if text["action"] == Action.CORRECT and not text["values"]:
        wrong.append("values: must say what to change, as name=value")
    return wrong


def _values(text: str) -> tuple[dict[str, str], list[str]]:
    pairs = [part.strip().partition("=") for part in text.split(";") if part.strip()]
    wrong = [f"values: {name!r} must be name=value" for name, equals, _ in pairs if not equals]
    return {name: value for name, equals, value in pairs if equals}, wrong
