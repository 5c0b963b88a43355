"""Somebody else's program, the official FreshBooks SDK, works against the house unmodified."""

from __future__ import annotations

import asyncio
import json
import os
import sys

from tests.e2e.house import CONNECTION, House

_PROGRAM = """
import json, sys
from freshbooks import Client
access, account = sys.argv[1:]
sdk = Client("their-app", access_token=access, auto_retry=False)
person = {"organization": "Bergström Oy", "email": "ap@bergstrom.example"}
client = sdk.clients.create(account, person)
money = {"amount": "200.00", "code": "USD"}
line = {"name": "Advice", "qty": 1, "unit_cost": money, "taxName1": "VAT", "taxAmount1": 24}
invoice = sdk.invoices.create(account, {
    "customerid": client.data["id"], "create_date": "2026-11-02", "currency_code": "USD",
    "lines": [line]})
sdk.invoices.update(account, invoice.data["id"], {"action_mark_as_sent": True})
payment = sdk.payments.create(account, {
    "invoiceid": invoice.data["id"], "date": "2026-11-09", "type": "Bank Transfer",
    "amount": {"amount": "248.00", "code": "USD"}})
print(json.dumps([invoice.data["id"], invoice.data["invoice_number"], payment.data["id"]]))
"""


async def test_what_the_official_sdk_enters_is_posted_and_applied(house: House) -> None:
    source = house.ready.connections[CONNECTION].source
    url = house.ready.sandbox["freshbooks"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PROGRAM, source.access_token, source.account_id,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "FRESHBOOKS_API_URL": url, "FRESHBOOKS_AUTH_URL": url},
    )  # fmt: skip
    out, _ = await process.communicate()
    assert process.returncode == 0
    invoice, number, payment = json.loads(out)
    await house.watch.wait(invoice, "closed")
    (posted,) = await house.posted("invoice", number)
    assert (posted["amount"], posted["remaining"]) == ("248.00", "0.00")
    (paid,) = await house.posted("payment", payment)
    assert (paid["amount"], paid["remaining"]) == ("248.00", "0.00")
    assert paid["applies_to"] == [posted["number"]]
