"""What is encrypted: kept from the database file, and readable after a change of keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from documents.claim import ClaimReview, Part, PartState
from documents.key import Kind
from documents.money import Money
from documents.posting import PostingState
from documents.sign_off import SignOff, SignOffState
from documents.tieout import Break
from store.cipher import Cipher, key_id_of
from store.errors import Tampered, UnknownKey
from store.keyring import KeyRing
from store.store import Store
from store.tables import ENCRYPTED, credentials, documents
from tests.store.samples import (
    CONNECTION,
    KEY,
    NOW,
    PLANTED,
    decision,
    full_row,
    hold,
    posting,
    proposed_break,
    record,
    row,
)

TOKENS = {"access_token": PLANTED["token"], "refresh_token": PLANTED["token"]}


async def _fill(store: Store) -> None:
    """Everything secret or personal that the store can keep."""
    await store.documents.save(full_row())
    await store.documents.hold(CONNECTION, Kind.INVOICE, "2", hold())
    await store.documents.save(row(source_id="3", reason=PLANTED["why"], decision=decision()))
    await store.postings.open(KEY, CONNECTION, record(), None)
    await store.postings.confirm(KEY.text(), posting(PostingState.POSTED, "103001"))
    await store.credentials.put(CONNECTION, "client_secret", PLANTED["secret"])
    await store.persons.add("p1", PLANTED["person"], "viewer", "digest")
    part = Part(
        source_id="5",
        state=PartState.READY,
        version="v",
        amount=Money.of("1", "USD"),
        claimant=PLANTED["person"],
    )
    await store.expense_claims.put(CONNECTION, "1-2026M03", part)
    await store.expense_claims.save(CONNECTION, "1-2026M03", ClaimReview(told=("5:v",)), 0)
    await store.sign_offs.add(_sign_off())
    await store.breaks.found(1, [proposed_break()])
    vault = store.tokens(CONNECTION)
    await vault.save(TOKENS)
    await vault.begin_refresh(PLANTED["token"])
    await store.callbacks.remember_pending(
        CONNECTION, "7", "invoice.create", "https://us.example/hook", PLANTED["verifier"]
    )


def _sign_off() -> SignOff:
    return SignOff(
        connection=CONNECTION,
        period="2026-02",
        state=SignOffState.REOPENED,
        digest="d",
        preparer=PLANTED["person"],
        prepared_at=NOW,
        reason=PLANTED["why"],
    )


async def _assert_readable(store: Store) -> None:
    held = await store.documents.get(CONNECTION, Kind.INVOICE, "1000001")
    assert held is not None
    assert (held.hold, held.decision) == (hold(), decision())
    opened = await store.postings.get(KEY.text())
    assert opened is not None
    assert opened.record == record()
    assert await store.credentials.get(CONNECTION, "client_secret") == PLANTED["secret"]
    assert await store.tokens(CONNECTION).load() == TOKENS
    pending = await store.callbacks.pending(CONNECTION, "7")
    found = await store.breaks.get(CONNECTION, "2026-02", proposed_break().break_id)
    assert found is not None
    assert (found.how, found.proposer, found.proof) == _said(proposed_break())
    assert [p.verifier for p in pending] == [PLANTED["verifier"]]


def _said(found: Break) -> tuple[str, str, str]:
    return found.how, found.proposer, found.proof


async def _key_ids(store: Store) -> set[str]:
    found = set()
    for column in ENCRYPTED:
        content = column.table.c[column.name]
        rows = await store._database.rows(select(content).where(content.is_not(None)))
        assert rows, f"nothing was encrypted in {column}"
        found |= {key_id_of(row[0]) for row in rows}
    return found


def _raw(url: str) -> bytes:
    path = Path(url.removeprefix("sqlite:///"))
    files = [path, *path.parent.glob(f"{path.name}-*")]
    return b"".join(file.read_bytes() for file in files)


async def test_a_secret_is_kept_by_connection_and_name(store: Store) -> None:
    await store.credentials.put("a", "password", "one")
    await store.credentials.put("a", "password", "two")
    await store.credentials.put("b", "key", "three")
    assert await store.credentials.get("a", "password") == "two"
    assert await store.credentials.get("b", "password") is None
    assert (await store.credentials.names("a"), await store.credentials.names("b")) == (
        ["password"],
        ["key"],
    )


async def test_a_removed_secret_is_gone(store: Store) -> None:
    await store.credentials.put("a", "password", "one")
    assert await store.credentials.remove("a", "password")
    assert not await store.credentials.remove("a", "password")
    assert await store.credentials.get("a", "password") is None


async def test_the_database_file_holds_none_of_the_secrets(sqlite_url: str, ring: KeyRing) -> None:
    async with await Store.open(sqlite_url, Cipher(ring), migrate=True) as store:
        await _fill(store)
        await _assert_readable(store)
        while_open = _raw(sqlite_url)
    for content in (while_open, _raw(sqlite_url)):
        assert b"103001" in content
        for what, planted in PLANTED.items():
            for part in (part for part in planted.split() if len(part) > 5):
                assert part.encode() not in content, what
        for key in ring.keys.values():
            assert key not in content


async def test_a_new_key_leaves_everything_readable_and_the_old_one_unused(
    url: str, store: Store, ring: KeyRing
) -> None:
    await _fill(store)
    newer = ring.with_new_key("k2")
    rotation = await store.credentials.rotate(newer)
    assert rotation.rewritten == rotation.examined
    assert rotation.rewritten["documents.details"] == 3
    assert rotation.total == sum(rotation.examined.values()) > 8
    assert await _key_ids(store) == {"k2"}
    await _assert_readable(store)
    only_new = KeyRing({"k2": newer.keys["k2"]}, "k2")
    async with await Store.open(url, Cipher(only_new)) as other:
        await _assert_readable(other)


async def test_a_rotation_that_is_repeated_finds_nothing_to_do(store: Store, ring: KeyRing) -> None:
    await _fill(store)
    newer = ring.with_new_key("k2")
    await store.credentials.rotate(newer)
    again = await store.credentials.rotate(newer)
    assert again.total == 0
    assert sum(again.examined.values()) > 8


async def test_a_rotation_goes_through_more_than_one_batch(
    store: Store, ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.rotation.BATCH", 3)
    for n in range(10):
        await store.documents.save(row(source_id=str(n), reason=f"reason {n}"))
    rotation = await store.credentials.rotate(ring.with_new_key("k2"))
    assert rotation.rewritten["documents.details"] == 10
    for n in range(10):
        found = await store.documents.get(CONNECTION, Kind.INVOICE, str(n))
        assert found is not None
        assert found.reason == f"reason {n}"


async def test_a_rotation_does_not_change_what_a_row_says(store: Store, ring: KeyRing) -> None:
    saved = await store.documents.save(full_row())
    await store.credentials.rotate(ring.with_new_key("k2"))
    assert await store.documents.get(CONNECTION, Kind.INVOICE, "1000001") == saved


async def test_a_rotation_without_the_old_key_is_refused_before_it_begins(
    store: Store,
) -> None:
    await _fill(store)
    with pytest.raises(UnknownKey, match="'k1'"):
        await store.credentials.rotate(KeyRing.generate("k2"))
    await _assert_readable(store)


async def test_content_moved_to_another_row_is_refused(store: Store) -> None:
    await store.credentials.put("a", "password", "one")
    await store.credentials.put("b", "password", "two")
    stolen = await store._database.row(
        select(credentials.c.secret).where(credentials.c.connection == "a")
    )
    assert stolen is not None
    await store._database.change(
        update(credentials).where(credentials.c.connection == "b").values(secret=stolen.secret)
    )
    with pytest.raises(Tampered, match=r"credentials.*password"):
        await store.credentials.get("b", "password")


async def test_content_that_was_changed_is_refused(store: Store) -> None:
    await store.documents.save(full_row())
    stored = await store._database.row(select(documents.c.details))
    assert stored is not None
    changed = stored.details[:-1] + bytes([stored.details[-1] ^ 1])
    await store._database.change(update(documents).values(details=changed))
    with pytest.raises(Tampered, match="1000001"):
        await store.documents.get(CONNECTION, Kind.INVOICE, "1000001")
