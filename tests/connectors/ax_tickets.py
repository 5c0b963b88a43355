"""Sign-ins by Kerberos at a stand-in, in a process whose environment has a realm: says as JSON
what came of each."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

from connectors.errors import ConnectorError
from tests.connectors.ax_books import PASSWORD, USER, Books, ax_books

_NOBODY: dict[str, Any] = {"username": "", "domain": "", "secret": ""}
_PERSON: dict[str, Any] = {"username": f"{USER}@CONTOSO", "domain": "", "secret": PASSWORD}


async def _outcome(books: Books, **changes: Any) -> str:
    local = books.url.replace("127.0.0.1", "localhost")
    try:
        async with books.target(base_url=local, **changes) as ax:
            await ax.find_customers(key="FB-C1-1")
    except ConnectorError as error:
        return f"{type(error).__name__}: {error.message}"
    return "signed in"


async def main() -> dict[str, str]:
    """Each way of signing in, and what came of it."""
    found: dict[str, str] = {}
    async with ax_books() as books:
        found["kerberos, keytab"] = await _outcome(books, sign_in="kerberos", **_NOBODY)
        found["negotiate, keytab"] = await _outcome(books, sign_in="negotiate", **_NOBODY)
        found["kerberos, password"] = await _outcome(books, sign_in="kerberos", **_PERSON)
        wrong = {**_PERSON, "secret": "wrong"}
        found["kerberos, wrong password"] = await _outcome(books, sign_in="kerberos", **wrong)
        nobody = {**_PERSON, "username": "nobody@CONTOSO"}
        found["kerberos, nobody"] = await _outcome(books, sign_in="kerberos", **nobody)
        del os.environ["KRB5_CLIENT_KTNAME"]
        os.environ["KRB5CCNAME"] = "MEMORY:nothing"
        found["kerberos, nothing"] = await _outcome(books, sign_in="kerberos", **_NOBODY)
        os.environ["KRB5_CONFIG"] = os.environ["KRB5_CONFIG_NO_CENTRE"]
        found["kerberos, no centre"] = await _outcome(books, sign_in="kerberos", **_PERSON)
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(main())))
