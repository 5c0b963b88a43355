"""A Kerberos realm of our own on this machine: a key distribution centre and two keytabs."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.connectors.ax_books import PASSWORD, USER

REALM = "CONTOSO"
SERVICE = "HTTP/localhost"
LIBRARIES = Path(__file__).parents[2] / ".venv" / "kerberos"
"""Where gssapi and krb5 are, beside the locked packages: with them every sign-in of every test
would ask for a ticket first."""

_PROGRAMS = ("krb5kdc", "kdb5_util", "kadmin.local")
_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
_PATIENCE = 10.0

_CLIENT = """
[libdefaults]
    default_realm = {realm}
    dns_lookup_kdc = false
    dns_canonicalize_hostname = false
    rdns = false
    udp_preference_limit = 1
[realms]
    {realm} = {{
        kdc = 127.0.0.1:{port}
    }}
[domain_realm]
    localhost = {realm}
"""
_CENTRE = """
[realms]
    {realm} = {{
        database_name = {folder}/principal
        key_stash_file = {folder}/stash
        kdc_listen = 127.0.0.1:{port}
        kdc_tcp_listen = 127.0.0.1:{port}
    }}
"""


def lacking() -> str:
    """What this machine has not, in words; empty when a realm can be made."""
    missing = [name for name in _PROGRAMS if shutil.which(name, path=_PATH) is None]
    if missing:
        return f"no {', '.join(missing)}: the packages krb5-kdc and krb5-admin-server are missing"
    return "" if LIBRARIES.is_dir() else f"gssapi and krb5 are not in {LIBRARIES}"


@contextmanager
def realm(folder: Path) -> Iterator[dict[str, str]]:
    """The environment of a client with a keytab and of a server, while the centre runs."""
    port = _free_port()
    files = (
        ("krb5.conf", _CLIENT, port),
        ("nowhere.conf", _CLIENT, 1),
        ("kdc.conf", _CENTRE, port),
    )
    for name, text, where in files:
        (folder / name).write_text(text.format(realm=REALM, port=where, folder=folder))
    environment = {
        **os.environ,
        "PATH": _PATH,
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), str(LIBRARIES)]),
        "KRB5_CONFIG": str(folder / "krb5.conf"),
        "KRB5_CONFIG_NO_CENTRE": str(folder / "nowhere.conf"),
        "KRB5_KDC_PROFILE": str(folder / "kdc.conf"),
        "KRB5_KTNAME": str(folder / "server.keytab"),
        "KRB5_CLIENT_KTNAME": str(folder / "client.keytab"),
        "KRB5CCNAME": f"FILE:{folder}/tickets",
        "KRB5RCACHENAME": "none:",
    }
    _fill(environment)
    centre = subprocess.Popen(["krb5kdc", "-n"], env=environment)
    try:
        _wait_for(port)
        yield environment
    finally:
        centre.terminate()
        centre.wait(_PATIENCE)


def _fill(environment: dict[str, str]) -> None:
    def run(*command: str) -> None:
        subprocess.run(command, env=environment, check=True, capture_output=True)

    run("kdb5_util", "create", "-s", "-P", "master", "-r", REALM)
    server, client = environment["KRB5_KTNAME"], environment["KRB5_CLIENT_KTNAME"]
    run("kadmin.local", "addprinc", "-randkey", SERVICE)
    run("kadmin.local", "ktadd", "-k", server, SERVICE)
    run("kadmin.local", "addprinc", "-pw", PASSWORD, USER)
    run("kadmin.local", "ktadd", "-norandkey", "-k", client, USER)


def _free_port() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(port: int) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        with closing(socket.socket()) as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("the key distribution centre did not start")
