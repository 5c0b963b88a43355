"""FreshBooks filters by whole days of its own clock: the sweep asks for one day more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from store.store import Store
from tests.connectors.freshbooks_house import House, open_house
from tests.sweep.conftest import NewBroom

EASTERN = ZoneInfo("America/New_York")
LATE = datetime(2026, 11, 19, 23, 50, tzinfo=EASTERN)
AFTER_MIDNIGHT = datetime(2026, 11, 20, 0, 30, tzinfo=EASTERN)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as opened:
        yield opened


async def _set_clock(house: House, moment: datetime) -> None:
    now = moment.astimezone(UTC).isoformat()
    (await house.control.post("/clock", json={"now": now})).raise_for_status()


async def test_a_change_late_in_the_day_before_the_watermark_is_found(
    house: House, new_broom: NewBroom, store: Store
) -> None:
    """The change became visible after the sweep that it belonged to: its stamp is older than the
    watermark, and in FreshBooks' calendar it was yesterday."""
    await _set_clock(house, LATE)
    invoice = await house.new_invoice(await house.new_client())
    await _set_clock(house, AFTER_MIDNIGHT)
    broom = new_broom(house.source)
    broom.now = AFTER_MIDNIGHT.astimezone(UTC)
    await store.watermarks.advance(broom.name, "invoice", AFTER_MIDNIGHT.astimezone(UTC))
    await broom.sweep()
    assert broom.told == [f"order-to-cash {invoice}"]


@pytest.mark.parametrize("hour", [0, 3, 12, 23])
async def test_a_change_just_before_the_watermark_is_found_at_any_hour(
    house: House, new_broom: NewBroom, store: Store, hour: int
) -> None:
    moment = datetime(2026, 11, 20, hour, 1, tzinfo=EASTERN)
    await _set_clock(house, moment)
    invoice = await house.new_invoice(await house.new_client())
    broom = new_broom(house.source)
    broom.now = moment.astimezone(UTC)
    await store.watermarks.advance(broom.name, "invoice", moment.astimezone(UTC))
    await broom.sweep()
    assert broom.told == [f"order-to-cash {invoice}"]


async def test_an_object_has_one_version_whether_listed_or_read_by_itself(house: House) -> None:
    """Else a sweep would tell of every document once more after its process has looked."""
    client = await house.new_client()
    invoice = await house.new_invoice(client)
    payment = await house.pay(invoice, "10.00")
    since = datetime.now(UTC)
    listed: dict[tuple[str, str], str] = {}
    for kind in ("invoice", "payment"):
        async for page in house.source.changes(kind, since):
            listed |= {(kind, row.source_id): row.version for row in page.rows}
    found = await house.source.invoice(invoice)
    paid = await house.source.payment(payment)
    assert found is not None
    assert paid is not None
    assert listed == {("invoice", invoice): found.version, ("payment", payment): paid.version}
