"""Somebody else's fuzzer, run from our own OpenAPI description against the running interface."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.operator.conftest import Office
from workers.access.callers import Role

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance"


async def test_schemathesis_finds_nothing_that_the_description_does_not_state(
    office: Office,
) -> None:
    program = Path(sys.executable).with_name("schemathesis")
    url = str(office.http.base_url.join("/operator/openapi.json"))
    process = await asyncio.create_subprocess_exec(
        str(program), "run", url, "--checks", f"{CHECKS},response_schema_conformance",
        "--phases", "examples,coverage,fuzzing", "--max-examples", "15", "--seed", "1",
        "--header", f"Authorization: Bearer {await office.token(Role.OPERATOR)}",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()
