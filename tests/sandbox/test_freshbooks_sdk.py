"""The official FreshBooks SDK, unmodified, against the stand-in."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from freshbooks.builders.filter import FilterBuilder
from freshbooks.builders.includes import IncludesBuilder
from freshbooks.builders.paginator import PaginateBuilder
from freshbooks.builders.sort import SortBuilder
from freshbooks.client import Client
from freshbooks.errors import FreshBooksError

from sandbox.server import SandboxServer
from sandbox.settings import FreshBooksAccount

Delivery = tuple[dict[str, str], str]


@pytest.fixture
def sdk(
    freshbooks_sandbox: SandboxServer, account: FreshBooksAccount, monkeypatch: pytest.MonkeyPatch
) -> Client:
    """The SDK, pointed at the stand-in by its own two variables."""
    base = f"http://127.0.0.1:{freshbooks_sandbox.ports['freshbooks']}"
    monkeypatch.setenv("FRESHBOOKS_API_URL", base)
    monkeypatch.setenv("FRESHBOOKS_AUTH_URL", base)
    return Client(
        client_id=account.client_id,
        client_secret=account.client_secret,
        redirect_uri=account.redirect_uri,
        access_token=account.access_token,
        auto_retry=False,
    )


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[str, asyncio.Queue[Delivery]]]:
    """A webhook receiver: its address, and what it got (form fields and signature)."""
    got: asyncio.Queue[Delivery] = asyncio.Queue()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.split(": ", 1) for line in head.splitlines()[1:] if ": " in line)
        lowered = {name.lower(): value for name, value in headers.items()}
        body = await reader.readexactly(int(lowered["content-length"]))
        fields = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        got.put_nowait((fields, lowered["x-freshbooks-hmac-sha256"]))
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/hook", got
    server.close()
    await server.wait_closed()


def signed_with(verifier: str, fields: dict[str, str]) -> str:
    """The signature as the SDK's guide computes it."""
    message = json.dumps(fields).encode()
    return base64.b64encode(hmac.new(verifier.encode(), message, hashlib.sha256).digest()).decode()


async def test_tokens_are_exchanged_rotated_and_never_used_twice(sdk: Client) -> None:
    def walk() -> None:
        page = httpx.get(sdk.get_auth_request_url(["user:profile:read", "user:clients:read"]))
        code = parse_qs(urlsplit(page.headers["location"]).query)["code"][0]
        first = sdk.get_access_token(code)
        assert first.access_token_expires_at > datetime.now(UTC)
        assert sdk.current_user().email == "owner@example.com"
        second = sdk.refresh_access_token()
        assert second.refresh_token != first.refresh_token
        with pytest.raises(FreshBooksError) as refusal:
            sdk.refresh_access_token(first.refresh_token)
        assert refusal.value.status_code == 400
        with pytest.raises(FreshBooksError, match="invalid"):
            sdk.get_access_token(code)
        assert sdk.clients.list("6BApk01").pages.total == 0
        with pytest.raises(FreshBooksError) as denial:
            sdk.clients.create("6BApk01", {"organization": "Acme"})
        assert denial.value.status_code == 403

    await asyncio.to_thread(walk)


async def test_the_identity_names_account_and_business(
    sdk: Client, account: FreshBooksAccount
) -> None:
    me = await asyncio.to_thread(sdk.current_user)
    business = me.business_memberships[0].business
    assert business.account_id == account.account_id
    assert business.data["business_uuid"] == account.business_uuid
    assert me.full_name == "Sandbox Owner"


