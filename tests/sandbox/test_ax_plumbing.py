"""Call context, message ids, rights and faults."""

from __future__ import annotations

import uuid

import httpx
import pytest

from sandbox.settings import AxCompany, AxSettings
from tests.sandbox.ax_house import COMPANY, House, house, opened, refused, running
from tests.sandbox.ax_values import free_text, keys, message_id, receipt, where

__all__ = ["house", "running"]

_DUPLICATE = "Duplicate message. Message has already been processed."
_ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">{header}<s:Body>{body}'
    "</s:Body></s:Envelope>"
)
_READ = (
    '<CustomerGroupsServiceReadRequest xmlns="http://schemas.microsoft.com/dynamics/2008/01/'
    'services"/>'
)
_ACTION = '"http://schemas.microsoft.com/dynamics/2008/01/services/CustomerGroupsService/read"'


async def _post(
    house: House, content: str, action: str = _ACTION, kind: str = "text/xml; charset=utf-8"
) -> httpx.Response:
    headers = {"content-type": kind, "soapaction": action}
    address = f"{house.base}/CustomerGroupsService/xppservice.svc"
    return await house.http.post(address, content=content.encode(), headers=headers)


async def test_a_call_without_a_context_is_for_the_users_company(house: House) -> None:
    reply = await _post(house, _ENVELOPE.format(header="", body=_READ))
    assert reply.status_code == 200
    assert b"CustomerGroupsServiceReadResponse" in reply.content


async def test_headers_of_addressing_are_ignored_and_others_must_not_be_demanded(
    house: House,
) -> None:
    wsa = '<a:To xmlns:a="http://www.w3.org/2005/08/addressing">x</a:To>'
    header = f"<s:Header>{wsa}</s:Header>"
    assert (await _post(house, _ENVELOPE.format(header=header, body=_READ))).status_code == 200
    demanded = wsa.replace("<a:To", '<a:To s:mustUnderstand="1"')
    header = f"<s:Header>{demanded}</s:Header>"
    reply = await _post(house, _ENVELOPE.format(header=header, body=_READ))
    assert reply.status_code == 500
    assert b"s:MustUnderstand" in reply.content


async def test_an_action_the_port_does_not_know_is_a_contract_filter_mismatch(
    house: House,
) -> None:
    action = _ACTION.replace("/read", "/delete")
    reply = await _post(house, _ENVELOPE.format(header="", body=_READ), action)
    assert reply.status_code == 500
    assert b"a:ActionNotSupported" in reply.content
    assert b"AifFault" not in reply.content


async def test_another_body_than_the_actions_cannot_be_deserialized(house: House) -> None:
    body = _READ.replace("ReadRequest", "FindRequest")
    reply = await _post(house, _ENVELOPE.format(header="", body=body))
    assert reply.status_code == 500
    assert b"DeserializationFailed" in reply.content


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ("<not xml", 400),
        ("", 400),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a/>', 400),
        ("<a/>", 500),
        (_ENVELOPE.format(header="", body=""), 400),
    ],
)
async def test_what_is_no_envelope_is_a_bad_request(
    house: House, content: str, status: int
) -> None:
    assert (await _post(house, content)).status_code == status


async def test_another_content_type_is_not_served(house: House) -> None:
    content = _ENVELOPE.format(header="", body=_READ)
    reply = await _post(house, content, kind="application/soap+xml")
    assert reply.status_code == 415


async def test_an_unknown_company_and_partition_are_refused(house: House) -> None:
    call = house.call(
        "CustomerGroupsService", "read", EntityKeyList=[], context={"Company": "zzzz"}
    )
    refusal = await refused(call)
    assert refusal.code == "CompanyNotFound"
    assert refusal.text == "Company zzzz does not exist."
    call = house.call(
        "CustomerGroupsService", "read", EntityKeyList=[], context={"PartitionKey": "other"}
    )
    assert (await refused(call)).field == "PartitionKey"


async def test_another_users_company_is_closed() -> None:
    other = AxCompany(connection="b", company="demf", username="other", password="secret")
    async with opened(AxSettings(companies=[COMPANY, other])) as house:
        call = house.call(
            "CustomerGroupsService", "read", EntityKeyList=[], context={"Company": "DEMF"}
        )
        assert (await refused(call)).code == "AccessDenied"


async def test_a_privilege_is_needed_for_each_operation() -> None:
    user = COMPANY.model_copy(update={"privileges": ["CustCustomerGroupsServiceRead"]})
    async with opened(AxSettings(companies=[user])) as house:
        found = await house.call(
            "CustomerGroupsService", "read", EntityKeyList=keys("CustGroup", "DOM")
        )
        assert found["CustGroup"][0]["Name"] == "Domestic customers"
        criteria = where("CustGroup", "CustGroup", "Equal", "DOM")
        call = house.call("CustomerGroupsService", "find", QueryCriteria=criteria)
        refusal = await refused(call)
    assert refusal.code == "AccessDenied"
    assert "CustCustomerGroupsService.find" in refusal.text


async def test_logon_as_user_is_ignored(house: House) -> None:
    context = {"LogonAsUser": "CONTOSO\\admin"}
    listed = keys("CustGroup", "EU")
    found = await house.call("CustomerGroupsService", "read", EntityKeyList=listed, context=context)
    assert found["CustGroup"][0]["CustGroup"] == "EU"


