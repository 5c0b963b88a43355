"""`tieout expenses list`, `show`, `approve` and `reject`"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from documents.key import Kind
from documents.review import Answer
from store.keyring import KeyRing
from store.seal import Seal
from store.store import Store
from workers import temporal
from workers.access.authorities import concierge
from workers.access.callers import Caller, Forbidden, Role, Unauthenticated
from workers.answers import Answers, ExpenseView, NotTaken
from workers.commands.options import ConfigOption, ConnectionOption, TokenOption
from workers.commands.screen import PlainTable, screen
from workers.opening import open_store
from workers.refusal import Refusal
from workers.settings import AppSettings, load_settings

app = typer.Typer(no_args_is_help=True, help="Expense claims: what waits, and for whose approval.")

ExpenseArgument = Annotated[
    str, typer.Argument(help="The expense's id in FreshBooks, or a claim's.")
]
ButOption = Annotated[
    list[str] | None, typer.Option("--but", help="Expenses of a claim that you reject; repeat.")
]
CommentOption = Annotated[str, typer.Option("--comment", help="What the claimant should know.")]


@app.command("list")
def show_all(connection: ConnectionOption, config: ConfigOption = None) -> None:
    """List the expenses that are not at rest: held, to be approved, or to be paid."""
    table = PlainTable(title=f"Expenses of {connection}", title_justify="left")
    for name in ("expense", "amount", "stage", "reason"):
        table.add_column(name, overflow="fold")
    for view in asyncio.run(_all(load_settings(config), connection)):
        status = view.status
        table.add_row(view.source_id, status.amount, status.stage, status.reason)
    screen().print(table)


@app.command()
def show(
    expense: ExpenseArgument, connection: ConnectionOption, config: ConfigOption = None
) -> None:
    """Show one expense: where it stands, what the policy found, who answered, who has to."""
    view = asyncio.run(_one(load_settings(config), connection, expense))
    table = PlainTable(show_header=False, box=None)
    status, approval = view.status, view.approval
    table.add_row("amount", status.amount)
    table.add_row("stage", status.stage)
    table.add_row("reason", status.reason)
    for each in approval.shown:
        receipt = "with a receipt" if each.receipt else "no receipt"
        table.add_row(
            f"expense {each.expense}",
            f"{each.day}, {each.category}, {each.vendor or 'no vendor'}, {each.amount}, {receipt}",
        )
    for found in approval.findings:
        table.add_row("policy", found)
    for verdict in approval.verdicts:
        said = f"{verdict.answer.value} by {verdict.who} {verdict.comment}".strip()
        table.add_row(f"level {verdict.level}", said)
    if approval.need:
        table.add_row("waits for", " or ".join(approval.need.approvers))
        table.add_row("version", approval.need.version)
    table.add_row("steps", "\n".join(status.steps))
    screen().print(table)


@app.command()
def approve(
    expense: ExpenseArgument,
    connection: ConnectionOption,
    token: TokenOption,
    comment: CommentOption = "",
    but: ButOption = None,
    config: ConfigOption = None,
) -> None:
    """Approve the present version of an expense or claim, as the person whose token it is."""
    said = _Said(Answer.APPROVE, token, comment, tuple(but or ()))
    typer.echo(asyncio.run(_answer(config, connection, expense, said)))


@app.command()
def reject(
    expense: ExpenseArgument,
    connection: ConnectionOption,
    token: TokenOption,
    comment: CommentOption = "",
    config: ConfigOption = None,
) -> None:
    """Reject the present version of an expense; --comment says why."""
    said = _Said(Answer.REJECT, token, comment)
    typer.echo(asyncio.run(_answer(config, connection, expense, said)))


async def _all(settings: AppSettings, connection: str) -> list[ExpenseView]:
    found: list[ExpenseView] = []
    async with _opened(settings, connection) as (answers, store):
        place: tuple[str, str] | None = None
        while page := await store.waiting.page(connection, [Kind.EXPENSE], place):
            views = [await answers.view(each.source_id) for each in page]
            found += [view for view in views if view]
            place = page[-1].place
    return found


async def _one(settings: AppSettings, connection: str, expense: str) -> ExpenseView:
    async with _opened(settings, connection) as (answers, _):
        view = await answers.view(expense)
    if view is None:
        raise Refusal(f"no process follows expense {expense} of {connection}")
    return view


@dataclass(frozen=True)
class _Said:
    answer: Answer
    token: str
    comment: str
    but: tuple[str, ...] = ()


async def _answer(config: Path | None, connection: str, expense: str, said: _Said) -> str:
    settings = load_settings(config)
    async with _opened(settings, connection) as (answers, store):
        caller = await _recognised(settings, store, said.token)
        view = await answers.view(expense)
        need = view.approval.need if view else None
        if need is None:
            raise Refusal(f"expense {expense} does not wait for an approval")
        try:
            taken = await answers.give(
                expense, said.answer, caller.name, need.version, said.comment, said.but
            )
        except NotTaken as error:
            raise Refusal(str(error)) from error
    return f"{taken.answer.value}: level {taken.level} of {taken.levels}, by {taken.who}"


async def _recognised(settings: AppSettings, store: Store, token: str) -> Caller:
    try:
        return await concierge(settings, store.persons).admit(f"Bearer {token}", Role.APPROVER)
    except Unauthenticated as error:
        raise Refusal(
            "nobody with a valid token: tieout person add NAME --role approver"
        ) from error
    except Forbidden as error:
        raise Refusal(str(error)) from error


@asynccontextmanager
async def _opened(settings: AppSettings, connection: str) -> AsyncIterator[tuple[Answers, Store]]:
    seal = Seal(KeyRing.from_source(settings.keys.get_secret_value()))
    client = await temporal.connect(settings)
    async with open_store(settings) as store:
        yield Answers(client, seal, connection), store
