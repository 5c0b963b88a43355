"""A round of alerts over a connection: what is found, who is told, and what is remembered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from uuid import uuid4

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment

from activities.alerts import AlertActivities
from activities.context import Connection, Workplace
from activities.errands import AlertsInput, Told
from activities.webhooks import EVENTS
from connectors.errors import ConnectorError, Unauthorized, Unavailable
from connectors.network import Network
from connectors.notices.mail import MailChannel, MailServer
from connectors.notices.ports import Channel
from connectors.notices.slack import SlackChannel
from connectors.ports import CallbackState, SourcePort
from documents.hold import Hold, HoldClass
from documents.key import Kind
from policies.alerting import AlertPolicy
from policies.settings import OrderToCashPolicy
from store.cipher import Cipher
from store.keyring import KeyRing
from store.seal import Seal
from store.store import Store
from tests.alerts.broken import broken_house, eager_temporal
from tests.alerts.sinks import mail_sink, slack_sink
from tests.contracts.ledger import Clock, Ledger
from tests.fresh import fresh_database
from tests.sweep.world import ManyPages, no_mapper

HERE = Network(allow_private=True)
URI = "https://gateway.example.com/webhooks/paper/demo"


@dataclass
class Paper(ManyPages):
    """A source whose webhooks work, until somebody disables one or takes our token away."""

    disabled: str = ""
    trouble: ConnectorError | None = None

    async def callbacks(self) -> list[CallbackState]:
        if self.trouble:
            raise self.trouble
        return [
            CallbackState(str(n), event, URI, verified=event != self.disabled)
            for n, event in enumerate(EVENTS, 1)
        ]


@dataclass
class Watchtower:
    """The step at work: one connection, and the channels that are told."""

    store: Store
    client: Client
    source: Paper = field(default_factory=Paper)
    name: str = field(default_factory=lambda: f"tower-{uuid4().hex[:8]}")
    channels: list[Channel] = field(default_factory=list)
    now: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(minutes=20))

    async def round(self) -> Told:
        place = Workplace({self.name: self._connection()}, self.store, Seal(KeyRing.generate()))
        steps = AlertActivities(place, lambda: self.client, self.channels, AlertPolicy())
        request = AlertsInput(connection=self.name, source="paper", now=self.now)
        told: Told = await ActivityEnvironment().run(steps.tell_of_trouble, request)
        return told

    async def hold(self, number: str, cause: str = "account-unknown") -> None:
        reason = f"Wilhelmina's invoice {number} has no account"
        hold = Hold(cause=cause, hold_class=HoldClass.SETUP, reason=reason)
        await self.store.documents.hold(self.name, Kind.INVOICE, number, hold)

    async def keys(self) -> None:
        """Our store knows the key of every webhook."""
        for number, event in enumerate(EVENTS, 1):
            callbacks = self.store.callbacks
            await callbacks.remember_pending(self.name, str(number), event, URI, f"key {number}")
            await callbacks.activate(self.name, str(number))

    def _connection(self) -> Connection:
        return Connection(
            name=self.name,
            tag="T",
            source=cast(SourcePort, self.source),  # alerts ask for its webhooks only
            target=Ledger(Clock()),
            target_queue=f"ledger.{self.name}",
            policy=OrderToCashPolicy(),
            load_mapper=no_mapper,
            webhook_uri=URI,
        )


@pytest.fixture
async def tower(tmp_path: Path, temporal_env: WorkflowEnvironment) -> AsyncIterator[Watchtower]:
    url = await fresh_database(tmp_path / "store.db")
    async with await Store.open(url, Cipher(KeyRing.generate())) as store:
        tower = Watchtower(store, temporal_env.client)
        await tower.keys()
        yield tower


async def test_a_thousand_holds_of_one_cause_are_one_line_of_one_message(
    tower: Watchtower,
) -> None:
    for number in range(30):
        await tower.hold(str(1_000_000 + number))
    await tower.hold("2000000", "customer-blocked")
    async with slack_sink() as sink:
        tower.channels = [SlackChannel(sink.url, HERE)]
        await tower.round()
        await tower.round()
    (text,) = sink.texts
    assert "NEW held/account-unknown: 30 documents are held" in text
    assert "NEW held/customer-blocked: 1 document is held" in text
    assert "Wilhelmina" not in text


async def test_a_young_hold_is_nobodys_trouble_yet(tower: Watchtower) -> None:
    await tower.hold("1000000")
    tower.now -= timedelta(minutes=10)
    assert (await tower.round()).causes == ()


async def test_trouble_that_is_over_is_told_as_solved(tower: Watchtower) -> None:
    tower.source.disabled = "payment"
    async with mail_sink() as sink:
        server = MailServer("127.0.0.1", sink.port, "none")
        tower.channels = [MailChannel(server, "t@example.com", ("b@example.com",))]
        await tower.round()
        tower.source.disabled = ""
        tower.now += timedelta(hours=1)
        await tower.round()
        await tower.round()
    subjects = [letter["Subject"] for letter in sink.letters]
    assert subjects == [f"Tieout {tower.name}: 1 new", f"Tieout {tower.name}: 1 solved"]
    assert "payment (not verified" in sink.letters[0].get_content()


@pytest.mark.parametrize(
    ("trouble", "cause"),
    [
        (Unauthorized("paper", "list callbacks", "no"), "paper-unauthorized"),
        (Unavailable("paper", "list callbacks", "away"), "paper-unreachable"),
    ],
)
async def test_refused_credentials_and_an_outage_are_told_apart(
    tower: Watchtower, trouble: ConnectorError, cause: str
) -> None:
    tower.source.trouble = trouble
    assert (await tower.round()).causes == (cause,)


async def test_a_silent_source_is_told_of(tower: Watchtower) -> None:
    await tower.store.sightings.looked(tower.name, "invoice", "1", "v1")
    assert (await tower.round()).causes == ()
    tower.now += timedelta(hours=72)
    assert (await tower.round()).causes == ("source-silent",)


async def test_a_channel_that_is_down_is_told_later_and_the_other_not_twice(
    tower: Watchtower,
) -> None:
    await tower.hold("1000000")
    async with slack_sink() as slack, mail_sink() as mail:
        server = MailServer("127.0.0.1", mail.port, "none")
        letters = MailChannel(server, "t@example.com", ("b@example.com",))
        tower.channels = [SlackChannel(slack.url, HERE), letters]
        slack.answers = [(500, "")]
        with pytest.raises(Unavailable):
            await tower.round()
        await tower.round()
    assert (len(slack.texts), len(mail.letters)) == (1, 1)


async def test_processes_that_failed_or_cannot_go_on_are_told_of(tower: Watchtower) -> None:
    async with eager_temporal() as client, broken_house(client) as start:
        tower.client = client
        failing = await start("Fails", tower.name)
        with pytest.raises(WorkflowFailureError):
            await failing.result()
        await start("Broken", tower.name)
        wanted = {"process-failed", "workflow-task-failures"}
        assert await _found(tower, wanted) == wanted


async def _found(tower: Watchtower, wanted: set[str]) -> set[str]:
    """The causes of the first round that has them all; visibility takes its time."""
    found: set[str] = set()
    for _ in range(150):
        found = set((await tower.round()).causes)
        if wanted <= found:
            break
        await asyncio.sleep(0.2)
    return found
