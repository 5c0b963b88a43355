"""Deliveries of FreshBooks: how they are signed, and what they say.

The signature covers neither the raw body nor a sorted form: it is the HMAC-SHA256, keyed with
the verifier of the callback, of the JSON text of all form fields in the order of the body, with
every value a string and separators `", "` and `": "` as Python's json writes by default
(FreshBooks webhook documentation; PHP and Python SDK guides).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qsl

SIGNATURE_HEADER = "X-FreshBooks-Hmac-SHA256"
VERIFICATION_EVENT = "callback.verify"
MAX_FIELDS = 50
"""A delivery has about six fields; more is not one of FreshBooks."""

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Delivery:
    """What a delivery says: enough to hint at an object, never enough to decide.

    `verifier` is filled by the handshake only and is a secret.
    """

    event: str
    object_id: str
    account_id: str = ""
    business_id: str = ""
    verifier: str = ""

    def __repr__(self) -> str:
        return f"Delivery(event={self.event!r}, object_id={self.object_id!r})"

    @property
    def is_verification(self) -> bool:
        """Whether this is the handshake that follows the registration of a callback."""
        return self.event == VERIFICATION_EVENT

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Build from form fields; ValueError when the event or the object is missing."""
        values = dict(fields)
        if not values.get("name") or not values.get("object_id"):
            raise ValueError("the delivery names no event or no object")
        return cls(
            event=values["name"],
            object_id=values["object_id"],
            account_id=values.get("account_id", ""),
            business_id=values.get("business_id", ""),
            verifier=values.get("verifier", ""),
        )


def parse(body: bytes) -> list[tuple[str, str]]:
    """Form fields in body order, blank and repeated ones too; ValueError when it is no form."""
    return parse_qsl(
        body.decode("utf-8"),
        keep_blank_values=True,
        strict_parsing=True,
        errors="strict",
        max_num_fields=MAX_FIELDS,
    )


def sign(fields: Fields, verifier: str) -> str:
    """The signature FreshBooks sends for these fields, base64."""
    # Joined by hand: a dict would drop a repeated field, which is part of what was signed.
    pairs = ", ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in fields)
    digest = hmac.new(verifier.encode(), f"{{{pairs}}}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode("ascii")


def verify(fields: Fields, signature: str, verifier: str) -> bool:
    """Whether the signature is the one of these fields, compared in constant time."""
    expected = sign(fields, verifier).encode("ascii")
    return bool(verifier) and hmac.compare_digest(expected, signature.strip().encode("utf-8"))
