"""`/approvals/{token}`: the page behind a signed link. Only the button decides, because mail
scanners open every link."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from temporalio.client import Client
from temporalio.service import RPCError

from activities.expenses.links import Link, LinkBroken, person_of, read
from connectors.errors import ConnectorError
from documents.review import Answer, ApprovalNeed
from store.seal import Seal
from workers.access.audit import audit
from workers.answers import Answers, ExpenseView, NotTaken
from workers.doors import DoorSettings
from workers.gateway.limits import read_body
from workers.gateway.outcomes import Refused
from workers.gateway.page import asking, page
from workers.gateway.receipts import Receipts

_MOST = 16384
_MOST_FIELDS = 500
_DONE = {Answer.APPROVE: "approved", Answer.REJECT: "rejected"}
_INLINE = {"Content-Disposition": "inline"}

_Endpoint = Callable[[Request], Awaitable[Response]]


def approval_routes(
    client: Client, seal: Seal, door: DoorSettings, receipts: Receipts | None = None
) -> list[Route]:
    """The routes; what is shown and decided goes through the process of the expense or claim."""
    approvals = ApprovalPage(client, seal, door, receipts)
    return [
        Route("/approvals/{token}", approvals.serve, methods=["GET", "POST"], name="approvals"),
        Route("/approvals/{token}/receipts/{expense}", approvals.receipt, name="receipts"),
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
            return page(403, "This link does not work", str(error))
        try:
            return await act(request, link)
        except NotTaken as error:
            return page(409, "Your answer was not taken", str(error))
        except (RPCError, RuntimeError, TimeoutError, ConnectorError):
            return page(503, "Please try again", "The house does not answer at the moment.")

    async def _answered(self, request: Request, link: Link) -> Response:
        found = await self._opened(link)
        if isinstance(found, Response):
            return found
        view, need, who = found
        if request.method == "POST":
            return await self._decide(request, link, who)
        return asking(view, need, who, request.path_params["token"])

    async def _fetched(self, request: Request, link: Link) -> Response:
        found = await self._opened(link)
        if isinstance(found, Response):
            return found
        expense = request.path_params["expense"]
        asked = any(e.expense == expense and e.receipt for e in found[0].approval.shown)
        if not asked or self._receipts is None:
            return page(404, "There is no receipt", "Nothing is asked about such an expense.")
        file = await self._receipts.fetch(link.connection, expense)
        if file is None:
            return page(404, "There is no receipt", "It is not there, or no picture or PDF.")
        audit("receipt by link", _shortened(link.who), "done")
        return Response(file[1], media_type=file[0], headers=_INLINE)

    async def _opened(self, link: Link) -> tuple[ExpenseView, ApprovalNeed, str] | Response:
        """What a link opens and for whom; or the page that says why it opens nothing."""
        view = await self._answers(link).view(link.source_id)
        need = view.approval.need if view else None
        if view is None or need is None:
            return page(410, "Nothing is asked of you any more", "It was answered or withdrawn.")
        if need.version != link.version:
            return page(410, "This link is about an older version", "A new link was sent.")
        who = person_of(link, need.approvers, self._seal)
        if not who:
            return page(403, "This link does not work", "Others are asked to answer now.")
        return view, need, who

    def _answers(self, link: Link) -> Answers:
        return Answers(self._client, self._seal, link.connection)

    async def _decide(self, request: Request, link: Link, who: str) -> Response:
        try:
            body = await read_body(request, _MOST, self._door.body_seconds)
            form = parse_qs(body.decode("utf-8"), max_num_fields=_MOST_FIELDS)
            answer = Answer(form.get("answer", [""])[0])
        except (Refused, ValueError):
            return page(400, "Your answer was not understood", "Use one of the two buttons.")
        comment = form.get("comment", [""])[0]
        but = tuple(form.get("but", ())) if answer is Answer.APPROVE else ()
        taken = await self._answers(link).give(
            link.source_id, answer, who, link.version, comment, but
        )
        audit("approval by link", _shortened(link.who), "done", answer=taken.answer.value)
        more = f"Level {taken.level} of {taken.levels}." if taken.levels > 1 else ""
        return page(200, f"Thank you: {_DONE[taken.answer]}", more or "You can close this page.")


def _shortened(mark: str) -> str:
    """As much of a person's mark as tells them from others in the audit log."""
    return mark.rpartition(":")[2][:12]
