"""Every command of the runbook and of the README, run in a house as it is printed.

The pages name documents by shell variables; here they are given those of documents that are in the
state that the page speaks of. A command that decides about a held document finds a held one.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.expenses import Claims, open_claims
from tests.e2e.house import CONNECTION, House, open_house
from workers.demo.people import Line

ROOT = Path(__file__).parents[2]
HARDWARE = [Line("Hardware sale", "1", "10.00")]

_PRINTED = re.compile(
    r"^ *```sh\n(?P<block>.*?)^ *```$|^```.*?^```$|`(?P<inline>(?:tieout|temporal) [a-z][^`…]*)`",
    re.MULTILINE | re.DOTALL,
)
_NOT_HERE = {
    "make ": "builds and runs the house that this is",
    "tieout connect": "asks a person to sign in",
    "tieout worker": "runs until it is ended; the house has one",
    "tieout gateway": "runs until it is ended; the house has one",
    "tieout codec": "runs until it is ended; the house has one",
    "tieout alerts": "a house has no channel",
    "temporal schedule describe --schedule-id alerts/": "a house has no channel",
    "tieout tie-out accept": "named only; its arguments are in docs/tie-out.md",
    "tieout tie-out reverse": "named only; its arguments are in docs/tie-out.md",
    "tieout tie-out write-off": "named only; its arguments are in docs/tie-out.md",
    "tieout tie-out sign-off": "named only; its arguments are in docs/tie-out.md",
    "tieout audit show": "named only; its arguments are in docs/tie-out.md",
    "temporal worker deployment": "a house has no versions; tests/workers/test_worker.py does",
    "tieout forget": "removes a client for good; tests/e2e/test_forget.py does",
    "temporal workflow show --codec-endpoint https": "the codec server of another house",
    "tieout person bind": "a house has no sign-in provider",
    "tieout dev": "runs until it is ended",
}
_MAY_SAY_NO = ("tieout tie-out", "tieout check", "tieout account", "tieout audit verify")
"""Commands whose code 1 is an answer: something does not tie, is missing, is not accounted for."""


def commands(page: str) -> list[str]:
    """What a page prints to be typed, in order, each on one line."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found: list[str] = []
    for each in _PRINTED.finditer(text):
        found += _lines(each["block"]) if each["block"] else [each["inline"] or ""]
    wanted = [each.replace("NAME", CONNECTION) for each in found if each]
    return [each for each in wanted if not any(each.startswith(other) for other in _NOT_HERE)]


def _lines(block: str) -> list[str]:
    """Without comments, and with lines that go on put together."""
    plain = (re.sub(r"(^|\s+)#.*$", "", line) for line in block.replace("\\\n", " ").splitlines())
    return [" ".join(line.split()) for line in plain if line.strip()]


@dataclass
class Operator:
    """Somebody at a terminal with a page in hand."""

    house: House
    claims: Claims
    desk: Path
    variables: dict[str, str] = field(default_factory=dict)

    async def type(self, command: str) -> None:
        await self._prepare(command)
        told = f"{command} && env -0 > {self.desk}/after"
        process = await asyncio.create_subprocess_exec(
            "bash", "-c", told if command.startswith("export ") else command,
            cwd=self.desk, env=self._environment(),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        async with asyncio.timeout(120):
            out, _ = await process.communicate()
        answers = (0, 1) if command.startswith(_MAY_SAY_NO) else (0,)
        assert process.returncode in answers, f"{command}\n{out.decode()}"
        assert b"Traceback" not in out, f"{command}\n{out.decode()}"
        if command.startswith("export "):
            lines = (self.desk / "after").read_text(encoding="utf-8").split("\0")
            self.variables |= dict(line.split("=", 1) for line in lines if "=" in line)

    def _environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.desk),
            "COLUMNS": "200",
            "TEMPORAL_ADDRESS": self.house.ready.temporal,
            "TEMPORAL_CODEC_ENDPOINT": self.house.ready.codec,
            "TIEOUT_CONFIG": str(self.house.state / "tieout.yaml"),
            "TIEOUT_OPERATOR_URL": self.house.ready.operator,
            **self.variables,
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        }

    async def _prepare(self, command: str) -> None:
        """The documents that the page speaks of there."""
        decides = "--action" in command or "update execute" in command
        if decides and "--action approve" not in command:
            held = await self.house.sent_invoice(HARDWARE)
            await self.house.watch.wait(held, "held")
            await asyncio.sleep(0.5)  # our own write-back is a hint, too
            number = await self.house.number(held)
            self.variables |= {"HELD": str(held), "NUMBER": number}
        if "$EXPENSE" in command and "EXPENSE" not in self.variables:
            claim = await self.claims.enter("113.00")
            await self.claims.wait(claim, "approval")
            self.variables["EXPENSE"] = str(claim)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def operator(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Operator]:
    """In a house of its own: the pages pause sweeps and name people."""
    desk = tmp_path_factory.mktemp("desk")
    (desk / "config").symlink_to(ROOT / "config")
    async with open_house(tmp_path_factory.mktemp("runbook")) as house:
        somebody = Operator(house, await open_claims(house), desk)
        posted, held = await house.sent_invoice(), await house.sent_invoice(HARDWARE)
        await house.watch.wait(posted, "posted")
        await house.watch.wait(held, "held")
        number = await house.number(held)
        somebody.variables = {"ID": str(posted), "HELD": str(held), "NUMBER": number}
        yield somebody


@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", ["docs/runbook.md", "README.md"])
async def test_every_command_of_the_page_works_as_printed(operator: Operator, page: str) -> None:
    typed = commands(page)
    assert len(typed) > 8
    for command in typed:
        await operator.type(command)
