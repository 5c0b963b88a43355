"""Bad set-up and bad input: each ends in a clear hold, or stops the connection with a reason."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.ax.adapter import AxTarget
from connectors.errors import Misconfigured, OutcomeUnknown, Rejected, Unauthorized
from documents.hold import HoldClass
from documents.key import Kind
from documents.record import FieldValue, MappedRecord
from tests.connectors.ax_books import (
    DAY,
    ax_books,
    customer_record,
    figures,
    invoice_record,
    key,
    line,
)

INVOICE = key(Kind.INVOICE)


async def _customer(ax: AxTarget) -> str:
    return (await ax.create_customer(key(Kind.CUSTOMER), customer_record())).number


async def _refused(
    ax: AxTarget, number: str, one: dict[str, FieldValue] | None = None, currency: str = "EUR"
) -> Rejected:
    record = invoice_record(number, (one or line("1.00"),), figures("1.00", currency=currency))
    with pytest.raises(Rejected) as caught:
        await ax.create(INVOICE, record)
    return caught.value


async def test_a_customer_that_does_not_exist_is_a_hold() -> None:
    async with ax_books() as books, books.target() as ax:
        error = await _refused(ax, "C9999999")
        assert error.hold.cause == "customer-unknown"
        assert error.hold.hold_class is HoldClass.SETUP
        assert "C9999999" in error.hold.reason


async def test_a_stopped_customer_is_a_hold_and_goes_on_when_the_stop_is_lifted() -> None:
    async with ax_books() as books, books.target(settle_seconds=0.0, timeout=1.0) as ax:
        number = await _customer(ax)
        await books.person("block", account=number, blocked="All")
        assert (await _refused(ax, number)).hold.cause == "customer-blocked"
        await books.person("block", account=number, blocked="No")
        record = invoice_record(number, (line("1.00"),), figures("1.00"))
        assert (await ax.create(INVOICE, record)).number


@pytest.mark.parametrize(
    ("field", "cause"),
    [
        ({"LedgerDimension.Department": "NOSUCH"}, "dimension-missing"),
        ({"LedgerDimension": "4999"}, "account-unknown"),
        ({"TaxItemGroup": "NOSUCH"}, "vat-setup-missing"),
        ({"Description": "x" * 1001}, "text-too-long"),
        ({"Quantity": "one"}, "value-not-allowed"),
        ({"Colour": "red"}, "field-unknown"),
    ],
)
async def test_a_bad_value_of_a_line_is_a_hold(field: dict[str, str], cause: str) -> None:
    async with ax_books() as books, books.target() as ax:
        number = await _customer(ax)
        assert (await _refused(ax, number, line("1.00", **field))).hold.cause == cause


async def test_an_unknown_currency_is_a_hold() -> None:
    async with ax_books() as books, books.target() as ax:
        error = await _refused(ax, await _customer(ax), currency="CHF")
        assert error.hold.cause == "currency-unknown"


async def test_a_closed_period_is_a_hold_when_the_document_is_posted() -> None:
    async with ax_books(posting_after=3600.0) as books, books.target(posting="service") as ax:
        number = await _customer(ax)
        await books.person("period", month=f"{DAY:%Y-%m}", status="Closed")
        record = invoice_record(number, (line("1.00"),), figures("1.00"))
        await ax.create(INVOICE, record)
        with pytest.raises(Rejected) as caught:
            await ax.post(INVOICE)
        assert caught.value.hold.cause == "period-closed"
        await books.person("period", month=f"{DAY:%Y-%m}", status="Open")
        assert (await ax.post(INVOICE)).number


async def test_a_fault_without_details_is_a_hold_that_says_where_to_look() -> None:
    async with ax_books(detailed_faults=False) as books, books.target() as ax:
        error = await _refused(ax, "C9999999")
        assert error.hold.cause == "target-silent"
        assert "Include exceptions in fault" in error.hold.remedy


@pytest.mark.parametrize(
    ("operations", "said"),
    [
        ({"FreeTextInvoiceService": ["find"]}, "FreeTextInvoiceService does not offer"),
        ({"CustomerService": ["create", "read", "update"]}, "operation find"),
        ({"CustomerTransactionService": ["find"]}, "operation findKeys"),
        ({"CustomerPaymentJournalService": []}, "no such port"),
    ],
)
async def test_a_port_without_an_operation_stops_the_connection_and_the_check_names_it(
    operations: dict[str, list[str]], said: str
) -> None:
    async with ax_books(operations=operations) as books, books.target() as ax:
        assert any(said in problem for problem in await ax.check())


async def test_the_check_asks_for_what_only_credit_notes_and_costs_need() -> None:
    """Ports beside those of invoices and payments were not looked at."""
    orders: dict[str, Any] = {
        "document": "sales_order",
        "ports": {"sales_order": "SalesOrderService", "general_journal": "GeneralJournalService"},
    }
    operations: dict[str, list[str]] = {"FreeTextInvoiceService": [], "GeneralJournalService": []}
    async with ax_books(operations=operations) as books:
        async with books.target(**orders) as ax:
            problems = " ".join(await ax.check())
        assert "FreeTextInvoiceService" in problems
        assert "GeneralJournalService" in problems
        orders["ports"]["free_text_invoice"] = ""
        async with books.target(service=False, **orders) as ax:
            problems = " ".join(await ax.check())
        assert "FreeTextInvoiceService" not in problems
        assert "need the custom service" in problems


async def test_a_create_on_a_port_without_it_stops_the_connection() -> None:
    operations = {"FreeTextInvoiceService": ["find"]}
    async with ax_books(operations=operations) as books, books.target() as ax:
        record = invoice_record(await _customer(ax), (line("1.00"),), figures("1.00"))
        with pytest.raises(Misconfigured, match="does not offer the operation create"):
            await ax.create(INVOICE, record)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"company": "NONE"}, "company"),
        ({"fields": {"free_text_invoice_key": "NoSuchField"}}, "no field NoSuchField"),
        ({"dimensions": ["Region"]}, "no financial dimension Region"),
        ({"ports": {"payment": ""}}, "names no port"),
    ],
)
async def test_the_check_says_what_is_wrong_with_the_connection(
    changes: dict[str, Any], said: str
) -> None:
    async with ax_books() as books, books.target(**changes) as ax:
        assert any(said in problem for problem in await ax.check())


async def test_a_wrong_company_stops_the_connection() -> None:
    async with ax_books() as books, books.target(company="NONE") as ax:
        with pytest.raises(Misconfigured, match="does not know the company"):
            await ax.lookup(INVOICE)


async def test_a_missing_privilege_stops_the_connection() -> None:
    user = {"privileges": ["CustCustomerServiceFind"]}
    async with ax_books(user=user) as books, books.target(service=False) as ax:
        await ax.find_customers(key="x")
        with pytest.raises(Misconfigured, match="privilege"):
            await ax.create_customer(key(Kind.CUSTOMER), customer_record())


async def test_an_expired_and_a_wrong_password_stop_the_connection_with_the_reason() -> None:
    async with ax_books(user={"password_expired": True}) as books, books.target() as ax:
        with pytest.raises(Unauthorized, match="expired"):
            await ax.lookup(INVOICE)
        with pytest.raises(Unauthorized, match="expired"):
            await ax.check()
    async with ax_books() as books, books.target(secret="wrong") as ax:
        with pytest.raises(Unauthorized, match="wrong"):
            await ax.lookup(INVOICE)


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, Misconfigured), (503, OutcomeUnknown), (502, OutcomeUnknown)],
)
async def test_a_page_of_iis_instead_of_soap_is_judged_by_its_status(
    status: int, error: type[Exception]
) -> None:
    async with ax_books() as books, books.target(service=False) as ax:
        number = await _customer(ax)
        record = invoice_record(number, (line("1.00"),), figures("1.00"))
        await ax.lookup(INVOICE)
        path = ".*/FreeTextInvoiceService/xppservice.svc"
        await books.fault(method="POST", path=path, fault="status", status=status, skip=1)
        with pytest.raises(error):
            await ax.create(INVOICE, record)


async def test_a_kind_without_a_port_stops_the_connection() -> None:
    ports = {"general_journal": ""}
    async with ax_books() as books, books.target(ports=ports) as ax:
        record = MappedRecord(kind=Kind.EXPENSE, entity="general_journal", header={})
        with pytest.raises(Misconfigured, match="no port for general_journal"):
            await ax.create(key(Kind.EXPENSE), record)


async def test_a_record_of_another_entity_stops_the_connection() -> None:
    async with (
        ax_books() as books,
        books.target(document="sales_order", ports={"sales_order": "SalesOrderService"}) as ax,
    ):
        with pytest.raises(Misconfigured, match="the mapping makes free_text_invoice"):
            await ax.create(INVOICE, invoice_record("C1", (line("1.00"),), figures("1.00")))


async def test_the_check_tells_of_a_missing_privilege_to_create_and_creates_nothing() -> None:
    """Ports that only create were not asked: the first posting showed it."""
    create_only = {
        "FreeTextInvoiceService": ["create"],
        "CustomerPaymentJournalService": ["create"],
    }
    reads = [
        *(f"CustCustomerService{name}" for name in ("Find", "Read", "Create")),
        "SalesSalesInvoiceServiceFind",
        *(f"CustomerTransactionService{name}" for name in ("Find", "FindKeys", "Read")),
    ]
    changes: dict[str, Any] = {"ports": {"general_journal": ""}}
    for privileges, asks, lacking in (
        (reads, True, ["CustomerService.update", "FreeTextInvoice", "CustomerPaymentJournal"]),
        (reads, False, []),
        (None, True, []),
    ):
        async with (
            ax_books(
                operations=create_only, custom_service=False, user={"privileges": privileges}
            ) as books,
            books.target(service=False, ask_privileges=asks, **changes) as ax,
        ):
            problems = await ax.check()
            assert len(problems) == len(lacking), problems
            for port, text in zip(lacking, problems, strict=True):
                assert text.startswith(port)
                assert "privilege" in text
            assert await books.journal() == []


async def test_the_check_says_that_a_port_gives_no_reasons() -> None:
    async with ax_books(detailed_faults=False) as books, books.target() as ax:
        assert any("Include exceptions in fault" in text for text in await ax.check())


@pytest.mark.parametrize("service", [True, False], ids=["custom service", "ports"])
async def test_the_check_tells_of_every_port_that_the_user_may_not_read(service: bool) -> None:
    user = {"privileges": ["CustCustomerServiceFind"]}
    async with ax_books(user=user) as books, books.target(service=service) as ax:
        problems = await ax.check()
    missing = ("TieoutService",) if service else ("SalesInvoice", "CustomerTransaction")
    for port in missing:
        assert any(port in text and "privilege" in text for text in problems)
