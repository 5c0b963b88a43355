"""The one step of a round of alerts: what is wrong, and who has not been told yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from temporalio import activity
from temporalio.client import Client

from activities.context import Workplace
from activities.errands import AlertsInput, AlertSteps, Told
from activities.findings import Inspector
from connectors.notices.ports import Channel
from documents.alert import Finding
from policies.alerting import AlertPolicy, Notice, decide, subject, text
from store.alerts import Alerts


@dataclass(frozen=True)
class Announcer:
    """Tells one connection's trouble through each channel, which remembers on its own what it
    was told: one that is down is told later, and the others not twice."""

    connection: str
    alerts: Alerts
    policy: AlertPolicy

    async def tell(self, channel: Channel, findings: Sequence[Finding], now: datetime) -> Notice:
        """Send at most one message. What could not be sent is not remembered as told."""
        known = await self.alerts.open_ones(self.connection, channel.name)
        notice = decide(findings, known, self.policy, now)
        if notice.is_news:
            await channel.send(subject(self.connection, notice), text(self.connection, notice))
        for state in notice.states:
            await self.alerts.save(self.connection, channel.name, state)
        for state in notice.solved:
            await self.alerts.forget(self.connection, channel.name, state.cause)
        return notice


@dataclass(frozen=True)
class AlertActivities(AlertSteps):
    """The implementation that the worker registers, for all its connections."""

    place: Workplace
    client: Callable[[], Client]
    channels: Sequence[Channel]
    policy: AlertPolicy

    @activity.defn(name="tell of trouble")
    async def tell_of_trouble(self, request: AlertsInput) -> Told:
        """Look at the connection and tell each channel what it does not know yet. A channel that
        does not take it fails the step after the others were told."""
        now = request.now or self.place.now()
        connection = self.place.connection(request.connection)
        inspector = Inspector(connection, self.place.store, self.client(), self.policy, now)
        findings = await inspector.findings()
        announcer = Announcer(request.connection, self.place.store.alerts, self.policy)
        notices = await asyncio.gather(
            *(announcer.tell(channel, findings, now) for channel in self.channels),
            return_exceptions=True,
        )
        for notice in notices:
            if isinstance(notice, BaseException):
                raise notice
        sent = [n for n in notices if isinstance(n, Notice) and n.is_news]
        return Told(causes=tuple(f.cause for f in findings), messages=len(sent))
