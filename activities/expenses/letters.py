"""What approvers and claimants are told, and by whom it is carried."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from activities.context import Connection, Workplace
from activities.expenses.links import Link, mark_of, sign
from activities.signatures_expenses import AskRequest
from policies.expenses.settings import ExpensePolicy, PersonLink


class Post(Protocol):
    """Carries a message to one person, by whatever channels are set up."""

    async def send(self, connection: str, person: PersonLink, subject: str, text: str) -> bool:
        """True when a channel took it, False when there is none for this person. Raises a
        ConnectorError when a channel did not take it: it is tried again."""
        ...


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
