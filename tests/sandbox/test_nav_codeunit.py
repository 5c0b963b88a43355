"""The codeunit of the NAV stand-in: whatever is repeated has happened once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.sandbox.nav_company import Fault, House, open_house, revenue

BATCH = {"templateName": "CASHRCPT", "batchName": "TIEOUT"}


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as found:
        yield found


@pytest.mark.parametrize("kind", ["Invoice", "Credit Memo", "Order"])
async def test_creating_twice_makes_one_draft_and_posting_twice_one_document(
    house: House, kind: str
) -> None:
    customer = await house.customer()
    create = {"documentType": kind, "externalKey": "k1", "customerNo": customer, "state": ""}
    first = await house.call("CreateSalesDocument", **create)
    assert first["state"] == "Draft"
    assert await house.call("CreateSalesDocument", **create) == first
    number = await house.draft("K1", customer, revenue(10), kind=kind)
    assert number == first["return_value"]
    posted = await house.post("K1", kind)
    assert await house.post("K1", kind) == posted
    again = await house.call("CreateSalesDocument", **create)
    assert again == {"return_value": posted, "state": "Posted"}
    assert len(await house.records("CustomerLedgerEntries")) == 1
    service = "Sales" + kind.replace(" ", "")
    assert await house.records(service) == []


async def test_a_new_draft_copies_what_the_customer_has(house: House) -> None:
    customer = await house.customer(
        Name="Ünïcode & Co", City="Bonn", Currency_Code="CAD", Payment_Terms_Code="30D"
    )
    number = await house.draft("K1", customer, Posting_Date="2026-02-10")
    draft = await house.one(f"SalesInvoice('Invoice','{number}')")
    assert draft["External_Document_No"] == "K1"
    assert draft["Sell_to_Customer_Name"] == "Ünïcode & Co"
    assert (draft["Sell_to_City"], draft["Currency_Code"]) == ("Bonn", "CAD")
    assert (draft["Document_Date"], draft["Due_Date"]) == ("2026-02-10", "2026-03-12")
    assert draft["VAT_Bus_Posting_Group"] == "DOMESTIC"


async def test_a_posted_invoice_knows_where_it_came_from(house: House) -> None:
    customer = await house.customer()
    draft = await house.draft("K1", customer, revenue(10), Your_Reference="F-1")
    posted = await house.one(f"PostedSalesInvoice('{await house.post('K1')}')")
    assert (posted["Pre_Assigned_No"], posted["Order_No"]) == (draft, "")
    assert (posted["External_Document_No"], posted["Your_Reference"]) == ("K1", "F-1")
    assert (posted["Remaining_Amount"], posted["Closed"], posted["User_ID"]) == (
        10,
        False,
        "TIEOUT",
    )
    order = await house.draft("K2", customer, revenue(10), kind="Order")
    posted = await house.one(f"PostedSalesInvoice('{await house.post('K2', 'Order')}')")
    assert (posted["Pre_Assigned_No"], posted["Order_No"]) == ("", order)


async def test_posting_what_was_never_created_is_refused(house: House) -> None:
    with pytest.raises(Fault, match="There is no Invoice"):
        await house.post("K1")
    with pytest.raises(Fault, match="There is no journal line"):
        await house.post_line("P1")
    with pytest.raises(Fault, match=r"There is no Cust. Ledger Entry"):
        await house.call("UnapplyEntry", externalKey="P1")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"documentType": "Quote"}, "NavNCLEvaluateException"),
        ({"documentType": "Banana"}, "NavNCLEvaluateException"),
        ({"externalKey": ""}, "NavTestFieldException"),
        ({"externalKey": "x" * 36}, "NavNCLStringLengthExceededException"),
        ({"customerNo": ""}, "NavTestFieldException"),
        ({"customerNo": "NOBODY"}, "NavCSideValidateTableRelationException"),
    ],
)
async def test_a_wrong_parameter_is_a_fault(
    house: House, values: dict[str, str], code: str
) -> None:
    standard = {"documentType": "Invoice", "externalKey": "K1", "customerNo": "C1", "state": ""}
    with pytest.raises(Fault) as caught:
        await house.call("CreateSalesDocument", **{**standard, **values})
    assert caught.value.code == code


async def test_a_missing_parameter_is_a_fault(house: House) -> None:
    with pytest.raises(Fault, match="Parameter externalKey in method PostSalesDocument"):
        await house.call("PostSalesDocument", documentType="Invoice")
    with pytest.raises(Fault, match="The method Nothing does not exist"):
        await house.call("Nothing")


async def test_a_journal_line_is_reserved_and_posted_once(house: House) -> None:
    customer = await house.customer()
    reserve = {**BATCH, "externalKey": "p1", "state": ""}
    first = await house.call("ReserveJournalLine", **reserve)
    assert first == {"return_value": "10000", "state": "Draft"}
    assert await house.call("ReserveJournalLine", **reserve) == first
    line = (await house.records("CashReceiptJournal"))[0]
    assert (line["Document_No"], line["External_Document_No"]) == ("P1", "P1")
    await house.line("P1", customer, -10)
    assert [await house.post_line("P1") for _ in range(3)] == ["P1", "P1", "P1"]
    assert await house.call("ReserveJournalLine", **reserve) == {
        "return_value": "0",
        "state": "Posted",
    }
    assert len(await house.records("CustomerLedgerEntries")) == 1


async def test_posting_one_line_leaves_the_others_in_the_batch(house: House) -> None:
    customer = await house.customer()
    await house.line("P1", customer, -10)
    await house.line("P2", customer, -20)
    await house.post_line("P2")
    assert [row["Document_No"] for row in await house.records("CashReceiptJournal")] == ["P1"]


async def test_two_complete_lines_with_one_key_are_not_posted(house: House) -> None:
    customer = await house.customer()
    await house.line("P1", customer, -10)
    await house.line("P2", customer, -10, External_Document_No="P1")
    with pytest.raises(Fault, match="There is more than one journal line"):
        await house.post_line("P1")
    assert await house.records("GLEntries") == []
