"""Settings of the policies that say more than a word."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from policies.settings import OrderToCashPolicy


def test_a_moment_falls_on_the_day_that_the_books_have() -> None:
    moment = datetime(2026, 12, 1, 3, tzinfo=UTC)
    assert OrderToCashPolicy().day_of(moment) == date(2026, 12, 1)
    assert OrderToCashPolicy(time_zone="America/Toronto").day_of(moment) == date(2026, 11, 30)


@pytest.mark.parametrize("name", ["Toronto", "", "../etc/passwd"])
def test_a_time_zone_that_is_none_is_refused_with_its_name(name: str) -> None:
    with pytest.raises(ValidationError, match="is no time zone, such as America/Toronto"):
        OrderToCashPolicy(time_zone=name)
