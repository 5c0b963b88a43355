"""Sign-in by a provider: what is believed of its tokens, and everything that is not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from connectors.network import Network
from store.cipher import Cipher
from store.errors import NameTaken
from store.keyring import KeyRing
from store.store import Store
from tests.access.serving import served
from workers.access.callers import Caller, Role, Unauthenticated
from workers.access.jwt import BadToken, SignedToken
from workers.access.oidc import OpenIdProvider, ProviderAway, account_of
from workers.access.signin import SignInSettings

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SMALL_RSA = rsa.generate_private_key(public_exponent=65537, key_size=1024)
HERE = Network(allow_private=True)
EC = ec.generate_private_key(ec.SECP256R1())


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def number(value: int) -> str:
    return b64(value.to_bytes((value.bit_length() + 7) // 8))


def rsa_entry(key: rsa.RSAPrivateKey, key_id: str) -> dict[str, str]:
    public = key.public_key().public_numbers()
    return {"kty": "RSA", "kid": key_id, "n": number(public.n), "e": number(public.e)}


def ec_entry(key: ec.EllipticCurvePrivateKey, key_id: str) -> dict[str, str]:
    public = key.public_key().public_numbers()
    x, y = (b64(v.to_bytes(32)) for v in (public.x, public.y))
    return {"kty": "EC", "crv": "P-256", "kid": key_id, "x": x, "y": y}


def rs256(signed: bytes) -> bytes:
    return RSA.sign(signed, padding.PKCS1v15(), SHA256())


def ps256(signed: bytes) -> bytes:
    return RSA.sign(signed, padding.PSS(padding.MGF1(SHA256()), 32), SHA256())


def es256(signed: bytes) -> bytes:
    r, s = decode_dss_signature(EC.sign(signed, ec.ECDSA(SHA256())))
    return r.to_bytes(32) + s.to_bytes(32)


SIGNERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "RS256": ("rsa", rs256),
    "PS256": ("rsa", ps256),
    "ES256": ("ec", es256),
}


@dataclass
class Provider:
    """A provider on a port of its own, with whatever keys it publishes now."""

    url: str
    store: Store
    keys: list[dict[str, str]] = field(default_factory=list)
    issuer: str = ""
    status: int = 200
    asked: int = 0

    def token(self, algorithm: str = "RS256", **claims: Any) -> str:
        key_id, sign = SIGNERS[algorithm]
        return signed(self.claims(**claims), {"alg": algorithm, "kid": key_id}, sign)

    def claims(self, **claims: Any) -> dict[str, Any]:
        usual = {
            "iss": self.url,
            "aud": "tieout",
            "sub": "u-1",
            "exp": time.time() + 60,
            "preferred_username": "ada",
            "roles": ["tieout-operator"],
        }
        return {k: v for k, v in {**usual, **claims}.items() if v is not None}


def signed(claims: Any, header: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    parts = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{parts}.{b64(sign(parts.encode()))}"


@pytest_asyncio.fixture(loop_scope="session")
async def provider(tmp_path: Path) -> AsyncIterator[Provider]:
    async def discovery(_: Request) -> JSONResponse:
        body = {"issuer": it.issuer or it.url, "jwks_uri": f"{it.url}/keys"}
        return JSONResponse(body, status_code=it.status)

    async def keys(_: Request) -> JSONResponse:
        it.asked += 1
        return JSONResponse({"keys": it.keys})

    app = Starlette(
        routes=[Route("/.well-known/openid-configuration", discovery), Route("/keys", keys)]
    )
    opened = Store.open(f"sqlite:///{tmp_path}/t.db", Cipher(KeyRing.generate()), migrate=True)
    async with served(app) as url, await opened as store:
        it = Provider(url, store, [rsa_entry(RSA, "rsa"), ec_entry(EC, "ec")])
        yield it


def authority(provider: Provider, **settings: Any) -> OpenIdProvider:
    return OpenIdProvider(
        SignInSettings(issuer=provider.url, audience="tieout", network=HERE, **settings),
        provider.store.persons,
    )


@pytest.mark.parametrize("algorithm", SIGNERS)
async def test_a_token_of_the_provider_names_who_signed_in(
    provider: Provider, algorithm: str
) -> None:
    caller = await authority(provider).caller(provider.token(algorithm))
    assert caller is not None
    assert (caller.name, caller.role) == ("sub:u-1", Role.OPERATOR)
    assert "u-1" not in caller.caller_id


async def test_a_person_is_their_subject_whatever_they_call_themselves(
    provider: Provider,
) -> None:
    account = account_of(provider.url, "u-1")
    await provider.store.persons.add("p1", "Ada Lovelace", "", "", account)
    for name in ("ada", "ada.l", "Noor"):
        caller = await authority(provider).caller(provider.token(preferred_username=name))
        assert caller == Caller("p1", "Ada Lovelace", Role.OPERATOR)
    other = await authority(provider).caller(
        provider.token(sub="u-2", preferred_username="Ada Lovelace", name="Ada Lovelace")
    )
    assert other is not None
    assert other.name == "sub:u-2"
    with pytest.raises(NameTaken):
        await provider.store.persons.add("p2", "Ada Lovelace", "operator", "digest")
    with pytest.raises(NameTaken):
        await provider.store.persons.add("p3", "Somebody Else", "", "", account)


async def test_an_account_whose_person_was_revoked_stays_out(provider: Provider) -> None:
    await provider.store.persons.add("p1", "Ada", "", "", account_of(provider.url, "u-1"))
    await provider.store.persons.revoke("Ada")
    with pytest.raises(Unauthenticated, match="taken away"):
        await authority(provider).caller(provider.token())
    await provider.store.persons.add("p2", "Ada", "", "", account_of(provider.url, "u-1"))
    caller = await authority(provider).caller(provider.token())
    assert caller is not None
    assert caller.caller_id == "p2"


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"iss": "https://other.example"}, "another issuer"),
        ({"aud": "another-application"}, "not for us"),
        ({"aud": None}, "not for us"),
        ({"exp": time.time() - 3600}, "expired"),
        ({"exp": None}, "expired"),
        ({"exp": "tomorrow"}, "exp is not a time"),
        ({"exp": True}, "exp is not a time"),
        ({"exp": float("nan")}, "exp is not a time"),
        ({"nbf": time.time() + 3600}, "not valid yet"),
        ({"sub": ""}, "names nobody"),
        ({"roles": []}, "gives no role"),
        ({"roles": ["somebody-else"]}, "gives no role"),
        ({"roles": {"tieout-operator": True}}, "gives no role"),
    ],
)
async def test_claims_that_do_not_fit_are_refused(
    provider: Provider, claims: dict[str, Any], why: str
) -> None:
    with pytest.raises(Unauthenticated, match=why):
        await authority(provider).caller(provider.token(**claims))


async def test_the_highest_of_several_roles_counts(provider: Provider) -> None:
    token = provider.token(groups=["books-team", "tieout-viewer"], roles=None)
    caller = await authority(provider, role_claim="groups", approvers=("books-team",)).caller(token)
    assert caller is not None
    assert caller.role is Role.APPROVER


async def test_nothing_unsigned_or_signed_with_a_public_key_is_believed(
    provider: Provider,
) -> None:
    published = json.dumps(rsa_entry(RSA, "rsa")).encode()
    forgeries: list[tuple[str, Callable[[bytes], bytes]]] = [
        ("none", lambda _: b""),
        ("HS256", lambda s: hmac.new(published, s, hashlib.sha256).digest()),
        ("ES256", es256),
        ("RS256", lambda s: OTHER_RSA.sign(s, padding.PKCS1v15(), SHA256())),
    ]
    for algorithm, sign in forgeries:
        token = signed(provider.claims(), {"alg": algorithm, "kid": "rsa"}, sign)
        with pytest.raises(Unauthenticated, match="not valid"):
            await authority(provider).caller(token)


async def test_an_extension_that_must_be_understood_is_refused(provider: Provider) -> None:
    header = {"alg": "RS256", "kid": "rsa", "crit": ["b64"]}
    with pytest.raises(Unauthenticated, match="extension"):
        await authority(provider).caller(signed(provider.claims(), header, rs256))


async def test_a_key_too_small_or_for_encryption_signs_nothing(provider: Provider) -> None:
    provider.keys = [rsa_entry(SMALL_RSA, "small"), {**rsa_entry(RSA, "rsa"), "use": "enc"}]
    small = signed(
        provider.claims(),
        {"alg": "RS256", "kid": "small"},
        lambda s: SMALL_RSA.sign(s, padding.PKCS1v15(), SHA256()),
    )
    for token in (small, provider.token()):
        with pytest.raises(Unauthenticated, match="not one of the provider's"):
            await authority(provider).caller(token)


async def test_a_new_key_is_fetched_and_unknown_ones_do_not_make_us_ask_for_ever(
    provider: Provider,
) -> None:
    clock = [0.0]
    settings = SignInSettings(issuer=provider.url, audience="tieout", network=HERE)
    it = OpenIdProvider(settings, provider.store.persons, clock=lambda: clock[0])
    provider.keys = [ec_entry(EC, "ec")]
    for _ in range(3):
        with pytest.raises(Unauthenticated):
            await it.caller(provider.token("RS256"))
    assert provider.asked == 1
    provider.keys.append(rsa_entry(RSA, "rsa"))
    clock[0] = 60.0
    assert await it.caller(provider.token("RS256"))
    assert provider.asked == 2


async def test_a_withdrawn_key_is_not_trusted_for_ever(provider: Provider) -> None:
    clock = [0.0]
    settings = SignInSettings(issuer=provider.url, audience="tieout", network=HERE)
    it = OpenIdProvider(settings, provider.store.persons, clock=lambda: clock[0])
    assert await it.caller(provider.token())
    provider.keys = [ec_entry(EC, "ec")]
    clock[0] = 4000.0
    with pytest.raises(Unauthenticated, match="not one of the provider's"):
        await it.caller(provider.token())


async def test_a_provider_that_answers_wrong_is_away_not_a_bug(provider: Provider) -> None:
    provider.status = 500
    with pytest.raises(ProviderAway):
        await authority(provider).caller(provider.token())
    provider.status, provider.issuer = 200, "https://other.example"
    with pytest.raises(ProviderAway):
        await authority(provider).caller(provider.token())


async def test_what_is_no_signed_token_is_left_to_others(provider: Provider) -> None:
    assert await authority(provider).caller("tieout_0123_abc") is None


@given(st.text(max_size=200) | st.from_regex(r"[\w-]{1,20}\.[\w-]{1,20}\.[\w-]{0,20}"))
def test_any_rubbish_is_refused_as_such(text: str) -> None:
    with pytest.raises(BadToken):
        SignedToken.read(text)


@pytest.mark.parametrize(
    "settings",
    [
        {"issuer": "http://provider.example", "audience": "tieout"},
        {"issuer": "https://provider.example"},
        {"issuer": "provider.example", "audience": "tieout"},
    ],
)
def test_a_provider_that_proves_nothing_cannot_be_configured(settings: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"issuer|audience"):
        SignInSettings(**settings)
