"""Whatever is sent, the answer is an envelope, and what was refused left nothing behind."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from sandbox.ax.posting.voucher import trial_balance
from sandbox.ax.signin import User
from tests.sandbox.ax_house import COMPANY, House, Service, running
from tests.sandbox.ax_values import free_text, line, receipt

__all__ = ["running"]

_USER = User("CONTOSO\\svc-tieout", COMPANY)
_WRITES = {
    "CustomerService": "Customer",
    "FreeTextInvoiceService": "FreeTextInvoice",
    "CustomerPaymentJournalService": "CustPaymJournal",
}
_texts = st.one_of(
    st.sampled_from(["", "-1", "0", "1e9", "2026-02-30", "9999-12-31", "0001-01-01", "Yes", "USD"]),
    st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=0x2FF), max_size=60),
    st.integers().map(str),
    st.decimals(allow_nan=False, allow_infinity=False).map(str),
)
_changes = st.lists(
    st.tuples(
        st.sampled_from(["text", "drop", "double", "move", "attribute"]),
        st.integers(min_value=0, max_value=200),
        _texts,
    ),
    min_size=1,
    max_size=4,
)


def _change(root: etree._Element, how: str, place: int, text: str) -> None:
    # The request itself stays: without it there is no call.
    elements = [one for one in root.iterdescendants() if one.getparent() is not root]
    if not elements:
        return
    one = elements[place % len(elements)]
    parent = one.getparent()
    assert parent is not None
    if how == "text":
        one.text = text
    elif how == "drop":
        parent.remove(one)
    elif how == "double":
        parent.append(copy.deepcopy(one))
    elif how == "move":
        parent.insert(0, one)
    else:
        one.set("action", text)


def _message(service: Service, operation: str, **values: object) -> etree._Element:
    make: Any = service.client.create_message
    message: etree._Element = make(service._proxy, operation, **values)
    return message


async def _documents(house: House, account: str) -> dict[str, object]:
    return {
        "CustomerService": await house.card(),
        "FreeTextInvoiceService": free_text(account, "F1", line("10"), line("5", "4100")),
        "CustomerPaymentJournalService": receipt(account, "F2", "10"),
    }


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(port=st.sampled_from(sorted(_WRITES)), changes=_changes)
async def test_any_document_gets_an_answer_in_soap(
    running: House, port: str, changes: list[tuple[str, int, str]]
) -> None:
    account = await _account(running)
    document = (await _documents(running, account))[port]
    service = await running.service(port)
    message = _message(service, "create", **{_WRITES[port]: document})
    body = message.findall("{*}Body")[0][0]
    for change in changes:
        _change(body, *change)
    action = f"http://schemas.microsoft.com/dynamics/2008/01/services/{port}/create"
    gateway = running.server._systems["ax"]._gateway  # type: ignore[attr-defined]
    before = await running.journal()
    status, content = gateway.answer(port, action, etree.tostring(message), _USER)
    tree = etree.fromstring(content)
    if status == 200:
        assert tree.find(".//{*}EntityKeyList") is not None
    else:
        assert tree.find(".//faultstring") is not None
        assert await running.journal() == before
    assert sum(trial_balance(running.books()).values()) == 0


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(changes=_changes)
async def test_any_update_gets_an_answer_in_soap(
    running: House, changes: list[tuple[str, int, str]]
) -> None:
    account = await _account(running)
    service = await running.service("CustomerService")
    card = await running.card(action="update", OrgId="1")
    row = running.books()["CustTable"].first("AccountNum", account)
    card["CustTable"][0].update(RecId=row["RecId"], RecVersion=row["RecVersion"])
    listed = {"EntityKey": [{"KeyData": {"KeyField": [{"Field": "AccountNum", "Value": account}]}}]}
    message = _message(service, "update", EntityKeyList=listed, Customer=card)
    body = message.findall("{*}Body")[0][0]
    for change in changes:
        _change(body, *change)
    action = "http://schemas.microsoft.com/dynamics/2008/01/services/CustomerService/update"
    gateway = running.server._systems["ax"]._gateway  # type: ignore[attr-defined]
    status, content = gateway.answer("CustomerService", action, etree.tostring(message), _USER)
    assert etree.fromstring(content) is not None
    after = running.books()["CustTable"].first("AccountNum", account)
    assert after["DirParty"][0]["Name"]
    assert (after == row) or status == 200


async def _account(house: House) -> str:
    known = next(house.books()["CustTable"].all(), None)
    return str(known["AccountNum"]) if known else await house.customer()
