"""How often a caller may come, and who the caller is."""

from __future__ import annotations

from typing import Any

import pytest

from workers.gateway.limits import MAX_SOURCES, RateLimit, source_of


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_passes_and_then_the_rate_holds() -> None:
    clock = Clock()
    limit = RateLimit(10, 3, clock=clock)
    assert [limit.wait("a") for _ in range(3)] == [0, 0, 0]
    assert limit.wait("a") == pytest.approx(0.1)
    clock.now += 0.1
    assert limit.wait("a") == 0
    assert limit.wait("a") > 0


def test_one_caller_does_not_use_up_what_another_may() -> None:
    limit = RateLimit(1, 1, clock=Clock())
    assert limit.wait("a") == 0
    assert limit.wait("b") == 0


def test_a_long_silence_saves_up_no_more_than_the_burst() -> None:
    clock = Clock()
    limit = RateLimit(10, 2, clock=clock)
    limit.wait("a")
    clock.now += 3600
    assert [bool(limit.wait("a")) for _ in range(3)] == [False, False, True]


def test_no_more_callers_are_remembered_than_fit() -> None:
    limit = RateLimit(1, 1, clock=Clock())
    for number in range(MAX_SOURCES + 1):
        limit.wait(str(number))
    assert limit.wait("0") == 0, "the longest silent caller was forgotten"
    assert limit.wait(str(MAX_SOURCES)) > 0


def _scope(client: str, *forwarded: str) -> dict[str, Any]:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    return {"client": (client, 1), "headers": headers}


@pytest.mark.parametrize(
    ("scope", "trusted", "source"),
    [
        (_scope("192.0.2.1", "198.51.100.9"), False, "192.0.2.1"),
        (_scope("192.0.2.1", "203.0.113.7, 198.51.100.9"), True, "198.51.100.9"),
        (_scope("192.0.2.1", "203.0.113.7", "198.51.100.9"), True, "198.51.100.9"),
        (_scope("192.0.2.1", "198.51.100.9, <script>"), True, "192.0.2.1"),
        (_scope("192.0.2.1"), True, "192.0.2.1"),
        (_scope("2001:db8:1:2:3:4:5:6"), False, "2001:db8:1:2::/64"),
        (_scope("fe80::1%eth0"), False, "fe80::/64"),
        ({"client": None, "headers": []}, False, ""),
    ],
)
def test_the_caller_is_the_peer_or_what_the_trusted_proxy_wrote(
    scope: dict[str, Any], trusted: bool, source: str
) -> None:
    assert source_of(scope, trusted) == source
