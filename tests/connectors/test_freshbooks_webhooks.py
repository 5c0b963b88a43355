"""Deliveries are signed over the JSON text of their fields, in order, as Python writes it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.freshbooks.webhooks import Delivery, parse, sign, verify

VERIFIER = "scADVVi5QuKuj5qTjVkbJNYQe7V7USpGd"
TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
FIELDS = st.dictionaries(TEXTS.filter(bool), TEXTS, min_size=1, max_size=8)


def expected(payload: bytes) -> str:
    return base64.b64encode(hmac.new(VERIFIER.encode(), payload, hashlib.sha256).digest()).decode()


@pytest.mark.parametrize(
    ("fields", "payload"),
    [
        (
            [("name", "invoice.create"), ("object_id", "1234567"), ("account_id", "6BApk")],
            b'{"name": "invoice.create", "object_id": "1234567", "account_id": "6BApk"}',
        ),
        (
            [("name", "a:b,c"), ("object_id", '{"x": 1, "y": 2}')],
            b'{"name": "a:b,c", "object_id": "{\\"x\\": 1, \\"y\\": 2}"}',
        ),
        (
            [("name", "Zo\u00eb \u20ac \U0001f600"), ("blank", "")],
            b'{"name": "Zo\\u00eb \\u20ac \\ud83d\\ude00", "blank": ""}',
        ),
        ([("a", "1"), ("a", "2")], b'{"a": "1", "a": "2"}'),
        ([("path", "a/b\\c\x7f\n")], b'{"path": "a/b\\\\c\\u007f\\n"}'),
    ],
)
def test_the_signature_is_over_this_very_text(
    fields: list[tuple[str, str]], payload: bytes
) -> None:
    assert sign(fields, VERIFIER) == expected(payload)
    assert verify(fields, expected(payload), VERIFIER)


@given(FIELDS)
def test_the_text_is_the_one_of_json_dumps(fields: dict[str, str]) -> None:
    assert sign(list(fields.items()), VERIFIER) == expected(json.dumps(fields).encode())


@given(FIELDS)
def test_what_was_sent_as_a_form_verifies_after_parsing(fields: dict[str, str]) -> None:
    parsed = parse(urlencode(fields).encode())
    assert parsed == list(fields.items())
    assert verify(parsed, sign(list(fields.items()), VERIFIER), VERIFIER)


@given(FIELDS, st.text(max_size=60))
def test_any_other_signature_is_refused(fields: dict[str, str], signature: str) -> None:
    pairs = list(fields.items())
    assert verify(pairs, signature, VERIFIER) == (signature.strip() == sign(pairs, VERIFIER))


def test_a_changed_order_another_verifier_and_no_verifier_are_refused() -> None:
    fields = [("name", "invoice.create"), ("object_id", "1")]
    signature = sign(fields, VERIFIER)
    assert not verify(list(reversed(fields)), signature, VERIFIER)
    assert not verify(fields, signature, "another")
    assert not verify(fields, sign(fields, ""), "")


@pytest.mark.parametrize("body", [b"\xff=1", b"name=%ff", b"no pairs", b"a=1&" * 60 + b"a=1"])
def test_a_body_that_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse(body)


def test_a_delivery_names_its_event_and_object_and_hides_the_verifier() -> None:
    delivery = Delivery.read(
        parse(b"name=callback.verify&object_id=77&account_id=6BApk&verifier=secret")
    )
    assert delivery.is_verification
    assert (delivery.object_id, delivery.verifier) == ("77", "secret")
    assert "secret" not in repr(delivery)


@pytest.mark.parametrize("body", [b"name=invoice.create", b"object_id=1", b"name=&object_id=1"])
def test_a_delivery_without_event_or_object_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="no event or no object"):
        Delivery.read(parse(body))
