"""The end of the demo: a tie-out of the present month, as a bookkeeper would see it."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

from rich.console import Console
from temporalio.client import Client

from activities.reconciling import TieOutInput
from documents.naming import TIE_OUT, WORKFLOW_TASK_QUEUE, tie_out_id
from workers.demo.house import Neighbourhood
from workers.opening import open_store
from workers.tieout.page import html
from workers.tieout.report import Report, load
from workers.tieout.table import show


async def tie_out(
    house: Neighbourhood, client: Client, connection: str, today: date, console: Console
) -> bool:
    """Tie out the month, show what it came to, keep it as a page; True when it ties."""
    period = f"{today:%Y-%m}"
    await tied_out(client, connection, period)
    console.print()
    async with open_store(house.settings) as store:
        report = await load(store, connection, period, datetime.now(UTC))
    show(report, console)
    console.print(f"The same as a page to print and sign: {kept_as_page(report)}")
    return report.is_tied


async def tied_out(client: Client, connection: str, period: str) -> None:
    """Tie out a month, as the command does."""
    await client.execute_workflow(
        TIE_OUT,
        TieOutInput(connection=connection, period=period),
        id=tie_out_id(connection, period),
        task_queue=WORKFLOW_TASK_QUEUE,
    )


def kept_as_page(report: Report) -> Path:
    """A file that outlives the house, which is removed with everything in it."""
    summary = report.summary
    name = f"tie-out-{summary.connection}-{summary.period}.html"
    path = Path(tempfile.mkdtemp(prefix="tieout-report-")) / name
    path.write_text(html(report), encoding="utf-8")
    return path
