"""What approvers and claimants are told, and by whom it is carried."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Protocol

from activities.context import Connection, Workplace
from activities.expenses.links import Link, mark_of, sign
from activities.signatures_expenses import AskRequest
from connectors.errors import ConnectorError, Misconfigured, Rejected
from documents.review import Asked
from policies.expenses.settings import ExpensePolicy, PersonLink

_LOG = logging.getLogger("tieout.letters")


class Post(Protocol):
    """Carries a message to one person, by whatever channels are set up."""

    async def send(self, connection: str, person: PersonLink, subject: str, text: str) -> bool:
        """True when a channel took it, False when there is none for this person. Raises a
        ConnectorError when a channel did not take it: it is tried again."""
        ...


async def deliver(
    asking: Asked,
    known: Asked | None,
    send: Callable[[str], Awaitable[bool]],
    remember: Callable[[Asked], Awaitable[None]],
) -> tuple[Asked, int]:
    """Send each person their letter, and remember it before the next: a retry sends to those who
    have none yet. An address that the mail server refuses keeps nobody else from theirs; what
    failed for the moment is raised when everybody else has theirs. Returns who has what, and how
    many letters were sent now."""
    asked, sent = (known if known and asking.is_same_round(known) else asking), 0
    failed: ConnectorError | None = None
    for name in (n for n in asking.who if n not in (*asked.told, *asked.unreachable)):
        try:
            sent += await send(name)
        except (Misconfigured, Rejected) as error:
            _LOG.error("an approver cannot be written to", extra={"reason": error.message})
            asked = asked.model_copy(update={"unreachable": (*asked.unreachable, name)})
        except ConnectorError as error:
            failed = error
            continue
        else:
            asked = asked.model_copy(update={"told": (*asked.told, name)})
        await remember(asked)
    if failed is not None:
        raise failed
    return asked, sent


def delivered(asked: Asked, sent: int) -> str:
    """What became of the letters, in words."""
    how = f"asked, {sent} of {len(asked.who)} by message"
    refused = ", ".join(asked.unreachable)
    return f"{how}; cannot be written to, look at the address: {refused}" if refused else how


async def ask(
    place: Workplace,
    post: Post,
    connection: Connection,
    policy: ExpensePolicy,
    request: AskRequest,
    name: str,
) -> bool:
    """Write to one approver; False when there is no address for them."""
    person = policy.person(name) or PersonLink(name=name)
    subject, text = request_text(place, connection, policy, request, person)
    return await post.send(connection.name, person, subject, text)


def request_text(
    place: Workplace,
    connection: Connection,
    policy: ExpensePolicy,
    request: AskRequest,
    person: PersonLink,
) -> tuple[str, str]:
    """Subject and text for one approver: what it is, the link, and the command that does it."""
    need, document = request.need, request.document
    again = "Reminder: " if request.asking.times > 1 else ""
    subject = f"{again}{request.what} waits for your approval"
    lines = [
        f"{subject}.",
        f"Level {need.level} of {need.levels}; claimed by {need.claimant or 'the company'}.",
    ]
    if connection.approval_url:
        link = Link(
            connection=document.connection,
            source_id=document.source_id,
            version=need.version,
            who=mark_of(person.name, place.seal),
            until=place.now() + timedelta(hours=policy.link_hours),
        )
        lines.append(f"Answer here: {connection.approval_url}/{sign(link, place.seal)}")
    lines.append(
        f"Or: tieout expenses approve {document.source_id} --connection {document.connection}"
    )
    return subject, "\n".join(lines)
