"""Whatever is sent, the gateway neither breaks nor starts what nobody signed for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activities.expenses.links import Link, LinkBroken, mark_of, sign
from activities.expenses.links import read as read_link
from connectors.freshbooks.webhooks import SIGNATURE_HEADER
from tests.gateway.conftest import SEAL, Door
from workers.gateway.events import DOCUMENTED

_FORM = "application/x-www-form-urlencoded"
_NAMES = st.sampled_from(["name", "object_id", "account_id", "verifier", "user_id", ""])
_VALUES = st.one_of(
    st.sampled_from([*sorted(DOCUMENTED), "callback.verify", "1", "0", "99999999999999999999"]),
    st.text(max_size=40),
)
_FORMS = st.lists(st.tuples(_NAMES, _VALUES), max_size=12).map(urlencode).map(str.encode)
_BODIES = st.one_of(st.binary(max_size=400), _FORMS)
_TOKEN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.="
_HEADER = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=80)
_RUNS = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@_RUNS
@given(body=_BODIES, signature=_HEADER)
async def test_an_unsigned_body_starts_nothing_but_the_check_of_a_handshake(
    door: Door, body: bytes, signature: str
) -> None:
    headers = {"Content-Type": _FORM, SIGNATURE_HEADER: signature}
    response = await door.http.post(door.path, content=body, headers=headers)
    assert response.status_code < 500
    handshakes = f"hint/{door.connection.name}/callback/"
    assert all(identity.startswith(handshakes) for identity in door.starts.ids)
    if response.json()["outcome"] not in ("verification", "throttled"):
        assert response.status_code in (400, 401)


@_RUNS
@given(fields=st.lists(st.tuples(_NAMES, _VALUES), max_size=12))
async def test_a_signed_body_is_answered_without_breaking(
    door: Door, fields: list[tuple[str, str]]
) -> None:
    response = await door.post(fields)
    assert response.status_code in (200, 400, 401, 429)
    assert response.json()["outcome"] in {
        "hinted", "ignored", "verification", "malformed", "forged", "throttled",
    }  # fmt: skip


@_RUNS
@given(
    method=st.sampled_from(["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "TRACE"]),
    path=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60),
    kind=_HEADER,
)
async def test_no_method_path_or_type_breaks_it(
    door: Door, method: str, path: str, kind: str
) -> None:
    url = httpx.URL(door.url).copy_with(raw_path=b"/" + path.encode().replace(b"#", b"%23"))
    response = await door.http.request(method, url, headers={"Content-Type": kind})
    assert response.status_code < 500
    assert door.starts.ids == []


def _link(**fields: Any) -> str:
    link = Link(
        **{
            "connection": "demo",
            "source_id": "1",
            "version": "v",
            "who": mark_of("Noor", SEAL),
            "until": datetime.now(UTC) + timedelta(hours=1),
            **fields,
        }
    )
    return sign(link, SEAL)


_GENUINE = st.builds(_link, connection=st.text(max_size=20), source_id=st.text(max_size=30))
_MUTATED = st.tuples(_GENUINE, st.integers(0, 200), st.text(_TOKEN, max_size=3)).map(
    lambda drawn: drawn[0][: drawn[1]] + drawn[2] + drawn[0][drawn[1] + 1 :]
)
_TOKENS = st.one_of(_GENUINE, _MUTATED, st.text(max_size=60), st.text(_TOKEN, max_size=3000))
_ANSWERS = st.one_of(
    st.binary(max_size=300),
    st.fixed_dictionaries({"answer": _VALUES, "comment": st.text(max_size=3000)})
    .map(urlencode)
    .map(str.encode),
    st.just(b"answer=approve&" + b"x=1&" * 3000),
)


@_RUNS
@given(token=_TOKENS, body=_ANSWERS, method=st.sampled_from(["GET", "POST"]))
async def test_whatever_link_comes_the_door_of_the_approvers_neither_breaks_nor_starts_anything(
    door: Door, token: str, body: bytes, method: str
) -> None:
    path = f"/approvals/{quote(token, safe='')}"
    headers = {"Content-Type": _FORM}
    response = await door.http.request(
        method, path, content=body if method == "POST" else None, headers=headers
    )
    assert response.status_code in (403, 404, 405, 410, 414, 429, 431)
    assert door.starts.ids == []


@_RUNS
@given(token=_MUTATED)
def test_no_link_that_was_altered_is_ours(token: str) -> None:
    try:
        read = read_link(token, SEAL, datetime.now(UTC))
    except LinkBroken:
        return
    assert sign(read, SEAL) == token
