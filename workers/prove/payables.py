"""The accounts department of a lane: it pays what is owed to persons, and nobody disturbs it."""

from __future__ import annotations

from store.store import Store
from workers.connections import NavTarget, load_connections
from workers.demo.payables_clerk import Accounts, AxPayablesClerk, PayablesClerk
from workers.prove.house import ProvingHouse
from workers.prove.lane import Lane

ERIN = "erin@team.example"


async def accounts_of(house: ProvingHouse, store: Store, lane: Lane) -> Accounts:
    """Somebody at work in the target's company of a lane."""
    target = load_connections(house.settings.connections)[lane.name].target
    if not isinstance(target, NavTarget):
        return AxPayablesClerk(house.http, target)
    secret = await store.credentials.get(lane.name, target.secret_name)
    return PayablesClerk(house.http, target, secret or "")
