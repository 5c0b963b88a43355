"""Everything an embedded house needs to know, written down before its first part starts."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from store.keyring import KeyRing
from workers.connections import ConnectionSettings
from workers.dev.expenses import expense_policy
from workers.dev.files import write_durably
from workers.dev.identity import ConnectionIdentity, HouseIdentity, keep_identity
from workers.dev.ports import LOOPBACK, Ports
from workers.dev.stand_ins import sandbox_settings
from workers.dev.state import StateFolder
from workers.dev.templates import AX_DOMAIN, NAV_INSTANCE, TEMPLATES, Template
from workers.settings import AppSettings, load_settings

PACKAGED_MAPPINGS = Path(__file__).parents[2] / "config" / "mappings"

# A real target may commit a lost posting minutes later, a stand-in does so sooner.
_SETTLE_SECONDS = 2.0
_SWEEP_SECONDS = 20
_CONTROL_ACCOUNTS = {"nav": ["1300", "1310"], "ax": []}
_BAD_DEBTS = "6500"

# The stand-ins are on this machine, where calls of a real connection may not go.
_HERE = {"allow_private": True}


@dataclass(frozen=True)
class HousePlan:
    """The folder, ports, identities and connections of a house, all written to files."""

    folder: StateFolder
    ports: Ports
    identity: HouseIdentity
    templates: Sequence[Template]
    settings: AppSettings
    connections: dict[str, ConnectionSettings]

    @property
    def codec_endpoint(self) -> str:
        """Where the Web UI and the `temporal` command decode; the address is a secret."""
        return f"{self.ports.url('codec')}/{self.settings.codec.path_token.get_secret_value()}"


def draw_up(
    folder: StateFolder,
    ports: Ports,
    templates: Sequence[Template] = TEMPLATES,
    mappings: Path = PACKAGED_MAPPINGS,
) -> HousePlan:
    """Make what is missing (identities, the vault's key) and write every part's settings."""
    identity = keep_identity(folder.identity, [each.name for each in templates])
    _keep_vault_key(folder.vault_key)
    stand_ins = sandbox_settings(templates, identity, ports, folder.kept)
    write_durably(folder.sandbox, stand_ins.model_dump_json(indent=2))
    _write_yaml(folder.settings, _app_settings(folder, ports, identity, mappings))
    folder.connections.mkdir(exist_ok=True)
    connections = {
        each.name: _connection(each, identity.connections[each.name], ports) for each in templates
    }
    for name, content in connections.items():
        _write_yaml(folder.connections / f"{name}.yaml", content)
    return HousePlan(
        folder,
        ports,
        identity,
        templates,
        load_settings(folder.settings),
        {name: ConnectionSettings.model_validate(each) for name, each in connections.items()},
    )


def _keep_vault_key(path: Path) -> None:
    """Once: what was encrypted with a key cannot be read with another."""
    if not path.exists():
        write_durably(path, KeyRing.generate().text() + "\n")


def _app_settings(
    folder: StateFolder, ports: Ports, identity: HouseIdentity, mappings: Path
) -> dict[str, Any]:
    # What nobody keeps need not survive a power cut.
    durability = "" if folder.lasting else "?synchronous=NORMAL"
    return {
        "store_url": f"sqlite:///{folder.store}{durability}",
        "connections": str(folder.connections),
        "mappings": str(mappings),
        "keys": f"file:{folder.vault_key}",
        "gateway": {"host": LOOPBACK, "port": ports.gateway, "public_url": ports.url("gateway")},
        "operator": {"host": LOOPBACK, "port": ports.operator},
        "codec": _codec_settings(ports, identity.codec_token),
        "worker": {"graceful_shutdown_seconds": 5.0},
    }


def _codec_settings(ports: Ports, token: str) -> dict[str, Any]:
    """The dev server's Web UI has nobody to sign in: a token in the address opens the codec."""
    names = (LOOPBACK, "localhost")
    return {
        "host": LOOPBACK,
        "port": ports.codec,
        "ui_origins": [f"http://{name}:{ports.temporal_ui}" for name in names],
        "path_token": token,
    }


# What only one system asks for. In AX the custom service posts, so that the story need not wait
# for a clerk; without it the process waits until somebody there has posted.
_OF_THE_SYSTEM: dict[str, dict[str, Any]] = {
    "nav": {"instance": NAV_INSTANCE},
    "ax": {
        "domain": AX_DOMAIN,
        "posting": "service",
        "ports": {
            "custom_service": "TieoutService",
            "general_journal": "GeneralJournalService",
        },
        "sign_in_pause": 0.0,
    },
}


def _of_the_system(template: Template) -> dict[str, Any]:
    found = _OF_THE_SYSTEM[template.target]
    if not template.orders:
        return found
    if template.target == "nav":
        return {**found, "entities": {"invoice": "order"}}
    ports = {**found["ports"], "sales_order": "SalesOrderService"}
    return {**found, "document": "sales_order", "ports": ports}


def _connection(template: Template, identity: ConnectionIdentity, ports: Ports) -> dict[str, Any]:
    """A connection file; the vault holds the secrets under the names that stand here."""
    source, target = identity.source, identity.target
    return {
        "name": template.name,
        "tag": template.tag,
        "source": {
            "system": "freshbooks",
            "base_url": ports.url("freshbooks"),
            "auth_url": ports.url("freshbooks"),
            "account_id": source.account_id,
            "business_id": source.business_id,
            "client_id": source.client_id,
            "client_secret": f"{template.name}/client-secret",
            "redirect_uri": source.redirect_uri,
            "network": _HERE,
            "limits": {"timeout_seconds": template.timeout},
        },
        "target": {
            "system": template.target,
            "base_url": ports.url(template.target),
            "company": template.company,
            "username": target.username,
            "secret": f"{template.name}/target-secret",
            "settle_seconds": _SETTLE_SECONDS,
            "network": _HERE,
            "timeout": template.timeout,
            **_of_the_system(template),
        },
        "mapping": template.mapping,
        "sweep": {"every_seconds": _SWEEP_SECONDS},
        # What was changed here has gone through the house in a moment.
        "tie_out": {
            "settle_seconds": 3,
            "control_accounts": _CONTROL_ACCOUNTS[template.target],
            "write_off_account": _BAD_DEBTS,
            "write_off_period_limit": "10.00",
        },
        # So that the reference which comes back is seen at the source.
        "policy": {
            "write_reference": "po_number",
            "edits": template.edits,
            "late_fees": template.late_fees,
            # A posting is several calls; a send that a killed worker left must end soon here.
            "send_timeout_seconds": 2 * template.timeout,
        },
        "expenses": {**expense_policy(), "edits": template.edits},
        "bills": {},
    }


def _write_yaml(path: Path, content: dict[str, Any]) -> None:
    text = io.StringIO()
    YAML(typ="safe", pure=True).dump(content, text)
    write_durably(path, text.getvalue())
