"""Numbers that follow each other are asked for as a range."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from connectors.nav.spans import spans

_NUMBERS = st.sets(
    st.builds("{}{:06d}".format, st.sampled_from(["", "PSI", "10-"]), st.integers(0, 400))
    | st.text(max_size=5),
    max_size=300,
)


def test_a_page_of_numbers_that_follow_each_other_is_one_range() -> None:
    assert spans({f"PSI{n:06d}" for n in range(95, 1_095)}) == [("PSI000095", "PSI001094")]
    assert spans({f"PSI{n}" for n in range(95, 105)}) == []


@given(_NUMBERS)
def test_a_range_is_of_one_form_and_holds_mostly_what_is_wanted(numbers: set[str]) -> None:
    for first, last in spans(numbers):
        assert {first, last} <= numbers
        assert len(first) == len(last)
        within = {number for number in numbers if first <= number <= last}
        digits = first.lstrip("PSI").removeprefix("10-")
        extent = int(last[-len(digits) :]) - int(digits) + 1
        assert len(within) >= 40
        assert extent <= 5 * len(within)
