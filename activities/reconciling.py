"""What the steps of a tie-out take and give: all that its workflow knows of them.

Lines and breaks stay in our store; here travel only places, counts and sums.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date

from pydantic import AwareDatetime
from temporalio import activity

from activities.signatures import Contract
from documents.tieout import Check, TieOutSummary


class TieOutInput(Contract):
    """Start of a tie-out. Without a period every open one is tied out, the present month and the
    one before it, as the schedule wants it. `kinds` limits what is read and compared (invoice,
    payment, credit_note, expense, customer): nobody signs such a run; `progress` is what an
    earlier run of the same tie-out came to."""

    connection: str
    period: str = ""
    kinds: tuple[str, ...] = ()
    source: str = "freshbooks"
    progress: TieOutProgress | None = None


class TieOutProgress(Contract):
    """Where a tie-out that continues as new goes on: how far the listings are (`listing@side` to
    cursor; "done" when it ended). `passes` counts the runs: after repairs there is a second."""

    passes: int = 0
    begun: Begun | None = None
    places: Mapping[str, str] = {}


class PeriodsRequest(Contract):
    """Which periods are to be tied out; `at` is when the schedule meant the run to be."""

    connection: str
    at: AwareDatetime | None = None


class Periods(Contract):
    periods: tuple[str, ...]


class BeginRequest(Contract):
    """`workflow_run` is the first run id of the workflow, the same in every later one."""

    connection: str
    period: str
    workflow_run: str
    kinds: tuple[str, ...] = ()


class Begun(Contract):
    """A run: where its steps are, what they list, and from which day on. What changes after
    `started_at` is a timing difference. `kinds` are what it is limited to, empty: everything."""

    connection: str
    period: str
    run: int
    first: date
    last: date
    since: date | None = None
    started_at: AwareDatetime
    target_queue: str
    source_listings: tuple[str, ...]
    target_listings: tuple[str, ...]
    control_accounts: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    note: str = ""
    is_provisional: bool = False


class StageRequest(Contract):
    """Stage some pages of a listing, from behind a cursor."""

    begun: Begun
    listing: str
    after: str = ""


class Staged(Contract):
    """How far a listing is staged; an empty cursor means wholly."""

    after: str = ""
    lines: int = 0
    pages: int = 0


class SumRequest(Contract):
    """Add up one side of a check."""

    begun: Begun
    what: str


class Sums(Contract):
    """Sums in plain decimal text, by currency; None when the system cannot tell."""

    sums: dict[str, str] | None = None
    note: str = ""


class RunRequest(Contract):
    begun: Begun


class Compared(Contract):
    """What the comparison came to."""

    found: int = 0


class LookAgainRequest(Contract):
    """Look again at what was found, or only at what was repaired since."""

    begun: Begun
    repaired_only: bool = False


class LookedAgain(Contract):
    """How many breaks were looked at, how many are gone, and what is left; `most` is so many as
    are looked at in one run, when there were more."""

    most: int = 0
    looked: int = 0
    gone: int = 0
    open: int = 0
    timing: int = 0


class Repaired(Contract):
    """Processes that were told to look at their documents, or why none was."""

    told: int = 0
    refused: str = ""


class ConcludeRequest(Contract):
    begun: Begun
    checks: tuple[Check, ...] = ()


class TieOutResult(Contract):
    """What the tie-out came to, one summary for each period."""

    summaries: tuple[TieOutSummary, ...] = ()


class TieOutSteps(ABC):
    """The steps of a tie-out. Those that read a system run on its own queue."""

    @activity.defn(name="open periods")
    @abstractmethod
    async def open_periods(self, request: PeriodsRequest) -> Periods: ...

    @activity.defn(name="begin tie-out")
    @abstractmethod
    async def begin(self, request: BeginRequest) -> Begun: ...

    @activity.defn(name="stage source pages")
    @abstractmethod
    async def stage_source(self, request: StageRequest) -> Staged: ...

    @activity.defn(name="stage target pages")
    @abstractmethod
    async def stage_target(self, request: StageRequest) -> Staged: ...

    @activity.defn(name="add up")
    @abstractmethod
    async def add_up(self, request: SumRequest) -> Sums: ...

    @activity.defn(name="compare both sides")
    @abstractmethod
    async def compare(self, request: RunRequest) -> Compared: ...

    @activity.defn(name="look again at breaks")
    @abstractmethod
    async def look_again(self, request: LookAgainRequest) -> LookedAgain: ...

    @activity.defn(name="repair what is safe")
    @abstractmethod
    async def repair(self, request: RunRequest) -> Repaired: ...

    @activity.defn(name="conclude tie-out")
    @abstractmethod
    async def conclude(self, request: ConcludeRequest) -> TieOutSummary: ...


TieOutInput.model_rebuild()
TieOutProgress.model_rebuild()
