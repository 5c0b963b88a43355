"""What a credential looks like, by its name and by its shape."""

from __future__ import annotations

import re

HIDDEN = "[hidden]"

_NAMES = re.compile(
    r"token|secret|password|passwd|passphrase|authorization|api[_-]?key|verifier|signature"
    r"|cookie|credential|private[_-]?key",
    re.IGNORECASE,
)
_SHAPES = (
    re.compile(r"\b(Bearer|Basic|NTLM|Negotiate)\s+[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE),
    re.compile(
        r"\b(\w*(?:token|secret|password|verifier|api_key))(\"?\s*[=:]\s*\"?)[^\s&\",;]+",
        re.IGNORECASE,
    ),
    re.compile(r"(://[^/\s:@]+:)[^/\s@]+(?=@)"),
    re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"),
    re.compile(r"\btieout_[0-9a-f]{12}_[A-Za-z0-9_-]{43}"),
    re.compile(r"(/approvals/)[A-Za-z0-9._=-]+"),
    re.compile(r"\b[A-Za-z0-9._-]{1,32}:[A-Za-z0-9+/_-]{43}="),
)
_INSTEAD = (
    rf"\1 {HIDDEN}",
    rf"\1\2{HIDDEN}",
    rf"\1{HIDDEN}",
    HIDDEN,
    HIDDEN,
    rf"\1{HIDDEN}",
    HIDDEN,
)


def redacted(value: object, name: str = "") -> object:
    """The value without credentials: hidden whole where its name says so, else by shape.

    Dictionaries, lists and tuples are searched at any depth; other objects pass unchanged.
    """
    if name and _NAMES.search(name) and value not in (None, "", True, False):
        return HIDDEN
    if isinstance(value, str):
        return _without_shapes(value)
    if isinstance(value, bytes):
        return f"[{len(value)} bytes]"
    if isinstance(value, dict):
        return {key: redacted(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(inner) for inner in value]
    return value


def _without_shapes(text: str) -> str:
    for shape, instead in zip(_SHAPES, _INSTEAD, strict=True):
        text = shape.sub(instead, text)
    return text
