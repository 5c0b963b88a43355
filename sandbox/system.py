"""What every stand-in offers to the sandbox around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

Kind = Literal["customer", "invoice", "credit_memo", "payment", "expense", "order"]


@dataclass(frozen=True)
class JournalRow:
    """One committed document in its present state, as `GET /journal/{system}` shows it.

    `key` is our reference as that system stored it, `document` the FreshBooks number or id that the
    document stands for, `amount` gross, a decimal string in `currency`, `at` ISO 8601 in UTC.
    `extra` is merged into the JSON object.
    """

    kind: Kind
    key: str
    number: str
    state: str
    currency: str
    amount: str
    party: str
    document: str
    at: str
    extra: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The row as one flat JSON object."""
        return {
            "kind": self.kind,
            "key": self.key,
            "number": self.number,
            "state": self.state,
            "currency": self.currency,
            "amount": self.amount,
            "party": self.party,
            "document": self.document,
            "at": self.at,
            **self.extra,
        }


class OperatorSettings(BaseModel):
    """What the clerk or batch job of a target does with documents that were created.

    `after` is in real seconds; `reason` is the text a refused document carries.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    posting: Literal["auto", "refuse", "wait"] = "auto"
    after: float = Field(default=0.0, ge=0, le=86400)
    reason: str = ""


class WebhookSettings(BaseModel):
    """How deliveries misbehave; the defaults are normal behaviour.

    `drop` is the probability of loss; `duplicate` the most copies of one delivery (1 or less: no
    duplicates); `reorder` true, or the number of deliveries within which the order is shuffled;
    `delay` the most real seconds a delivery waits. The same `seed` misbehaves in the same way.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    drop: float = Field(default=0.0, ge=0, le=1)
    duplicate: int = Field(default=1, ge=0, le=100)
    reorder: bool | int = False
    delay: float = Field(default=0.0, ge=0, le=3600)
    seed: int = 0


class NotOfferedError(Exception):
    """The system has no such thing, for example a source has no clerk who posts."""


class System(Protocol):
    """A stand-in: an ASGI application with books behind it.

    It gets a `Storage` of its own and the shared `Clock` when it is built. The request log and the
    faults are put around `app` by the sandbox server.
    """

    name: str

    @property
    def app(self) -> ASGIApp:
        """The application; a plain attribute will do."""
        ...

    def journal(self) -> list[JournalRow]:
        """Everything committed, one row per document."""
        ...

    def operator(self, settings: OperatorSettings) -> None:
        """Change what the clerk does, durably; raises NotOfferedError where there is none."""
        ...

    def reset(self) -> None:
        """Empty the books; users, companies, tokens and registered callbacks stay."""
        ...

    def error(self, status: int, request: Request) -> Response:
        """The body with which this system answers `status` to such a request (fault `status`)."""
        ...

    async def start(self) -> None:
        """Start background work; called after the port is open."""
        ...

    async def stop(self) -> None:
        """End background work; nothing committed may be lost."""
        ...


@runtime_checkable
class Fronted(Protocol):
    """A stand-in that is reached through another server, which speaks when it loses this one."""

    def cut_off(self, status: int, request: Request) -> Response:
        """What the server in front answers when it lost this one in the middle of a call."""
        ...


@runtime_checkable
class WebhookSender(Protocol):
    """A stand-in that calls others when something changes."""

    def webhooks(self, settings: WebhookSettings) -> None:
        """Change how deliveries misbehave, durably."""
        ...
