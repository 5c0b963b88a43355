"""What the errands beside the documents take and give: sweep, backfill, alerts.

As activities.signatures this is all that workflows know of them, and it imports nothing more.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date, datetime

from pydantic import AwareDatetime
from temporalio import activity

from activities.signatures import Contract, StepRequest, StepResult
from documents.money import Money

SWEPT_KINDS = (
    *("payment", "invoice", "credit_note", "expense"),
    *("bill_payment", "bill", "client"),
)
"""The listings of a source that a sweep reads, in this order."""


class SweepInput(Contract):
    """Start of a sweep: the connection and the systems that own its task queues."""

    connection: str
    source: str = "freshbooks"
    target: str = "nav"


class SweepRequest(Contract):
    """Hand over what changed in one listing of the source."""

    connection: str
    source: str
    kind: str


class Swept(Contract):
    """What a listing brought: rows read, and processes told because they had something new."""

    kind: str
    listed: int = 0
    told: int = 0
    since: AwareDatetime | None = None


class WebhookCheck(Contract):
    """What was found out about the webhooks: events that work, and what was done about others."""

    working: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()
    checked: bool = True


class Woken(Contract):
    """Documents that are held or in flight, and how many of them were told to look again;
    `changed` were told because the target said that something happened to them. `untracked` says
    why a target that could tell so did not."""

    waiting: int = 0
    told: int = 0
    changed: int = 0
    untracked: str = ""


class SweepResult(Contract):
    """What one sweep did."""

    listings: tuple[Swept, ...] = ()
    webhooks: WebhookCheck = WebhookCheck()
    woken: Woken = Woken()


class BackfillInput(Contract):
    """Start of a backfill: everything of the source dated on `since` or later. A dry run posts
    nowhere. `progress` is what an earlier run of the same backfill came to."""

    connection: str
    since: date
    dry_run: bool = False
    source: str = "freshbooks"
    target: str = "nav"
    progress: BackfillProgress | None = None


class Line(Contract):
    """Documents of one kind and outcome in one currency; `amount` is their sum."""

    kind: str
    outcome: str
    currency: str = ""
    number: int = 0
    amount: Money | None = None


class Example(Contract):
    """One document that needs a person, by its number at the source, and the reason."""

    kind: str
    number: str
    outcome: str
    reason: str


class Opening(Contract):
    """Opening balances of one currency on both sides: what is open of documents before the
    cut-over date, credits taken off."""

    currency: str
    source: Money
    target: Money | None = None

    @property
    def ties(self) -> bool:
        """Whether both sides are the same to the cent."""
        return self.target is not None and self.source == self.target


class BackfillProgress(Contract):
    """How far a backfill has come. `kind` and `after` are where it goes on; `expected` is how many
    documents there are as far as is known; `lines` what became of them so far, `examples` the
    first of those that need a person."""

    kind: str = ""
    after: str = ""
    pages: int = 0
    documents: int = 0
    expected: int = 0
    lines: tuple[Line, ...] = ()
    examples: tuple[Example, ...] = ()
    opening: tuple[Opening, ...] = ()
    done: bool = False


class BackfillRequest(Contract):
    """One page of a backfill."""

    connection: str
    source: str
    kind: str
    since: date
    after: str = ""
    dry_run: bool = False


class BackfillPage(Contract):
    """What became of the documents of a page, and where the next one is (empty: nowhere)."""

    after: str = ""
    documents: int = 0
    total: int = 0
    lines: tuple[Line, ...] = ()
    examples: tuple[Example, ...] = ()
    opening: tuple[Opening, ...] = ()


class AlertsInput(Contract):
    """Start of a round of alerts. Without `now` it is the time of the look."""

    connection: str
    source: str = "freshbooks"
    now: datetime | None = None


class Told(Contract):
    """What a round of alerts said: by channel, the causes that are new, still there, solved."""

    causes: tuple[str, ...] = ()
    messages: int = 0


class SweepSteps(ABC):
    """The steps of a sweep."""

    @activity.defn(name="sweep changes")
    @abstractmethod
    async def sweep_changes(self, request: SweepRequest) -> Swept: ...

    @activity.defn(name="check webhooks")
    @abstractmethod
    async def check_webhooks(self, request: SweepInput) -> WebhookCheck: ...

    @activity.defn(name="wake what waits")
    @abstractmethod
    async def wake_what_waits(self, request: SweepInput) -> Woken: ...


class LinkSteps(ABC):
    """Steps for documents of before the cut-over, whose entries the target has already."""

    @activity.defn(name="link invoice")
    @abstractmethod
    async def link_invoice(self, request: StepRequest) -> StepResult: ...

    @activity.defn(name="link credit note")
    @abstractmethod
    async def link_credit_note(self, request: StepRequest) -> StepResult: ...


class BackfillSteps(ABC):
    """The steps of a backfill."""

    @activity.defn(name="backfill page")
    @abstractmethod
    async def backfill_page(self, request: BackfillRequest) -> BackfillPage: ...

    @activity.defn(name="rehearse page")
    @abstractmethod
    async def rehearse_page(self, request: BackfillRequest) -> BackfillPage: ...

    @activity.defn(name="opening balances")
    @abstractmethod
    async def opening_balances(self, request: BackfillRequest) -> BackfillPage: ...


class AlertSteps(ABC):
    """The one step of a round of alerts."""

    @activity.defn(name="tell of trouble")
    @abstractmethod
    async def tell_of_trouble(self, request: AlertsInput) -> Told: ...


BackfillInput.model_rebuild()
