"""`tieout prove`"""

from __future__ import annotations

import asyncio
import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer

from workers.prove.matrix import prove_exhaustively
from workers.prove.planfile import read_plan
from workers.prove.run import Orders, prove
from workers.prove.schedule import LANES
from workers.prove.verdict import Verdict

app = typer.Typer()

_SEEDS = 1_000_000


@app.command()
def prove_it(
    schedules: Annotated[
        int, typer.Option("--schedules", min=1, max=1_000_000, help="How many schedules.")
    ] = 48,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="The first seed; without it, a fresh one.")
    ] = None,
    replay: Annotated[
        int | None, typer.Option("--replay", min=0, help="Run the schedule of this seed again.")
    ] = None,
    exhaustive: Annotated[
        bool, typer.Option("--exhaustive", help="Every fault at every call of every step.")
    ] = False,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", exists=True, dir_okay=False, help="Faults of your own (CSV)."),
    ] = None,
    keep: Annotated[
        Path | None, typer.Option("--keep", help="File to which failed seeds are added.")
    ] = None,
) -> None:
    """Prove on embedded systems that nothing is posted twice and nothing lost.

    Each schedule is the life of some documents in which calls fail, workers are killed and
    webhooks misbehave, all decided by its seed. Code 1 when both books do not agree in the end.
    """
    if exhaustive:
        verdict = asyncio.run(prove_exhaustively(_tell))
    else:
        orders = Orders(_tell, plan=read_plan(plan) if plan else ())
        verdict = asyncio.run(prove(_seeds(schedules, seed, replay), orders))
    _report(verdict, keep)
    if not verdict.holds:
        raise typer.Exit(1)


def _seeds(schedules: int, seed: int | None, replay: int | None) -> list[int]:
    if replay is not None:
        return [replay]
    first = _fresh() if seed is None else seed
    return list(range(first, first + schedules))


def _fresh() -> int:
    return secrets.randbelow(_SEEDS // LANES) * LANES


def _tell(progress: str) -> None:
    sys.stderr.write(f"{progress}\n")
    sys.stderr.flush()


def _report(verdict: Verdict, keep: Path | None) -> None:
    sys.stdout.write(f"{verdict}\n")
    for seed, findings in sorted(verdict.findings.items()):
        sys.stdout.write(f"seed {seed} failed (replay: tieout prove --replay {seed})\n")
        sys.stdout.writelines(f"  {sentence}\n" for sentence in findings)
    if keep is not None:
        verdict.keep(keep)
    sys.stdout.flush()