async def test_an_invoice_is_created_found_sent_paid_and_deleted(sdk: Client) -> None:
    def walk() -> None:
        fields = {"organization": "Häagen & Söhne", "currency_code": "EUR"}
        client = sdk.clients.create("6BApk01", fields)
        line = {"name": "Work", "qty": 2, "unit_cost": {"amount": "50.00", "code": "EUR"}}
        taxed = line | {"taxName1": "VAT", "taxAmount1": 20}
        body = {"customerid": client.id, "create_date": "2026-01-05", "lines": [taxed]}
        invoice = sdk.invoices.create("6BApk01", body)
        assert invoice.v3_status == "draft"
        assert invoice.data["amount"] == {"amount": "120.00", "code": "EUR"}
        now = datetime.now(UTC)
        assert abs((invoice.updated - now).total_seconds()) < 60
        assert abs((client.signup_date - now).total_seconds()) < 60
        lines = IncludesBuilder()
        lines.include("lines")
        shown = sdk.invoices.get("6BApk01", invoice.id, includes=lines)
        assert shown.lines[0].data["taxAmount1"] == "20"
        sdk.invoices.update("6BApk01", invoice.id, {"action_mark_as_sent": True, "notes": "lost"})
        again = sdk.invoices.get("6BApk01", invoice.id)
        assert (again.status, again.data["notes"]) == (2, "")
        money = {"amount": "120.00", "code": "EUR"}
        payment = sdk.payments.create(
            "6BApk01",
            {"invoiceid": invoice.id, "amount": money, "date": "2026-01-06", "type": "Check"},
        )
        mine = FilterBuilder().equals("invoiceid", invoice.id)
        assert [row.id for row in sdk.payments.list("6BApk01", [mine])] == [payment.id]
        assert sdk.invoices.get("6BApk01", invoice.id).payment_status == "paid"
        sdk.payments.delete("6BApk01", payment.id)
        assert sdk.invoices.get("6BApk01", invoice.id).data["outstanding"]["amount"] == "120.00"
        sdk.invoices.delete("6BApk01", invoice.id)
        assert sdk.invoices.get("6BApk01", invoice.id).vis_state == 1
        assert sdk.invoices.list("6BApk01").pages.total == 0

    await asyncio.to_thread(walk)


async def test_lists_are_paged_filtered_and_sorted(sdk: Client) -> None:
    def walk() -> None:
        for number in range(5):
            sdk.clients.create(
                "6BApk01", {"email": f"{number}@example.com", "note": f"[n:{number}]"}
            )
        page = PaginateBuilder(2, 2)
        newest = SortBuilder().descending("id")
        found = sdk.clients.list("6BApk01", [page, newest])
        assert [client.data["email"][0] for client in found] == ["2", "1"]
        assert found.pages.pages == 3
        noted = sdk.clients.list("6BApk01", [FilterBuilder().like("note_like", "[n:3]")])
        assert [client.data["email"] for client in noted] == ["3@example.com"]

    await asyncio.to_thread(walk)


async def test_errors_reach_the_caller_with_status_and_errno(sdk: Client) -> None:
    def walk() -> None:
        with pytest.raises(FreshBooksError) as refusal:
            sdk.clients.get("6BApk01", 12345)
        assert (refusal.value.status_code, refusal.value.error_code) == (404, 1012)
        assert str(refusal.value) == "Client not found."
        with pytest.raises(FreshBooksError) as unknown:
            sdk.callbacks.create("6BApk01", {"event": "invoice.explode", "uri": "http://a/b"})
        assert unknown.value.status_code == 422
        assert str(unknown.value.error_details) == "['event: Value error, Unrecognized event.']"

    await asyncio.to_thread(walk)


async def test_a_failing_read_is_sent_five_times_by_the_sdk(
    sdk: Client, control: httpx.AsyncClient
) -> None:
    sdk.auto_retry = True
    fault = {"system": "freshbooks", "method": "GET", "fault": "status", "status": 503}
    await control.post("/faults", json=fault)
    with pytest.raises(FreshBooksError):
        await asyncio.to_thread(sdk.clients.get, "6BApk01", 1_000_001)
    assert len((await control.get("/requests/freshbooks")).json()) == 5


