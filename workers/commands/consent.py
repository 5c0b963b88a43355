"""What FreshBooks sends a person back with, after they gave or refused consent."""

from __future__ import annotations

import secrets
from urllib.parse import parse_qs, urlsplit

from workers.refusal import Refusal


def code_from(answer: str, state: str) -> str:
    """The code in the address that the browser was sent to.

    Raises Refusal when consent was refused, or when the address is not the answer to this
    request: a code that comes without our `state` may be somebody else's, and would connect their
    account to our books.
    """
    query = parse_qs(urlsplit(answer.strip()).query or answer.strip())
    if error := query.get("error"):
        raise Refusal(f"consent was not given ({error[0][:40]})")
    if not query.get("code") or not query.get("state"):
        raise Refusal(
            "paste the whole address that the browser shows after consent; "
            "it has `code=` and `state=` in it"
        )
    if not secrets.compare_digest(query["state"][0].encode(), state.encode()):
        raise Refusal("this address answers another request; start again and use the new link")
    return query["code"][0]
