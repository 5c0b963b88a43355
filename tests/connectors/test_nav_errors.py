"""The tables that say what an answer of NAV means, row by row."""

from __future__ import annotations

import pytest

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
from connectors.nav.causes import CAUSES
from connectors.nav.errors import (
    DECISIVE,
    GENERAL,
    STATUSES,
    TEXTS,
    Answer,
    Meaning,
    Setup,
    failure,
    meaning,
)

_DIALOG = "Application_DialogException"

_SAID: list[tuple[str, str]] = [
    (
        "You cannot Post this type of document when Customer C1 is blocked with type All",
        "customer-blocked",
    ),
    (
        "Posting Date is not within your range of allowed posting dates in Sales Header.",
        "period-closed",
    ),
    ("Posting date is not within the range of allowed posting dates.", "period-closed"),
    (
        "Blocked must be equal to 'No'  in G/L Account: No.=6110. Current value is 'Yes'.",
        "account-blocked",
    ),
    (
        "Blocked must be equal to 'No'  in Bank Account: No.=B1. Current value is 'Yes'.",
        "account-blocked",
    ),
    ("Direct Posting must be equal to 'Yes'  in G/L Account: No.=2310.", "account-blocked"),
    (
        "You are not allowed to apply and post an entry to an entry with an earlier posting date.",
        "applies-to-later",
    ),
    (
        "The Posting Date entered must not be before the Posting Date on the entry.",
        "date-not-allowed",
    ),
    (
        "You cannot reverse it because the entry is either applied to an entry or changed.",
        "still-applied",
    ),
    ("There is more than one Invoice with External Document No. FB-I1-1.", "duplicate-in-target"),
    ("All entries in one application must be in the same currency.", "currency-differs"),
    ("The entry has already been reversed.", "already-reversed"),
    ("The bank account reconciliation has matched this entry.", "bank-reconciled"),
    ("Open must be equal to 'Yes'  in Cust. Ledger Entry: Entry No.=12.", "applies-to-closed"),
    ("There is no Cust. Ledger Entry within the filter.  Filters: Open: Yes", "applies-to-closed"),
    ("The invoice it applies to has not been posted.", "applies-to-absent"),
    ("Document SI1001 has already been posted.", "already-posted"),
    ("The document is not posted.", "not-posted"),
    (
        "contains a value (C9) that cannot be found in the related table (Customer).",
        "customer-unknown",
    ),
    (
        "contains a value (9) that cannot be found in the related table (G/L Account).",
        "account-unknown",
    ),
    (
        "contains a value (X) that cannot be found in the related table (Currency).",
        "currency-unknown",
    ),
    (
        "contains a value (X) that cannot be found in the related table (Dimension Value).",
        "dimension-missing",
    ),
    (
        "a value (X) that cannot be found in the related table (VAT Product Posting Group).",
        "vat-setup-missing",
    ),
    (
        "contains a value (X) that cannot be found in the related table (Customer Posting Group).",
        "posting-group-missing",
    ),
    (
        "contains a value (X) that cannot be found in the related table (Payment Terms).",
        "value-unknown",
    ),
    (
        "The VAT Posting Setup does not exist. Identification fields and values: ...",
        "vat-setup-missing",
    ),
    ("The General Posting Setup does not exist.", "posting-group-missing"),
    (
        "Customer Posting Group must have a value in Customer: No.=C1. It cannot be zero or empty.",
        "posting-group-missing",
    ),
    (
        "Receivables Account must have a value in Customer Posting Group: Code=X",
        "posting-group-missing",
    ),
    ("There is no Currency Exchange Rate within the filter.", "exchange-rate-missing"),
    ("Exchange Rate Amount must have a value", "exchange-rate-missing"),
    ("Select a Dimension Value Code for the Dimension Code DEPARTMENT", "dimension-missing"),
    ("You cannot assign new numbers from the number series S-INV.", "number-series-exhausted"),
    ("Payment 1 is out of balance by 0.01.", "out-of-balance"),
    ("There is nothing to post.", "nothing-to-post"),
    (
        "The length of the string is 57, but it must be less than or equal to 50 characters.",
        "text-too-long",
    ),
    ("The G/L Account does not exist.", "account-unknown"),
    ("The Customer does not exist.", "customer-unknown"),
    ("The Currency does not exist.", "currency-unknown"),
    ("Sales Invoice 4711 already exists.", "already-exists"),
    ("Bal. Account No. must have a value in Gen. Journal Line", "value-missing"),
    ("Currency Code must be equal to 'GBP'  in Gen. Journal Line.", "value-not-allowed"),
]


def _error(answer: Answer, *, writes: bool = True) -> ConnectorError:
    return failure("post invoice", answer, writes=writes, settle=7)


@pytest.mark.parametrize(("text", "cause"), _SAID)
def test_what_nav_says_becomes_a_hold_with_its_cause(text: str, cause: str) -> None:
    error = _error(Answer(400, _DIALOG, text))
    assert isinstance(error, Rejected)
    assert error.hold.cause == cause
    assert " ".join(text.split()) in error.hold.reason
    assert error.hold.reason.startswith(CAUSES[cause].sentence)
    assert error.hold.remedy == CAUSES[cause].remedy
    assert text not in str(error), "the engineer's message holds no data of the document"


@pytest.mark.parametrize(("text", "cause"), _SAID)
def test_a_soap_fault_says_the_same_as_an_odata_error(text: str, cause: str) -> None:
    error = _error(Answer(500, "NavNCLDialogException", text, fault=True))
    assert isinstance(error, Rejected)
    assert error.hold.cause == cause


def test_every_text_row_with_a_cause_is_covered_by_an_example() -> None:
    named = {row for _, row in TEXTS if isinstance(row, str)}
    assert named == {cause for _, cause in _SAID}


