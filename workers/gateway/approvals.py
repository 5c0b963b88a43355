"""`/approvals/{token}`: the page behind a signed link. Only the button decides, because mail
scanners open every link."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from html import escape
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from temporalio.client import Client
from temporalio.service import RPCError

from activities.expenses.links import Link, LinkBroken, person_of, read
from connectors.errors import ConnectorError
from documents.claim import Shown, kind_of
from documents.key import Kind
from documents.review import Answer, ApprovalNeed
from store.seal import Seal
from workers.access.audit import audit
from workers.answers import Answers, ExpenseView, NotTaken
from workers.doors import DoorSettings
from workers.gateway.limits import read_body
from workers.gateway.outcomes import Refused
from workers.gateway.receipts import Receipts

_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>{title}</title></head>'
    "<body><h1>{title}</h1>{body}</body></html>"
)
_FORM = (
    '<form method="post">{expenses}<p><label>Comment (a rejection needs one)<br>'
    '<textarea name="comment" rows="3" cols="60" maxlength="1000"></textarea></label></p>'
    '<p><button name="answer" value="approve">Approve</button> '
    '<button name="answer" value="reject">Reject</button></p></form>'
)
_MOST = 16384
_MOST_FIELDS = 500
_INLINE = {"Content-Disposition": "inline"}

_Endpoint = Callable[[Request], Awaitable[Response]]


def approval_routes(
    client: Client, seal: Seal, door: DoorSettings, receipts: Receipts | None = None
) -> list[Route]:
    """The routes; what is shown and decided goes through the process of the expense or claim."""
    page = ApprovalPage(client, seal, door, receipts)
    return [
        Route("/approvals/{token}", page.serve, methods=["GET", "POST"], name="approvals"),
        Route("/approvals/{token}/receipts/{expense}", page.receipt, name="receipts"),
    ]


class ApprovalPage:
    """Shows an expense to who was sent a link, and takes the answer."""

    def __init__(
        self, client: Client, seal: Seal, door: DoorSettings, receipts: Receipts | None = None
    ) -> None:
        self._client = client
        self._seal = seal
        self._door = door
        self._receipts = receipts

    async def serve(self, request: Request) -> Response:
        """GET shows, POST decides; the token stands in no log."""
        return await self._guarded(request, self._answered)

    async def receipt(self, request: Request) -> Response:
        """The receipt of an expense that is asked about, fetched for who was sent the link."""
        return await self._guarded(request, self._fetched)

    async def _guarded(
        self, request: Request, act: Callable[[Request, Link], Awaitable[Response]]
    ) -> Response:
        try:
            link = read(request.path_params["token"], self._seal, datetime.now(UTC))
        except LinkBroken as error:
            return _page(403, "This link does not work", str(error))
        try:
            return await act(request, link)
        except NotTaken as error:
            return _page(409, "Your answer was not taken", str(error))
        except (RPCError, RuntimeError, TimeoutError, ConnectorError):
            return _page(503, "Please try again", "The house does not answer at the moment.")

    async def _answered(self, request: Request, link: Link) -> Response:
        found = await self._opened(link)
        if isinstance(found, Response):
            return found
        view, need, who = found
        if request.method == "POST":
            return await self._decide(request, link, who)
        return _shown(view, need, who, request.path_params["token"])

    async def _fetched(self, request: Request, link: Link) -> Response:
        found = await self._opened(link)
        if isinstance(found, Response):
            return found
        expense = request.path_params["expense"]
        asked = any(e.expense == expense and e.receipt for e in found[0].approval.shown)
        if not asked or self._receipts is None:
            return _page(404, "There is no receipt", "Nothing is asked about such an expense.")
        file = await self._receipts.fetch(link.connection, expense)
        if file is None:
            return _page(404, "There is no receipt", "It is not there, or no picture or PDF.")
        audit("receipt by link", _shortened(link.who), "done")
        return Response(file[1], media_type=file[0], headers=_INLINE)

    async def _opened(self, link: Link) -> tuple[ExpenseView, ApprovalNeed, str] | Response:
        """What a link opens and for whom; or the page that says why it opens nothing."""
        view = await self._answers(link).view(link.source_id)
        need = view.approval.need if view else None
        if view is None or need is None:
            return _page(410, "Nothing is asked of you any more", "It was answered or withdrawn.")
        if need.version != link.version:
            return _page(410, "This link is about an older version", "A new link was sent.")
        who = person_of(link, need.approvers, self._seal)
        if not who:
            return _page(403, "This link does not work", "Others are asked to answer now.")
        return view, need, who

    def _answers(self, link: Link) -> Answers:
        return Answers(self._client, self._seal, link.connection)

    async def _decide(self, request: Request, link: Link, who: str) -> Response:
        try:
            body = await read_body(request, _MOST, self._door.body_seconds)
            form = parse_qs(body.decode("utf-8"), max_num_fields=_MOST_FIELDS)
            answer = Answer(form.get("answer", [""])[0])
        except (Refused, ValueError):
            return _page(400, "Your answer was not understood", "Use one of the two buttons.")
        comment = form.get("comment", [""])[0]
        but = tuple(form.get("but", ())) if answer is Answer.APPROVE else ()
        taken = await self._answers(link).give(
            link.source_id, answer, who, link.version, comment, but
        )
        audit("approval by link", _shortened(link.who), "done", answer=taken.answer.value)
        more = f"Level {taken.level} of {taken.levels}." if taken.levels > 1 else ""
        return _page(200, f"Thank you: {taken.answer.value}", more or "You can close this page.")


def _shortened(mark: str) -> str:
    """As much of a person's mark as tells them from others in the audit log."""
    return mark.rpartition(":")[2][:12]


