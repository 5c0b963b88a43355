"""Replies as we read them: bounded, and unpacked a piece at a time, so that a small one cannot
become a huge one in memory. httpx unpacks whole chunks, under as many layers as the reply says.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from typing import cast

import httpx

_CODING = "gzip"
"""The one coding that is asked for and read, and only once around a reply."""

_GZIP_WINDOW = 31
_CHUNK = 256 * 1024
_FRAMING = ("content-encoding", "content-length", "transfer-encoding")


class UnreadableReply(Exception):
    """The reply is longer than we read, or is not packed as we asked. Holds nothing of it."""


class TooLong(UnreadableReply):
    """A reply longer than any may be."""


class Unpacking(httpx.AsyncBaseTransport):
    """Hands on replies of at most `most` bytes, unpacked. Reading one raises UnreadableReply
    when it is longer, or packed otherwise than by gzip, once."""

    def __init__(self, inner: httpx.AsyncBaseTransport, most: int) -> None:
        self._inner = inner
        self._most = most

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request, whatever its reply."""
        request.headers["Accept-Encoding"] = _CODING
        response = await self._inner.handle_async_request(request)
        coding = response.headers.get("content-encoding", "").strip().lower()
        # Not decoded yet: at this level a reply is a stream of the bytes that came.
        stream = _Bounded(cast(httpx.AsyncByteStream, response.stream), coding, self._most)
        headers = response.headers.multi_items()
        if coding:
            headers = [(k, v) for k, v in headers if k not in _FRAMING]
        return httpx.Response(
            response.status_code, headers=headers, stream=stream, extensions=response.extensions
        )

    async def aclose(self) -> None:
        """Close the pooled connections."""
        await self._inner.aclose()


class _Bounded(httpx.AsyncByteStream):
    def __init__(self, raw: httpx.AsyncByteStream, coding: str, most: int) -> None:
        self._raw = raw
        self._coding = coding
        self._most = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._coding not in ("", "identity", _CODING):
            raise UnreadableReply("the reply is packed in a way that was not asked for")
        pieces = _unpacked(self._raw) if self._coding == _CODING else self._raw
        length = 0
        async for piece in pieces:
            length += len(piece)
            if length > self._most:
                raise TooLong(f"the reply is longer than {self._most} bytes")
            yield piece

    async def aclose(self) -> None:
        await self._raw.aclose()


async def _unpacked(raw: httpx.AsyncByteStream) -> AsyncIterator[bytes]:
    """Gzip members one after the other, never more than a piece unpacked at a time."""
    unpacker, begun = zlib.decompressobj(_GZIP_WINDOW), False
    async for chunk in raw:
        left = chunk
        while left:
            if unpacker.eof:
                unpacker = zlib.decompressobj(_GZIP_WINDOW)
            begun = True
            yield _piece(unpacker, left)
            left = unpacker.unconsumed_tail or unpacker.unused_data
    if begun and not unpacker.eof:
        raise UnreadableReply("the packed reply ends in the middle")


def _piece(unpacker: zlib._Decompress, packed: bytes) -> bytes:
    try:
        return unpacker.decompress(packed, _CHUNK)
    except zlib.error:
        raise UnreadableReply("the reply is not packed as it says") from None
