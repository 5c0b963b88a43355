"""What Temporal keeps of ours: encrypted, readable after a rotation, refused when changed."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.exceptions import ApplicationError

from activities.signatures import DocumentRef
from documents.key import Kind
from store.errors import Tampered, UnknownKey
from store.keyring import KeyRing
from workers.codec import ENCODING, KEY_ID, EncryptingCodec, payload_codec, payload_keys
from workers.settings import SettingsError, load_settings
from workers.temporal import data_converter

RING = KeyRing.generate("k1")
CODEC = EncryptingCodec(RING)
METADATA = st.dictionaries(st.text(max_size=8), st.binary(max_size=20), max_size=3)


def plain(data: bytes = b'{"name":"Ada"}') -> Payload:
    return Payload(metadata={"encoding": b"json/plain"}, data=data)


@given(st.lists(st.builds(Payload, metadata=METADATA, data=st.binary(max_size=2000)), max_size=4))
async def test_every_payload_comes_back_as_it_was(payloads: list[Payload]) -> None:
    encoded = await CODEC.encode(payloads)
    assert [p.metadata["encoding"] for p in encoded] == [ENCODING] * len(payloads)
    assert await CODEC.decode(encoded) == payloads


async def test_neither_content_nor_type_can_be_read() -> None:
    (encoded,) = await CODEC.encode([plain()])
    raw = encoded.SerializeToString()
    assert b"Ada" not in raw
    assert b"json" not in raw
    assert encoded.metadata[KEY_ID] == b"k1"


async def test_long_content_is_compressed_before_it_is_encrypted() -> None:
    (encoded,) = await CODEC.encode([plain(b'{"line": "Advice, 12 hours"}' * 100)])
    assert len(encoded.data) < 300


async def test_what_was_written_before_encryption_stays_readable() -> None:
    assert await CODEC.decode([plain()]) == [plain()]


async def test_what_is_encrypted_is_not_encrypted_again() -> None:
    once = await CODEC.encode([plain()])
    assert await CODEC.encode(once) == once


async def test_after_a_rotation_the_new_key_writes_and_the_old_one_still_reads() -> None:
    before = await CODEC.encode([plain()])
    rotated = EncryptingCodec(RING.with_new_key("k2"))
    after = await rotated.encode([plain()])
    assert after[0].metadata[KEY_ID] == b"k2"
    assert await rotated.decode([*before, *after]) == [plain(), plain()]


async def test_an_unknown_key_is_named() -> None:
    (encoded,) = await EncryptingCodec(KeyRing.generate("lost")).encode([plain()])
    with pytest.raises(UnknownKey, match="'lost', which is not in the key ring"):
        await CODEC.decode([encoded])


async def test_another_key_of_the_same_id_is_noticed() -> None:
    (encoded,) = await EncryptingCodec(KeyRing.generate("k1")).encode([plain()])
    with pytest.raises(Tampered):
        await CODEC.decode([encoded])


@given(st.data())
async def test_any_changed_bit_is_noticed(data: st.DataObject) -> None:
    (encoded,) = await CODEC.encode([plain()])
    changed = bytearray(encoded.data)
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((Tampered, UnknownKey)):
        await CODEC.decode([Payload(metadata=encoded.metadata, data=bytes(changed))])


@given(st.binary(max_size=100))
async def test_any_rubbish_that_claims_to_be_encrypted_is_refused(data: bytes) -> None:
    with pytest.raises((Tampered, UnknownKey)):
        await CODEC.decode([Payload(metadata={"encoding": ENCODING}, data=data)])


async def test_metadata_cannot_make_another_key_decrypt() -> None:
    (encoded,) = await CODEC.encode([plain()])
    encoded.metadata[KEY_ID] = b"other"
    assert await CODEC.decode([encoded]) == [plain()]


def test_payload_keys_are_not_those_of_the_store() -> None:
    derived = payload_keys(RING)
    assert derived.current == RING.current
    assert derived.keys["k1"] != RING.keys["k1"]
    assert derived.keys == payload_keys(RING).keys


async def test_failures_are_encoded_and_keep_their_type() -> None:
    converter = data_converter(CODEC)
    failure = Failure()
    error = ApplicationError("Ada Lovelace is blocked", {"iban": "DE99"}, type="Held")
    await converter.encode_failure(error, failure)
    raw = failure.SerializeToString()
    assert b"Lovelace" not in raw
    assert b"DE99" not in raw
    restored = await converter.decode_failure(failure)
    assert isinstance(restored, ApplicationError)
    assert (restored.message, restored.type) == ("Ada Lovelace is blocked", "Held")
    assert restored.details[0] == {"iban": "DE99"}


async def test_models_pass_through_the_converter() -> None:
    converter = data_converter(CODEC)
    document = DocumentRef(connection="demo", kind=Kind.INVOICE, source_id="7")
    assert await converter.decode(await converter.encode([document]), [DocumentRef]) == [document]


async def test_large_payloads_leave_the_event_loop_alone() -> None:
    payloads = [plain(b"x" * 1_000_000)]
    assert await CODEC.decode(await CODEC.encode(payloads)) == payloads


async def test_a_payload_of_usual_size_takes_far_less_than_a_millisecond() -> None:
    payload = plain(b'{"number": "INV-1", "name": "Northwind Traders", "amount": "113.00"}' * 20)
    best = min([await _round_trip(payload) for _ in range(50)])
    assert best < 0.001


async def _round_trip(payload: Payload) -> float:
    begun = time.perf_counter()
    await CODEC.decode(await CODEC.encode([payload]))
    return time.perf_counter() - begun


async def test_one_installation_has_one_codec() -> None:
    ring = KeyRing.generate()
    one, other = (payload_codec(load_settings(keys=ring.text())) for _ in range(2))
    assert one is not None
    assert other is not None
    assert await other.decode(await one.encode([plain()])) == [plain()]


async def test_with_encryption_turned_off_the_past_stays_readable() -> None:
    ring = KeyRing.generate()
    off = payload_codec(load_settings(keys=ring.text(), encryption=False))
    assert off is not None
    assert await off.encode([plain()]) == [plain()]
    assert await off.decode(await EncryptingCodec(ring).encode([plain()])) == [plain()]


def test_without_keys_encryption_must_be_turned_off_in_words() -> None:
    assert payload_codec(load_settings(encryption=False)) is None
    with pytest.raises(SettingsError, match="tieout keys new"):
        payload_codec(load_settings())
