"""What no attempt can mend comes to people as a hold: nothing is tried again for ever unseen."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError
from temporalio.exceptions import ApplicationError

from activities.failures import ATTEMPTS, hold_of, is_transient
from activities.signatures import DocumentRef, PostRequest, StepResult
from activities.sizes import MOST, refuse_oversized
from connectors.errors import Conflict, OutcomeUnknown, Unauthorized, Unavailable
from documents.hold import Hold, HoldRequired
from documents.key import Kind
from documents.money import Money
from documents.row import Action
from store.errors import RecordKept, RefreshInDoubt, StoreUnavailable, Tampered, UnknownKey
from store.keyring import KeyRing
from tests.lives.desk import begin
from tests.lives.site import Site, open_site
from tests.lives.specs import variant
from tests.mapping.specs import NAV_SPEC
from workers.codec import EncryptingCodec
from workers.demo.people import Line
from workers.temporal import data_converter


async def test_an_amount_that_is_not_kept_is_held(site: Site) -> None:
    desk = await begin(site)
    invoice = await desk.sent(Line("Everything", "1", "9999999999999.99"))
    status = await desk.look(invoice)
    assert status.cause == "not-storable", status
    assert (await desk.row(Kind.INVOICE, invoice)).hold == status.hold


async def test_a_document_that_no_history_holds_is_held(site: Site) -> None:
    """Temporal refuses such an answer of a look, which would be given again for ever."""
    desk = await begin(site)
    invoice = await desk.sent(Line("x" * MOST, "1", "1.00"))
    status = await desk.look(invoice)
    assert status.cause == "document-too-large", status
    assert (await desk.row(Kind.INVOICE, invoice)).hold == status.hold


async def test_what_fits_when_it_is_compressed_is_taken() -> None:
    keys = EncryptingCodec(KeyRing.generate())
    answer = StepResult(how="x" * 2 * MOST)
    await refuse_oversized(answer, data_converter(keys))
    with pytest.raises(HoldRequired):
        await refuse_oversized(answer, data_converter())


async def test_a_connection_that_took_another_tag_is_held(site: Site) -> None:
    desk = await begin(site)
    invoice = await desk.posted()
    site.connection.tag, old = "ZZZZ", site.connection.tag
    await desk.pay(invoice, "113.00")
    status = await desk.look(invoice)
    assert status.cause == "key-clash", status
    site.connection.tag = old
    assert (await desk.decide(invoice, Action.RETRY)).stage == "closed"


async def test_another_spelling_of_an_id_is_refused_and_not_posted_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source that reads ids as integers finds an invoice under many spellings of its id."""
    as_number = lambda _, __, spelled: str(int(spelled))  # noqa: E731
    monkeypatch.setattr("sandbox.freshbooks.kind.Kind.key_of", as_number)
    desk = await begin(site)
    invoice = await desk.posted()
    with pytest.raises(ApplicationError, match=f"knows 00{invoice} as {invoice}") as refused:
        await desk.driver.follow(Kind.INVOICE, f"00{invoice}")  # type: ignore[arg-type]
    assert refused.value.non_retryable
    assert len(await desk.books.rows("CustomerLedgerEntries")) == 1


async def test_what_nobody_foresaw_is_held_after_some_attempts(site: Site) -> None:
    """A step for a document that was never prepared is a bug of ours, whatever the reason."""
    desk = await begin(site)
    invoice = await desk.sent()
    document = DocumentRef(
        connection=site.connection.name, kind=Kind.INVOICE, source_id=str(invoice)
    )
    request = PostRequest(
        document=document,
        key=site.connection.key(Kind.INVOICE, str(invoice)).text(),
        fingerprint="",
    )
    with pytest.raises(ApplicationError) as failed:
        await desk.driver._call(desk.driver._steps.post_invoice, request)
    hold = Hold.model_validate(failed.value.details[0])
    assert (failed.value.non_retryable, hold.cause) == (True, "internal-error")
    assert "LookupError in activities/posting.py:" in hold.reason
    assert (await desk.row(Kind.INVOICE, invoice)).hold == hold


async def test_a_currency_code_that_would_not_be_read_back_holds_before_anything_is_made(
    site: Site, tmp_path: Path
) -> None:
    spec = variant(tmp_path, {})
    whole = NAV_SPEC.read_text(encoding="utf-8")
    spec.write_text(whole.replace("CAD: CAD,", "CAD: CDN,"), encoding="utf-8")
    desk = await begin(site, spec)
    status = await desk.look(await desk.sent(currency="CAD"))
    assert (status.cause, "target.currencies: {CAD: CDN}" in status.reason) == (
        "misconfigured",
        True,
    ), status
    assert not await desk.books.rows("SalesInvoice")


async def test_a_currency_of_the_books_own_code_is_posted(tmp_path: Path) -> None:
    spec = variant(tmp_path, {})
    whole = NAV_SPEC.read_text(encoding="utf-8")
    spec.write_text(whole.replace("EUR: EUR,", "EUR: EURO,"), encoding="utf-8")
    async with open_site(tmp_path, currencies={"EUR": "EURO"}) as site:
        desk = await begin(site, spec)
        await _add_euro(site)
        invoice = await desk.posted(currency="EUR")
        (entry,) = await desk.entries(Kind.INVOICE, invoice)
        assert (entry["Currency_Code"], entry["Amount"]) == ("EURO", 113)


async def test_a_currency_without_a_smallest_amount_is_held(site: Site) -> None:
    desk = await begin(site)
    await desk.books.change("Currencies", "'EUR'", Amount_Rounding_Precision=0)
    status = await desk.look(await desk.sent(currency="EUR"))
    assert status.cause == "value-missing", status


async def _add_euro(site: Site) -> None:
    """A second euro, under a code of this company's own."""
    for service, field in (("Currencies", "Code"), ("CurrencyExchangeRates", "Currency_Code")):
        row = next(r for r in await site.books.rows(service) if r[field] == "EUR")
        kept = {n: v for n, v in row.items() if not n.startswith("@") and v not in (None, "")}
        plain = {n: v if isinstance(v, str | bool) else float(v) for n, v in kept.items()}
        await site.books.add(service, **{**plain, field: "EURO"})


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("nav", "look", "away"),
        Conflict("nav", "update", "changed meanwhile"),
        Unauthorized("nav", "sign in", "refused"),
        OutcomeUnknown("nav", "post", "no reply"),
        StoreUnavailable("locked"),
        RefreshInDoubt("demo", None),
        ConnectionResetError(),
        TimeoutError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_may_pass_is_tried_for_as_long_as_it_lasts(error: Exception) -> None:
    assert is_transient(error)
    assert hold_of(error, attempt=1_000) is None


@pytest.mark.parametrize(
    "error",
    [
        RecordKept("L-I1-1", "it is posted"),
        UnknownKey("k9"),
        Tampered("a row"),
        PermissionError(),
        KeyError("x"),
        AssertionError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_does_not_pass_comes_to_people_after_some_attempts(error: Exception) -> None:
    assert hold_of(error, ATTEMPTS - 1) is None
    hold = hold_of(error, ATTEMPTS)
    assert hold is not None
    assert (hold.cause, bool(hold.remedy)) == ("internal-error", True)


def test_the_hold_of_an_unforeseen_error_does_not_quote_the_document() -> None:
    with pytest.raises(ValidationError) as raised:
        Money.of("1", "secret of a client")
    hold = hold_of(raised.value, ATTEMPTS)
    assert hold is not None
    assert "secret" not in hold.reason
    assert "ValidationError in documents/money.py" in hold.reason
