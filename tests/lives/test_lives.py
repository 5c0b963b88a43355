"""Random lives of invoices: whatever people do on either side, in whatever order, the books of
NAV say what FreshBooks says, or the document is held."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from policies.settings import OrderToCashPolicy
from tests.lives.life import DEEDS, Deed, Life
from tests.lives.reckoning import check
from tests.lives.site import Site
from tests.lives.specs import COMPUTED, variant
from tests.mapping.specs import NAV_SPEC

deeds = st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 29)), min_size=3, max_size=18)
_FEES: tuple[Deed, ...] = (
    "late fee", "late fee", "waive late fee", "pay", "pay rest", "overpay", "refund", "edit",
    "delete payment", "edit payment", "goodwill", "use credit", "void", "restore", "look", "look",
    "killed worker",
)  # fmt: skip
fees = st.lists(st.tuples(st.sampled_from(_FEES), st.integers(0, 29)), min_size=3, max_size=12).map(
    lambda story: [("look", 0), ("late fee", 1), ("look", 0), *story]
)
"""Of an invoice that is posted already: before that, a fee is a line like any other."""

_CASH: tuple[Deed, ...] = (
    "pay", "overpay", "refund", "delete payment", "edit payment", "goodwill", "prepayment",
    "use credit", "edit credit", "delete credit", "void", "invoice", "look", "look",
)  # fmt: skip
cash = st.lists(st.tuples(st.sampled_from(_CASH), st.integers(0, 29)), min_size=3, max_size=12)
_PEOPLE: tuple[Deed, ...] = (
    "invoice", "deposit", "pay", "pay rest", "overpay", "goodwill", "use credit", "edit",
    "late fee", "give away", "merge clients", "delete client", "restore client", "edit client",
    "settle by hand", "credit by hand", "invoice by hand", "refund by hand", "reverse by hand",
    "receipt by hand", "write off by hand", "close periods", "void", "decide", "look", "look",
)  # fmt: skip
people = st.lists(st.tuples(st.sampled_from(_PEOPLE), st.integers(0, 29)), min_size=3, max_size=14)
policies = st.builds(
    OrderToCashPolicy,
    edits=st.sampled_from(["reverse and repost", "hold"]),
    closed_period=st.sampled_from(["first open day", "hold"]),
    late_fees=st.sampled_from(["supplementary invoice", "hold"]),
    write_reference=st.sampled_from(["cross-reference", "po_number"]),
    second_person=st.just("off"),
)


@pytest.fixture(scope="module")
def computing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mapping by which NAV computes tax from its own set-up."""
    return variant(tmp_path_factory.mktemp("computing"), {"taxes": COMPUTED})


@settings(
    max_examples=22,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(
    False, OrderToCashPolicy(second_person="off"), [("overpay", 1), ("look", 0), ("refund", 3)]
)
@given(computes=st.booleans(), policy=policies, story=deeds | cash | fees | people)
@pytest.mark.timeout(300)
async def test_after_any_life_the_books_agree_or_the_document_is_held(
    site: Site,
    computing: Path,
    computes: bool,
    policy: OrderToCashPolicy,
    story: list[tuple[Deed, int]],
) -> None:
    site.begin(policy, computing if computes else NAV_SPEC)
    life = Life(site, Decimal("0.05") if computes else Decimal(0))
    await life.begin()
    await life.invoice(1)
    for deed, n in story:
        await life.do(deed, n)
    await check(life, await life.settle())
    await check(life, await life.resolve())
