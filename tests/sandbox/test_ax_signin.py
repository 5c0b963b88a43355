"""Windows sign-in and the pages of IIS."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import httpx
import pytest
import spnego
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from zeep.exceptions import Fault, TransportError

from sandbox.settings import AxSettings
from tests.sandbox.ax_house import COMPANY, House, house, ntlm, opened, running
from tests.sandbox.ax_values import keys

__all__ = ["house", "running"]


@pytest.fixture
async def stranger(running: House) -> AsyncIterator[httpx.AsyncClient]:
    """A client that is not signed in."""
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


def _address(house: House, port: str = "CustomerService") -> str:
    return f"{house.base}/{port}/xppservice.svc?wsdl"


async def test_a_stranger_is_asked_for_negotiate_or_ntlm(
    house: House, stranger: httpx.AsyncClient
) -> None:
    reply = await stranger.get(_address(house))
    assert reply.status_code == 401
    assert reply.headers.get_list("www-authenticate") == ["Negotiate", "NTLM"]
    assert "text/html" in reply.headers["content-type"]


async def test_basic_is_refused(house: House, stranger: httpx.AsyncClient) -> None:
    reply = await stranger.get(_address(house), auth=("CONTOSO\\svc-tieout", COMPANY.password))
    assert reply.status_code == 401


@pytest.mark.parametrize(("scheme", "protocol"), [("Negotiate", "negotiate"), ("NTLM", "ntlm")])
async def test_three_messages_sign_in_the_connection(
    house: House, stranger: httpx.AsyncClient, scheme: str, protocol: str
) -> None:
    client = spnego.client(
        f"{COMPANY.domain}\\{COMPANY.username}", COMPANY.password, protocol=protocol
    )
    token: bytes | None = client.step()
    reply = None
    for _ in range(3):
        shown = base64.b64encode(token or b"").decode()
        headers = {"Authorization": f"{scheme} {shown}"}
        reply = await stranger.get(_address(house), headers=headers)
        if reply.status_code == 200:
            break
        answer = reply.headers["www-authenticate"].partition(" ")[2]
        token = client.step(base64.b64decode(answer))
    assert reply is not None
    assert reply.status_code == 200
    assert (await stranger.get(_address(house))).status_code == 200
    async with httpx.AsyncClient(trust_env=False) as other:
        assert (await other.get(_address(house))).status_code == 401


@pytest.mark.parametrize(
    "changed", [{"password": "wrong"}, {"username": "nobody"}, {"domain": "ELSEWHERE"}]
)
async def test_wrong_credentials_end_in_a_page_of_iis(
    house: House, changed: dict[str, str]
) -> None:
    company = COMPANY.model_copy(update=changed)
    async with httpx.AsyncClient(auth=ntlm(company), trust_env=False) as client:
        reply = await client.get(_address(house))
    assert reply.status_code == 401
    assert "0x8007052e" in reply.text


async def test_an_expired_password_has_a_code_of_its_own() -> None:
    expired = COMPANY.model_copy(update={"password_expired": True})
    async with (
        opened(AxSettings(companies=[expired])) as house,
        httpx.AsyncClient(auth=ntlm(), trust_env=False) as client,
    ):
        reply = await client.get(_address(house))
    assert reply.status_code == 401
    assert "0x80070532" in reply.text


async def test_a_port_that_is_not_there_is_a_page_of_iis(house: House) -> None:
    reply = await house.http.get(_address(house, "NoSuchService"))
    assert reply.status_code == 404
    assert "HTTP Error 404.0" in reply.text


@pytest.mark.parametrize(("status", "kind"), [(503, "text/html"), (500, "text/xml")])
async def test_a_planned_status_looks_like_the_layer_that_answers_it(
    house: House, status: int, kind: str
) -> None:
    await house.call("CustomerGroupsService", "read", EntityKeyList=keys("CustGroup", "DOM"))
    plan = {"system": "ax", "method": "POST", "fault": "status", "status": status}
    await house.control.post("/faults", json=plan)
    address = f"{house.base}/CustomerGroupsService/xppservice.svc"
    reply = await house.http.post(address, content=b"")
    assert reply.status_code == status
    assert kind in reply.headers["content-type"]
    if status == 500:
        assert b"Deadlock" in reply.content


@pytest.mark.parametrize(("status", "kind"), [(503, "text/html"), (500, "text/xml")])
async def test_the_router_can_fail_after_ax_has_committed(
    house: House, status: int, kind: str
) -> None:
    await house.call("CustomerGroupsService", "read", EntityKeyList=keys("CustGroup", "DOM"))
    plan = {"system": "ax", "method": "POST", "fault": "status_after", "status": status}
    await house.control.post("/faults", json=plan)
    with pytest.raises((Fault, TransportError)):
        await house.customer()
    assert [row["kind"] for row in await house.journal()] == ["customer"]
    reply = await house.http.post(f"{house.base}/CustomerService/xppservice.svc", content=b"")
    assert reply.status_code == status
    assert kind in reply.headers["content-type"]
    assert b"AifFault" not in reply.content


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(
    token=st.binary(min_size=1, max_size=80),
    first=st.sampled_from([b"", b"NTLMSSP\x00\x01", b"\x60"]),
)
async def test_garbage_for_a_token_is_a_refusal(running: House, token: bytes, first: bytes) -> None:
    shown = base64.b64encode(first + token).decode()
    async with httpx.AsyncClient(trust_env=False) as client:
        headers = {"Authorization": f"NTLM {shown}"}
        reply = await client.get(_address(running), headers=headers)
    assert reply.status_code == 401
