"""`tieout holds list`, `show`, `resolve`, `retry`, `export` and `import`"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import httpx
import typer

from connectors.network import Network, is_clear_text
from documents.hold import HoldClass
from documents.row import Action
from workers.commands.options import ConfigOption, TokenOption
from workers.commands.screen import PlainTable, screen
from workers.holds import sheet
from workers.holds.bulk import bulk_retry
from workers.holds.desk import HoldsDesk
from workers.operator.models import DocumentView, Resolved
from workers.private import make_private
from workers.refusal import Refusal
from workers.settings import load_settings

app = typer.Typer(
    no_args_is_help=True,
    help="Held documents: why, and what to do about them. All but `retry`, which decides nothing "
    "that the sweep would not try by itself, need a token (tieout person add).",
)
T = TypeVar("T")

OperatorOption = Annotated[
    str, typer.Option("--operator", envvar="TIEOUT_OPERATOR_URL", help="The operator interface.")
]
Connection = Annotated[str | None, typer.Option("--connection", help="Only of this connection.")]
Cause = Annotated[str | None, typer.Option("--cause", help="Only those held for this cause.")]
Why = Annotated[str, typer.Option("--why", help="The reason, for the audit trail.")]
_LOCAL = "http://127.0.0.1:8082"


@app.command("list")
def show_all(
    token: TokenOption,
    operator: OperatorOption = _LOCAL,
    connection: Connection = None,
    cause: Cause = None,
) -> None:
    """List what is held, longest first: cause, whose turn it is, age and reason."""
    documents = _at_the_desk(operator, token, lambda desk: _all(desk, connection, cause))
    table = PlainTable(title=f"{len(documents)} held", title_justify="left")
    for name in ("connection", "document", "amount", "cause", "owner", "age", "reason"):
        table.add_column(name, overflow="fold")
    for each in documents:
        amount = f"{each.amount} {each.currency}".strip()
        owner = HoldClass(each.hold_class).owner if each.hold_class else ""
        number = f"{each.kind} {each.number or each.id}"
        table.add_row(
            each.connection,
            number,
            amount,
            each.hold_cause,
            owner,
            _age(each),
            each.hold_reason,
        )
    screen().print(table)


@app.command()
def show(
    number: Annotated[str, typer.Argument(help="The document's number on either side.")],
    token: TokenOption,
    operator: OperatorOption = _LOCAL,
    connection: Connection = None,
) -> None:
    """Show one document: its state, why it is held, what to do, and what its process did."""
    found = _at_the_desk(operator, token, lambda desk: desk.find(number, connection))
    for each in found:
        table = PlainTable(show_header=False, box=None)
        for name, value in each.document.model_dump().items():
            if value not in ("", None, {}):
                table.add_row(name.replace("_", " "), str(value))
        if each.process:
            table.add_row("version", str(each.process.version))
            table.add_row("steps", "\n".join(each.process.steps))
            if each.process.proposal:
                proposal = each.process.proposal
                table.add_row("to approve", f"{proposal.action.value} by {proposal.who}")
        screen().print(table)


@app.command()
def resolve(
    number: Annotated[str, typer.Argument(help="The document's number on either side.")],
    action: Annotated[Action, typer.Option("--action", help="What to do.")],
    why: Why,
    token: TokenOption,
    operator: OperatorOption = _LOCAL,
    connection: Connection = None,
    adopt: Annotated[str, typer.Option(help="Number of the posting to adopt.")] = "",
    change: Annotated[
        list[str] | None, typer.Option("--set", help="A correction, as name=value; repeatable.")
    ] = None,
) -> None:
    """Decide about a held document. A correction, and giving up above the limit, wait until
    somebody else approved them (--action approve)."""
    values = dict(_pair(text) for text in change or ())

    async def decide(desk: HoldsDesk) -> str:
        document, version = await _one(desk, number, connection)
        done = await desk.resolve(
            document, action, why, number=adopt, values=values, version=version
        )
        return _said(done)

    typer.echo(f"{action.value}: {_at_the_desk(operator, token, decide)}")


@app.command()
def retry(
    cause: Annotated[str, typer.Option("--cause", help="Retry what is held for this cause.")],
    connection: Annotated[str, typer.Option("--connection", help="Of this connection.")],
    who: Annotated[str, typer.Option("--who", help="Who asks for it, for the audit trail.")],
    why: Why,
    per_second: Annotated[float, typer.Option(help="Documents a second.", min=0.01)] = 5.0,
    detach: Annotated[bool, typer.Option("--detach", help="Do not wait for the end.")] = False,
    config: ConfigOption = None,
) -> None:
    """Retry everything held for one cause, as a durable workflow that outlives this terminal."""
    settings = load_settings(config)
    told = asyncio.run(
        bulk_retry(settings, connection, cause, who, why, per_second, wait=not detach)
    )
    typer.echo(told)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="The CSV file to write.")],
    token: TokenOption,
    operator: OperatorOption = _LOCAL,
    connection: Connection = None,
    cause: Cause = None,
) -> None:
    """Write what is held into a CSV file, with empty columns for decisions."""
    documents = _at_the_desk(operator, token, lambda desk: _all(desk, connection, cause))
    make_private(file)
    with file.open("w", newline="", encoding="utf-8") as out:
        typer.echo(f"{sheet.write(documents, out)} rows in {file}")


@app.command("import")
def bring_in(
    file: Annotated[Path, typer.Argument(help="The CSV file with decisions.", exists=True)],
    token: TokenOption,
    operator: OperatorOption = _LOCAL,
    go_on: Annotated[
        bool,
        typer.Option("--continue", help="Pass over what is not held any more as the file says."),
    ] = False,
) -> None:
    """Carry out the decisions of a CSV file. Every row is checked before the first is done; what
    became of each is printed. Code 1 when one was refused."""

    async def carry_out(desk: HoldsDesk) -> bool:
        held = {sheet.place(d): d for d in await _all(desk, None, None)}
        with file.open(newline="", encoding="utf-8-sig") as lines:
            checked = sheet.read(lines, held, pass_over=go_on)
        for problem in checked.passed_over:
            typer.echo(f"passed over: {problem}")
        taken = [await _taken(desk, row) for row in checked.decided]
        typer.echo(f"{sum(taken)} decisions accepted")
        return all(taken)

    if not _at_the_desk(operator, token, carry_out):
        raise typer.Exit(1)


async def _taken(desk: HoldsDesk, row: sheet.Decided) -> bool:
    """Carry out one row and say what became of it. A refusal does not keep the others."""
    what = f"row {row.row}: {row.action.value} {row.document.kind} {row.document.number}"
    try:
        done = await desk.resolve(
            row.document,
            row.action,
            row.why,
            number=row.number,
            values=row.values,
            version=await desk.version(row.document),
            key=row.key,
        )
    except Refusal as refused:
        typer.echo(f"{what}: refused: {refused}")
        return False
    typer.echo(f"{what}: {_said(done)}")
    return True


def _said(done: Resolved) -> str:
    return "waits for a second person to approve it" if done.needs_approval else "accepted"


async def _all(desk: HoldsDesk, connection: str | None, cause: str | None) -> list[DocumentView]:
    return [document async for document in desk.held(connection, cause)]


async def _one(
    desk: HoldsDesk, number: str, connection: str | None
) -> tuple[DocumentView, int | None]:
    found = [each for each in await desk.find(number, connection) if each.process]
    if len(found) != 1:
        hint = "; say which with --connection" if found and connection is None else ""
        raise Refusal(f"{len(found)} documents in work have the number {number}{hint}")
    process = found[0].process
    return found[0].document, process.version if process else None


def _at_the_desk(operator: str, token: str, work: Callable[[HoldsDesk], Awaitable[T]]) -> T:
    async def run() -> T:
        async with _desk(operator, token) as desk:
            return await work(desk)

    return asyncio.run(run())


@asynccontextmanager
async def _desk(operator: str, token: str) -> AsyncIterator[HoldsDesk]:
    if is_clear_text(operator, Network()):
        raise Refusal("your token would go there in clear text: the address must be https")
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=operator, headers=headers, timeout=30) as http:
        yield HoldsDesk(http)


def _age(document: DocumentView) -> str:
    if document.held_since is None:
        return ""
    hours = (datetime.now(UTC) - document.held_since).total_seconds() / 3600
    return f"{hours / 24:.0f} d" if hours >= 48 else f"{hours:.1f} h"


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise Refusal(f"--set {text!r} must be name=value")
    return name, value
