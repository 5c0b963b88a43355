"""The accounting of a connection: the table of the law, and everything that does not close."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from rich.table import Table
from temporalio.client import Client

from documents.key import Kind
from store.backing import Stray
from store.conservation import ConservationRow, Tally
from store.store import Store
from workers.account.law import broken, said
from workers.account.processes import Processes, compare
from workers.account.source import KINDS, Listed, against_source
from workers.commands.screen import PlainTable
from workers.connections import ConnectionSettings
from workers.sources import open_source

_COLUMNS = ("received", "posted", "in_flight", "held", "ignored", "reversed")


@dataclass(frozen=True)
class Accounting:
    """One connection in one period. `listed` is None when the source was not asked."""

    connection: str
    period: str
    rows: list[ConservationRow]
    strays: list[Stray]
    processes: list[Processes]
    listed: list[Listed] | None = None

    @property
    def findings(self) -> list[str]:
        """Everything that is not accounted for."""
        return [
            *broken(self.rows),
            *map(said, self.strays),
            *(sentence for each in self.processes for sentence in each.findings),
            *(sentence for each in self.listed or () for sentence in each.findings),
        ]

    def as_json(self) -> dict[str, Any]:
        """Amounts are decimal strings in the row's currency."""
        return {
            "connection": self.connection,
            "period": self.period,
            "closes": not self.findings,
            "rows": [_row_json(row) for row in self.rows],
            "processes": [
                {"kind": p.kind.value, "open": p.open_rows, "running": p.running}
                for p in self.processes
            ],
            "source": None
            if self.listed is None
            else [{"kind": each.kind.value, "listed": each.listed} for each in self.listed],
            "findings": self.findings,
        }

    def as_table(self) -> Table:
        """The conservation table, one line per kind and currency."""
        verdict = "[red]does not close[/]" if self.findings else "[green]closes[/]"
        period = f", {self.period}" if self.period else ""
        table = PlainTable(title=f"{self.connection}{period}: {verdict}", title_justify="left")
        for name in ("kind", "currency"):
            table.add_column(name)
        for name in _COLUMNS:
            table.add_column(name.replace("_", " "), justify="right")
        for row in self.rows:
            shown = (_shown(getattr(row, name)) for name in _COLUMNS)
            table.add_row(row.kind.value.replace("_", " "), row.currency or "-", *shown)
        return table

    def remarks(self) -> list[str]:
        """What was compared with what, and what was found."""
        compared = [
            f"{p.kind.value}: {p.open_rows} open, {p.running} processes run" for p in self.processes
        ]
        compared += [f"{s.kind.value}: the source shows {s.listed}" for s in self.listed or ()]
        return [*compared, *(f"[red]{sentence}[/]" for sentence in self.findings)]


async def account(
    client: Client,
    store: Store,
    connection: ConnectionSettings,
    period: str = "",
    days: tuple[date, date] | None = None,
    *,
    ask_source: bool = False,
) -> Accounting:
    """Account for a connection. `days` limits the table to what was first received from its first
    to its last day (UTC); the comparisons are of the present. Raises ConnectorError."""
    name = connection.name
    rows = await store.conservation.totals(name, days)
    strays = await store.conservation.strays(name, days)
    processes = await compare(client, store, name)
    if not ask_source:
        return Accounting(name, period, rows, strays, processes)
    async with open_source(connection, store) as source:
        since = connection.policy.cut_over_date
        kinds = (
            *KINDS,
            *((Kind.EXPENSE,) if connection.expenses else ()),
            *((Kind.BILL, Kind.BILL_PAYMENT) if connection.bills else ()),
        )
        listed = await against_source(source, store, name, since, kinds)
    return Accounting(name, period, rows, strays, processes, listed)


def _row_json(row: ConservationRow) -> dict[str, Any]:
    tallies = {name: getattr(row, name) for name in _COLUMNS}
    return {
        "kind": row.kind.value,
        "currency": row.currency,
        "closes": row.law_holds,
        **{name: {"count": t.count, "amount": f"{t.amount:f}"} for name, t in tallies.items()},
    }


def _shown(tally: Tally) -> str:
    return f"{tally.count}  {tally.amount:,f}" if tally.count else "-"