@pytest.mark.parametrize("table", [DECISIVE, GENERAL])
def test_every_cause_named_in_a_table_exists(table: dict[str, object]) -> None:
    named = {row for row in table.values() if isinstance(row, str)}
    assert named <= set(CAUSES)


_BY_MEANING: dict[Meaning, tuple[type[ConnectorError], type[ConnectorError]]] = {
    Meaning.CONFLICT: (Conflict, Conflict),
    Meaning.UNAVAILABLE: (Unavailable, Unavailable),
    Meaning.LOST: (OutcomeUnknown, Unavailable),
    Meaning.THROTTLED: (Throttled, Throttled),
    Meaning.UNAUTHORIZED: (Unauthorized, Unauthorized),
}


def _expected(row: object, *, writes: bool) -> type[ConnectorError]:
    if isinstance(row, Meaning):
        return _BY_MEANING[row][0 if writes else 1]
    return Misconfigured if isinstance(row, Setup) else Rejected


@pytest.mark.parametrize("writes", [True, False])
@pytest.mark.parametrize("code", [*DECISIVE, *GENERAL])
def test_each_code_and_exception_class_decides_by_its_row(code: str, writes: bool) -> None:
    row = DECISIVE.get(code) or GENERAL[code]
    error = _error(Answer(400, code, "something nobody has heard before"), writes=writes)
    assert type(error) is _expected(row, writes=writes)
    assert error.code == code or isinstance(error, OutcomeUnknown)


@pytest.mark.parametrize("writes", [True, False])
@pytest.mark.parametrize("status", [*STATUSES, 500, 502, 504])
def test_each_http_status_decides_when_the_body_says_nothing(status: int, writes: bool) -> None:
    row = STATUSES.get(status, Meaning.LOST)
    assert type(_error(Answer(status), writes=writes)) is _expected(row, writes=writes)


@pytest.mark.parametrize("status", [408, 500, 502, 504])
def test_a_write_that_may_have_been_carried_out_is_unknown_with_the_settle_time(
    status: int,
) -> None:
    error = _error(Answer(status))
    assert isinstance(error, OutcomeUnknown)
    assert error.settle == 7


@pytest.mark.parametrize(
    "text",
    [
        "The operation could not complete because the record was locked by another user.",
        "Your activity was deadlocked with another user who was modifying the table.",
    ],
)
@pytest.mark.parametrize("status", [400, 409, 500])
def test_a_lock_or_deadlock_was_rolled_back_and_may_be_tried_again(status: int, text: str) -> None:
    assert type(_error(Answer(status, _DIALOG, text))) is Unavailable


@pytest.mark.parametrize("status", [409, 412])
def test_a_stale_tag_is_a_conflict_with_either_status(status: int) -> None:
    answer = Answer(status, "Request_EntityChanged", "Another user has already changed the record.")
    assert type(_error(answer)) is Conflict


def test_a_draft_that_somebody_deleted_is_looked_for_again() -> None:
    text = "There is no Invoice with External Document No. FB-I1-1."
    assert type(_error(Answer(500, "NavNCLDialogException", text, fault=True))) is Conflict


def test_a_throttled_call_says_when_to_come_back() -> None:
    error = _error(Answer(429, retry_after=12.0))
    assert isinstance(error, Throttled)
    assert error.retry_after == 12.0


def test_an_unavailable_server_that_names_a_time_is_waited_for() -> None:
    error = _error(Answer(503, retry_after=3.0))
    assert isinstance(error, Throttled)
    assert error.retry_after == 3.0


def test_a_correlation_id_is_kept_for_support_and_not_shown_to_the_bookkeeper() -> None:
    correlation = "0d6b6b6e-6a5c-4d1f-9c5e-1a2b3c4d5e6f"
    text = f"There is nothing to post.  CorrelationId:  {correlation}."
    error = _error(Answer(400, _DIALOG, text))
    assert isinstance(error, Rejected)
    assert error.correlation == correlation
    assert correlation not in error.hold.reason
    assert 'NAV says: "There is nothing to post."' in error.hold.reason


def test_a_word_in_a_document_does_not_decide_against_the_code() -> None:
    text = "The length of the string is 60, but ... Value: We were deadlocked with another user"
    assert meaning(Answer(400, "Application_StringExceededLength", text)) == "text-too-long"


def test_a_name_in_a_document_does_not_stop_the_connection() -> None:
    text = "The Item does not exist. Identification fields and values: No.='Company Car'"
    for said in (text, "The Dimension Value Company Car does not exist."):
        assert isinstance(meaning(Answer(400, _DIALOG, said)), str)
    missing = meaning(Answer(400, _DIALOG, "The company CRONUS does not exist."))
    assert isinstance(missing, Setup)


def test_a_refusal_nobody_foresaw_is_held_with_nav_s_own_words() -> None:
    error = _error(Answer(400, _DIALOG, "The moon is in the wrong house."))
    assert isinstance(error, Rejected)
    assert error.hold.cause == "target-refused"
    assert "The moon is in the wrong house." in error.hold.reason


def test_an_endless_text_is_cut() -> None:
    error = _error(Answer(400, _DIALOG, "moon " * 500))
    assert isinstance(error, Rejected)
    assert len(error.hold.reason) < 500


def test_an_unpublished_service_is_named_with_the_place_to_publish_it() -> None:
    answer = Answer(404, "BadRequest_ResourceNotFound", "...", address="/NAV/ODataV4/Customer")
    error = _error(answer)
    assert isinstance(error, Misconfigured)
    assert "Web Services page" in error.message
    assert "/NAV/ODataV4/Customer" in error.message
