"""What the sandbox is told: its ports, accounts and companies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sandbox.settings import (
    AxCompany,
    AxSettings,
    FreshBooksAccount,
    FreshBooksSettings,
    NavCompany,
    NavSettings,
    SandboxSettings,
)
from workers.dev.identity import ConnectionIdentity, HouseIdentity
from workers.dev.ports import Ports
from workers.dev.templates import AX_DOMAIN, NAV_INSTANCE, Template


def sandbox_settings(
    templates: Sequence[Template], house: HouseIdentity, ports: Ports, state: Path | None
) -> SandboxSettings:
    """All stand-ins on their ports; without `state` they keep everything in memory."""
    accounts = [_account(each.name, house.connections[each.name]) for each in templates]
    companies = [
        _company(each, house.connections[each.name]) for each in templates if each.target == "nav"
    ]
    ax_companies = [
        _ax_company(each, house.connections[each.name]) for each in templates if each.target == "ax"
    ]
    return SandboxSettings(
        state=state,
        control_port=ports.control,
        freshbooks=FreshBooksSettings(port=ports.freshbooks, accounts=accounts),
        nav=NavSettings(port=ports.nav, instance=NAV_INSTANCE, companies=companies),
        ax=AxSettings(port=ports.ax, companies=ax_companies),
    )


def _account(connection: str, identity: ConnectionIdentity) -> FreshBooksAccount:
    return FreshBooksAccount(connection=connection, **identity.source.model_dump())


def _company(template: Template, identity: ConnectionIdentity) -> NavCompany:
    return NavCompany(
        connection=template.name,
        name=template.company,
        username=identity.target.username,
        password=identity.target.secret,
    )


def _ax_company(template: Template, identity: ConnectionIdentity) -> AxCompany:
    return AxCompany(
        connection=template.name,
        company=template.company,
        username=identity.target.username,
        domain=AX_DOMAIN,
        password=identity.target.secret,
    )
