"""Every refusal of AX and IIS ends in a clear hold, a wait, or a stopped connection."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.ax.causes import CAUSES
from connectors.ax.content import text_of
from connectors.ax.errors import Answer, DuplicateMessage, KeyNotFound, meaning
from connectors.ax.meanings import TEXTS
from connectors.errors import (
    Conflict,
    ConnectorError,
    Misconfigured,
    OutcomeUnknown,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
)
from documents.hold import HoldClass
from tests.connectors.ax_wire import (
    HOST,
    WSDL,
    aif_fault,
    client,
    created,
    iis_page,
    soap_fault,
)


async def failure(response: httpx.Response, *, writes: bool = True) -> ConnectorError:
    """What a call raises when AX answers so."""
    ax = client(lambda _: response)
    with pytest.raises(ConnectorError) as caught:
        await ax.call("Things", "create", {"Name": "a"}, writes=writes)
    return caught.value


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Customer C00012 is on hold for 'All'.", "customer-blocked"),
        ("The ledger period for 2024-01-05 is not open (Closed).", "period-closed"),
        ("There is no fiscal period for 2031-01-01.", "period-closed"),
        ("Main account 9999 is suspended.", "account-blocked"),
        ("Main account 2110 does not allow manual entry.", "account-blocked"),
        ("The value 'X' of dimension 'Department' is suspended.", "account-blocked"),
        (
            "The combination 4000 is not valid for the account structure: a value for dimension "
            "'Department' must be specified.",
            "dimension-missing",
        ),
        ("There is no exchange rate from JPY to USD on 2024-01-01.", "exchange-rate-missing"),
        ("The transactions on voucher V1 do not balance as per 2024-01-01.", "out-of-balance"),
        ("Invoice I1 has no open transaction for customer C1 in USD.", "applies-to-closed"),
        ("Voucher V1 has already been reversed.", "already-reversed"),
        ("Free text invoice 1 is posted and cannot be changed.", "already-posted"),
        ("Transactions A and B cannot be settled: it is matched with a bank statement.",
         "bank-reconciled"),
        ("Field 'CustGroup' must be filled in.", "value-missing"),
        ("The field 'Party' may not be set: it does not allow edit.", "field-read-only"),
        ("It is not possible to assign AccountNum 'C1': number sequence Cust is not manual.",
         "number-series-exhausted"),
        ("Bank account BANK-EUR allows currency EUR only.", "currency-differs"),
        ("Something that nobody has ever seen.", "target-refused"),
    ],
)  # fmt: skip
async def test_a_business_rule_is_a_hold_with_the_words_of_the_infolog(
    text: str, cause: str
) -> None:
    error = await failure(aif_fault(text, code="BusinessRule"))
    assert isinstance(error, Rejected)
    assert error.hold.cause == cause
    assert text in error.hold.reason
    assert error.hold.remedy


@pytest.mark.parametrize(
    ("field", "cause"),
    [
        ("OrderAccount", "customer-unknown"),
        ("CurrencyCode", "currency-unknown"),
        ("LedgerDimension", "account-unknown"),
        ("DefaultDimension", "dimension-missing"),
        ("TaxItemGroup", "vat-setup-missing"),
        ("CustGroup", "posting-group-missing"),
        ("CountryRegionId", "value-unknown"),
    ],
)
async def test_a_value_that_does_not_exist_is_told_by_its_field(field: str, cause: str) -> None:
    text = f"The value 'X' in field '{field}' does not exist."
    error = await failure(aif_fault(text, code="BusinessRule", field=field))
    assert isinstance(error, Rejected)
    assert error.hold.cause == cause
    assert error.hold.values["field"] == field


@pytest.mark.parametrize(
    ("table", "cause"),
    [
        ("MainAccount", "account-unknown"),
        ("BankAccountTable", "account-unknown"),
        ("CustTable", "customer-unknown"),
        ("CostCenter", "dimension-missing"),
    ],
)
async def test_an_account_and_a_dimension_of_it_are_told_apart_by_their_table(
    table: str, cause: str
) -> None:
    text = f"The value 'X' in field 'Y' is not found in the related table '{table}'."
    error = await failure(aif_fault(text, code="BusinessRule", field="LedgerDimension"))
    assert isinstance(error, Rejected)
    assert error.hold.cause == cause


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("DuplicateMessage", DuplicateMessage),
        ("DocumentHashMismatch", Conflict),
        ("KeyNotFound", KeyNotFound),
        ("CompanyNotFound", Misconfigured),
        ("AccessDenied", Misconfigured),
        ("Deadlock", Unavailable),
    ],
)
async def test_a_code_of_aif_decides_before_any_text(code: str, kind: type[Exception]) -> None:
    error = await failure(aif_fault("Customer C1 is on hold.", code=code))
    assert type(error) is kind


async def test_a_deadlock_of_x_plus_plus_is_tried_again_whatever_its_text() -> None:
    error = await failure(aif_fault("Cannot select a record in Customer", exception=2))
    assert type(error) is Unavailable


async def test_a_fault_without_details_is_a_hold_that_says_where_to_look() -> None:
    error = await failure(aif_fault())
    assert isinstance(error, Rejected)
    assert error.hold.cause == "target-silent"
    assert error.hold.hold_class is HoldClass.SETUP
    assert "Exceptions" in error.hold.remedy


async def test_a_schema_error_names_the_element() -> None:
    answer = aif_fault("The element is not allowed here.", code="SchemaValidation",
                       xpath="/t:Customer/t:CustTable[1]/t:Wrong")  # fmt: skip
    error = await failure(answer)
    assert isinstance(error, Rejected)
    assert error.hold.cause == "schema-refused"
    assert error.hold.values["field"] == "Wrong"


async def test_an_operation_that_the_port_lost_stops_the_connection() -> None:
    error = await failure(soap_fault("s:ActionNotSupported", "The message cannot be processed"))
    assert type(error) is Misconfigured
    assert "select it on the port" in error.message


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("Error Code 0x80070532", "expired"),
        ("Error Code 0x8007052e", "wrong"),
        ("Error Code 0x80070775", "locked"),
        ("", "IIS refused the Windows user"),
    ],
)
async def test_a_refused_windows_user_is_told_with_the_reason(page: str, words: str) -> None:
    error = await failure(iis_page(401, page))
    assert type(error) is Unauthorized
    assert words in error.message


@pytest.mark.parametrize(
    ("response", "written", "read"),
    [
        (iis_page(404), Misconfigured, Misconfigured),
        (iis_page(403), Misconfigured, Misconfigured),
        (iis_page(500), OutcomeUnknown, Unavailable),
        (iis_page(502), OutcomeUnknown, Unavailable),
        (iis_page(503), OutcomeUnknown, Unavailable),
        (iis_page(200), OutcomeUnknown, Unavailable),
        (httpx.Response(200, text="not even markup"), OutcomeUnknown, Unavailable),
        (httpx.Response(429, headers={"Retry-After": "9"}), Throttled, Throttled),
        (iis_page(413), Rejected, Rejected),
    ],
)
async def test_a_web_page_instead_of_soap_is_judged_by_its_status(
    response: httpx.Response, written: type[Exception], read: type[Exception]
) -> None:
    assert type(await failure(response)) is written
    assert type(await failure(response, writes=False)) is read


async def test_a_lost_write_says_how_long_ax_may_still_carry_it_out() -> None:
    def lose(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("gone", request=request)

    with pytest.raises(OutcomeUnknown) as caught:
        await client(lose).call("Things", "create", {}, writes=True)
    assert caught.value.settle == 7.0


async def test_a_port_that_is_no_web_service_is_unavailable_and_one_without_it_misconfigured() -> (
    None
):
    broken = client(lambda _: created(), lambda _: iis_page(200))
    with pytest.raises(Unavailable, match="no WSDL"):
        await broken.service("Things")
    missing = client(lambda _: created(), lambda _: iis_page(404))
    with pytest.raises(Misconfigured, match="no such port"):
        await missing.service("Things")


@pytest.mark.parametrize(
    ("without", "changes", "lacking"),
    [
        ("MessageId", {}, "no MessageId"),
        ("Company", {}, "no Company"),
        ("", {"partition": "initial"}, "no PartitionKey"),
    ],
)
async def test_a_port_that_cannot_be_told_the_company_or_the_message_is_not_called(
    without: str, changes: dict[str, str], lacking: str
) -> None:
    """AX would take the user's own company, and refuse no repetition."""
    described = WSDL.replace(f'<xs:element name="{without}" type="xs:string" minOccurs="0"/>', "")
    calls: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        return created()

    ax = client(respond, lambda _: httpx.Response(200, text=described), **changes)
    with pytest.raises(Misconfigured, match=lacking):
        await ax.call("Things", "create", {"Name": "a"}, writes=True)
    assert calls == []


