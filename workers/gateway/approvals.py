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
from documents.review import Answer, ApprovalNeed
from store.seal import Seal
from workers.access.audit import audit
from workers.answers import Answers, ExpenseView, NotTaken
from workers.doors import DoorSettings
from workers.gateway.limits import read_body
from workers.gateway.outcomes import Refused

_PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>{title}</title></head>'
    "<body><h1>{title}</h1>{body}</body></html>"
)
_FORM = (
    '<form method="post"><p><label>Comment (a rejection needs one)<br>'
    '<textarea name="comment" rows="3" cols="60" maxlength="1000"></textarea></label></p>'
    '<p><button name="answer" value="approve">Approve</button> '
    '<button name="answer" value="reject">Reject</button></p></form>'
)
_MOST = 8192

_Endpoint = Callable[[Request], Awaitable[Response]]


def approval_routes(client: Client, seal: Seal, door: DoorSettings) -> list[Route]:
    """The route; what is shown and decided goes through the expense's process."""
    page = ApprovalPage(client, seal, door)
    return [Route("/approvals/{token}", page.serve, methods=["GET", "POST"], name="approvals")]


class ApprovalPage:
    """Shows an expense to who was sent a link, and takes the answer."""

    def __init__(self, client: Client, seal: Seal, door: DoorSettings) -> None:
        self._client = client
        self._seal = seal
        self._door = door

    async def serve(self, request: Request) -> Response:
        """GET shows, POST decides; the token stands in no log."""
        try:
            link = read(request.path_params["token"], self._seal, datetime.now(UTC))
        except LinkBroken as error:
            return _page(403, "This link does not work", str(error))
        try:
            return await self._answered(request, link)
        except NotTaken as error:
            return _page(409, "Your answer was not taken", str(error))
        except (RPCError, RuntimeError, TimeoutError):
            return _page(503, "Please try again", "The house does not answer at the moment.")

    async def _answered(self, request: Request, link: Link) -> Response:
        answers = Answers(self._client, self._seal, link.connection)
        view = await answers.view(link.source_id)
        need = view.approval.need if view else None
        if view is None or need is None:
            return _page(410, "Nothing is asked of you any more", "It was answered or withdrawn.")
        if need.version != link.version:
            return _page(410, "This link is about an older version", "A new link was sent.")
        who = person_of(link, need.approvers, self._seal)
        if not who:
            return _page(403, "This link does not work", "Others are asked to answer now.")
        if request.method == "POST":
            return await self._decide(request, link, who, answers)
        return _shown(view, need, who)

    async def _decide(self, request: Request, link: Link, who: str, answers: Answers) -> Response:
        try:
            body = await read_body(request, _MOST, self._door.body_seconds)
            form = parse_qs(body.decode("utf-8"), max_num_fields=10)
            answer = Answer(form.get("answer", [""])[0])
        except (Refused, ValueError):
            return _page(400, "Your answer was not understood", "Use one of the two buttons.")
        comment = form.get("comment", [""])[0]
        taken = await answers.give(link.source_id, answer, who, link.version, comment)
        audit("approval by link", _shortened(link.who), "done", answer=taken.answer.value)
        more = f"Level {taken.level} of {taken.levels}." if taken.levels > 1 else ""
        return _page(200, f"Thank you: {taken.answer.value}", more or "You can close this page.")


def _shortened(mark: str) -> str:
    """As much of a person's mark as tells them from others in the audit log."""
    return mark.rpartition(":")[2][:12]


def _shown(view: ExpenseView, need: ApprovalNeed, who: str) -> Response:
    status = view.status
    facts = [
        ("Expense", status.document_number),
        ("Amount", status.amount),
        ("Claimed by", need.claimant),
        ("Level", f"{need.level} of {need.levels}"),
        ("You are", who),
        *(("The policy found", found) for found in view.approval.findings),
    ]
    rows = "".join(f"<tr><th>{escape(n)}</th><td>{escape(v)}</td></tr>" for n, v in facts)
    page = _PAGE.format(title="An expense waits for you", body=f"<table>{rows}</table>{_FORM}")
    return HTMLResponse(page)


def _page(status: int, title: str, text: str) -> Response:
    body = f"<p>{escape(text)}</p>"
    return HTMLResponse(_PAGE.format(title=escape(title), body=body), status)
