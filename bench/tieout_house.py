"""A tie-out of the embedded house, from both stand-ins' listings to the verdict.

    python -m bench.tieout_house [--count 20000] [--per-second 200]

One invoice goes through the house. While the house is stopped, both stand-ins' books get copies of
it under ids, numbers and keys of their own. Then the month is tied out by the worker as on any day,
with so many requests a second to each system. Says how long that took, and what it came to; the
exit code is 1 when it does not tie or did not read every document on both sides.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from activities.reconciling import TieOutInput, TieOutResult
from documents.naming import TIE_OUT, WORKFLOW_TASK_QUEUE, tie_out_id
from documents.tieout import TieOutSummary
from policies.tieout.verdict import verdict
from tests.e2e.house import CONNECTION, TODAY, House, open_house

_KEYS = {
    "invoices": "id",
    "Sales Invoice Header": "No",
    "Cust. Ledger Entry": "Entry_No",
    "Detailed Cust. Ledg. Entry": "Entry_No",
    "G/L Entry": "Entry_No",
}
"""The tables that a tie-out reads, with the field that identifies a row."""

_ALONE = ("id", "invoiceid", "Cust_Ledger_Entry_No", "Transaction_No")
"""Numbers of which a document has one in its table."""

_CHANGED = ("updated", "_at", "version", "created_at")
_DAYS_AGO = 5
"""When the copies changed: so long before the last sweep that they are no news to the house."""

_ROWS = "SELECT name, key, data FROM rows"
_INSERT = "INSERT INTO rows (place, name, key, data) VALUES (?, ?, ?, ?)"

Row = dict[str, Any]


class Original:
    """The texts by which the rows of the invoice name it, and what its copies say instead."""

    def __init__(self, invoice: int, number: str, posted_as: str) -> None:
        self._texts = {f"I{invoice}-": (f"I{{:0{len(str(invoice))}}}-", invoice)}
        for text in (number, posted_as):
            digits = text.lstrip("PSI")
            prefix = text.removesuffix(digits)
            self._texts[text] = (f"{prefix}{{:0{len(digits)}}}", int(digits))

    def copy(self, row: Row, place: int, rows: int) -> Row:
        """The row of the copy at a place (from 1), of a table in which a document has so many."""
        made = {name: self._value(name, value, place, rows) for name, value in row.items()}
        before = TODAY - timedelta(days=_DAYS_AGO)
        for name in set(_CHANGED) & made.keys():
            made[name] = str(made[name]).replace(f"{TODAY}", f"{before}")
        return made

    def _value(self, name: str, value: Any, place: int, rows: int) -> Any:
        if name in _ALONE:
            return value + place
        if name == "Entry_No":
            return value + place * rows
        if isinstance(value, str):
            for text, (form, digits) in self._texts.items():
                value = value.replace(text, form.format(digits + place))
        return value


def multiply(books: Path, original: Original, count: int) -> None:
    """Let a stand-in's books, which hold one invoice, hold so many in all."""
    with closing(sqlite3.connect(books)) as database, database:
        (last,) = database.execute("SELECT max(place) FROM rows").fetchone()
        rows = list(_copies(database.execute(_ROWS).fetchall(), original, count))
        numbered = ((last + i, *row) for i, row in enumerate(rows, start=1))
        database.executemany(_INSERT, numbered)


def _copies(
    rows: list[tuple[str, str, str]], original: Original, count: int
) -> Iterator[tuple[str, str, str]]:
    for table, field in _KEYS.items():
        own = [
            (n, json.loads(d)) for n, _, d in rows if n.partition("./")[2] == table or n == table
        ]
        for place in range(1, count):
            for name, row in own:
                made = original.copy(row, place, len(own))
                yield name, str(made[field]), json.dumps(made)


async def first_invoice(state: Path) -> Original:
    """An invoice that the house posted."""
    async with open_house(state) as house:
        invoice = await house.sent_invoice()
        await house.watch.wait(invoice, "posted")
        number = await house.number(invoice)
        (posted,) = await house.posted("invoice", number)
        return Original(invoice, number, posted["number"])


def limit(house: House, per_second: float) -> None:
    """So many requests a second to each system, for a worker that starts afterwards."""
    path, yaml = Path(house.settings.connections) / f"{CONNECTION}.yaml", YAML()
    settings = yaml.load(path.read_text())
    settings["source"]["limits"]["per_second"] = per_second
    settings["target"]["requests_per_second"] = per_second
    with path.open("w") as file:
        yaml.dump(settings, file)
    house.kill("worker")


async def tie_out(house: House, period: str) -> TieOutSummary:
    result: TieOutResult = await house.client.execute_workflow(
        TIE_OUT,
        TieOutInput(connection=CONNECTION, period=period),
        id=tie_out_id(CONNECTION, period),
        task_queue=WORKFLOW_TASK_QUEUE,
        result_type=TieOutResult,
    )
    return result.summaries[-1]


async def bench(count: int, per_second: float) -> bool:
    """Measure one size; True when all was read and the month ties."""
    with tempfile.TemporaryDirectory(prefix="tieout-bench-") as folder:
        state = Path(folder)
        original = await first_invoice(state)
        for system in ("freshbooks", "nav"):
            multiply(state / f"sandbox-{system}.sqlite", original, count)
        async with open_house(state) as house:
            limit(house, per_second)
            last_month = TODAY.replace(day=1) - timedelta(days=1)
            await tie_out(house, f"{last_month:%Y-%m}")  # by then the worker has started
            start = time.perf_counter()
            summary = await tie_out(house, f"{TODAY:%Y-%m}")
            seconds = time.perf_counter() - start
    found = verdict(summary)
    print(
        f"{count:,} documents a side at {per_second:g} requests a second to each system: "
        f"{seconds:.1f} s; read {summary.source_read:,} and {summary.target_read:,}; {found}"
    )
    return found.is_tied and min(summary.source_read, summary.target_read) >= count


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=20_000, help="documents a side")
    parser.add_argument("--per-second", type=float, default=200, help="requests to each system")
    arguments = parser.parse_args()
    return 0 if asyncio.run(bench(arguments.count, arguments.per_second)) else 1


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # As the commands do: the interpreter's own farewell can abort with a poll outstanding.
    os._exit(code)
