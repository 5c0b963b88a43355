"""What an embedded house tells when it is ready: one line of JSON, or a table for people."""

from __future__ import annotations

import sys
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from rich.table import Table

from workers.dev.identity import HouseIdentity
from workers.dev.plan import HousePlan
from workers.dev.ports import LOOPBACK
from workers.dev.templates import Template
from workers.dev.temporal import NAMESPACE

STAND_INS = ("freshbooks", "nav", "ax")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class SourceEnd(_Part):
    """The FreshBooks account of a connection, and a token that is only for looking and testing."""

    system: str
    account_id: str
    business_id: int
    access_token: str


class TargetEnd(_Part):
    """The company that a connection posts in."""

    system: str
    company: str


class Ends(_Part):
    """Both ends of a connection."""

    source: SourceEnd
    target: TargetEnd


class Announcement(_Part):
    """The line that `tieout dev --json` prints; its fields are a contract with whoever reads it."""

    temporal: str
    temporal_ui: str
    namespace: str
    gateway: str
    operator: str
    codec: str
    sandbox: dict[str, str]
    control: str
    settings: str
    connections: dict[str, Ends]


def announcement(plan: HousePlan) -> Announcement:
    """Where everything is."""
    ports, house = plan.ports, plan.identity
    return Announcement(
        temporal=f"{LOOPBACK}:{ports.temporal}",
        temporal_ui=ports.url("temporal_ui"),
        namespace=NAMESPACE,
        gateway=ports.url("gateway"),
        operator=ports.url("operator"),
        codec=plan.codec_endpoint,
        sandbox={name: ports.url(name) for name in STAND_INS},
        control=ports.url("control"),
        settings=str(plan.folder.settings.resolve()),
        connections={each.name: _ends(each, house) for each in plan.templates},
    )


def as_table(ready: Announcement) -> Table:
    """The same for people, without the token of the source."""
    table = Table(title="tieout dev is ready; Ctrl-C ends it", title_justify="left", box=None)
    table.add_column("what", style="bold")
    table.add_column("where")
    table.add_row("Temporal Web UI", ready.temporal_ui)
    table.add_row("Temporal", f"{ready.temporal} (namespace {ready.namespace})")
    table.add_row("Webhook gateway", ready.gateway)
    table.add_row("Operator interface", ready.operator)
    for name, url in ready.sandbox.items():
        table.add_row(f"Stand-in: {name}", url)
    table.add_row("Control of the stand-ins", ready.control)
    for name, ends in ready.connections.items():
        account, company = ends.source.account_id, ends.target.company
        table.add_row(f"Connection {name}", f"FreshBooks account {account} to {company}")
    return table


def as_exports(ready: Announcement, **more: str) -> str:
    """A line for another terminal, after which both command lines, Temporal's and ours, are found
    and talk to this house."""
    variables = {
        "PATH": f"{Path(sys.executable).parent}:$PATH",
        "TEMPORAL_ADDRESS": ready.temporal,
        "TEMPORAL_CODEC_ENDPOINT": ready.codec,
        "TIEOUT_CONFIG": ready.settings,
        "TIEOUT_OPERATOR_URL": ready.operator,
        **more,
    }
    return "export " + " ".join(f'{name}="{value}"' for name, value in variables.items())


def _ends(template: Template, house: HouseIdentity) -> Ends:
    source = house.connections[template.name].source
    return Ends(
        source=SourceEnd(
            system="freshbooks",
            account_id=source.account_id,
            business_id=source.business_id,
            access_token=source.access_token,
        ),
        target=TargetEnd(system=template.target, company=template.company),
    )
