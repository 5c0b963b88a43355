from __future__ import annotations

import base64
import shlex
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.cipher import Cipher, key_id_of
from store.errors import BadKeySource, Tampered, UnknownKey
from store.keyring import KEY_BYTES, KeyRing

CIPHER = Cipher(KeyRing.generate("k1"))
KEY = base64.b64encode(bytes(range(KEY_BYTES))).decode()


@given(st.binary(max_size=5000), st.text(), st.booleans())
def test_what_is_encrypted_comes_back(content: bytes, context: str, compress: bool) -> None:
    blob = CIPHER.encrypt(content, context, compress=compress)
    assert CIPHER.decrypt(blob, context) == content


def test_the_same_content_never_looks_the_same() -> None:
    assert CIPHER.encrypt(b"x", "c") != CIPHER.encrypt(b"x", "c")


def test_a_long_repetitive_content_is_compressed_where_asked() -> None:
    content = b"salesInvoice" * 1000
    assert len(CIPHER.encrypt(content, "c", compress=True)) < len(content) / 10
    assert len(CIPHER.encrypt(content, "c")) > len(content)


def test_the_key_id_is_readable_without_the_key() -> None:
    assert key_id_of(CIPHER.encrypt(b"x", "c")) == "k1"


@given(st.data())
def test_any_changed_bit_is_noticed(data: st.DataObject) -> None:
    blob = bytearray(CIPHER.encrypt(b"12345", "c", compress=True))
    place = data.draw(st.integers(0, len(blob) - 1))
    blob[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((Tampered, UnknownKey)):
        CIPHER.decrypt(bytes(blob), "c")


@given(st.integers(0, 36))
def test_any_cut_is_noticed(kept: int) -> None:
    with pytest.raises(Tampered):
        CIPHER.decrypt(CIPHER.encrypt(b"12345", "c")[:kept], "c")


@given(st.binary(max_size=80))
def test_any_rubbish_is_refused(blob: bytes) -> None:
    with pytest.raises((Tampered, UnknownKey)):
        CIPHER.decrypt(blob, "c")


def test_content_of_another_place_is_refused() -> None:
    with pytest.raises(Tampered, match="there"):
        CIPHER.decrypt(CIPHER.encrypt(b"x", "here"), "there")


def test_another_key_of_the_same_id_does_not_open_it() -> None:
    with pytest.raises(Tampered):
        Cipher(KeyRing.generate("k1")).decrypt(CIPHER.encrypt(b"x", "c"), "c")


def test_an_unknown_key_is_named() -> None:
    with pytest.raises(UnknownKey) as caught:
        Cipher(KeyRing.generate("k2")).decrypt(CIPHER.encrypt(b"x", "c"), "c")
    assert caught.value.key_id == "k1"


def test_a_new_key_encrypts_and_the_old_one_still_decrypts() -> None:
    old = KeyRing.generate("k1")
    blob = Cipher(old).encrypt(b"x", "c", compress=True)
    cipher = Cipher(old.with_new_key("k2"))
    assert not cipher.is_current(blob)
    renewed = cipher.renew(blob, "c")
    assert cipher.is_current(renewed)
    assert cipher.decrypt(blob, "c") == cipher.decrypt(renewed, "c") == b"x"
    only_new = Cipher(KeyRing({"k2": cipher.ring.keys["k2"]}, "k2"))
    assert only_new.decrypt(renewed, "c") == b"x"


def test_a_ring_is_written_as_it_is_read() -> None:
    ring = KeyRing.generate("a").with_new_key("b")
    read = KeyRing.from_source(ring.text())
    assert (read.current, dict(read.keys)) == ("b", dict(ring.keys))


def test_the_first_key_is_the_current_one() -> None:
    ring = KeyRing.from_source(f"new:{KEY}, old:{KEY}")
    assert (ring.current, list(ring.keys)) == ("new", ["new", "old"])


def test_base64_for_urls_is_read_too() -> None:
    key = b"\xfb\xff" * 16
    ring = KeyRing.from_source(f"k:{base64.urlsafe_b64encode(key).decode()}")
    assert ring.keys["k"] == key


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640, 0o440])
def test_keys_are_read_from_a_private_file(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "keys"
    path.write_text(f"k1:{KEY}\nk0:{KEY}\n")
    path.chmod(mode)
    assert KeyRing.from_source(f"file:{path}").current == "k1"


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o620, 0o660])
def test_a_key_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "keys"
    path.write_text(f"k1:{KEY}")
    path.chmod(mode)
    with pytest.raises(BadKeySource, match="chmod 600"):
        KeyRing.from_source(f"file:{path}")


def test_a_key_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadKeySource, match=r"missing: No such file"):
        KeyRing.from_source(f"file:{tmp_path}/missing")


def test_a_key_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_bytes(b"\xff\xfe\x00")
    path.chmod(0o600)
    with pytest.raises(BadKeySource, match="as text"):
        KeyRing.from_source(f"file:{path}")


def test_keys_are_read_from_a_command_without_a_shell() -> None:
    program = f"import sys; sys.stdout.write('k1:{KEY}' if sys.argv[1] == '$HOME' else '')"
    command = shlex.join([sys.executable, "-c", program, "$HOME"])
    assert KeyRing.from_source(f"command:{command}").current == "k1"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (f"{sys.executable} -c 'raise SystemExit(3)'", "ended with code 3"),
        ("/nonexistent/program", "FileNotFoundError"),
        ("'unclosed", "ValueError"),
        ("", "IndexError"),
        (f"{sys.executable} -c ''", "must read id:base64"),
    ],
)
def test_a_key_command_that_fails_is_reported(command: str, why: str) -> None:
    with pytest.raises(BadKeySource, match=why):
        KeyRing.from_source(f"command:{command}")


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("", "must read id:base64"),
        (KEY, "must read id:base64"),
        ("k1:planted-not-base64!", "not base64"),
        ("k1:cGxhbnRlZA==", "must have 32 bytes"),
        (f"k1:{KEY},k1:{KEY}", "each id once"),
        (f"a b:{KEY}", "must read id:base64"),
        (f"{'k' * 33}:{KEY}", "1 to 32"),
    ],
)
def test_keys_that_cannot_be_used_are_refused_without_showing_them(source: str, why: str) -> None:
    with pytest.raises(BadKeySource, match=why) as caught:
        KeyRing.from_source(source)
    shown = f"{caught.value!r} {caught.value.__cause__!r}"
    assert KEY not in shown
    assert "planted" not in shown


def test_the_current_key_must_be_in_the_ring() -> None:
    with pytest.raises(BadKeySource, match="current key 'b'"):
        KeyRing({"a": bytes(KEY_BYTES)}, "b")


def test_a_new_key_needs_a_new_id() -> None:
    with pytest.raises(BadKeySource, match="in use"):
        KeyRing.generate("k1").with_new_key("k1")


def test_a_ring_does_not_show_its_keys() -> None:
    ring = KeyRing.from_source(f"k1:{KEY}")
    assert repr(ring) == "KeyRing(current='k1')"
