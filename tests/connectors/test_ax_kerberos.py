"""Kerberos against a realm of our own: tickets from a keytab and from a password."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.connectors.kerberos_realm import lacking, realm


@pytest.mark.skipif(bool(lacking()), reason=lacking() or "a realm can be made")
def test_the_worker_signs_in_with_a_ticket_of_its_keytab_or_of_the_password(
    tmp_path: Path,
) -> None:
    """No user, no password: NTLM could not sign in, so that only a ticket did."""
    with realm(tmp_path) as environment:
        command = [sys.executable, "-m", "tests.connectors.ax_tickets"]
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, str] = json.loads(done.stdout)
    for way in ("kerberos, keytab", "negotiate, keytab", "kerberos, password"):
        assert found.pop(way) == "signed in", way
    assert found.pop("kerberos, wrong password").startswith("Unauthorized: the password is wrong")
    assert found.pop("kerberos, nobody").startswith("Unauthorized: the account is not known")
    assert found.pop("kerberos, nothing").startswith("Unauthorized: ")
    assert found == {
        "kerberos, no centre": "Unavailable: no Kerberos server (KDC) of the realm answers"
    }
