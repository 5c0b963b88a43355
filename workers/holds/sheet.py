"""Held documents as a sheet: out to a spreadsheet, decided there, back in checked row by row."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

from documents.naming import PROCESSES
from documents.row import Action
from workers.csvsafe import safe_cell
from workers.operator.models import DocumentView
from workers.refusal import Refusal

COLUMNS = (
    "connection", "kind", "id", "number", "amount", "currency", "cause", "held_since", "reason",
    "remedy", "version", "action", "why", "adopt_number", "values",
)  # fmt: skip
"""The first eleven say what is held, and the last of them stands for all that it is held for; the
last four are for the person to fill in. `values` are corrections as name=value, separated by
semicolons."""

_ACTIONS = (Action.RETRY, Action.CORRECT, Action.ADOPT, Action.RELEASE, Action.SKIP, Action.ABANDON)


Place = tuple[str, str, str]


@dataclass(frozen=True)
class Decided:
    """One row that somebody filled in; `row` is its number in the file."""

    row: int
    document: DocumentView
    action: Action
    why: str
    number: str
    values: dict[str, str]

    @property
    def key(self) -> str:
        """The same for the same decision about the same hold, whenever and by whomever the file
        is brought in."""
        values = sorted(self.values.items())
        said = (*place(self.document), version(self.document), self.action.value, self.why)
        return _digest([*said, self.number, values])


@dataclass(frozen=True)
class Checked:
    """A whole file: what to carry out, and what was passed over because it is not held as the
    file says."""

    decided: list[Decided]
    passed_over: list[str]


def place(document: DocumentView) -> Place:
    """Which document it is."""
    return document.connection, document.kind, document.id


def version(document: DocumentView) -> str:
    """Stands for what a document is held for: cause, reason, values and amount. Looking again,
    with the same result, does not change it."""
    d = document
    held = [d.hold_cause, d.hold_reason, sorted(d.hold_values.items()), d.amount, d.currency]
    # A letter first: a spreadsheet takes digits around an e for a number.
    return f"v{_digest(held)[:16]}"


def _digest(said: list[Any]) -> str:
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def has_decision(document: DocumentView) -> bool:
    """Whether it is decided about by itself: a payment is with the invoice that it belongs to."""
    return document.kind in PROCESSES


def write(documents: Iterable[DocumentView], out: TextIO) -> int:
    """Write a sheet of those held documents that are decided about by themselves; returns how
    many. Cells are safe to open."""
    # Quoted, so that no separator of another country begins a cell within a cell.
    sheet = csv.writer(out, quoting=csv.QUOTE_ALL)
    sheet.writerow(COLUMNS)
    count = 0
    for count, d in enumerate(filter(has_decision, documents), 1):  # noqa: B007 - the last number is the answer
        since = d.held_since.isoformat() if d.held_since else ""
        told = (
            d.connection, d.kind, d.id, d.number, d.amount, d.currency, d.hold_cause, since,
            d.hold_reason, d.hold_remedy, version(d), "", "", "", "",
        )  # fmt: skip
        sheet.writerow([safe_cell(cell) for cell in told])
    return count


def read(lines: TextIO, held: Mapping[Place, DocumentView], *, pass_over: bool = False) -> Checked:
    """The rows with an action. Refusal naming every wrong row and field; then nothing is done.

    `held` are the documents as they are now. A row about one that is not held any more, or held
    for something else by now, is wrong, or with `pass_over` passed over.
    """
    sheet = csv.DictReader(lines)
    missing = [name for name in COLUMNS if name not in (sheet.fieldnames or ())]
    if missing:
        raise Refusal(f"row 1: the columns {', '.join(missing)} are missing")
    reader = _Reader(held)
    for row in sheet:
        # A cell may have several lines: the row is where a spreadsheet shows it.
        reader.take({name: (value or "").strip() for name, value in row.items() if name})
    wrong = reader.wrong if pass_over else sorted([*reader.wrong, *reader.stale])
    if wrong:
        raise Refusal("nothing was done:\n" + "\n".join(_shown(wrong)))
    return Checked(reader.decided, _shown(reader.stale))


def _shown(problems: list[tuple[int, str]]) -> list[str]:
    return [f"row {number}: {problem}" for number, problem in problems]


class _Reader:
    """Checks row after row."""

    def __init__(self, held: Mapping[Place, DocumentView]) -> None:
        self._held = held
        self._number = 1
        self._rows: dict[Place, int] = {}
        self.decided: list[Decided] = []
        self.wrong: list[tuple[int, str]] = []
        self.stale: list[tuple[int, str]] = []

    def take(self, text: Mapping[str, str]) -> None:
        self._number += 1
        if not text["action"]:
            return
        found = (text["connection"], text["kind"], text["id"])
        document = self._held.get(found)
        values, unread = _values(text["values"])
        wrong = [*self._misplaced(found), *_incomplete(text), *unread]
        stale = _stale(text, document)
        self.wrong += [(self._number, problem) for problem in wrong]
        self.stale += [(self._number, problem) for problem in stale]
        if document and not wrong and not stale:
            action, number = Action(text["action"]), text["adopt_number"]
            self.decided.append(
                Decided(self._number, document, action, text["why"], number, values)
            )

    def _misplaced(self, found: Place) -> list[str]:
        """Rows that nobody could carry out, or that say two things about one document."""
        if found[1] not in PROCESSES:
            return [f"kind: a {found[1]} is decided about with the document that it belongs to"]
        first = self._rows.setdefault(found, self._number)
        return [] if first == self._number else [f"id: row {first} is about the same document"]


def _stale(text: Mapping[str, str], document: DocumentView | None) -> list[str]:
    if document is None:
        return [f"id: {text['kind']} {text['id']} is not held (any more)"]
    if text["cause"] != document.hold_cause:
        return [f"cause: held for {document.hold_cause} by now, the row says {text['cause']}"]
    if text["version"] != version(document):
        return ["version: what it is held for has changed since the sheet was written"]
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