def _shown(view: ExpenseView, need: ApprovalNeed, who: str, token: str) -> Response:
    is_claim = kind_of(view.source_id) is Kind.EXPENSE_CLAIM
    facts = [
        ("Claim" if is_claim else "Expense", view.status.document_number),
        ("Amount", view.status.amount),
        ("Claimed by", need.claimant),
        ("Level", f"{need.level} of {need.levels}"),
        ("You are", who),
    ]
    rows = "".join(f"<tr><th>{escape(n)}</th><td>{escape(v)}</td></tr>" for n, v in facts)
    listed = "".join(_row(each, token, is_claim=is_claim) for each in view.approval.shown)
    head = "".join(f"<th>{name}</th>" for name in (*_COLUMNS, *(("Reject",) if is_claim else ())))
    table = f'<table border="1" cellpadding="6"><tr>{head}</tr>{listed}</table>'
    title = "A claim waits for you" if is_claim else "An expense waits for you"
    body = f"<table>{rows}</table>{_FORM.format(expenses=table)}"
    return HTMLResponse(_PAGE.format(title=title, body=body))


_COLUMNS = ("Expense", "Date", "Category", "Vendor", "Amount", "Tax", "Notes", "Found", "Receipt")


def _row(shown: Shown, token: str, *, is_claim: bool) -> str:
    """One expense; those of a claim can be rejected one by one."""
    texts = [shown.expense, str(shown.day), shown.category, shown.vendor, str(shown.amount)]
    texts += [str(shown.tax), shown.notes, "; ".join(shown.findings)]
    cells = [escape(text) for text in texts]
    address = f"{escape(token)}/receipts/{escape(shown.expense)}"
    cells.append(f'<a href="{address}" target="_blank">open</a>' if shown.receipt else "none")
    if is_claim:
        value = escape(shown.expense)
        cells.append(f'<input type="checkbox" name="but" value="{value}" title="not this one">')
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _page(status: int, title: str, text: str) -> Response:
    body = f"<p>{escape(text)}</p>"
    return HTMLResponse(_PAGE.format(title=escape(title), body=body), status)