async def test_a_good_answer_is_read_without_its_description() -> None:
    sent: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return created("77")

    ax = client(respond)
    for _ in range(2):
        answer = await ax.call("Things", "create", {"Name": "a & b"}, writes=True, message_id="m")
        assert text_of(answer, "Number") == "77"
    assert sent[0].content == sent[1].content
    assert b"<Name>a &amp; b</Name>" in sent[0].content
    assert b"<MessageId>m</MessageId>" in sent[0].content
    assert sent[0].headers["SOAPAction"].endswith('/ThingService/create"')
    assert str(sent[0].url) == f"{HOST}/MicrosoftDynamicsAXAif60/Things/xppservice.svc"


async def test_a_document_type_in_a_reply_is_never_expanded() -> None:
    attack = '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>'
    assert type(await failure(httpx.Response(200, text=attack))) is OutcomeUnknown


def test_every_cause_in_the_tables_exists() -> None:
    assert {row for _, row in TEXTS} <= set(CAUSES)


_WORDS = (
    *("Deadlock", "Brewing", "Company", "settled", "closed", "not", "authorised", "found", "Ltd"),
    *("does", "exist", "period", "duplicate message", "RecVersion", "update conflict"),
)
names = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=5).map(" ".join)
_SAID = (
    "Customer {} is on hold for 'All'.",
    "The customer {} does not exist.",
    "The value {} in field 'Item' does not exist.",
    "Currency {} in company USMF does not exist.",
    "Voucher 1 of {} does not balance as per 2024-01-01.",
)


