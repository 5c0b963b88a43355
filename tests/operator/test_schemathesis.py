"""Somebody else's fuzzer, run from our own OpenAPI description against the running interface."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from documents.hold import Hold, HoldClass
from documents.key import Kind
from documents.row import DocumentRow, DocumentState
from tests.operator.conftest import CONNECTION, Office
from workers.access.callers import Role

CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_schema_conformance", "negative_data_rejection", "missing_required_header",
    "ignored_auth",
)  # fmt: skip


async def _fill(office: Office) -> None:
    """What the description's examples name: a held invoice, and one that was posted."""
    row = DocumentRow(
        connection=CONNECTION, kind=Kind.INVOICE, source_id="2000001", source_number="INV-0001"
    )
    hold = Hold(cause="account-unknown", hold_class=HoldClass.SETUP, reason="No account.")
    await office.store.documents.save(row)
    await office.store.documents.hold(CONNECTION, Kind.INVOICE, "2000001", hold)
    posted = {"source_id": "2000002", "state": DocumentState.POSTED, "target_number": "103001"}
    await office.store.documents.save(row.model_copy(update=posted))


@pytest.mark.parametrize("role", [Role.VIEWER, Role.APPROVER])
async def test_schemathesis_finds_nothing_that_the_description_does_not_state(
    office: Office, role: Role
) -> None:
    await _fill(office)
    program = Path(sys.executable).with_name("schemathesis")
    url = str(office.http.base_url.join("/operator/openapi.json"))
    process = await asyncio.create_subprocess_exec(
        str(program), "run", url, "--checks", ",".join(CHECKS),
        "--phases", "examples,coverage,fuzzing", "--max-examples", "25",
        "--header", f"Authorization: Bearer {await office.token(role)}",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()
