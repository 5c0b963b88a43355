"""A Slack-compatible incoming webhook: JSON with a text, answered by 200.

Slack's rules (its page on incoming webhooks): `&`, `<` and `>` are escaped, 429 comes with
Retry-After, 400 to 404 and 410 say that the webhook is wrong or was taken away. Mattermost, Teams
bridges and others take the same message.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from connectors.errors import ConnectorError, Misconfigured, Throttled, Unavailable
from connectors.network import Network
from connectors.transport import Transport

SYSTEM = "slack"
_MOST = 3000
_TIMEOUT_SECONDS = 10.0
_LONGEST_REPLY = 64 * 1024


class SlackChannel:
    """Posts to one webhook. Its address is a secret, and stands in no error and no log; its host
    is called as those of a connection are."""

    name = "slack"

    def __init__(self, url: str, network: Network | None = None) -> None:
        self._url = url
        self._network = network

    async def send(self, subject: str, text: str) -> None:
        """Raises Throttled, Unavailable, or Misconfigured when the webhook is not there."""
        try:
            answer = await self._post({"text": escaped(text)})
        except ConnectorError as error:
            # Not chained: what caused it has the request, which shows the address.
            raise error from None
        if not answer.is_success:
            raise _refused(answer)

    async def _post(self, message: dict[str, str]) -> httpx.Response:
        parts = urlsplit(self._url)
        async with Transport(
            SYSTEM,
            f"{parts.scheme}://{parts.netloc}",
            timeout=_TIMEOUT_SECONDS,
            max_response_bytes=_LONGEST_REPLY,
            network=self._network,
        ) as transport:
            return await transport.send("POST", self._url, operation="post message", json=message)


def escaped(text: str) -> str:
    """Text as Slack wants it: nothing in it is taken for a link or a mention, nor too long."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return safe if len(safe) <= _MOST else f"{safe[:_MOST]} …"


def _refused(answer: httpx.Response) -> Exception:
    status = answer.status_code
    if status == httpx.codes.TOO_MANY_REQUESTS:
        after = answer.headers.get("Retry-After", "")
        wait = float(after) if after.isdigit() else None
        return Throttled(SYSTEM, "post message", "too many messages", wait, status=status)
    if status < httpx.codes.INTERNAL_SERVER_ERROR:
        return Misconfigured(SYSTEM, "post message", f"HTTP {status}", status=status)
    return Unavailable(SYSTEM, "post message", f"HTTP {status}", status=status)