@given(name=names, said=st.sampled_from(_SAID))
@example(name="Deadlock Brewing Ltd", said=_SAID[0])
@example(name="Company Car 12", said=_SAID[2])
def test_no_name_of_a_client_decides_about_the_connection(name: str, said: str) -> None:
    """A customer called Deadlock Brewing was tried for ever without a hold."""
    for written in (f"'{name}'", f'"{name}"', name):
        row = meaning(Answer(500, text=said.format(written), fault=True, detailed=True))
        assert isinstance(row, str), (row, said.format(written))
        if written != name:
            plain = meaning(Answer(500, text=said.format("'X'"), fault=True, detailed=True))
            assert row == plain, said.format(written)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Cannot select a record in Customer transactions (CustTrans). Deadlock, where one or more "
         "users have simultaneously locked the whole table or part of it.", Unavailable),
        ("Update conflict due to another user process deleting the record.", Unavailable),
        ("Duplicate message. Message has already been processed.", DuplicateMessage),
        ("Document hash mismatch: CustTable C1 was changed since it was read.", Conflict),
        ("Company XYZ does not exist.", Misconfigured),
        ("User svc is not authorized for company USMF.", Misconfigured),
        ("Access denied: user svc has no privilege for SalesSalesOrderServiceCreate.",
         Misconfigured),
        ("Data source or field CustTable.X is not in the query of AxdCustomer.", Misconfigured),
    ],
)  # fmt: skip
async def test_a_sentence_of_ax_itself_decides_about_the_connection(
    text: str, kind: type[Exception]
) -> None:
    assert type(await failure(aif_fault(text))) is kind
    assert type(await failure(aif_fault("Posting failed.", text))) is kind


_CHANNEL = [
    ("a:InternalServiceFault", "The server was unable to process the request."),
    ("a:InternalServiceFault", "The request channel timed out while waiting for a reply."),
    ("s:Server", "The socket connection was aborted."),
]


@pytest.mark.parametrize(("code", "text"), _CHANNEL)
async def test_a_fault_of_the_router_leaves_a_write_open(code: str, text: str) -> None:
    assert isinstance(await failure(soap_fault(code, text)), OutcomeUnknown)
    assert isinstance(await failure(soap_fault(code, text), writes=False), Unavailable)


async def test_a_router_that_does_not_reach_ax_is_unavailable_and_not_misconfigured() -> None:
    text = "There was no endpoint listening at net.tcp://aos:8201/DynamicsAx/Services/X"
    assert isinstance(await failure(soap_fault("a:EndpointNotFound", text)), Unavailable)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("a:DeserializationFailed", "The formatter threw an exception"),
        ("s:Server", "Request Failed. See the Exception Log for details."),
    ],
)
async def test_a_plain_fault_before_or_after_all_of_ax_is_a_refusal(code: str, text: str) -> None:
    assert isinstance(await failure(soap_fault(code, text)), Rejected)
