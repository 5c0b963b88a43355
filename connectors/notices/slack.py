"""A Slack-compatible incoming webhook: JSON with a text, answered by 200.

Slack's rules (its page on incoming webhooks): `&`, `<` and `>` are escaped, 429 comes with
Retry-After, 400 to 404 and 410 say that the webhook is wrong or was taken away. Mattermost, Teams
bridges and others take the same message.
"""

from __future__ import annotations

import httpx

from connectors.errors import Misconfigured, Throttled, Unavailable

SYSTEM = "slack"
_MOST = 3000
_TIMEOUT_SECONDS = 10.0


class SlackChannel:
    """Posts to one webhook. Its address is a secret, and stands in no error and no log."""

    name = "slack"

    def __init__(self, url: str) -> None:
        self._url = url

    async def send(self, subject: str, text: str) -> None:
        """Raises Throttled, Unavailable, or Misconfigured when the webhook is not there."""
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as http:
                answer = await http.post(self._url, json={"text": escaped(text)})
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # Not chained: its text and its request show the address.
            raise Unavailable(SYSTEM, "post message", type(error).__name__) from None
        if not answer.is_success:
            raise _refused(answer)


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
