"""Taxes that NAV computes by itself: its figures are compared before anything is posted."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from documents.key import Kind
from documents.row import Action
from tests.bookkeeper import RECEIVABLES
from tests.lives.desk import HST, TODAY, Desk, begin
from tests.lives.site import Site
from tests.lives.specs import CODES, variant
from tests.mapping.specs import NAV_SPEC
from workers.demo.people import Line

GST, PST = ("GST", "5"), ("PST", "7")
ROUNDING = {"account": "4900", "tolerance": "0.05"}
TAX_ACCOUNTS = ("2200", "2300")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("specs")


@pytest.fixture(scope="session")
def codes(folder: Path) -> Path:
    return variant(folder, {"taxes": CODES, "rounding": ROUNDING})


async def test_nav_computes_the_tax_from_the_code_and_agrees(site: Site, codes: Path) -> None:
    desk = await begin(site, codes)
    await desk.posted(Line("Advice", "1", "100.00", HST), Line("Books", "1", "10.00", (GST,)))
    assert await desk.balance("2300") == "-13.50"
    assert await desk.balance(*RECEIVABLES) == "123.50"


@pytest.mark.parametrize(
    ("tax", "group"), [("VAT", "ZERO"), ("Exempt", "EXEMPT"), ("Outside", "OUTSIDE"), ("", "NOVAT")]
)
async def test_zero_rated_exempt_and_out_of_scope_are_told_apart(
    site: Site, codes: Path, tax: str, group: str
) -> None:
    desk = await begin(site, codes)
    invoice = await desk.posted(Line("Advice", "1", "100.00", ((tax, "0"),) if tax else ()))
    entry = await desk.entry(Kind.INVOICE, invoice)
    lines = await desk.books.rows("PostedSalesInvoiceSalesLines", Document_No=entry["Document_No"])
    assert [line["VAT_Prod_Posting_Group"] for line in lines] == [group]
    assert await desk.balance(*TAX_ACCOUNTS) == "0.00"


@pytest.mark.parametrize("compound", [False, True])
async def test_two_taxes_of_a_line_are_posted_with_the_sources_amounts(
    site: Site, codes: Path, compound: bool
) -> None:
    desk = await begin(site, codes)
    await desk.posted(Line("Advice", "3", "33.33", (GST, PST), compound=compound))
    tax = Decimal("12.35") if compound else Decimal("12.00")
    assert await desk.balance("2200") == str(-tax)
    assert await desk.balance(*RECEIVABLES) == str(Decimal("99.99") + tax)


async def test_an_unmapped_combination_is_held_and_goes_on_after_a_correction(
    site: Site, codes: Path
) -> None:
    desk = await begin(site, codes)
    invoice = await desk.sent(Line("Advice", "1", "100.00", (("TVA", "21"),)))
    status = await desk.look(invoice)
    assert status.cause == "tax-unmapped"
    assert "TVA 21 %" in status.reason
    status = await desk.decide(invoice, Action.CORRECT, tax="VAT21")
    assert status.stage == "posted", status
    assert await desk.balance("2300") == "-21.00"


async def test_a_tax_that_nav_computes_differently_is_held_with_both_figures(
    site: Site, codes: Path
) -> None:
    desk = await begin(site, codes)
    await desk.books.change("VATPostingSetup", "'DOMESTIC','VAT13'", VAT_Percent=12)
    invoice = await desk.sent()
    status = await desk.look(invoice)
    assert status.hold is not None
    assert status.cause == "totals-differ"
    assert all(figure in status.reason for figure in ("113.00", "112.00")), status.reason
    assert await desk.entries(Kind.INVOICE, invoice) == []
    await desk.books.change("VATPostingSetup", "'DOMESTIC','VAT13'", VAT_Percent=13)
    assert (await desk.look(invoice)).stage == "posted"


async def test_too_much_under_one_code_hides_no_too_little_under_another(
    site: Site, codes: Path
) -> None:
    """The total agrees: only the tax of each code shows that two set-ups are exchanged."""
    desk = await begin(site, codes)
    lines = [Line("Advice", "1", "100.00", HST), Line("Books", "1", "100.00", (GST,))]
    await desk.books.change("VATPostingSetup", "'DOMESTIC','VAT13'", VAT_Percent=5)
    await desk.books.change("VATPostingSetup", "'DOMESTIC','VAT5'", VAT_Percent=13)
    invoice = await desk.sent(*lines)
    status = await desk.look(invoice)
    assert status.cause == "tax-differs", status
    assert all(text in status.reason for text in ("VAT13", "13.00", "5.00")), status.reason
    assert await desk.entries(Kind.INVOICE, invoice) == []
    await desk.books.change("VATPostingSetup", "'DOMESTIC','VAT13'", VAT_Percent=13)
    await desk.books.change("VATPostingSetup", "'DOMESTIC','VAT5'", VAT_Percent=5)
    assert (await desk.look(invoice)).stage == "posted"
    assert await desk.balance("2300") == "-18.00"


async def test_a_difference_within_the_tolerance_goes_to_the_rounding_account(
    site: Site, folder: Path
) -> None:
    spec = variant(folder, {"taxes": CODES, "rounding": {"account": "4900", "tolerance": "1.50"}})
    desk = await begin(site, spec)
    await desk.books.change("VATPostingSetup", "'DOMESTIC','VAT13'", VAT_Percent=12)
    await desk.posted()
    assert await desk.balance("4900") == "-1.00"
    assert await desk.balance("2300") == "-12.00"
    assert await desk.balance(*RECEIVABLES) == "113.00"


async def test_an_invoice_discount_goes_to_its_account_or_is_spread(
    site: Site, folder: Path
) -> None:
    spec = variant(folder, {"taxes": CODES, "discount": {"account": "4200"}})
    desk = await begin(site, spec)
    await desk.posted(
        Line("Advice", "1", "100.00", HST), Line("Untaxed", "1", "9.99"), discount="10"
    )
    assert await desk.balance("4200") == "11.00"
    assert await desk.balance("2300") == "-11.70"
    assert await desk.balance(*RECEIVABLES) == "110.69"


async def test_a_credit_note_is_posted_line_by_line_with_taxes_and_accounts(
    site: Site, codes: Path
) -> None:
    desk = await begin(site, codes)
    given = [
        Line("Consulting", "2", "50.00", HST),
        Line("Books", "1", "10.00", (GST,)),
        Line("Advice", "3", "33.33", (GST, PST), compound=True),
        Line("Untaxed", "1", "7.00"),
    ]
    credit = await desk.clerk.write_credit(desk.client, "USD", TODAY, "goodwill", "", given)
    status = await desk.look_at_credit(credit)
    assert status.stage == "closed", status
    assert await desk.balance("4100") == "100.00"
    assert await desk.balance("4000") == "116.99"
    assert await desk.balance("2300") == "13.50"
    assert await desk.balance("2200") == "12.35"
    assert await desk.open_amount(Kind.CREDIT_NOTE, credit) == "242.84"


async def test_a_credit_whose_tax_is_not_mapped_names_its_own_line_and_is_corrected(
    site: Site, codes: Path
) -> None:
    desk = await begin(site, codes)
    given = [Line("Consulting", "1", "50.00"), Line("Advice", "1", "10.00", (("TVA", "21"),))]
    credit = await desk.clerk.write_credit(desk.client, "USD", TODAY, "goodwill", "", given)
    status = await desk.look_at_credit(credit)
    assert status.cause == "tax-unmapped"
    assert "TVA 21 % of line 2" in status.reason
    values = {"tax:2": "VAT21"}
    status = await desk.driver.decide(Kind.CREDIT_NOTE, credit, Action.CORRECT, "", values)
    assert status.stage == "closed", status
    assert await desk.balance("2300") == "2.10"


TAXES: list[tuple[tuple[str, str], ...]] = [
    (),
    HST,
    (GST,),
    (("VAT", "20"),),
    (("VAT", "0"),),
    (("Exempt", "0"),),
    (GST, PST),
]
prices = st.decimals(Decimal("-50"), Decimal("500"), places=3).map(str)
quantities = st.decimals(Decimal(0), Decimal(20), places=2).map(str)
lines = st.lists(
    st.builds(Line, st.just("Line"), quantities, prices, st.sampled_from(TAXES), st.booleans()),
    min_size=1,
    max_size=5,
)


@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    made=lines,
    discount=st.sampled_from(["0", "10", "33.33", "100"]),
    currency=st.sampled_from(["USD", "USD", "EUR", "JPY", "KWD"]),
    by_code=st.booleans(),
)
async def test_any_invoice_is_posted_to_the_cent_in_every_part_or_held(
    site: Site, codes: Path, made: list[Line], discount: str, currency: str, by_code: bool,
) -> None:  # fmt: skip
    desk = await begin(site, codes if by_code else NAV_SPEC)
    invoice = await desk.clerk.write_invoice(desk.client, currency, TODAY, made, discount)
    await desk.clerk.send_invoice(invoice)
    status = await desk.look(invoice)
    entries = await desk.entries(Kind.INVOICE, invoice)
    if status.stage == "held":
        assert status.hold is not None
        assert (entries, bool(status.hold.remedy)) == ([], True), status
        return
    assert status.stage in ("posted", "closed"), status
    (entry,) = entries
    await _agrees(desk, invoice, entry)


async def _agrees(desk: Desk, invoice: int, entry: dict[str, Any]) -> None:
    """Total, net and tax as the source says; what NAV rounded apart is on the rounding account."""
    row = desk.site.freshbooks.invoices.table[str(invoice)]
    total, tax = Decimal(row["amount"]["amount"]), Decimal(row["_tax"])
    assert entry["Amount"] == total
    (document,) = await desk.books.rows("PostedSalesInvoice", No=entry["Document_No"])
    assert document["Amount_Including_VAT"] == total
    parts = await desk.books.rows("PostedSalesInvoiceSalesLines", Document_No=entry["Document_No"])
    computed = sum((p["Amount_Including_VAT"] - p["Amount"] for p in parts), Decimal(0))
    as_lines = sum((p["Amount"] for p in parts if p["No"] == "2200"), Decimal(0))
    rounding = sum((p["Amount"] for p in parts if p["No"] == "4900"), Decimal(0))
    assert abs(rounding) <= 1
    assert computed + as_lines + rounding == tax
