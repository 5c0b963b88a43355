"""Which locked packages have known vulnerabilities, from the open advisory database (OSV).

One request tells the database names and versions of what is locked, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.errors import ConnectorError
from connectors.network import Network
from connectors.transport import Transport

DATABASE = "https://api.osv.dev"
_AT_ONCE = 500
"""The database takes a thousand packages in a request."""


class DatabaseAway(Exception):
    """The database gave no answer that can be used: nothing is known either way."""


async def known_vulnerabilities(
    versions: Mapping[str, str], database: str = DATABASE, network: Network | None = None
) -> list[str]:
    """A sentence for each package with advisories. Raises DatabaseAway."""
    packages = sorted(versions.items())
    found: list[str] = []
    async with Transport("advisories", database, network=network) as transport:
        for start in range(0, len(packages), _AT_ONCE):
            page = packages[start : start + _AT_ONCE]
            results = await _asked(transport, page)
            found += [
                f"{name} {version} has known vulnerabilities: {', '.join(ids)}"
                for (name, version), ids in zip(page, results, strict=True)
                if ids
            ]
    return found


async def _asked(transport: Transport, packages: list[tuple[str, str]]) -> list[list[str]]:
    queries = [
        {"package": {"name": name, "ecosystem": "PyPI"}, "version": version}
        for name, version in packages
    ]
    try:
        answer = await transport.send(
            "POST", "/v1/querybatch", operation="look up", json={"queries": queries}
        )
    except ConnectorError as error:
        raise DatabaseAway(str(error)) from error
    if answer.status_code != 200:
        raise DatabaseAway(f"it answers {answer.status_code}")
    try:
        results = [_ids(result) for result in answer.json()["results"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatabaseAway("it answers something else") from error
    if len(results) != len(packages):
        raise DatabaseAway("it does not answer about every package")
    return results


def _ids(result: Mapping[str, Any]) -> list[str]:
    return [str(each["id"]) for each in result.get("vulns") or ()]