async def test_a_repeated_message_id_is_refused_without_the_key_of_the_first(
    house: House,
) -> None:
    context = message_id()
    card = await house.card(OurAccountNum="K1")
    made = await house.call("CustomerService", "create", Customer=card, context=context)
    refusal = await refused(house.call("CustomerService", "create", Customer=card, context=context))
    assert refusal.code == "DuplicateMessage"
    assert refusal.infolog == [_DUPLICATE]
    assert made[0]["KeyData"]["KeyField"][0]["Value"] not in refusal.xml
    assert len(await house.journal("customer")) == 1


async def test_braces_and_case_of_a_message_id_do_not_matter(house: House) -> None:
    identity = str(uuid.uuid4())
    card = await house.card()
    await house.call("CustomerService", "create", Customer=card, context={"MessageId": identity})
    for shown in (f"{{{identity}}}", identity.upper()):
        call = house.call("CustomerService", "create", Customer=card, context={"MessageId": shown})
        assert (await refused(call)).code == "DuplicateMessage"


async def test_ids_count_per_port_and_only_for_writing(house: House) -> None:
    context = message_id()
    account = await house.customer()
    await house.call(
        "FreeTextInvoiceService",
        "create",
        FreeTextInvoice=free_text(account, "K1"),
        context=context,
    )
    journal = receipt(account, "P1", "5")
    await house.call(
        "CustomerPaymentJournalService", "create", CustPaymJournal=journal, context=context
    )
    for _ in range(2):
        await house.call(
            "CustomerService",
            "read",
            EntityKeyList=keys("AccountNum", account),
            context=context,
        )
    assert len(await house.journal()) == 3


async def test_without_a_message_id_the_same_document_is_made_twice(house: House) -> None:
    account = await house.customer()
    await house.invoice(account, "K1")
    await house.invoice(account, "K1")
    assert [row["key"] for row in await house.journal("invoice")] == ["K1", "K1"]
    refusal = await refused(house.tieout("findByKey", "K1"))
    assert "more than one" in refusal.text


async def test_a_message_id_must_be_a_guid(house: House) -> None:
    card = await house.card()
    call = house.call("CustomerService", "create", Customer=card, context={"MessageId": "one"})
    assert (await refused(call)).field == "MessageId"


@pytest.mark.parametrize("keeps", [False, True])
async def test_whether_a_failed_call_uses_its_id_up_is_a_setting(keeps: bool) -> None:
    async with opened(keep_failed_message_ids=keeps) as house:
        context = message_id()
        wrong = await house.card(CustGroup="NOPE")
        call = house.call("CustomerService", "create", Customer=wrong, context=context)
        assert (await refused(call)).code == "BusinessRule"
        right = await house.card()
        again = house.call("CustomerService", "create", Customer=right, context=context)
        if keeps:
            assert (await refused(again)).code == "DuplicateMessage"
        else:
            assert await again


async def test_faults_speak_the_language_of_the_context(house: House) -> None:
    wrong = await house.card(CustGroup="NOPE")
    call = house.call("CustomerService", "create", Customer=wrong, context={"Language": "de-AT"})
    german = await refused(call)
    assert german.text.startswith("Der Wert 'NOPE' im Feld 'CustGroup'")
    call = house.call("CustomerService", "create", Customer=wrong, context={"Language": "xx"})
    refusal = await refused(call)
    assert refusal.text == (
        "The value 'NOPE' in field 'CustGroup' is not found in the related table 'CustGroup'."
    )
    assert (refusal.code, refusal.field, refusal.exception) == ("BusinessRule", "CustGroup", "3")


async def test_a_port_may_hide_why_it_refuses() -> None:
    async with opened(detailed_faults=False) as house:
        wrong = await house.card(CustGroup="NOPE")
        refusal = await refused(house.call("CustomerService", "create", Customer=wrong))
    assert refusal.text == "Request Failed. See the Exception Log for details."
    assert refusal.code == ""
    assert refusal.infolog == []
    assert "NOPE" not in refusal.xml


async def test_a_deadlock_can_be_planned(house: House) -> None:
    await house.call("CustomerGroupsService", "read", EntityKeyList=keys("CustGroup", "DOM"))
    plan = {"system": "ax", "method": "POST", "fault": "status", "status": 500, "times": 1}
    await house.control.post("/faults", json=plan)
    listed = keys("CustGroup", "DOM")
    refusal = await refused(house.call("CustomerGroupsService", "read", EntityKeyList=listed))
    assert (refusal.code, refusal.exception) == ("Deadlock", "2")
    assert await house.call("CustomerGroupsService", "read", EntityKeyList=listed)


async def test_a_lost_reply_leaves_what_was_created(house: House) -> None:
    account = await house.customer()
    context = message_id()
    await house.call("FreeTextInvoiceService", "find", QueryCriteria=_by_key("K1"))
    plan = {
        "system": "ax",
        "method": "POST",
        "path": ".*/FreeTextInvoiceService/.*",
        "fault": "reset_after",
        "times": 1,
    }
    await house.control.post("/faults", json=plan)
    with pytest.raises(httpx.TransportError):
        await house.invoice(account, "K1", context=context)
    refusal = await refused(house.invoice(account, "K1", context=context))
    assert refusal.code == "DuplicateMessage"
    found = await house.call("FreeTextInvoiceService", "find", QueryCriteria=_by_key("K1"))
    assert [one["PurchOrderFormNum"] for one in found["CustInvoiceTable"]] == ["K1"]


def _by_key(key: str) -> dict[str, object]:
    return where("CustInvoiceTable", "PurchOrderFormNum", "Equal", key)
