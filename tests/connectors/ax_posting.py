"""A poster at an AX stand-in, as an activity has one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from activities.context import Connection
from activities.posting import Poster
from connectors.ax.adapter import AxTarget
from connectors.ports import SourcePort
from mapping.mapper import Mapper
from policies.settings import OrderToCashPolicy
from store.store import Store


async def _no_mapper() -> Mapper:
    raise AssertionError("a poster maps nothing")


def poster_of(ax: AxTarget, store: Store, patience: float, *, send_timeout: float = 20.0) -> Poster:
    """A poster whose patience with what is in doubt ends after some seconds. A send may take as
    long as a busy machine needs: its fence ends with its answer, unless the worker is killed."""
    policy = OrderToCashPolicy(
        send_timeout_seconds=send_timeout, in_doubt_patience_seconds=patience
    )
    return Poster(connection_to(ax, policy), store, lambda: datetime.now(UTC))


def connection_to(ax: AxTarget, policy: OrderToCashPolicy) -> Connection:
    """A connection that only posts."""
    return Connection(
        name="test",
        tag="FB",
        source=cast(SourcePort, None),  # a poster never speaks to the source
        target=ax,
        target_queue="ax.test",
        policy=policy,
        load_mapper=_no_mapper,
    )
