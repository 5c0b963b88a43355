"""Sales orders and general journals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.ax_house import House, house, refused, running
from tests.sandbox.ax_values import account, key_of, keys, where

__all__ = ["house", "running"]

D = Decimal


async def _jour(house: House, key: str) -> Any:
    criteria = where("CustInvoiceJour", "PurchaseOrder", "Equal", key)
    found = await house.call("SalesInvoiceService", "find", QueryCriteria=criteria)
    (jour,) = found["CustInvoiceJour"]
    return jour


def _order(number: str, key: str, **fields: Any) -> dict[str, Any]:
    row = {
        "class": "entity",
        "ItemId": "SERVICE",
        "SalesQty": "2",
        "SalesUnit": "hr",
        "SalesPrice": "50",
        **fields.pop("line", {}),
    }
    header = {
        "class": "entity",
        "CustAccount": number,
        "CustomerRef": f"ref of {key}",
        "PurchOrderFormNum": key,
        "ReceiptDateRequested": "2026-03-05",
        **fields,
        "SalesLine": [row],
    }
    return {"SalesTable": [header]}


async def _ordered(house: House, number: str, key: str, **fields: Any) -> Any:
    made = await house.call("SalesOrderService", "create", SalesOrder=_order(number, key, **fields))
    found = await house.call(
        "SalesOrderService", "read", EntityKeyList=keys("SalesId", key_of(made))
    )
    return found["SalesTable"][0]


async def test_a_sales_order_is_invoiced_whole(house: House) -> None:
    number = await house.customer()
    row = {"TaxGroup": "TAX", "TaxItemGroup": "VAT10", "LinePercent": "10"}
    order = await _ordered(house, number, "K1", line=row)
    assert (order["SalesType"], order["SalesStatus"]) == ("Sales", "Backorder")
    assert [one["kind"] for one in await house.journal() if one["key"] == "K1"] == ["order"]
    posted = await house.tieout("postSalesOrder", "K1")
    assert (posted["Amount"], posted["TaxAmount"]) == (99, 9)
    assert (await _jour(house, "K1"))["SalesId"] == order["SalesId"]
    assert (await house.balances())["4100"] == -90
    (row,) = [one for one in await house.journal() if one["key"] == "K1"]
    assert (row["kind"], row["state"], row["number"]) == (
        "invoice",
        "posted",
        posted["InvoiceId"],
    )


async def test_a_repeated_purchase_order_number_silently_becomes_a_journal_order(
    house: House,
) -> None:
    number, other = await house.customer(), await house.customer()
    assert (await _ordered(house, number, "K1"))["SalesType"] == "Sales"
    again = await _ordered(house, number, "K1")
    assert (again["SalesType"], again["SalesStatus"]) == ("Journal", "None")
    assert (await _ordered(house, other, "K1"))["SalesType"] == "Sales"
    await house.operator(posting="auto", after=0)
    assert len(await house.journal("order")) >= 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"PurchOrderFormNum": ""}, "PurchOrderFormNum"),
        ({"SalesId": "MINE"}, "SalesId"),
        ({"line": {"ItemId": "ROCKET"}}, "ItemId"),
        ({"line": {"SalesUnit": "aeon"}}, "SalesUnit"),
        ({"line": {"SalesQty": "0"}}, "SalesQty"),
    ],
)
async def test_orders_are_validated(house: House, fields: dict[str, Any], field: str) -> None:
    number = await house.customer()
    call = house.call("SalesOrderService", "create", SalesOrder=_order(number, "K1", **fields))
    refusal = await refused(call)
    assert refusal.field == field


async def test_a_general_journal_balances_by_voucher(house: House) -> None:
    def row(number: str, **fields: Any) -> dict[str, Any]:
        return {"class": "entity", "LedgerDimension": account(number), **fields}

    async def create(*rows: dict[str, Any]) -> str:
        header = {"class": "entity", "JournalName": "GenJrn", "LedgerJournalTrans": list(rows)}
        document = {"LedgerJournalTable": [header]}
        made = await house.call("GeneralJournalService", "create", LedgerGeneralJournal=document)
        return key_of(made)

    await create(
        row("6200", AmountCurDebit="10", PaymReference="J1"), row("1000", AmountCurCredit="10")
    )
    await house.tieout("postPaymentJournal", "J1")
    assert await house.balances() == {"6200": D(10), "1000": D(-10)}
    await create(
        row("6200", AmountCurDebit="10", PaymReference="J2"), row("1000", AmountCurCredit="9")
    )
    refusal = await refused(house.tieout("postPaymentJournal", "J2"))
    assert "do not balance" in refusal.text
    both = create(row("6200", AmountCurDebit="1", AmountCurCredit="1"))
    assert "Either debit or credit" in (await refused(both)).text
    await refused(create(row("6200", AmountCurDebit="1", Company="demf")))
    taxed = row("6200", AmountCurDebit="1", TaxGroup="TAX", TaxItemGroup="VAT10")
    assert "Sales tax on journal lines" in (await refused(create(taxed))).text