async def test_callbacks_are_verified_and_every_delivery_is_signed(
    sdk: Client, account: FreshBooksAccount, receiver: tuple[str, asyncio.Queue[Delivery]]
) -> None:
    uri, got = receiver
    hook = await asyncio.to_thread(
        sdk.callbacks.create, "6BApk01", {"event": "invoice", "uri": uri}
    )
    assert hook.data["verified"] is False
    fields, signature = await asyncio.wait_for(got.get(), 5)
    verifier = fields["verifier"]
    assert (fields["name"], fields["object_id"]) == ("callback.verify", str(hook.callbackid))
    assert signature == signed_with(verifier, fields)
    with pytest.raises(FreshBooksError):
        await asyncio.to_thread(sdk.callbacks.verify, "6BApk01", hook.callbackid, "wrong")
    await asyncio.to_thread(sdk.callbacks.resend_verification, "6BApk01", hook.callbackid)
    assert (await asyncio.wait_for(got.get(), 5))[0] == fields
    done = await asyncio.to_thread(sdk.callbacks.verify, "6BApk01", hook.callbackid, verifier)
    assert done.data["verified"] is True
    client = await asyncio.to_thread(sdk.clients.create, "6BApk01", {"organization": "Acme"})
    body = {"customerid": client.id, "create_date": "2026-01-05"}
    invoice = await asyncio.to_thread(sdk.invoices.create, "6BApk01", body)
    fields, signature = await asyncio.wait_for(got.get(), 5)
    assert fields == {
        "name": "invoice.create",
        "object_id": str(invoice.id),
        "account_id": account.account_id,
        "business_id": str(account.business_id),
        "identity_id": str(account.identity_id),
        "user_id": "1",
    }
    assert signature == signed_with(verifier, fields)
    await asyncio.to_thread(sdk.callbacks.delete, "6BApk01", hook.callbackid)
    assert (await asyncio.to_thread(sdk.callbacks.list, "6BApk01")).pages.total == 0


async def test_uploads_are_linked_by_their_jwt(sdk: Client, tmp_path: Path) -> None:
    receipt_file = tmp_path / "receipt.pdf"
    receipt_file.write_bytes(b"%PDF-1.4 receipt")

    def walk() -> None:
        with receipt_file.open("rb") as stream:
            upload = sdk.attachments.upload("6BApk01", file_stream=stream)
        assert sdk.attachments.get(upload.data["jwt"]).content == b"%PDF-1.4 receipt"
        category = sdk.expenses_categories.list("6BApk01")[0]
        attachment = {"jwt": upload.data["jwt"], "media_type": "application/pdf"}
        fields = {"amount": {"amount": "9"}, "date": "2026-01-02", "staffid": 1}
        body = fields | {"categoryid": category.id, "attachment": attachment}
        expense = sdk.expenses.create("6BApk01", body)
        receipt = IncludesBuilder()
        receipt.include("attachment")
        shown = sdk.expenses.get("6BApk01", expense.id, includes=receipt)
        assert shown.attachment.data["jwt"] == upload.data["jwt"]
        assert shown.data["has_receipt"] is True

    await asyncio.to_thread(walk)


async def test_the_other_resources_are_created_listed_and_deleted(
    sdk: Client, account: FreshBooksAccount
) -> None:
    def walk() -> None:
        item = sdk.items.create("6BApk01", {"name": "Paper", "qty": 3, "sku": "P-1"})
        assert item.data["qty"] == "3"
        sdk.items.delete("6BApk01", item.id)
        tax = sdk.taxes.create("6BApk01", {"name": "VAT", "amount": 13})
        assert tax.data["amount"] == "13"
        sdk.taxes.delete("6BApk01", tax.id)
        assert sdk.taxes.list("6BApk01").pages.total == 0
        income = {"amount": {"amount": "5", "code": "USD"}, "date": "2026-01-02"}
        sdk.other_income.create("6BApk01", income)
        assert sdk.other_income.list("6BApk01")[0].data["amount"]["amount"] == "5.00"
        assert sdk.gateways.list("6BApk01").pages.total == 0
        project = sdk.projects.create(account.business_id, {"title": "House"})
        assert sdk.projects.get(account.business_id, project.id).title == "House"
        entry = {"duration": 3600, "started_at": "2026-01-02T10:00:00Z"}
        sdk.time_entries.create(account.business_id, entry)
        assert sdk.time_entries.list(account.business_id)[0].duration == 3600
        service = sdk.services.create(account.business_id, {"name": "Paint"})
        rate = sdk.service_rates.create(account.business_id, service.id, {"rate": "10.00"})
        assert rate.data["rate"] == "10.00"
        ledger = {"name": "Tools", "sub_type": "cash", "parent_account": None}
        made = sdk.ledger_accounts.create(account.business_uuid, ledger)
        listed = sdk.ledger_accounts.list(account.business_uuid)
        assert [row.data["uuid"] for row in listed] == [made.data["uuid"]]
        credit = {"clientid": sdk.clients.create("6BApk01", {}).id, "create_date": "2026-01-02"}
        note = sdk.credit_notes.create("6BApk01", credit | {"amount": {"amount": "8"}})
        assert note.data["amount"] == {"amount": "8.00", "code": "USD"}

    await asyncio.to_thread(walk)
