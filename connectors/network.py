"""Where calls may go, and whom they trust there.

A host name is looked up here and the call goes to the address that was checked, so that nobody
who answers for a name can lead us into our own network between the check and the call. TLS is
still verified for the name. Behind a proxy of the environment (HTTPS_PROXY) the proxy looks names
up, and is what decides.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
from pydantic import BaseModel, ConfigDict

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

KEPT_SECONDS = 30.0
"""How long an answer of the name service is used."""

_URLS_KEPT = 256

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LOW_32_BITS = 0xFFFFFFFF


class Network(BaseModel):
    """The network side of one end of a connection.

    `allow_private` lets calls go to this machine and to private addresses: for an ERP on the
    company's own network. `allow_clear_text` lets them go there without TLS, where passwords and
    documents can be read on the way: for a network that you vouch for. `ca_file` holds the
    certificates (PEM) of a private authority, trusted beside the public ones.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    allow_private: bool = False
    allow_clear_text: bool = False
    ca_file: Path | None = None


class AddressRefused(Exception):
    """The host is where calls of this connection may not go. Names the host only."""

    def __init__(
        self,
        host: str,
        why: str = "it is a private or special address",
        remedy: str = "network.allow_private: true",
    ) -> None:
        super().__init__(
            f"refused to call {host}: {why}; if it is meant to be, set {remedy} for this end of "
            "the connection"
        )


def context_of(network: Network) -> ssl.SSLContext:
    """What TLS trusts: the public authorities, and the private one where it is given.

    Raises OSError (ssl.SSLError is one) when `ca_file` cannot be read or holds no certificate.
    """
    context = httpx.create_ssl_context()
    if network.ca_file is not None:
        context.load_verify_locations(cafile=network.ca_file)
    return context


def guarded(url: httpx.URL, network: Network, limits: httpx.Limits) -> httpx.AsyncBaseTransport:
    """How calls to a base URL leave this machine. AddressRefused when they would in clear."""
    if is_clear_text(str(url), network):
        remedy = "network.allow_clear_text: true"
        raise AddressRefused(url.host, "it would be in clear text, without TLS", remedy)
    proxy = _proxy_for(url)
    inner = httpx.AsyncHTTPTransport(verify=context_of(network), limits=limits, proxy=proxy)
    if proxy is not None:
        return _LiteralGuard(inner, network)
    return _Guard(inner, network)


def is_clear_text(url: str, network: Network) -> bool:
    """Whether calls to a URL would leave this machine without TLS, and nobody vouched for that."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not (network.allow_clear_text or _is_here(parts.hostname))


def _is_here(host: str | None) -> bool:
    literal = _literal(host or "")
    return literal.is_loopback if literal else host == "localhost"


def is_allowed(address: IPAddress, *, allow_private: bool) -> bool:
    """Whether a call may go to an address. Link-local ones (the metadata of clouds among them),
    multicast and reserved ones never are; private ones and this machine where it was said so."""
    address = _embedded(address)
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if address.is_global:
        return True
    return allow_private and (address.is_private or address.is_loopback)


class _Guard(httpx.AsyncBaseTransport):
    """Looks the name up, checks the addresses, and calls one of them."""

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        network: Network,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner
        self._allow_private = network.allow_private
        self._clock = clock
        self._kept: dict[tuple[str, int], tuple[float, Sequence[IPAddress]]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request to the first address that accepts a connection."""
        host, port = request.url.host, request.url.port or _usual_port(request.url)
        addresses = await self._addresses(host, port)
        # One private answer among public ones is how names are rebound.
        if not all(is_allowed(a, allow_private=self._allow_private) for a in addresses):
            raise AddressRefused(host)
        for address in addresses[:-1]:
            try:
                return await self._inner.handle_async_request(_sent_to(request, address))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._inner.handle_async_request(_sent_to(request, addresses[-1]))

    async def aclose(self) -> None:
        """Close the pooled connections."""
        await self._inner.aclose()

    async def _addresses(self, host: str, port: int) -> Sequence[IPAddress]:
        literal = _literal(host)
        if literal is not None:
            return (literal,)
        until, kept = self._kept.get((host, port), (0.0, ()))
        if self._clock() < until:
            return kept
        found = await _looked_up(host, port)
        self._kept[host, port] = (self._clock() + KEPT_SECONDS, found)
        return found


class _LiteralGuard(httpx.AsyncBaseTransport):
    """Before a proxy: it looks names up, so that only addresses as such can be checked here."""

    def __init__(self, inner: httpx.AsyncBaseTransport, network: Network) -> None:
        self._inner = inner
        self._allow_private = network.allow_private

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request by the proxy."""
        literal = _literal(request.url.host)
        if literal is not None and not is_allowed(literal, allow_private=self._allow_private):
            raise AddressRefused(request.url.host)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the pooled connections."""
        await self._inner.aclose()


async def _looked_up(host: str, port: int) -> Sequence[IPAddress]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpx.ConnectError("the name of the host is not known") from error
    texts = dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found)
    return tuple(ipaddress.ip_address(text) for text in texts)


def _sent_to(request: httpx.Request, address: IPAddress) -> httpx.Request:
    """The same request to an address, still speaking to and verifying the name."""
    extensions = {**request.extensions, "sni_hostname": request.url.host}
    return httpx.Request(
        request.method,
        _at(request.url, address),
        headers=request.headers,
        stream=request.stream,
        extensions=extensions,
    )


@lru_cache(maxsize=_URLS_KEPT)
def _at(url: httpx.URL, address: IPAddress) -> httpx.URL:
    return url.copy_with(host=str(address))


def _embedded(address: IPAddress) -> IPAddress:
    """The IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & _LOW_32_BITS)
    return address.ipv4_mapped or address.sixtofour or address


def _literal(host: str) -> IPAddress | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def _usual_port(url: httpx.URL) -> int:
    return 443 if url.scheme == "https" else 80


def _proxy_for(url: httpx.URL) -> str | None:
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    return None if not proxy or proxy_bypass(url.host) else proxy
