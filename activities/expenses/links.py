"""Signed links: an approver's answer to one version, for a while, from a mail or a message."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from datetime import UTC, datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from store.seal import Seal

_PURPOSE = "approval link"
_PERSON = "person of an approval link"
_LONGEST = 2048


class LinkBroken(ValueError):
    """A link that nobody made here, or that has expired; the text may be shown."""


class Link(BaseModel):
    """What a link is about: which version of which expense, who may answer, until when (UTC).

    `who` is a mark that only our keys can tell the person of: addresses stand in the logs of
    every proxy on the way. It works once because an approver answers a version once, by whatever
    door.
    """

    model_config = ConfigDict(frozen=True)

    connection: str
    source_id: str
    version: str
    who: str
    until: AwareDatetime


def mark_of(name: str, seal: Seal) -> str:
    """The mark of a person in links: the same for the same person as long as the key is."""
    return seal.sign(json.dumps([_PERSON, name]))


def person_of(link: Link, names: Iterable[str], seal: Seal) -> str:
    """Which of these people a link was made for; empty when none of them."""
    marks = {name: json.dumps([_PERSON, name]) for name in names}
    return next((name for name, text in marks.items() if seal.verify(text, link.who)), "")


def sign(link: Link, seal: Seal) -> str:
    """The link as a token for an address: nothing in it is secret, the seal makes it ours."""
    text = link.model_dump_json()
    return f"{_encoded(text)}.{_encoded(seal.sign(_sealed(text)))}"


def read(token: str, seal: Seal, now: datetime) -> Link:
    """What a token says. LinkBroken when it is not ours or has expired."""
    body, _, mark = token.partition(".")
    if len(token) > _LONGEST or not mark:
        raise LinkBroken("this is no link of ours")
    try:
        text = _decoded(body)
        genuine = seal.verify(_sealed(text), _decoded(mark))
        link = Link.model_validate_json(text) if genuine else None
    except (ValueError, ValidationError):
        link = None
    if link is None:
        raise LinkBroken("this is no link of ours")
    if link.until < now.astimezone(UTC):
        raise LinkBroken("this link has expired: a new one comes with the next reminder")
    return link


def _sealed(text: str) -> str:
    """So that a seal of something else can never stand for a link."""
    return json.dumps([_PURPOSE, text])


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decoded(text: str) -> str:
    padded = text + "=" * (-len(text) % 4)
    return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
