"""Registered callbacks and the deliveries waiting for them, both durable."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Mapping

from sandbox.clock import Clock
from sandbox.settings import FreshBooksAccount
from sandbox.storage import Row, Storage
from sandbox.system import WebhookSettings

VERIFY = "callback.verify"
_FIRST_DELIVERY = 90_000_001
# Within how many seconds the neighbours of a delivery overtake it, per place in the window.
_SHUFFLE_STEP = 0.05
_DEFAULT_WINDOW = 10


def sign(fields: Mapping[str, str], verifier: str) -> str:
    """The value of `X-FreshBooks-Hmac-SHA256`.

    HMAC-SHA256, keyed with the callback's verifier, over the form fields as a JSON object in body
    order with Python's default separators, base64 (freshbooks.md, section 7).
    """
    message = json.dumps(dict(fields)).encode()
    return base64.b64encode(hmac.new(verifier.encode(), message, hashlib.sha256).digest()).decode()


class Outbox:
    """Deliveries to be made, and how they are to misbehave."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self.callbacks = storage.table("callbacks")
        self.waiting = storage.table("outbox")
        self._behaviour = storage.table("behaviour")

    def add_event(self, account: FreshBooksAccount, event: str, object_id: str) -> None:
        """Queue the event for every verified callback of the account that listens to it."""
        noun = event.split(".")[0]
        for callback in self.callbacks.values():
            listens = callback["event"] in (event, noun)
            if callback["_account"] == account.account_id and callback["verified"] and listens:
                self._add(callback, {"name": event, "object_id": object_id, **_sender(account)})

    def add_verification(self, account: FreshBooksAccount, callback: Row) -> None:
        """Queue the POST that carries the verifier of a callback."""
        fields = {"name": VERIFY, "object_id": str(callback["callbackid"])}
        fields["verifier"] = callback["_verifier"]
        self._add(callback, {**fields, **_sender(account)})

    def misbehave(self, settings: WebhookSettings) -> None:
        """Change how deliveries from now on misbehave."""
        with self._storage.transaction():
            first = self._storage.counter("delivery", _FIRST_DELIVERY)
            self._behaviour["webhooks"] = {"settings": settings.model_dump(), "first": first}

    def drop_events(self) -> list[str]:
        """Remove every waiting event, and say which; verifications stay."""
        events = [k for k, row in self.waiting.items() if row["fields"]["name"] != VERIFY]
        with self._storage.transaction():
            for key in events:
                del self.waiting[key]
        return events

    def plan(self, key: str) -> list[float]:
        """The delays in seconds after which the copies of a delivery are sent; none if it is lost.

        A verification is never lost, because a person asked for it. The decisions depend on the
        seed and the number of the delivery only.
        """
        if self.waiting[key]["fields"]["name"] == VERIFY or "webhooks" not in self._behaviour:
            return [0.0]
        row = self._behaviour["webhooks"]
        settings = WebhookSettings.model_validate(row["settings"])
        chance = random.Random(f"{settings.seed}:{int(key) - row['first']}")
        if chance.random() < settings.drop:
            return []
        copies = chance.randint(1, max(1, settings.duplicate))
        window = _DEFAULT_WINDOW if settings.reorder is True else int(settings.reorder)
        most = settings.delay + window * _SHUFFLE_STEP
        return [chance.uniform(0, most) for _ in range(copies)]

    def _add(self, callback: Row, fields: dict[str, str]) -> None:
        key = str(self._storage.counter("delivery", _FIRST_DELIVERY))
        self.waiting[key] = {
            "callback": str(callback["callbackid"]),
            "uri": callback["uri"],
            "fields": fields,
            "at": self._clock.now().isoformat(),
        }


def _sender(account: FreshBooksAccount) -> dict[str, str]:
    return {
        "account_id": account.account_id,
        "business_id": str(account.business_id),
        "identity_id": str(account.identity_id),
        "user_id": "1",
    }
