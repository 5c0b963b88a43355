"""Webhook registrations for the command line and the embedded house: see activities.webhooks."""

from __future__ import annotations

from activities import webhooks
from activities.webhooks import EVENTS, CallbackPort, CallbackStore, WebhookRow, WebhookState
from workers.connections import ConnectionSettings
from workers.sources import webhook_uri
from workers.yamlfile import Problem, SettingsError

__all__ = ["EVENTS", "CallbackPort", "CallbackStore", "WebhookRow", "WebhookState"]


async def status(
    connection: ConnectionSettings, source: CallbackPort, store: CallbackStore, public_url: str
) -> list[WebhookRow]:
    """Every subscription that we need, then those the account has besides; nothing is changed.

    Raises SettingsError without a public URL, and the errors of the source and the store.
    """
    uri = _uri(connection, public_url)
    return await webhooks.status(connection.name, source, store, uri, _events(connection))


async def register(
    connection: ConnectionSettings, source: CallbackPort, store: CallbackStore, public_url: str
) -> list[WebhookRow]:
    """Register what is missing and have the verification of what does not work sent again.

    Raises as `status` does.
    """
    uri = _uri(connection, public_url)
    return await webhooks.register(connection.name, source, store, uri, _events(connection))


def _events(connection: ConnectionSettings) -> tuple[str, ...]:
    return webhooks.events_of(
        expenses=connection.expenses is not None, bills=connection.bills is not None
    )


def _uri(connection: ConnectionSettings, public_url: str) -> str:
    if not public_url:
        raise SettingsError(
            Problem(
                "settings",
                "gateway.public_url",
                "",
                "must be the address under which FreshBooks reaches the gateway",
            )
        )
    return webhook_uri(connection, public_url)
