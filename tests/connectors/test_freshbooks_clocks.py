"""US/Eastern text and UTC moments agree, also where the clock jumps."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.freshbooks.clocks import EASTERN, Clock, signup_to_utc

CLOCK = Clock()
SINCE_2007 = datetime(2007, 3, 12, tzinfo=UTC)
MOMENTS = st.integers(0, 43 * 365 * 86_400).map(lambda s: SINCE_2007 + timedelta(seconds=s))
AROUND_A_JUMP = st.builds(
    lambda jump, seconds: jump + timedelta(seconds=seconds),
    st.sampled_from([datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)]),
    st.integers(-7200, 7200),
)


def is_repeated_hour(moment: datetime) -> bool:
    """Whether the wall clock shows this time a second time."""
    return moment.astimezone(EASTERN).fold == 1


@given(st.one_of(MOMENTS, AROUND_A_JUMP))
def test_a_moment_told_in_eastern_text_reads_back_or_is_one_hour_early_in_the_repeated_hour(
    moment: datetime,
) -> None:
    late = timedelta(hours=1) if is_repeated_hour(moment) else timedelta(0)
    assert CLOCK.to_utc(CLOCK.from_utc(moment)) == moment - late


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-01-15 12:00:00", "2026-01-15T17:00:00+00:00"),
        ("2026-07-15 12:00:00", "2026-07-15T16:00:00+00:00"),
        ("2026-03-08 02:30:00", "2026-03-08T07:30:00+00:00"),
        ("2026-11-01 01:30:00", "2026-11-01T05:30:00+00:00"),
        ("2026-07-15 12:00:00.123456", "2026-07-15T16:00:00.123456+00:00"),
    ],
)
def test_eastern_text_is_read_as_the_official_sdk_reads_it(text: str, utc: str) -> None:
    assert CLOCK.to_utc(text).isoformat() == utc


@pytest.mark.parametrize("text", ["", "2026-01-15", "2026-13-01 00:00:00", "20260115", "now"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"match|data"):
        CLOCK.to_utc(text)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        CLOCK.from_utc(datetime.fromisoformat("2026-01-01T00:00:00"))


def test_the_sign_up_date_is_utc() -> None:
    # The published fixture shows one instant as sign-up 02:27:03 and as `updated` 21:27:03.
    assert signup_to_utc("2020-10-31 02:27:03") == CLOCK.to_utc("2020-10-30 22:27:03")


@given(st.one_of(MOMENTS, AROUND_A_JUMP))
def test_the_day_filter_never_starts_after_the_moment_in_any_zone(moment: datetime) -> None:
    day = CLOCK.changed_since(moment)
    for zone in ("America/New_York", "UTC", "America/Los_Angeles", "Asia/Tokyo"):
        assert Clock(ZoneInfo(zone)).start_of(day) <= moment


def test_the_day_filter_is_one_eastern_day_early() -> None:
    assert CLOCK.changed_since(datetime(2026, 1, 15, 3, tzinfo=UTC)) == date(2026, 1, 13)


def test_the_zone_is_a_setting() -> None:
    berlin = Clock(ZoneInfo("Europe/Berlin"))
    assert berlin.to_utc("2026-01-15 12:00:00").hour == 11
