"""Running schedules: rounds of lanes, until everything rests, and then both books are compared."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from store.store import Store
from workers.account.report import account
from workers.connections import load_connections
from workers.opening import open_store
from workers.prove.books import Books
from workers.prove.expense_life import ExpenseLife
from workers.prove.faults import Planned
from workers.prove.holds import holds_of, not_meant
from workers.prove.house import ProvingHouse, proving_house
from workers.prove.lane import VENDOR, Lane
from workers.prove.lives import Life
from workers.prove.payables import accounts_of
from workers.prove.processes import process_findings
from workers.prove.rows import row_findings
from workers.prove.schedule import AX_LANES, NAV_LANES, Round, Schedule
from workers.prove.verdict import Verdict

_PATIENCE = 180.0
_SWEEP_AGAIN = 6.0
_LOOK_AGAIN = 0.4
_AFTERMATH = 5.0
_STORM = 5.0
_ROUNDS_PER_HOUSE = 12
_PEOPLE_PATIENCE = 60.0

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Orders:
    """How a proof is run. `plan` takes the place of the seeds' own faults."""

    tell: Tell
    plan: Sequence[Planned] = ()


async def prove(seeds: Iterable[int], orders: Orders) -> Verdict:
    """Run the schedules of these seeds, whole rounds at a time. Refusal when the house does not
    start."""
    verdict, started = Verdict(), time.monotonic()
    rounds = list(dict.fromkeys(Round.of(seed).number for seed in seeds))
    while rounds:
        batch, rounds = rounds[:_ROUNDS_PER_HOUSE], rounds[_ROUNDS_PER_HOUSE:]
        await _in_one_house([Round(number) for number in batch], verdict, orders)
    verdict.seconds = time.monotonic() - started
    return verdict


async def _in_one_house(rounds: list[Round], verdict: Verdict, orders: Orders) -> None:
    with tempfile.TemporaryDirectory(prefix="tieout-prove-") as folder:
        async with (
            proving_house(Path(folder), NAV_LANES, AX_LANES, second_worker=True) as house,
            open_store(house.settings) as store,
        ):
            bench = Bench(house, store, verdict, orders.plan)
            await bench.open_accounts()
            for each in rounds:
                await bench.run(each)
                orders.tell(_progress(verdict))
            await bench.aftermath()


def _progress(verdict: Verdict) -> str:
    failed = f", {len(verdict.findings)} failed" if verdict.findings else ""
    return f"{verdict.schedules} schedules, {verdict.documents} documents{failed}"


@dataclass
class Bench:
    """One house in which rounds are run one after the other."""

    house: ProvingHouse
    store: Store
    verdict: Verdict
    plan: Sequence[Planned] = ()
    last: dict[str, int] = field(default_factory=dict)
    told: set[tuple[str, str]] = field(default_factory=set)

    async def open_accounts(self) -> None:
        """What persons claim is owed to vendor accounts."""
        for lane in self.house.lanes:
            await self.house.person(lane).knows_the_account()
            accounts = await accounts_of(self.house, self.store, lane)
            await accounts.add_vendor(VENDOR, "Erin")

    async def run(self, this: Round) -> None:
        """One round: people at work while everything goes wrong, then calm, sweep and rest."""
        house, lanes = self.house, self.house.lanes
        schedules = dict(zip(lanes, this.schedules, strict=True))
        await house.webhooks(this.webhooks())
        for lane, schedule in schedules.items():
            planned = [one.within(lane.path(one.system)) for one in self.plan]
            await house.disturb(*(planned or schedule.faults(lane)))
        async with asyncio.timeout(_PEOPLE_PATIENCE), asyncio.TaskGroup() as group:
            for lane, schedule in schedules.items():
                group.create_task(self._lives(lane, schedule))
            group.create_task(self._kills(this))
        await self._storm_goes_on()
        self.verdict.faults += sum(row["hits"] for row in await house.faults())
        await house.calm()
        for lane, findings in (await self.rest()).items():
            self.last[lane.name] = schedules[lane].seed
            self.verdict.found(schedules[lane].seed, findings)
            self.told |= {(lane.name, each) for each in findings}
        self.verdict.schedules += len(schedules)

    async def _storm_goes_on(self) -> None:
        """People are done; the processes have not even begun with what they did last."""
        deadline = time.monotonic() + _STORM
        while any((await self.findings()).values()):
            if time.monotonic() > deadline:
                return
            await asyncio.sleep(_LOOK_AGAIN)

    async def rest(self) -> dict[Lane, list[str]]:
        """Sweep until both sides agree in every lane; what still differs in the end."""
        deadline = time.monotonic() + _PATIENCE
        swept = 0.0
        while True:
            findings = await self.findings()
            unsettled = [lane for lane, found in findings.items() if found]
            if not unsettled or time.monotonic() > deadline:
                return findings
            if time.monotonic() - swept > _SWEEP_AGAIN:
                swept = time.monotonic()
                await asyncio.gather(*(self.house.sweep(lane) for lane in unsettled))
            await asyncio.sleep(_LOOK_AGAIN)

    async def aftermath(self) -> None:
        """What comes to light only after everything: late postings, failed processes, documents
        that are not accounted for. Counted for the last schedule of the lane concerned."""
        connections = load_connections(self.house.settings.connections)
        await asyncio.sleep(_AFTERMATH)
        for lane, findings in (await self.findings()).items():
            seed = self.last.get(lane.name, 0)
            self.verdict.found(seed, findings)
            self.verdict.found(seed, await process_findings(self.house.client, lane.name))
            accounted = await account(
                self.house.client, self.store, connections[lane.name], ask_source=True
            )
            self.verdict.found(seed, accounted.findings)

    async def findings(self) -> dict[Lane, list[str]]:
        """What is not as it must be, by lane."""
        journals = await self.house.journals()
        found: dict[Lane, list[str]] = {}
        for lane in self.house.lanes:
            holds = await holds_of(self.store, lane.name)
            ours = journals.of(lane)
            books = Books.of(ours, holds).findings()
            rows = [] if books else await row_findings(self.store, lane.name, ours)
            new = dict.fromkeys((*books, *rows, *not_meant(holds)))
            found[lane] = [each for each in new if (lane.name, each) not in self.told]
        return found

    async def _lives(self, lane: Lane, schedule: Schedule) -> None:
        person, today = self.house.person(lane), datetime.now(UTC).date()
        client = await self._shared_client(lane, schedule)
        lives: list[Life | ExpenseLife] = [
            Life(seed, person, today, client) for seed in schedule.lives()
        ]
        lives += [ExpenseLife(seed, person, today) for seed in schedule.expenses()]
        self.verdict.documents += len(lives)
        await asyncio.gather(*(life.live() for life in lives))

    async def _shared_client(self, lane: Lane, schedule: Schedule) -> int | None:
        if not schedule.shares_client():
            return None
        name = f"Everybody of {schedule.seed}"
        email = f"{schedule.seed}@everybody.example"
        return await self.house.person(lane).add_client(name, email)

    async def _kills(self, this: Round) -> None:
        now = 0.0
        for kill in this.kills():
            await asyncio.sleep(kill.at - now)
            now = kill.at
            await self.house.kill(kill.which)
            self.verdict.kills += 1
