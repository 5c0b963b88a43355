"""The reckoning after a life: NAV's double-entry books against what FreshBooks says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal

from documents.key import Key, Kind
from tests.bookkeeper import BANKS, RECEIVABLES, TAX
from tests.lives.driver import Status
from tests.lives.life import Life
from workers.account.law import law_findings

_OF_A_PAYMENT = (
    Kind.PAYMENT,
    Kind.PAYMENT_REVERSAL,
    Kind.REFUND,
    Kind.REFUND_REVERSAL,
    Kind.CREDIT_APPLICATION,
)
_OF_A_CREDIT = (
    Kind.CREDIT_NOTE,
    Kind.CREDIT_NOTE_REVERSAL,
    Kind.PREPAYMENT,
    Kind.PREPAYMENT_REVERSAL,
)
_ROUNDED = ("tax", "revenue")
"""Where NAV computes the tax it may round otherwise, within the tolerance of each document."""
_ZERO = Decimal(0)
_TAXES = (*TAX, "2300")
Sums = dict[str, Decimal]
Standing = dict[tuple[Kind, int], Status]


async def check(life: Life, standing: Standing) -> None:
    """Every account agrees over all documents that are not held, and nothing stands twice."""
    held = await _held(life, standing)
    ours = await _in_nav(life, held)
    theirs = _in_freshbooks(life, held)
    apart = {n: abs(ours.get(n, _ZERO) - theirs.get(n, _ZERO)) for n in {*ours, *theirs}}
    rounded = {n for n in _ROUNDED if apart.get(n, _ZERO) <= life.rounding * len(standing)}
    wrong = {n: value for n, value in apart.items() if value and n not in rounded}
    assert not wrong, (ours, theirs, _told(life, standing))
    left = held | _of_voids(life)
    of_clients = await _by_client_in_nav(life, left), _by_client_in_freshbooks(life, left)
    assert of_clients[0] == of_clients[1], (*of_clients, _told(life, standing))
    await _nothing_twice(life)
    store, name = life.site.store, life.site.connection.name
    assert await law_findings(store, name) == [], life.told
    await _open_amounts_agree(life, standing)


async def _held(life: Life, standing: Standing) -> set[str]:
    """Names of the documents that wait for a person or were given up by one, with the payments
    of such invoices."""
    held = {f"{kind.value}/{each}" for (kind, each), s in standing.items() if s.stage == "held"}
    held |= {f"{kind.value}/{each}" for kind, each in life.given_up}
    stuck = {(kind, each): s for (kind, each), s in standing.items() if s.stage == "waits"}
    assert not stuck, (stuck, life.told)
    for row in life.site.freshbooks.payments.table.values():
        if f"invoice/{row['invoiceid']}" in held:
            held.add(f"payment/{row['id']}")
    return held


async def _in_nav(life: Life, held: set[str]) -> Sums:
    """Our entries in the general ledger, by what the accounts stand for."""
    sums: Sums = defaultdict(Decimal)
    total = Decimal(0)
    for entry in await life.site.books.rows("GLEntries"):
        total += entry["Amount"]
        name = _document_of(_reversed_by_hand(entry["External_Document_No"]))
        if name and name not in held:
            sums[_meaning(entry["G_L_Account_No"])] += entry["Amount"]
    assert total == 0, "the general ledger balances"
    return _rounded(sums)


def _in_freshbooks(life: Life, held: set[str]) -> Sums:
    """The same of the source's own books; a credit is what it owes the client."""
    books, sums = life.site.freshbooks, defaultdict[str, Decimal](Decimal)
    names = [
        *(f"invoice/{key}" for key in books.invoices.table),
        *(f"payment/{key}" for key in books.payments.table),
        *(f"credit_note/{key}" for key in books.credit_notes.table),
    ]
    for name in names:
        if name not in held:
            for account, _, amount in books.books.ledger._lines(name):
                sums["receivable" if account == "credit" else account] += amount
    return _rounded(sums)


def _of_voids(life: Life) -> set[str]:
    """Voided invoices and their money: it stays with the client who had it when it settled them."""
    books = life.site.freshbooks
    gone = {row["id"] for row in books.invoices.table.values() if row["vis_state"] == 1}
    payments = books.payments.table.values()
    return {f"invoice/{each}" for each in gone} | {
        f"payment/{row['id']}" for row in payments if row["invoiceid"] in gone
    }


