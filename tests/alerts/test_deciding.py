"""What people are told: first, still, solved; and never a storm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from documents.alert import AlertState, Finding
from policies.alerting import AlertPolicy, Notice, decide, subject, text

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
POLICY = AlertPolicy()


def finding(cause: str = "held/account-unknown", number: int = 3) -> Finding:
    return Finding(
        cause=cause, what=f"{number} documents are held", remedy="map it", number=number, since=NOON
    )


def after(notice: Notice, known: dict[str, AlertState]) -> dict[str, AlertState]:
    solved = {state.cause for state in notice.solved}
    states = known | {state.cause: state for state in notice.states}
    return {cause: state for cause, state in states.items() if cause not in solved}


def test_a_cause_is_told_once_however_many_rounds_find_it() -> None:
    first = decide([finding()], {}, POLICY, NOON)
    known = after(first, {})
    second = decide([finding(number=900)], known, POLICY, NOON + timedelta(minutes=5))
    assert [f.cause for f in first.first] == ["held/account-unknown"]
    assert not second.is_news


def test_a_cause_that_lasts_is_told_again_after_a_day() -> None:
    known = after(decide([finding()], {}, POLICY, NOON), {})
    later = decide([finding(number=7)], known, POLICY, NOON + timedelta(hours=24))
    assert [f.number for f in later.still] == [7]
    assert [(s.times, s.number) for s in later.states] == [(2, 7)]


def test_a_cause_is_solved_when_it_stayed_away() -> None:
    known = after(decide([finding()], {}, POLICY, NOON), {})
    soon = decide([], known, POLICY, NOON + timedelta(minutes=9))
    late = decide([], known, POLICY, NOON + timedelta(minutes=10))
    assert not soon.is_news
    assert [s.cause for s in late.solved] == ["held/account-unknown"]
    assert after(late, known) == {}


def test_a_message_names_every_cause_in_a_line() -> None:
    notice = Notice(
        first=(finding(),),
        still=(finding("stuck", 1),),
        solved=(AlertState(cause="source-silent", first_at=NOON, seen_at=NOON, told_at=NOON),),
    )
    assert subject("demo", notice) == "Tieout demo: 1 new, 1 still there, 1 solved"
    assert text("demo", notice).splitlines() == [
        "Tieout demo: 1 new, 1 still there, 1 solved",
        "NEW held/account-unknown: 3 documents are held (since 2026-03-02 12:00 UTC)",
        "  map it",
        "STILL stuck: 1 documents are held (since 2026-03-02 12:00 UTC)",
        "  map it",
        "SOLVED source-silent, since 2026-03-02 12:00 UTC",
    ]


@given(st.lists(st.sets(st.sampled_from(["a", "b", "c"])), min_size=1, max_size=200))
def test_flapping_causes_never_make_a_storm(rounds: list[set[str]]) -> None:
    """Every cause comes and goes at will, every five minutes: between two messages about one
    cause of the same word there is a day, or it had been solved for ten minutes."""
    known: dict[str, AlertState] = {}
    news = 0
    for number, causes in enumerate(rounds):
        found = [finding(cause) for cause in sorted(causes)]
        notice = decide(found, known, POLICY, NOON + timedelta(minutes=5 * number))
        news += len(notice.first) + len(notice.still)
        known = after(notice, known)
    hours = len(rounds) * 5 / 60
    # At worst each cause is solved after three rounds and comes again in the next.
    assert news <= 3 * (1 + hours * 60 / 15)
