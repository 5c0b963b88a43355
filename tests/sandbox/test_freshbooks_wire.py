"""What the FreshBooks stand-in puts on the wire: envelopes, errors, clocks, paging, filters."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sandbox.settings import FreshBooksAccount, FreshBooksSettings

ROOT = "/accounting/account/6BApk01"
CLIENTS = f"{ROOT}/users/clients"
INVOICES = f"{ROOT}/invoices/invoices"
PAYMENTS = f"{ROOT}/payments/payments"


async def make(http: httpx.AsyncClient, url: str, name: str, **fields: Any) -> dict[str, Any]:
    answer = await http.post(url, json={name: fields})
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()["response"]["result"][name]
    return made


async def change(http: httpx.AsyncClient, url: str, name: str, **fields: Any) -> dict[str, Any]:
    answer = await http.put(url, json={name: fields})
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()["response"]["result"][name]
    return changed


async def invoice(http: httpx.AsyncClient, cost: str = "100", **fields: Any) -> dict[str, Any]:
    client = await make(http, CLIENTS, "client", organization="Acme")
    line = {"name": "Work", "qty": 1, "unit_cost": {"amount": cost}}
    sent = {"customerid": client["id"], "create_date": "2026-01-05", "status": 2, "lines": [line]}
    return await make(http, INVOICES, "invoice", **(sent | fields))


async def pay(http: httpx.AsyncClient, bill: dict[str, Any], cost: str, **fields: Any) -> Any:
    usual = {"invoiceid": bill["id"], "amount": {"amount": cost}, "date": "2026-01-06"}
    return await make(http, PAYMENTS, "payment", **({"type": "Check"} | usual | fields))


async def read(http: httpx.AsyncClient, url: str) -> dict[str, Any]:
    answer = await http.get(url)
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()["response"]["result"]
    return result


async def state(http: httpx.AsyncClient, bill: dict[str, Any]) -> tuple[str, str, str]:
    now = (await read(http, f"{INVOICES}/{bill['id']}"))["invoice"]
    return now["payment_status"], now["paid"]["amount"], now["outstanding"]["amount"]


async def test_an_unknown_object_answers_the_accounting_envelope(
    freshbooks: httpx.AsyncClient,
) -> None:
    answer = await freshbooks.get(f"{CLIENTS}/12345")
    assert answer.status_code == 404
    expected = {"errno": 1012, "field": "userid", "message": "Client not found."}
    assert answer.json()["response"]["errors"] == [
        expected | {"object": "client", "value": "12345"}
    ]


async def test_a_versioned_call_answers_the_newer_envelope(freshbooks: httpx.AsyncClient) -> None:
    headers = {"X-API-VERSION": "2023-02-20"}
    body = (await freshbooks.get(f"{CLIENTS}/12345", headers=headers)).json()
    assert body["code"] == 5
    assert body["message"] == "Request failed with status_code: 404"
    assert body["details"][0]["reason"] == "1012"
    assert body["details"][0]["metadata"]["value"] == "12345"


@pytest.mark.parametrize(
    "path",
    [
        CLIENTS,
        "/events/account/6BApk01/events/callbacks",
        "/projects/business/1234567/projects",
        "/auth/api/v1/users/me",
    ],
)
async def test_a_bad_token_is_unauthenticated_in_every_family(
    freshbooks: httpx.AsyncClient, path: str
) -> None:
    answer = await freshbooks.get(path, headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401
    assert answer.json()["error"] == "unauthenticated"
    assert answer.json()["error_description"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/accounting/account/1234567/users/clients", {"response"}),
        ("/projects/business/6BApk01/projects", {"error"}),
        ("/accounting/businesses/6BApk01/ledger_accounts/accounts", {"errors"}),
        ("/events/account/1234567/events/callbacks", {"errno", "message"}),
    ],
)
async def test_an_id_of_the_wrong_family_is_not_found(
    freshbooks: httpx.AsyncClient, path: str, body: set[str]
) -> None:
    answer = await freshbooks.get(path)
    assert answer.status_code == 404
    assert set(answer.json()) == body


@pytest.mark.parametrize(
    ("fields", "errno", "field"),
    [
        ({"create_date": "2026-01-05"}, 1001, "customerid"),
        ({"customerid": 1, "create_date": "2026-01-05"}, 1012, "customerid"),
        ({"customerid": 1, "create_date": "soon"}, 1033, "create_date"),
        ({"customerid": 1, "create_date": "2026-01-05", "discount_value": 101}, 1018, None),
        ({"customerid": "x", "create_date": "2026-01-05"}, 1015, "customerid"),
        ({"customerid": "1E+99", "create_date": "2026-01-05"}, 1015, "customerid"),
    ],
)
async def test_a_bad_invoice_is_refused_with_errno_and_field(
    freshbooks: httpx.AsyncClient, fields: dict[str, Any], errno: int, field: str | None
) -> None:
    answer = await freshbooks.post(INVOICES, json={"invoice": fields})
    assert answer.status_code == 422
    error = answer.json()["response"]["errors"][0]
    assert error["errno"] == errno
    assert field is None or error["field"] == field


@pytest.mark.parametrize(
    ("fields", "errno"),
    [
        ({"create_date": None}, 1001),
        ({"due_offset_days": 9_999_999}, 1004),
        ({"currency_code": "Dollar"}, 1004),
        ({"currency_code": "EUR"}, 1004),
        ({"lines": "none"}, 1004),
        ({"lines": [{"qty": "many"}]}, 1015),
        ({"lines": [{"type": "odd"}]}, 1015),
        ({"lines": [{"taxAmount1": -1}]}, 1018),
        ({"vis_state": 3}, 1004),
        ({"notes": {"a": 1}}, 1004),
    ],
)
async def test_a_bad_change_is_refused_and_changes_nothing(
    freshbooks: httpx.AsyncClient, fields: dict[str, Any], errno: int
) -> None:
    bill = await invoice(freshbooks)
    url = f"{INVOICES}/{bill['id']}"
    answer = await freshbooks.put(url, json={"invoice": fields})
    assert answer.status_code == 422
    assert answer.json()["response"]["errors"][0]["errno"] == errno
    assert (await read(freshbooks, url))["invoice"] == bill


async def test_reading_the_head_of_an_object_changes_nothing(
    freshbooks: httpx.AsyncClient,
) -> None:
    bill = await invoice(freshbooks)
    assert (await freshbooks.head(f"{INVOICES}/{bill['id']}")).status_code == 200
    assert len((await read(freshbooks, INVOICES))["invoices"]) == 1


async def test_what_is_not_json_is_a_parse_error(freshbooks: httpx.AsyncClient) -> None:
    answer = await freshbooks.post(CLIENTS, content=b"{")
    assert answer.status_code == 400
    assert answer.json()["response"]["errors"][0]["errno"] == 1005


async def test_a_line_in_another_currency_than_its_invoice_is_refused(
    freshbooks: httpx.AsyncClient,
) -> None:
    client = await make(freshbooks, CLIENTS, "client", organization="Acme")
    line = {"qty": 1, "unit_cost": {"amount": "5", "code": "EUR"}}
    fields = {"customerid": client["id"], "create_date": "2026-01-05", "currency_code": "USD"}
    answer = await freshbooks.post(INVOICES, json={"invoice": {**fields, "lines": [line]}})
    assert answer.json()["response"]["errors"][0]["errno"] == 1004


async def test_discount_and_compound_taxes_add_up(freshbooks: httpx.AsyncClient) -> None:
    line = {
        "qty": "3",
        "unit_cost": {"amount": "19.99", "code": "USD"},
        "taxName1": "GST",
        "taxAmount1": "13",
        "taxName2": "QST",
        "taxAmount2": "9.975",
        "compounded_tax": True,
    }
    made = await invoice(freshbooks, discount_value="10", lines=[line])
    assert made["amount"] == {"amount": "67.07", "code": "USD"}
    assert made["discount_total"] == {"amount": "-6.00", "code": "USD"}
    assert "lines" not in made
    shown = await read(freshbooks, f"{INVOICES}/{made['id']}?include%5B%5D=lines")
    assert shown["invoice"]["lines"][0]["amount"] == {"amount": "59.97", "code": "USD"}
    assert shown["invoice"]["lines"][0]["taxAmount2"] == "9.975"
    assert shown["invoice"]["lines"][0]["qty"] == "3"


@pytest.mark.parametrize(
    ("code", "cost", "expected"),
    [("JPY", "1000.5", "1001"), ("KWD", "1.0005", "1.001"), ("EUR", "1.005", "1.01")],
)
async def test_amounts_are_rounded_half_up_to_the_minor_unit(
    freshbooks: httpx.AsyncClient, code: str, cost: str, expected: str
) -> None:
    line = {"qty": 1, "unit_cost": {"amount": cost, "code": code}}
    made = await invoice(freshbooks, currency_code=code, lines=[line])
    assert made["amount"] == {"amount": expected, "code": code}


async def test_invoices_are_numbered_and_born_draft_unless_said_otherwise(
    freshbooks: httpx.AsyncClient,
) -> None:
    first = await invoice(freshbooks, status=None)
    second = await invoice(freshbooks, v3_status="sent", status=None, invoice_number="A/7")
    assert (first["invoice_number"], first["v3_status"], first["status"]) == ("0000001", "draft", 1)
    assert (second["invoice_number"], second["display_status"]) == ("A/7", "sent")
    assert first["id"] == first["invoiceid"] >= 1_000_000


async def test_payments_move_the_invoice_and_their_removal_restores_it(
    freshbooks: httpx.AsyncClient,
) -> None:
    bill = await invoice(freshbooks)
    part = await pay(freshbooks, bill, "40")
    assert await state(freshbooks, bill) == ("partial", "40.00", "60.00")
    rest = await pay(freshbooks, bill, "60")
    assert await state(freshbooks, bill) == ("paid", "100.00", "0.00")
    await change(freshbooks, f"{PAYMENTS}/{part['id']}", "payment", vis_state=1)
    assert await state(freshbooks, bill) == ("partial", "60.00", "40.00")
    await change(freshbooks, f"{PAYMENTS}/{rest['id']}", "payment", amount={"amount": "10"})
    assert await state(freshbooks, bill) == ("partial", "10.00", "90.00")


async def test_an_overpayment_leaves_a_credit_that_pays_the_next_invoice(
    freshbooks: httpx.AsyncClient,
) -> None:
    bill = await invoice(freshbooks)
    paid = await pay(freshbooks, bill, "130")
    assert await state(freshbooks, bill) == ("paid", "100.00", "0.00")
    url = f"{ROOT}/credit_notes/credit_notes/{paid['overpaymentid']}"
    credit = (await read(freshbooks, url))["credit_note"]
    assert (credit["amount"]["amount"], credit["credit_type"]) == ("30.00", "overpayment")
    other = await invoice(freshbooks, customerid=bill["customerid"])
    used = await pay(freshbooks, other, "30", type="Credit", creditid=credit["id"])
    assert (used["from_credit"], used["creditid"]) == (True, credit["id"])
    assert await state(freshbooks, other) == ("partial", "30.00", "70.00")
    assert (await read(freshbooks, url))["credit_note"]["payment_status"] == "paid"
    refused = await freshbooks.put(f"{PAYMENTS}/{paid['id']}", json={"payment": {"vis_state": 1}})
    assert refused.json()["response"]["errors"][0]["errno"] == 1004
    await change(freshbooks, f"{PAYMENTS}/{used['id']}", "payment", vis_state=1)
    await change(freshbooks, f"{PAYMENTS}/{paid['id']}", "payment", vis_state=1)
    assert (await read(freshbooks, url))["credit_note"]["vis_state"] == 1
    assert await state(freshbooks, bill) == ("unpaid", "0.00", "100.00")


async def test_a_payment_in_another_currency_settles_nothing(
    freshbooks: httpx.AsyncClient,
) -> None:
    bill = await invoice(freshbooks)
    paid = await pay(freshbooks, bill, "40", amount={"amount": "40", "code": "EUR"})
    assert paid["amount"] == {"amount": "40.00", "code": "EUR"}
    assert await state(freshbooks, bill) == ("unpaid", "0.00", "100.00")


async def test_the_phase_rule_drops_everything_but_the_first_phase(
    freshbooks: httpx.AsyncClient,
) -> None:
    bill = await invoice(freshbooks, status=1)
    url = f"{INVOICES}/{bill['id']}"
    changed = await change(freshbooks, url, "invoice", vis_state=0, po_number="A")
    assert changed["po_number"] is None
    changed = await change(freshbooks, url, "invoice", action_mark_as_sent=True, po_number="A")
    assert (changed["po_number"], changed["v3_status"]) == (None, "overdue")
    changed = await change(freshbooks, url, "invoice", po_number="A", status=4)
    assert (changed["po_number"], changed["status"]) == ("A", 2)


async def test_deleted_objects_stay_readable_and_leave_the_lists(
    freshbooks: httpx.AsyncClient,
) -> None:
    bill = await invoice(freshbooks)
    url = f"{INVOICES}/{bill['id']}"
    deleted = await freshbooks.request("DELETE", url, json={"invoice": {"vis_state": 1}})
    assert deleted.json() == {"response": {}}
    assert (await read(freshbooks, url))["invoice"]["vis_state"] == 1
    assert (await read(freshbooks, INVOICES))["invoices"] == []
    only = await read(freshbooks, f"{INVOICES}?search[vis_state]=1")
    assert [row["id"] for row in only["invoices"]] == [bill["id"]]
    refused = await freshbooks.put(url, json={"invoice": {"po_number": "A"}})
    assert refused.json()["response"]["errors"][0]["errno"] == 1011
    await change(freshbooks, f"{CLIENTS}/{bill['customerid']}", "client", vis_state=2)
    assert len((await read(freshbooks, CLIENTS))["clients"]) == 1


async def test_a_client_is_not_deleted_by_http(freshbooks: httpx.AsyncClient) -> None:
    client = await make(freshbooks, CLIENTS, "client", organization="Acme")
    assert (await freshbooks.delete(f"{CLIENTS}/{client['id']}")).status_code == 405


async def test_pages_are_capped_and_forgiving(freshbooks: httpx.AsyncClient) -> None:
    empty = await read(freshbooks, CLIENTS)
    assert (empty["pages"], empty["total"], empty["per_page"]) == (0, 0, 15)
    for number in range(17):
        await make(freshbooks, CLIENTS, "client", organization=f"No {number}")
    first = await read(freshbooks, f"{CLIENTS}?page=0")
    assert (first["page"], first["pages"], len(first["clients"])) == (1, 2, 15)
    assert (await read(freshbooks, f"{CLIENTS}?per_page=500"))["per_page"] == 100
    assert (await read(freshbooks, f"{CLIENTS}?page=9"))["clients"] == []
    newest = await read(freshbooks, f"{CLIENTS}?sort=id_desc&per_page=1")
    assert newest["clients"][0]["organization"] == "No 16"
    for query, errno in (("page=x", 1014), ("page=-1", 1014), ("per_page=x", 1013)):
        answer = await freshbooks.get(f"{CLIENTS}?{query}")
        assert answer.json()["response"]["errors"][0]["errno"] == errno


async def test_lists_are_filtered_and_unknown_filters_are_ignored(
    freshbooks: httpx.AsyncClient,
) -> None:
    first = await invoice(freshbooks, invoice_number="X-1", create_date="2026-01-05")
    second = await invoice(freshbooks, invoice_number="X-2", create_date="2026-02-05", status=1)
    await pay(freshbooks, first, "100", note="[tag:1]")

    async def found(query: str) -> list[int]:
        return [row["id"] for row in (await read(freshbooks, f"{INVOICES}?{query}"))["invoices"]]

    assert await found(f"search[customerid]={first['customerid']}") == [first["id"]]
    assert await found("search%5Binvoice_number%5D=X-2") == [second["id"]]
    assert await found("search[v3_status]=paid") == [first["id"]]
    assert await found("search[date_min]=2026-01-05&search[date_max]=2026-02-05") == [first["id"]]
    ids = f"search[ids][]={first['id']}&search[ids][]={second['id']}"
    assert await found(ids) == [first["id"], second["id"]]
    assert await found("search[po_number]=nothing") == [first["id"], second["id"]]
    payments = await read(freshbooks, f"{PAYMENTS}?search[invoiceid]={first['id']}")
    assert [row["note"] for row in payments["payments"]] == ["[tag:1]"]
    none = await read(freshbooks, f"{PAYMENTS}?search[notes]=tag:2")
    assert none["payments"] == []


async def test_changes_are_found_by_the_eastern_day(
    freshbooks: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await control.post("/clock", json={"now": "2026-07-02T03:30:00Z"})
    client = await make(freshbooks, CLIENTS, "client", organization="Late")
    assert client["updated"] == "2026-07-01 23:30:00"
    assert client["signup_date"] == "2026-07-02 03:30:00"
    for query, count in (("min]=2026-07-01", 1), ("min]=2026-07-02", 0), ("max]=2026-07-01", 0)):
        listed = await read(freshbooks, f"{CLIENTS}?search[updated_{query}")
        assert listed["total"] == count


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("2026-03-08T06:59:00Z", "2026-03-08 01:59:00"),
        ("2026-03-08T07:00:00Z", "2026-03-08 03:00:00"),
        ("2026-11-01T05:30:00Z", "2026-11-01 01:30:00"),
        ("2026-11-01T06:30:00Z", "2026-11-01 01:30:00"),
    ],
)
async def test_updated_follows_the_eastern_clock_over_both_edges(
    freshbooks: httpx.AsyncClient, control: httpx.AsyncClient, moment: str, text: str
) -> None:
    await control.post("/clock", json={"now": moment})
    made = await invoice(freshbooks)
    assert made["updated"][:16] == made["created_at"][:16] == made["version"][:16] == text[:16]


async def test_every_write_changes_the_version(freshbooks: httpx.AsyncClient) -> None:
    bill = await invoice(freshbooks)
    changed = await change(freshbooks, f"{INVOICES}/{bill['id']}", "invoice", po_number="1")
    assert changed["version"] != bill["version"]
    assert len(changed["version"]) == len("2026-01-01 00:00:00.000000")


async def test_an_invoice_becomes_overdue_by_the_clock_alone(
    freshbooks: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    await control.post("/clock", json={"now": "2026-01-06T12:00:00Z"})
    bill = await invoice(freshbooks, due_offset_days=1)
    assert (bill["v3_status"], bill["due_date"]) == ("sent", "2026-01-06")
    await control.post("/clock", json={"advance": "P1D"})
    later = (await read(freshbooks, f"{INVOICES}/{bill['id']}"))["invoice"]
    assert (later["v3_status"], later["updated"]) == ("overdue", bill["updated"])


async def test_balances_are_computed_when_they_are_included(freshbooks: httpx.AsyncClient) -> None:
    bill = await invoice(freshbooks)
    await invoice(freshbooks, customerid=bill["customerid"], status=1, cost="7")
    await pay(freshbooks, bill, "30")
    url = f"{CLIENTS}/{bill['customerid']}?include[]=outstanding_balance&include[]=draft_balance"
    client = (await read(freshbooks, url))["client"]
    assert client["outstanding_balance"] == [{"amount": {"amount": "70.00", "code": "USD"}}]
    assert client["draft_balance"] == [{"amount": {"amount": "7.00", "code": "USD"}}]


async def test_an_invoice_keeps_the_address_of_its_day(freshbooks: httpx.AsyncClient) -> None:
    bill = await invoice(freshbooks)
    url = f"{CLIENTS}/{bill['customerid']}"
    await change(freshbooks, url, "client", organization="New Name")
    now = (await read(freshbooks, f"{INVOICES}/{bill['id']}"))["invoice"]
    assert (now["organization"], now["current_organization"]) == ("Acme", "New Name")


async def test_business_scoped_families_have_their_own_shapes(
    freshbooks: httpx.AsyncClient,
) -> None:
    root = "/projects/business/1234567"
    made = await freshbooks.post(f"{root}/project", json={"project": {"title": "House"}})
    project = made.json()["project"]
    assert "Z" not in project["created_at"]
    assert "T" in project["created_at"]
    listed = (await freshbooks.get(f"{root}/projects?search[title]=x&sort=-id")).json()
    assert [row["id"] for row in listed["projects"]] == [project["id"]]
    assert listed["meta"]["sort"] == "-id"
    assert listed["meta"]["per_page"] == 30
    assert (await freshbooks.get(f"{root}/projects?title=x")).json()["projects"] == []
    bad = await freshbooks.get("/timetracking/business/1234567/time_entries?updated_since=x")
    assert (bad.status_code, bad.json()["errno"]) == (422, 2001)
    gone = await freshbooks.delete(f"{root}/project/{project['id']}")
    assert gone.status_code == 204
    missing = await freshbooks.get(f"{root}/project/{project['id']}")
    assert missing.json() == {"error": "Requested resource could not be found."}


async def test_expenses_follow_their_client_and_invoice(freshbooks: httpx.AsyncClient) -> None:
    categories = await read(freshbooks, f"{ROOT}/expenses/categories")
    category = categories["categories"][0]["id"]
    bill = await invoice(freshbooks)
    url = f"{ROOT}/expenses/expenses"
    fields = {"amount": {"amount": "12"}, "date": "2026-01-02", "staffid": 1}
    made = await make(freshbooks, url, "expense", categoryid=category, **fields)
    assert (made["status"], made["amount"]["amount"]) == (0, "12.00")
    changed = await change(
        freshbooks, f"{url}/{made['id']}", "expense", clientid=bill["customerid"]
    )
    assert changed["status"] == 1
    line = {"type": 1, "expenseid": made["id"], "qty": 1, "unit_cost": {"amount": "100"}}
    await change(freshbooks, f"{INVOICES}/{bill['id']}", "invoice", lines=[line])
    shown = (await read(freshbooks, f"{url}/{made['id']}"))["expense"]
    assert (shown["status"], shown["invoiceid"]) == (2, bill["id"])
    await pay(freshbooks, bill, "100")
    assert (await read(freshbooks, f"{url}/{made['id']}"))["expense"]["status"] == 4
    staff = await read(freshbooks, f"{ROOT}/users/staffs")
    team = {person["fname"]: person["id"] for person in staff["staffs"]}
    assert (team["Owner"], set(team)) == (1, {"Owner", "Erin", "Noor"})


async def test_bills_are_settled_by_their_payments(freshbooks: httpx.AsyncClient) -> None:
    vendors = f"{ROOT}/bill_vendors/bill_vendors"
    vendor = await make(freshbooks, vendors, "bill_vendor", vendor_name="Paper Inc")
    line = {"quantity": 2, "unit_cost": {"amount": "10"}, "tax_percent1": "13"}
    bill = await make(
        freshbooks,
        f"{ROOT}/bills/bills",
        "bill",
        vendorid=vendor["vendorid"],
        issue_date="2026-01-05",
        lines=[line],
    )
    assert (bill["total_amount"]["amount"], bill["status"]) == ("22.60", "unpaid")
    paid = {"billid": bill["id"], "amount": {"amount": "22.60"}, "paid_date": "2026-01-07"}
    await make(freshbooks, f"{ROOT}/bill_payments/bill_payments", "bill_payment", **paid)
    settled = (await read(freshbooks, f"{ROOT}/bills/bills/{bill['id']}"))["bill"]
    assert (settled["outstanding"]["amount"], settled["status"]) == ("0.00", "paid")


async def test_the_journal_shows_every_document_in_its_present_state(
    freshbooks: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    bill = await invoice(freshbooks, po_number="FB-1")
    url = f"{CLIENTS}/{bill['customerid']}"
    await change(freshbooks, url, "client", note="VIP [erp:1] please")
    paid = await pay(freshbooks, bill, "130", note="k")
    await change(freshbooks, f"{PAYMENTS}/{paid['id']}", "payment", vis_state=1)
    rows = (await control.get("/journal/freshbooks")).json()
    shown = [(row["kind"], row["key"], row["state"], row["amount"]) for row in rows]
    assert shown == [
        ("customer", "[erp:1]", "active", "0.00"),
        ("invoice", "FB-1", "overdue", "100.00"),
        ("credit_memo", "", "deleted", "30.00"),
        ("payment", "k", "deleted", "130.00"),
    ]
    assert rows[1]["document"] == str(bill["id"])
    assert rows[1]["party"] == str(bill["customerid"])


class TestWithChosenBehaviour:
    """Behaviours that no source settles, chosen by settings."""

    @pytest.fixture
    def freshbooks_settings(self, account: FreshBooksAccount) -> FreshBooksSettings:
        return FreshBooksSettings(
            accounts=[account],
            lengths={"client.organization": 10},
            unique_invoice_numbers=True,
            hidden_rows=3,
        )

    async def test_a_long_text_is_refused(self, freshbooks: httpx.AsyncClient) -> None:
        answer = await freshbooks.post(CLIENTS, json={"client": {"organization": "x" * 11}})
        error = answer.json()["response"]["errors"][0]
        assert (error["errno"], error["field"]) == (1017, "organization")

    async def test_a_number_is_used_once(self, freshbooks: httpx.AsyncClient) -> None:
        bill = await invoice(freshbooks, invoice_number="A-1")
        again = {"customerid": bill["customerid"], "create_date": "2026-01-05"}
        body = {"invoice": {**again, "invoice_number": "A-1"}}
        answer = await freshbooks.post(INVOICES, json=body)
        assert answer.json()["response"]["errors"][0]["field"] == "invoice_number"

    async def test_a_total_may_exceed_what_is_ever_shown(
        self, freshbooks: httpx.AsyncClient
    ) -> None:
        await make(freshbooks, CLIENTS, "client", organization="Acme")
        listed = await read(freshbooks, CLIENTS)
        assert (listed["total"], listed["pages"], len(listed["clients"])) == (4, 1, 1)


class TestWithoutTheRightRole:
    """A person who owns the business but is only a client of its accounting account."""

    @pytest.fixture
    def freshbooks_settings(self, account: FreshBooksAccount) -> FreshBooksSettings:
        return FreshBooksSettings(accounts=[account.model_copy(update={"role": "client"})])

    async def test_reads_work_and_writes_are_denied(self, freshbooks: httpx.AsyncClient) -> None:
        assert (await freshbooks.get(CLIENTS)).status_code == 200
        answer = await freshbooks.post(CLIENTS, json={"client": {"email": "a@example.com"}})
        assert answer.status_code == 403
        assert answer.json()["response"]["errors"][0]["message"] == "Permission Denied"
        me = (await freshbooks.get("/auth/api/v1/users/me")).json()["response"]
        assert me["roles"][0]["role"] == "client"
        assert me["business_memberships"][0]["role"] == "owner"


class TestWithoutAnAccountingAccount:
    """A business whose accounting account id is null."""

    @pytest.fixture
    def freshbooks_settings(self, account: FreshBooksAccount) -> FreshBooksSettings:
        return FreshBooksSettings(accounts=[account.model_copy(update={"accounting": False})])

    async def test_the_account_id_is_null(self, freshbooks: httpx.AsyncClient) -> None:
        me = (await freshbooks.get("/auth/api/v1/users/me")).json()["response"]
        assert me["business_memberships"][0]["business"]["account_id"] is None
        assert (await freshbooks.get(CLIENTS)).status_code == 404
