"""Finding a planted text in bytes, however somebody on the way wrote it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

_SHORTEST = 6


def forms(text: str) -> set[bytes]:
    """The text as it stands, in both cases, escaped as JSON, XML and URLs do, in the code pages
    of the field, and in base64 wherever it may begin."""
    raw = text.encode()
    found = {raw, raw.lower(), raw.upper(), text.encode("utf-16-le")}
    found |= {json.dumps(text)[1:-1].encode(), quote(text).encode(), quote_plus(text).encode()}
    found.add(text.replace("&", "&amp;").encode())
    found.add(text.encode("latin-1", errors="ignore"))
    for offset in range(3):
        # What the neighbours have a part in is cut off on both sides.
        encoded = base64.b64encode(b"\0" * offset + raw).rstrip(b"=")
        inner = encoded[-(-offset * 8 // 6) : len(encoded) - 1]
        found |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return {form for form in found if len(form) >= _SHORTEST}


def leaks(planted: Iterable[str], evidence: Mapping[str, bytes]) -> list[str]:
    """`what in where` for each planted text that a piece of evidence holds in any form."""
    wanted = {text: forms(text) for text in planted}
    return [
        f"{text!r} in {where}"
        for where, content in evidence.items()
        for text, written in wanted.items()
        if any(form in content for form in written)
    ]
