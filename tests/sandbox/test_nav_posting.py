"""What the NAV stand-in refuses to post, and with which words."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.sandbox.nav_company import Fault, House, open_house, revenue


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as found:
        yield found


async def refusal_of_invoice(house: House, key: str = "K1") -> Fault:
    with pytest.raises(Fault) as caught:
        await house.post(key)
    assert await house.records("GLEntries") == []
    assert len(await house.records("SalesInvoice")) == 1
    return caught.value


async def test_a_document_without_lines_has_nothing_to_post(house: House) -> None:
    await house.draft("K1", await house.customer())
    fault = await refusal_of_invoice(house)
    assert (fault.code, fault.text) == ("NavNCLDialogException", "There is nothing to post.")


async def test_lines_of_quantity_zero_are_nothing_to_post(house: House) -> None:
    await house.draft("K1", await house.customer(), revenue(10, 0))
    assert (await refusal_of_invoice(house)).text == "There is nothing to post."


@pytest.mark.parametrize(
    "setup", [{"Allow_Posting_From": "2026-03-01"}, {"Allow_Posting_To": "2026-01-31"}]
)
async def test_a_date_outside_the_allowed_range_is_refused(
    house: House, setup: dict[str, str]
) -> None:
    await house.change("GeneralLedgerSetup('')", **setup)
    await house.draft("K1", await house.customer(), revenue(10), Posting_Date="2026-02-15")
    fault = await refusal_of_invoice(house)
    assert "is not within your range of allowed posting dates" in fault.text
    assert fault.code == "NavTestFieldException"


async def test_a_closed_period_is_refused_and_the_next_one_is_not(house: House) -> None:
    await house.change("AccountingPeriods(2026-02-01)", Closed=True)
    customer = await house.customer()
    await house.draft("K1", customer, revenue(10), Posting_Date="2026-02-28")
    fault = await refusal_of_invoice(house)
    assert "is not within your range of allowed posting dates" in fault.text
    record = f"SalesInvoice('Invoice','{(await house.records('SalesInvoice'))[0]['No']}')"
    await house.change(record, Posting_Date="2026-03-01")
    assert await house.post("K1") == "PSI1000001"


@pytest.mark.parametrize("day", ["1999-12-31", "2150-01-01"])
async def test_a_day_centuries_away_meets_no_period_or_the_last_one(house: House, day: str) -> None:
    await house.draft("K1", await house.customer(), revenue(10), Posting_Date=day)
    if day < "2000":
        fault = await refusal_of_invoice(house)
        assert "is not within your range of allowed posting dates" in fault.text
    else:
        assert await house.post("K1") == "PSI1000001"


async def test_a_day_before_sql_servers_first_is_no_date(house: House) -> None:
    await house.draft("K1", await house.customer())
    record = f"SalesInvoice('Invoice','{(await house.records('SalesInvoice'))[0]['No']}')"
    refusal = await house.refused("PATCH", record, Posting_Date="1752-12-31")
    assert refusal[1] == "Application_EvaluateException"


@pytest.mark.parametrize("blocked", ["Invoice", "All"])
async def test_a_blocked_customer_gets_no_draft(house: House, blocked: str) -> None:
    customer = await house.customer(Blocked=blocked)
    with pytest.raises(Fault, match=f"is blocked with type {blocked}") as caught:
        await house.draft("K1", customer)
    assert caught.value.code == "NavNCLDialogException"
    assert await house.records("SalesInvoice") == []


async def test_a_customer_blocked_after_the_draft_stops_posting(house: House) -> None:
    customer = await house.customer()
    await house.draft("K1", customer, revenue(10))
    await house.change(f"Customer('{customer}')", Blocked="All")
    fault = await refusal_of_invoice(house)
    assert fault.text.startswith("You cannot post this type of document when Customer")
    await house.change(f"Customer('{customer}')", Blocked=" ")
    assert await house.post("K1") == "PSI1000001"


async def test_a_payment_of_a_customer_blocked_for_invoices_is_taken(house: House) -> None:
    customer = await house.customer(Blocked="Invoice")
    assert await house.payment("P1", customer, -5) == "P1"


@pytest.mark.parametrize("group", ["Customer_Posting_Group", "Gen_Bus_Posting_Group"])
async def test_a_customer_without_posting_groups_gets_no_draft(house: House, group: str) -> None:
    customer = await house.customer(**{group: ""})
    with pytest.raises(Fault, match=f"must have a value in Customer: No.={customer}") as caught:
        await house.draft("K1", customer)
    assert caught.value.code == "NavTestFieldException"


async def test_a_missing_general_posting_setup_is_named(house: House) -> None:
    await house.draft("K1", await house.customer(), revenue(10, Gen_Prod_Posting_Group=""))
    fault = await refusal_of_invoice(house)
    assert fault.code == "NavCSideRecordNotFoundException"
    assert "The General Posting Setup does not exist." in fault.text


async def test_a_missing_vat_setup_is_named(house: House) -> None:
    await house.add("VATProductPostingGroups", Code="VAT99")
    number = await house.draft("K1", await house.customer())
    refusal = await house.refused(
        "POST",
        f"SalesInvoice('Invoice','{number}')/SalesInvoiceSalesLines",
        **revenue(10, VAT_Prod_Posting_Group="VAT99"),
    )
    assert refusal[1] == "Internal_RecordNotFound"
    assert "VAT Bus. Posting Group='DOMESTIC',VAT Prod. Posting Group='VAT99'" in refusal[2]


async def test_a_vat_setup_without_account_stops_posting(house: House) -> None:
    await house.change("VATPostingSetup('DOMESTIC','VAT20')", Sales_VAT_Account="")
    line = revenue(10, VAT_Prod_Posting_Group="VAT20")
    await house.draft("K1", await house.customer(), line)
    assert "Sales VAT Account must have a value" in (await refusal_of_invoice(house)).text


@pytest.mark.parametrize(
    ("account", "words"),
    [
        ("9999", "Blocked must be equal to 'No'  in G/L Account: No.=9999"),
        ("1300", "Direct Posting must be equal to 'Yes'"),
        ("0815", "cannot be found in the related table (G/L Account)"),
    ],
)
async def test_a_line_needs_an_account_that_may_be_posted_to(
    house: House, account: str, words: str
) -> None:
    number = await house.draft("K1", await house.customer())
    record = f"SalesInvoice('Invoice','{number}')/SalesInvoiceSalesLines"
    refusal = await house.refused("POST", record, **revenue(10, No=account))
    assert words in refusal[2]


async def test_an_account_blocked_after_the_draft_stops_posting(house: House) -> None:
    await house.draft("K1", await house.customer(), revenue(10))
    await house.change("GLAccounts('4000')", Blocked=True)
    assert "Blocked must be equal to 'No'" in (await refusal_of_invoice(house)).text


@pytest.mark.parametrize(
    ("rule", "value", "words"),
    [
        ("Code Mandatory", "", "Select a Dimension Value Code for the Dimension Code DEPARTMENT"),
        ("Same Code", "ADM", "Select Dimension Value Code SALES for the Dimension Code DEPARTMENT"),
        ("No Code", "ADM", "Dimension Code DEPARTMENT must not be mentioned for G/L Account 4000"),
    ],
)
async def test_an_account_can_demand_dimensions(
    house: House, rule: str, value: str, words: str
) -> None:
    await house.add(
        "DefaultDimensions",
        Table_ID=15,
        No="4000",
        Dimension_Code="DEPARTMENT",
        Dimension_Value_Code="SALES" if rule == "Same Code" else "",
        Value_Posting=rule,
    )
    line = revenue(10, Shortcut_Dimension_1_Code=value)
    await house.draft("K1", await house.customer(), line)
    fault = await refusal_of_invoice(house)
    assert fault.text.startswith("A dimension used in Invoice SI1000001, line no. 10000 has caused")
    assert words in fault.text


async def test_a_customer_can_demand_a_dimension_of_payments_too(house: House) -> None:
    customer = await house.customer()
    rule = {"Table_ID": 18, "No": customer, "Dimension_Code": "PROJECT"}
    await house.add("DefaultDimensions", **rule, Value_Posting="Code Mandatory")
    with pytest.raises(Fault, match="for the Dimension Code PROJECT for Customer"):
        await house.payment("P1", customer, -5)
    batch = "Journal_Template_Name='CASHRCPT',Journal_Batch_Name='TIEOUT',Line_No=10000"
    await house.change(f"CashReceiptJournal({batch})", Shortcut_Dimension_2_Code="P1")
    assert await house.post_line("P1") == "P1"


async def test_default_dimensions_are_proposed_and_land_on_the_entries(house: House) -> None:
    customer = await house.customer(Global_Dimension_1_Code="SALES")
    rule = {"Table_ID": 15, "No": "4000", "Dimension_Code": "PROJECT"}
    await house.add("DefaultDimensions", **rule, Dimension_Value_Code="P2")
    await house.invoice("K1", customer, revenue(10))
    entry = (await house.records("GLEntries", filter="G_L_Account_No eq '4000'"))[0]
    assert (entry["Global_Dimension_1_Code"], entry["Global_Dimension_2_Code"]) == ("SALES", "P2")


async def test_a_blocked_dimension_value_is_refused(house: House) -> None:
    await house.change("DimensionValues('DEPARTMENT','ADM')", Blocked=True)
    number = await house.draft("K1", await house.customer())
    record = f"SalesInvoice('Invoice','{number}')"
    refusal = await house.refused("PATCH", record, Shortcut_Dimension_1_Code="ADM")
    assert "is blocked" in refusal[2]


async def test_a_currency_without_a_rate_on_the_day_is_refused(house: House) -> None:
    await house.add("Currencies", Code="CHF", Amount_Rounding_Precision="0.01")
    await house.add(
        "CurrencyExchangeRates",
        Currency_Code="CHF",
        Starting_Date="2026-03-01",
        Exchange_Rate_Amount=1,
        Relational_Exch_Rate_Amount="1.1",
    )
    number = await house.draft("K1", await house.customer(), Posting_Date="2026-02-28")
    record = f"SalesInvoice('Invoice','{number}')"
    refusal = await house.refused("PATCH", record, Currency_Code="CHF")
    assert refusal[1] == "Internal_RecordNotFound"
    assert "There is no Currency Exchange Rate within the filter" in refusal[2]


async def test_an_exhausted_number_series_is_refused_until_it_is_extended(house: House) -> None:
    customer = await house.customer()
    await house.change("NoSeries('S-INV+')", Ending_No="PSI1000001")
    await house.invoice("K1", customer, revenue(10))
    await house.draft("K2", customer, revenue(10))
    with pytest.raises(Fault) as caught:
        await house.post("K2")
    words = "You cannot assign numbers greater than PSI1000001 from the number series S-INV+."
    assert caught.value.text == words
    await house.change("NoSeries('S-INV+')", Ending_No="PSI9999999")
    assert await house.post("K2") == "PSI1000002"


async def test_a_negative_total_is_refused(house: House) -> None:
    await house.draft("K1", await house.customer(), revenue(10), revenue(10, -2))
    text = "The total amount for the invoice must be 0 or greater."
    assert (await refusal_of_invoice(house)).text == text


async def test_a_mandatory_external_number_is_demanded_where_that_is_set(house: House) -> None:
    await house.change("SalesReceivablesSetup('')", Ext_Doc_No_Mandatory=True)
    assert await house.invoice("K1", await house.customer(), revenue(10)) == "PSI1000001"


async def test_header_changes_that_ask_a_question_fail_once_there_are_lines(house: House) -> None:
    number = await house.draft("K1", await house.customer(), revenue(10))
    record = f"SalesInvoice('Invoice','{number}')"
    refusal = await house.refused("PATCH", record, Currency_Code="CAD")
    assert refusal[1] == "Application_CallbackNotAllowed"
