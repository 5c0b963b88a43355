"""What the people of the story do in FreshBooks: through its API, as its own pages would."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import httpx

from workers.dev.announcement import SourceEnd


@dataclass(frozen=True)
class BillLine:
    """One line of a bill: what was bought, without its tax."""

    category: str
    cost: str
    tax: str = ""
    percent: str = "0"


@dataclass(frozen=True)
class Line:
    """A line somebody types: amounts in the invoice's currency, taxes as name and percent; of a
    project when it comes from tracked time."""

    name: str
    quantity: str
    price: str
    taxes: tuple[tuple[str, str], ...] = ()
    compound: bool = False
    project: int | None = None


class Clerk:
    """Somebody at work in one FreshBooks account."""

    def __init__(self, http: httpx.AsyncClient, url: str, account: SourceEnd) -> None:
        self._http = http
        self._base = f"{url}/accounting/account/{account.account_id}"
        self._uploads = f"{url}/uploads/account/{account.account_id}"
        self._headers = {"Authorization": f"Bearer {account.access_token}"}

    async def add_client(self, organization: str, email: str, **fields: str) -> int:
        """A new client; returns its id."""
        client = {"organization": organization, "email": email, **fields}
        return int((await self._send("POST", "users/clients", "client", client))["id"])

    async def change_client(self, client_id: int, **fields: Any) -> None:
        await self._send("PUT", f"users/clients/{client_id}", "client", fields)

    async def write_invoice(
        self,
        client_id: int,
        currency: str,
        day: date,
        lines: list[Line],
        discount: str = "0",
        **fields: Any,
    ) -> int:
        """A draft; returns its id. Nothing happens in the books before it is sent."""
        invoice = {
            "customerid": client_id,
            "create_date": day.isoformat(),
            "currency_code": currency,
            "discount_value": discount,
            "lines": [line_fields(line, currency) for line in lines],
            **fields,
        }
        return int((await self._send("POST", "invoices/invoices", "invoice", invoice))["id"])

    async def send_invoice(self, invoice_id: int) -> None:
        await self._change(invoice_id, {"action_mark_as_sent": True})

    async def change_lines(self, invoice_id: int, currency: str, lines: list[Line]) -> None:
        await self._change(invoice_id, {"lines": [line_fields(line, currency) for line in lines]})

    async def change_invoice(self, invoice_id: int, **fields: Any) -> None:
        """Any other change of an invoice: its number, its client, its dates."""
        await self._change(invoice_id, fields)

    async def void_invoice(self, invoice_id: int) -> None:
        await self._change(invoice_id, {"vis_state": 1})

    async def restore_invoice(self, invoice_id: int) -> None:
        await self._change(invoice_id, {"vis_state": 0})

    async def enter_payment(
        self,
        invoice_id: int,
        amount: Decimal,
        currency: str,
        day: date,
        kind: str = "Check",
        **fields: Any,
    ) -> int:
        """Money received for an invoice, negative when it is given back; returns its id."""
        payment = {
            "invoiceid": invoice_id,
            "amount": {"amount": str(amount), "code": currency},
            "date": day.isoformat(),
            "type": kind,
            **fields,
        }
        return int((await self._send("POST", "payments/payments", "payment", payment))["id"])

    async def change_payment(self, payment_id: int, **fields: Any) -> None:
        await self._send("PUT", f"payments/payments/{payment_id}", "payment", fields)

    async def delete_payment(self, payment_id: int) -> None:
        await self.change_payment(payment_id, vis_state=1)

    async def write_credit(
        self,
        client_id: int,
        currency: str,
        day: date,
        kind: str,
        amount: str,
        given: Sequence[Line] = (),
        **fields: Any,
    ) -> int:
        """A credit of a client (goodwill, prepayment); returns its id. A goodwill credit has the
        lines that are given, else one of that amount."""
        goodwill = [*given] or [Line("Goodwill", "1", amount)]
        lines = [line_fields(each, currency) for each in goodwill if kind == "goodwill"]
        credit = {
            "clientid": client_id,
            "create_date": day.isoformat(),
            "credit_type": kind,
            "currency_code": currency,
            **({"lines": lines} if lines else {"amount": {"amount": amount, "code": currency}}),
            **fields,
        }
        path = "credit_notes/credit_notes"
        return int((await self._send("POST", path, "credit_note", credit))["id"])

    async def change_credit(
        self, credit_id: int, currency: str, amount: str, given: Sequence[Line] = (), **more: Any
    ) -> None:
        """The credit over another amount, a goodwill credit in its lines: one, or those given."""
        path = f"credit_notes/credit_notes/{credit_id}"
        found = (await self._get(path, {}))["credit_note"]
        fields: dict[str, Any] = {"amount": {"amount": amount, "code": currency}}
        if found["credit_type"] == "goodwill":
            goodwill = [*given] or [Line("Goodwill", "1", amount)]
            fields = {"lines": [line_fields(each, currency) for each in goodwill]}
        await self._send("PUT", path, "credit_note", {**fields, **more})

    async def delete_credit(self, credit_id: int) -> None:
        path = f"credit_notes/credit_notes/{credit_id}"
        await self._send("PUT", path, "credit_note", {"vis_state": 1})

    async def enter_expense(
        self, amount: str, day: date, category: str, currency: str = "USD", **fields: Any
    ) -> int:
        """What somebody spent; `staff` is an e-mail, the owner without it. Returns its id."""
        staff = fields.pop("staff", "")
        expense = {
            "amount": {"amount": amount, "code": currency},
            "date": day.isoformat(),
            "categoryid": await self._category(category),
            "staffid": await self._staff(staff) if staff else 1,
            **fields,
        }
        return int((await self._send("POST", "expenses/expenses", "expense", expense))["id"])

    async def change_expense(self, expense_id: int, **fields: Any) -> None:
        """Any change of an expense; `vis_state=1` withdraws it."""
        await self._send("PUT", f"expenses/expenses/{expense_id}", "expense", fields)

    async def expense(self, expense_id: int) -> dict[str, Any]:
        """An expense as its page shows it."""
        found: dict[str, Any] = (await self._get(f"expenses/expenses/{expense_id}", {}))["expense"]
        return found

    async def enter_vendor(self, name: str, account_number: str = "") -> int:
        """A vendor of bills, with the number that the target knows it by; returns its id."""
        vendor = {"vendor_name": name, "account_number": account_number}
        path = "bill_vendors/bill_vendors"
        return int((await self._send("POST", path, "bill_vendor", vendor))["vendorid"])

    async def enter_bill(
        self, vendor: int, number: str, day: date, lines: Sequence[BillLine], currency: str = "USD"
    ) -> int:
        """A bill of a vendor under the vendor's own number; returns its id."""
        bill = {
            "vendorid": vendor,
            "issue_date": day.isoformat(),
            "bill_number": number,
            "currency_code": currency,
            "lines": await self._bill_lines(lines, currency),
        }
        return int((await self._send("POST", "bills/bills", "bill", bill))["id"])

    async def change_bill(self, bill: int, **fields: Any) -> None:
        """Any change of a bill; `vis_state=1` deletes it."""
        await self._send("PUT", f"bills/bills/{bill}", "bill", fields)

    async def change_bill_lines(
        self, bill: int, lines: Sequence[BillLine], currency: str = "USD"
    ) -> None:
        """The bill with other lines."""
        await self.change_bill(bill, lines=await self._bill_lines(lines, currency))

    async def pay_bill(self, bill: int, amount: str, day: date, currency: str = "USD") -> int:
        """What was paid on a bill; returns the payment's id."""
        payment = {
            "billid": bill,
            "amount": {"amount": amount, "code": currency},
            "paid_date": day.isoformat(),
            "payment_type": "Check",
        }
        path = "bill_payments/bill_payments"
        return int((await self._send("POST", path, "bill_payment", payment))["id"])

    async def delete_bill_payment(self, payment: int) -> None:
        path = f"bill_payments/bill_payments/{payment}"
        await self._send("PUT", path, "bill_payment", {"vis_state": 1})

    async def _bill_lines(self, lines: Sequence[BillLine], currency: str) -> list[dict[str, Any]]:
        return [
            {
                "categoryid": await self._category(line.category),
                "quantity": "1",
                "unit_cost": {"amount": line.cost, "code": currency},
                "tax_name1": line.tax,
                "tax_percent1": line.percent,
            }
            for line in lines
        ]

    async def upload_receipt(self, content: bytes, media_type: str) -> dict[str, str]:
        """A receipt for the `attachment` of an expense."""
        url = f"{self._uploads}/attachments"
        files = {"content": ("receipt", content, media_type)}
        response = await self._http.post(url, files=files, headers=self._headers)
        response.raise_for_status()
        made = response.json()["attachment"]
        return {"jwt": made["jwt"], "media_type": made["media_type"]}

    async def _category(self, name: str) -> int:
        rows = await self.list_all("expenses/categories", "categories")
        return next(int(row["id"]) for row in rows if row["category"] == name)

    async def _staff(self, email: str) -> int:
        rows = await self.list_all("users/staffs", "staffs")
        return next(int(row["id"]) for row in rows if row["email"] == email)

    async def restore_credit(self, credit_id: int) -> None:
        path = f"credit_notes/credit_notes/{credit_id}"
        await self._send("PUT", path, "credit_note", {"vis_state": 0})

    async def credits_of(self, client_id: int) -> list[dict[str, Any]]:
        """The client's credits that are not deleted, oldest first."""
        rows = await self.list_all("credit_notes/credit_notes", "credit_notes")
        return sorted((r for r in rows if r["clientid"] == client_id), key=lambda r: int(r["id"]))

    async def outstanding(self, invoice_id: int) -> Decimal:
        return Decimal((await self._invoice(invoice_id))["outstanding"]["amount"])

    async def list_all(self, path: str, key: str) -> list[dict[str, Any]]:
        """Every visible object of a kind, page by page."""
        rows: list[dict[str, Any]] = []
        page = 1
        while True:
            result = await self._get(path, {"page": str(page), "per_page": "100"})
            rows += result[key]
            if page >= int(result["pages"]):
                return rows
            page += 1

    async def _invoice(self, invoice_id: int) -> dict[str, Any]:
        found: dict[str, Any] = (await self._get(f"invoices/invoices/{invoice_id}", {}))["invoice"]
        return found

    async def _change(self, invoice_id: int, fields: dict[str, Any]) -> None:
        await self._send("PUT", f"invoices/invoices/{invoice_id}", "invoice", fields)

    async def _get(self, path: str, params: dict[str, str]) -> dict[str, Any]:
        url = f"{self._base}/{path}"
        response = await self._http.get(url, params=params, headers=self._headers)
        return _result(response)

    async def _send(self, method: str, path: str, key: str, body: dict[str, Any]) -> dict[str, Any]:
        url = f"{self._base}/{path}"
        response = await self._http.request(method, url, json={key: body}, headers=self._headers)
        found: dict[str, Any] = _result(response)[key]
        return found


def _result(response: httpx.Response) -> dict[str, Any]:
    response.raise_for_status()
    result: dict[str, Any] = response.json()["response"]["result"]
    return result


def line_fields(line: Line, currency: str) -> dict[str, Any]:
    """A line as FreshBooks takes it."""
    taxes: dict[str, Any] = {}
    for n, (name, percent) in enumerate(line.taxes, 1):
        taxes |= {f"taxName{n}": name, f"taxAmount{n}": percent}
    return {
        "type": 0,
        "name": line.name,
        "qty": line.quantity,
        "unit_cost": {"amount": line.price, "code": currency},
        "compounded_tax": line.compound,
        "modern_project_id": line.project,
        **taxes,
    }
