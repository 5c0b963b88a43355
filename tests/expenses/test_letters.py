"""Everybody gets their letter once, whoever's cannot be delivered."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from activities.expenses.letters import deliver, delivered
from connectors.errors import ConnectorError, Misconfigured, Unavailable
from documents.review import Asked

_ASKING = Asked(version="v", level=1, who=("Ada", "Bo", "Cy"), at=datetime(2026, 3, 2, tzinfo=UTC))


class _Office:
    """A mail server that refuses some, and what was remembered of a round."""

    def __init__(self, **refuses: ConnectorError) -> None:
        self.refuses, self.got = refuses, list[str]()
        self.known: Asked | None = None

    async def send(self, name: str) -> bool:
        if name in self.refuses:
            raise self.refuses[name]
        self.got.append(name)
        return name != "Cy"

    async def remember(self, asked: Asked) -> None:
        self.known = asked

    async def deliver(self, asking: Asked = _ASKING) -> str:
        return delivered(*await deliver(asking, self.known, self.send, self.remember))


async def test_a_bad_address_is_told_and_keeps_nobody_waiting() -> None:
    office = _Office(Ada=Misconfigured("mail", "send", "SMTPRecipientsRefused"))
    how = await office.deliver()
    assert office.got == ["Bo", "Cy"]
    assert how == "asked, 1 of 3 by message; cannot be written to, look at the address: Ada"


async def test_a_retry_writes_to_those_only_who_have_no_letter() -> None:
    office = _Office(Bo=Unavailable("mail", "send", "timeout"))
    with pytest.raises(Unavailable):
        await office.deliver()
    assert office.got == ["Ada", "Cy"]
    office.refuses = {}
    await office.deliver()
    assert office.got == ["Ada", "Cy", "Bo"]


async def test_a_reminder_is_a_round_of_its_own() -> None:
    office = _Office()
    await office.deliver()
    await office.deliver(_ASKING.model_copy(update={"times": 2}))
    assert office.got == ["Ada", "Bo", "Cy"] * 2
