"""Signing a connection in and looking at it, against a whole embedded house."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest

from tests.workers.dev_house import TIEOUT, dev
from workers.commands.site import opened_desk


@dataclass(frozen=True)
class Person:
    """Somebody at a terminal beside a running house; `variables` come on top of its settings."""

    folder: Path
    temporal: str
    variables: dict[str, str] = field(default_factory=dict)

    async def types(self, *words: str, then: str = "") -> tuple[int, str, str]:
        """Exit code, standard output and standard error of a command."""
        process = await self.starts(*words)
        output, errors = await asyncio.wait_for(process.communicate(then.encode()), 60)
        assert process.returncode is not None
        return process.returncode, output.decode(), errors.decode()

    async def starts(self, *words: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            TIEOUT,
            *words,
            "--config",
            str(self.folder / "tieout.yaml"),
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env={**os.environ, "TEMPORAL_ADDRESS": self.temporal, **self.variables},
        )

    def nav_key(self) -> str:
        house = json.loads((self.folder / "dev.json").read_text(encoding="utf-8"))
        key: str = house["connections"]["demo-nav"]["target"]["secret"]
        return key


EVENTS = 7
"""What each connection is told of by webhooks."""


@pytest.fixture(scope="module")
async def person(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Person]:
    folder = tmp_path_factory.mktemp("house")
    async with dev("--state", str(folder)) as house:
        yield Person(folder, house.ready["temporal"])
        assert await house.end() == 0


@pytest.mark.parametrize(
    ("connection", "target", "company"),
    [("demo-nav", "NAV", "CRONUS International Ltd."), ("demo-ax", "AX", "USMF")],
)
async def test_a_connection_that_works_passes_every_check(
    person: Person, connection: str, target: str, company: str
) -> None:
    code, output, errors = await person.types("check", "--connection", connection)
    assert (code, errors) == (0, "")
    assert output.count(" ok ") == 4
    assert "WRONG" not in output
    assert re.search(rf" {target} .* ok .* {company} answers", output)


async def test_a_check_that_fails_is_named_and_the_others_are_still_made(person: Person) -> None:
    nowhere = Person(person.folder, "127.0.0.1:1")
    code, output, _ = await nowhere.types("check", "--connection", "demo-nav")
    assert code == 1
    assert re.search(r"Temporal .*WRONG", output)
    assert output.count(" ok ") == 3


async def test_every_webhook_is_registered_and_verified(person: Person) -> None:
    code, output, errors = await person.types("webhooks", "status")
    assert (code, errors) == (0, "")
    assert output.count(" working ") == 2 * EVENTS


async def test_registering_webhooks_again_changes_nothing(person: Person) -> None:
    code, output, _ = await person.types("webhooks", "register", "--connection", "demo-nav")
    assert code == 0
    assert "registered now" not in output
    assert output.count(" working ") == EVENTS


async def test_the_mapping_fits_what_the_target_says_of_itself(person: Person) -> None:
    code, output, errors = await person.types("mapping", "check", "--connection", "demo-nav")
    assert (code, errors) == (0, "")
    assert "fits its target" in output


async def test_the_key_of_a_nav_user_is_tried_before_it_is_kept(person: Person) -> None:
    command = ("connect", "nav", "--connection", "demo-nav")
    code, _, errors = await person.types(*command, then="not the key\n")
    assert code == 1
    assert "401" in errors
    assert (await person.types("check", "--connection", "demo-nav"))[0] == 0
    code, output, errors = await person.types(*command, then=f"{person.nav_key()}\n")
    assert (code, errors) == (0, "")
    assert "Company 'CRONUS International Ltd.' answers" in output
    assert person.nav_key() not in output


async def test_the_password_of_an_ax_user_is_tried_before_it_is_kept(person: Person) -> None:
    command = ("connect", "ax", "--connection", "demo-ax")
    code, output, errors = await person.types(*command, then="not the password\n")
    assert code == 1
    assert "401" in errors
    assert "answers" not in output
    assert (await person.types("check", "--connection", "demo-ax"))[0] == 0


async def _consents(person: Person) -> tuple[int | None, bytes, bytes]:
    process = await person.starts("connect", "freshbooks", "--connection", "demo-nav")
    assert process.stdout
    asked = await asyncio.wait_for(process.stdout.readuntil(b"Address"), 30)
    page = re.search(rb"http://\S+/oauth/authorize\S+", asked)
    assert page
    async with httpx.AsyncClient() as browser:
        sent_on = (await browser.get(page[0].decode())).headers["location"]
    output, errors = await asyncio.wait_for(process.communicate(f"{sent_on}\n".encode()), 60)
    return process.returncode, output, errors


async def test_consent_is_walked_through_and_its_tokens_work(person: Person) -> None:
    code, output, errors = await _consents(person)
    assert (code, errors) == (0, b"")
    assert b"Connected to" in output
    assert (await person.types("check", "--connection", "demo-nav"))[0] == 0


async def test_a_consent_for_another_business_leaves_the_tokens_that_work(
    person: Person, tmp_path: Path
) -> None:
    async with opened_desk(person.folder / "tieout.yaml") as desk:
        before = await desk.store.tokens("demo-nav").load()
    text = (person.folder / "connections" / "demo-nav.yaml").read_text(encoding="utf-8")
    other = re.sub(r"business_id: \d+", "business_id: 1", text)
    (tmp_path / "demo-nav.yaml").write_text(
        re.sub(r"account_id: \S+", "account_id: zZ9999", other), encoding="utf-8"
    )
    elsewhere = replace(person, variables={"TIEOUT_CONNECTIONS": str(tmp_path)})
    code, _, errors = await _consents(elsewhere)
    assert code == 1
    assert b"has no such business" in errors
    async with opened_desk(person.folder / "tieout.yaml") as desk:
        assert await desk.store.tokens("demo-nav").load() == before


async def test_an_answer_to_another_request_connects_nothing(person: Person) -> None:
    code, _, errors = await person.types(
        *("connect", "freshbooks", "--connection", "demo-nav"),
        then="https://app.example.com/?code=abc&state=of-somebody-else\n",
    )
    assert code == 1
    assert "another request" in errors


async def test_no_log_of_the_house_holds_a_secret(person: Person) -> None:
    house = json.loads((person.folder / "dev.json").read_text(encoding="utf-8"))
    ends = house["connections"]["demo-nav"]
    secrets = [ends["target"]["secret"], ends["source"]["client_secret"]]
    secrets += [
        house["codec_token"],
        ends["source"]["refresh_token"],
        (person.folder / "vault.key").read_text().strip(),
    ]
    logs = list((person.folder / "logs").glob("*.log"))
    assert {log.stem for log in logs} == {"temporal", "sandbox", "gateway", "worker", "codec"}
    for log in logs:
        text = log.read_text(encoding="utf-8", errors="replace")
        assert not [secret for secret in secrets if secret in text], log.name
