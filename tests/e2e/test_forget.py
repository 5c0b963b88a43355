"""A client is forgotten at the terminal, beside the running house."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from documents.key import Kind
from tests.e2e.house import CONNECTION, House
from workers.opening import open_store

TIEOUT = str(Path(sys.executable).with_name("tieout"))


async def _tieout(house: House, *arguments: str) -> tuple[int, str]:
    """Run a command with the house's settings; its code and everything it said."""
    process = await asyncio.create_subprocess_exec(
        TIEOUT, *arguments, "--config", str(house.state / "tieout.yaml"),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "TEMPORAL_ADDRESS": house.ready.temporal},
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def test_a_client_is_forgotten_when_everything_is_settled(house: House) -> None:
    client = await house.new_client("Forgotten Ltd")
    invoice = await house.sent_invoice(client=client)
    await house.watch.wait(invoice, "posted")
    forget = ("forget", "--connection", CONNECTION, "--client", str(client), "--histories")
    code, said = await _tieout(house, *forget)
    assert code == 1
    assert "not settled" in said
    await house.pay(invoice, "113.00")
    await house.watch.wait(invoice, "closed")
    assert "Deleted from Temporal" in await _forgotten(house, forget)
    async with open_store(house.settings) as store:
        for kind, source_id in ((Kind.CUSTOMER, client), (Kind.INVOICE, invoice)):
            (sent,) = await store.postings.of_document(CONNECTION, kind, str(source_id))
            assert sent.forgotten
            assert sent.record is None


async def _forgotten(house: House, forget: tuple[str, ...]) -> str:
    """What it says once it finds the closed run: lists lag behind what they list."""
    async with asyncio.timeout(30):
        while True:
            code, said = await _tieout(house, *forget)
            assert code == 0, said
            if "Deleted from Temporal: 0" not in said:
                return said
            await asyncio.sleep(0.3)