async def _by_client_in_nav(life: Life, held: set[str]) -> Sums:
    """What our entries come to on the account of each client."""
    sums: Sums = defaultdict(Decimal)
    keys = {c["No"]: Key.parse(c["Our_Account_No"]) for c in await life.site.books.rows("Customer")}
    for entry in await life.site.books.rows("CustomerLedgerEntries"):
        name = _document_of(_reversed_by_hand(entry["External_Document_No"]))
        if name and name not in held:
            sums[keys[entry["Customer_No"]].source_id] += entry["Amount"]
    return _rounded(sums)


def _by_client_in_freshbooks(life: Life, held: set[str]) -> Sums:
    """The same by the source; money belongs to the client of its invoice."""
    books, sums = life.site.freshbooks, defaultdict[str, Decimal](Decimal)
    clients = {f"invoice/{k}": row["customerid"] for k, row in books.invoices.table.items()}
    clients |= {
        f"payment/{key}": clients[f"invoice/{row['invoiceid']}"]
        for key, row in books.payments.table.items()
    }
    clients |= {f"credit_note/{k}": row["clientid"] for k, row in books.credit_notes.table.items()}
    for name, client in clients.items():
        if name not in held:
            for account, _, amount in books.books.ledger._lines(name):
                if account in ("receivable", "credit"):
                    sums[str(client)] += amount
    return _rounded(sums)


async def _nothing_twice(life: Life) -> None:
    """One unreversed posting per source document, and one entry per key."""
    entries = await life.site.books.rows("CustomerLedgerEntries")
    keys = [e["External_Document_No"] for e in entries if _key(e["External_Document_No"])]
    assert not _repeated(keys), (_repeated(keys), life.told)
    live = [
        # A late fee stands beside its invoice.
        f"{key.kind is Kind.LATE_FEE} {_document_of(key.text())}"
        for e in entries
        if (key := _key(e["External_Document_No"]))
        and not e["Reversed"]
        and not key.kind.value.endswith("_reversal")
        and not await _credited(key, keys)
    ]
    assert not _repeated(live), (_repeated(live), life.told)


async def _credited(key: Key, keys: Iterable[str]) -> bool:
    return key.of_kind(key.kind.reversal).text() in keys


async def _open_amounts_agree(life: Life, standing: Standing) -> None:
    """What is open on an invoice is the same on both sides, unless people settled it in NAV."""
    entries = await life.site.books.rows("CustomerLedgerEntries", Document_Type="Invoice")
    for (kind, each), status in standing.items():
        posted = [
            e for e in entries if _document_of(e["External_Document_No"]) == f"invoice/{each}"
        ]
        if kind is not Kind.INVOICE or status.stage not in ("posted", "closed") or not posted:
            continue
        is_left = (kind, each) in life.given_up
        if is_left or any(e["Document_No"] in life.settled_by_hand for e in posted):
            continue
        row = life.site.freshbooks.invoices.table[str(each)]
        is_gone = row["vis_state"] == 1
        owed = max(Decimal(row["outstanding"]["amount"]), Decimal(0))
        wanted = Decimal(0) if is_gone else owed
        left = sum((e["Remaining_Amount"] for e in posted), Decimal(0))
        assert left == wanted, (each, left, wanted, _told(life, standing))


def _reversed_by_hand(reference: str) -> str:
    """The key of what people took back, which they name; any other reference as it is."""
    return reference.removeprefix("BY HAND ")


def _document_of(reference: str) -> str:
    """The source document that an entry of ours stands for, as FreshBooks' books call it."""
    key = _key(reference)
    if key is None:
        return ""
    if key.kind in _OF_A_PAYMENT:
        return f"payment/{key.source_id}"
    kind = "credit_note" if key.kind in _OF_A_CREDIT else "invoice"
    return f"{kind}/{key.source_id}"


def _key(reference: str) -> Key | None:
    try:
        return Key.parse(reference)
    except ValueError:
        return None


def _meaning(account: str) -> str:
    if account in RECEIVABLES:
        return "receivable"
    if account in BANKS:
        return "cash"
    return "tax" if account in _TAXES else "revenue"


def _rounded(sums: Sums) -> Sums:
    return {name: amount for name, amount in sorted(sums.items()) if amount}


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def _told(life: Life, standing: Standing) -> tuple[list[str], Standing]:
    return life.told, standing
