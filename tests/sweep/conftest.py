"""A store for each test of the sweep, and brooms over it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from store.cipher import Cipher
from store.keyring import KeyRing
from store.store import Store
from tests.fresh import fresh_database
from tests.sweep.world import Broom

NewBroom = Callable[[object], Broom]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    url = await fresh_database(tmp_path / "store.db")
    async with await Store.open(url, Cipher(KeyRing.generate())) as opened:
        yield opened


@pytest.fixture
def new_broom(store: Store, temporal_env: WorkflowEnvironment) -> NewBroom:
    """Makes a broom over a source; its processes stay where they are, nobody runs them."""
    return lambda source: Broom(store, temporal_env.client, source)
