"""Whether the user may call what a connection needs, found out without changing anything in AX.

A request that names no document creates, changes and reads nothing, whatever AX makes of it. Taken
for granted, and unverified on a real AX, hence the setting `ask_privileges`: that AX looks at the
privilege first, so that any other answer than its refusal shows that it is there.
"""

from __future__ import annotations

from collections.abc import Iterable

from connectors.ax.aif import DocumentPort
from connectors.ax.client import AxClient
from connectors.ax.content import Content
from connectors.errors import ConnectorError, Misconfigured, Rejected, Unauthorized

_NO_KEYS: Content = {"EntityKeyList": {}}
_SILENT = (
    "AX refuses without saying why, so that a missing privilege looks like a mistake in a "
    "document; turn on Include exceptions in fault on the inbound port"
)


async def missing_privileges(client: AxClient, port: str, operations: Iterable[str]) -> list[str]:
    """What AX says against the user's calling these operations of a document service. Operations
    that need a criterion are not asked here. Unauthorized when the user is refused altogether."""
    document, _ = await DocumentPort(client, port).root()
    empty: dict[str, Content] = {
        "create": {document.name: {}},
        "update": {**_NO_KEYS, document.name: {}},
        "read": _NO_KEYS,
    }
    answers = [await _ask(client, port, name, empty[name]) for name in operations if name in empty]
    return list(dict.fromkeys(filter(None, answers)))


async def _ask(client: AxClient, port: str, operation: str, content: Content) -> str:
    try:
        await client.call(port, operation, content, writes=False)
    except Rejected as error:
        return f"{port}: {_SILENT}" if error.hold.cause == "target-silent" else ""
    except (Misconfigured, Unauthorized) as error:
        return told(f"{port}.{operation}", error)
    except ConnectorError:
        # Nothing was there to do: AX may fail at that in its own ways.
        return ""
    return ""


def told(place: str, error: ConnectorError) -> str:
    """A problem for the administrator. A user who is refused is refused everywhere: that ends the
    check at once (Unauthorized)."""
    if isinstance(error, Unauthorized):
        raise error
    reason = error.hold.reason if isinstance(error, Rejected) else error.message
    return f"{place}: {reason}"
