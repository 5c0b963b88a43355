"""Webhook registrations at the source: what should be there, what is, and closing the gap."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from connectors.ports import CallbackState

EVENTS = ("invoice", "payment", "credit_note", "client.update", "client.delete")
"""What we subscribe to. A noun alone means all its verbs (FreshBooks callbacks; reference
section 7). A new client concerns no document yet."""

OF_EXPENSES = ("expense",)
OF_BILLS = ("bill",)
"""What we subscribe to besides where expenses and bills are handled: each needs a scope of its
own. FreshBooks has no event of a bill payment: the sweep finds those."""

_PATIENCE_SECONDS = 60.0


class WebhookState(StrEnum):
    """How a subscription stands, with what follows from it."""

    WORKING = "working"
    UNVERIFIED = "not verified: no events are delivered yet"
    KEY_MISSING = "verified, but its key is not in our store: its events are refused"
    MISSING = "not registered"
    ELSEWHERE = "registered for another address"


class CallbackPort(Protocol):
    """The part of a source that knows about webhooks (see connectors.ports.SourcePort)."""

    async def callbacks(self) -> list[CallbackState]: ...

    async def register_callback(self, event: str, uri: str) -> CallbackState: ...

    async def resend_verification(self, callback_id: str) -> None: ...


class Verifiers(Protocol):
    """The keys that deliveries are signed with."""

    async def active(self, connection: str) -> Sequence[tuple[str, str, str]]: ...


class Turns(Protocol):
    """Leases: one holder at a time among all processes."""

    def hold(
        self, name: str, ttl: float = ..., patience: float | None = ...
    ) -> AbstractAsyncContextManager[str]: ...


class CallbackStore(Protocol):
    """The part of our store that keeps verifiers and turns."""

    @property
    def callbacks(self) -> Verifiers: ...

    @property
    def leases(self) -> Turns: ...


@dataclass(frozen=True)
class WebhookRow:
    """One subscription, as people see it. `needed` is not set for what the account has besides;
    `did` says what `register` did about it, if anything."""

    event: str
    callback_id: str
    uri: str
    state: WebhookState
    did: str = ""
    needed: bool = True


def events_of(*, expenses: bool, bills: bool) -> tuple[str, ...]:
    """The events of a connection, whose token must have the scope of each."""
    return (*EVENTS, *(OF_EXPENSES if expenses else ()), *(OF_BILLS if bills else ()))


async def status(
    connection: str,
    source: CallbackPort,
    store: CallbackStore,
    uri: str,
    events: Sequence[str],
) -> list[WebhookRow]:
    """Every subscription that we need, then those the account has besides; nothing is changed.

    Raises the errors of the source and the store.
    """
    there = await source.callbacks()
    keys = {callback_id for callback_id, _, _ in await store.callbacks.active(connection)}
    wanted = [_row(event, uri, there, keys) for event in events]
    shown = {row.callback_id for row in wanted}
    others = [c for c in there if c.callback_id not in shown]
    return wanted + [_besides(c, uri, keys) for c in others]


async def register(
    connection: str,
    source: CallbackPort,
    store: CallbackStore,
    uri: str,
    events: Sequence[str],
) -> list[WebhookRow]:
    """Register what is missing and have the verification of what does not work sent again.

    FreshBooks then calls the gateway, which must be running and reachable at `uri`, and a worker
    confirms. Running it again is harmless, at the same time elsewhere too: no event and address
    is registered twice. Raises as `status` does, and LeaseHeld when others take too long.
    """
    async with store.leases.hold(f"webhooks/{connection}", patience=_PATIENCE_SECONDS):
        rows = await status(connection, source, store, uri, events)
        return [await _mend(row, source, uri) if row.needed else row for row in rows]


async def _mend(row: WebhookRow, source: CallbackPort, uri: str) -> WebhookRow:
    if row.state is WebhookState.MISSING:
        made = await source.register_callback(row.event, uri)
        return WebhookRow(
            row.event, made.callback_id, uri, WebhookState.UNVERIFIED, "registered now"
        )
    if row.state in (WebhookState.UNVERIFIED, WebhookState.KEY_MISSING):
        # The code comes with the verification, and is the key of every later delivery.
        await source.resend_verification(row.callback_id)
        return WebhookRow(row.event, row.callback_id, uri, row.state, "asked to verify again")
    return row


def _row(event: str, uri: str, there: Sequence[CallbackState], keys: set[str]) -> WebhookRow:
    """The best of what is registered for an event at our address, or that there is none."""
    ours = [c for c in there if c.event == event and c.uri == uri]
    if not ours:
        return WebhookRow(event, "", uri, WebhookState.MISSING)
    rows = [WebhookRow(event, c.callback_id, uri, _state(c, keys)) for c in ours]
    return next((row for row in rows if row.state is WebhookState.WORKING), rows[0])


def _besides(callback: CallbackState, uri: str, keys: set[str]) -> WebhookRow:
    state = _state(callback, keys) if callback.uri == uri else WebhookState.ELSEWHERE
    return WebhookRow(callback.event, callback.callback_id, callback.uri, state, needed=False)


def _state(callback: CallbackState, keys: set[str]) -> WebhookState:
    if not callback.verified:
        return WebhookState.UNVERIFIED
    known = callback.callback_id in keys
    return WebhookState.WORKING if known else WebhookState.KEY_MISSING
