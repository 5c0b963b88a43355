"""Connections: one YAML file per integration pair, checked as a whole before anything starts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from connectors.ax.settings import AxSettings
from connectors.nav.settings import NavSettings
from connectors.network import Network, is_clear_text
from documents.naming import task_queue
from policies.bills.settings import BillPolicy
from policies.expenses.settings import ExpensePolicy
from policies.settings import OrderToCashPolicy
from policies.tieout.settings import TieOutPolicy
from workers.yamlfile import Problem, SettingsError, YamlFile, problems_of, read_yaml

SecretName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._/-]{0,63}$")]
"""The name of a secret in the vault, which is all that a file may hold of it."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._/-]{0,63}")

Url = Annotated[str, StringConstraints(pattern=r"^https?://[^/\s?#@]+(/[^\s?#]*)?$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(_Section):
    """How hard a source may be called: calls at once by each worker, calls a second on average by
    all workers together (none means as its 429 answers allow), and seconds for one call."""

    concurrency: int = Field(default=4, ge=1, le=100)
    per_second: float | None = Field(default=None, gt=0)
    timeout_seconds: float = Field(default=30.0, gt=0, le=300)


class FreshBooksSource(_Section):
    """One FreshBooks account. `client_secret` names the application's secret in the vault; the
    tokens are kept there too, under the connection's own name.

    `account_id` is the accounting id (letters and digits), `business_id` the number; the few
    interfaces that go by `business_uuid` need that too.
    """

    system: Literal["freshbooks"]
    base_url: Url = "https://api.freshbooks.com"
    auth_url: Url = "https://auth.freshbooks.com"
    account_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,32}$")]
    business_id: int = Field(gt=0)
    business_uuid: str = Field(default="", pattern=r"^[0-9a-fA-F-]{0,36}$")
    client_id: str = Field(min_length=1)
    client_secret: SecretName = "freshbooks/client-secret"
    redirect_uri: Url
    limits: Limits = Limits()
    network: Network = Network()

    @model_validator(mode="after")
    def _in_secret(self) -> FreshBooksSource:
        _refuse_clear_text(self.network, self.base_url, self.auth_url)
        return self


def _refuse_clear_text(network: Network, *urls: str) -> None:
    if any(is_clear_text(url, network) for url in urls):
        raise ValueError(
            "must be reached over https; http needs network.allow_clear_text: true, and a network "
            "between here and there that you vouch for"
        )


class _Target(BaseModel):
    """What every target adds to its connector's settings: `secret` names its key in the vault."""

    secret: SecretStr

    @field_validator("secret", mode="before")
    @classmethod
    def _is_a_name(cls, value: Any) -> Any:
        if isinstance(value, str) and not _NAME.fullmatch(value):
            raise ValueError(
                "must be the name of a secret in the vault (lower-case letters, digits and "
                ". _ / -), never the secret itself"
            )
        return value

    @property
    def secret_name(self) -> str:
        """Where the vault keeps this target's secret."""
        return str(self.secret.get_secret_value())

    def _with(self, secret: str, fields: Iterable[str]) -> dict[str, Any]:
        return {**{name: getattr(self, name) for name in fields}, "secret": secret}


class NavTarget(NavSettings, _Target):
    """One NAV company, with the fields of the connector; its limits are `timeout`,
    `max_concurrency` and `requests_per_second`."""

    system: Literal["nav"]

    @model_validator(mode="after")
    def _in_secret(self) -> NavTarget:
        _refuse_clear_text(self.network, self.base_url, self.soap_url)
        return self

    def settings(self, secret: str) -> NavSettings:
        """What the connector needs, with the secret that the vault gave for `secret_name`."""
        return NavSettings(**self._with(secret, NavSettings.model_fields))


class AxTarget(AxSettings, _Target):
    """One company of Dynamics AX 2012, with the fields of the connector; `secret` names the
    Windows password in the vault."""

    system: Literal["ax"]

    @model_validator(mode="after")
    def _in_secret(self) -> AxTarget:
        _refuse_clear_text(self.network, self.base_url)
        return self

    def settings(self, secret: str) -> AxSettings:
        """What the connector needs, with the secret that the vault gave for `secret_name`."""
        return AxSettings(**self._with(secret, AxSettings.model_fields))


Target = Annotated[NavTarget | AxTarget, Field(discriminator="system")]


class SweepSettings(_Section):
    """How often a sweep looks for what the webhooks missed, in seconds: between ten seconds and
    a day, because a sweep reads whole days and must have ended before the next one."""

    every_seconds: int = Field(default=300, ge=10, le=86_400)


class ConnectionSettings(_Section):
    """One integration pair.

    `name` stands in workflow ids, task queues, search attributes and the address of its
    webhooks; `tag` begins every key in the target's books. Neither may change once documents
    were posted. `mapping` is a file of the mappings directory.
    """

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$")]
    tag: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,4}$")]
    source: FreshBooksSource
    target: Target
    mapping: Annotated[str, StringConstraints(pattern=r"^[\w.-]+\.ya?ml$")]
    policy: OrderToCashPolicy = OrderToCashPolicy()
    expenses: ExpensePolicy | None = None
    bills: BillPolicy | None = None
    sweep: SweepSettings = SweepSettings()
    tie_out: TieOutPolicy = TieOutPolicy()

    @property
    def source_queue(self) -> str:
        """Task queue of the steps that talk to the source."""
        return queue(self.source.system, self.name)

    @property
    def target_queue(self) -> str:
        """Task queue of the steps that talk to the target."""
        return queue(self.target.system, self.name)

    @property
    def webhook_path(self) -> str:
        """The gateway's path for the source's webhooks."""
        return f"/webhooks/{self.source.system}/{self.name}"


def queue(system: str, connection: str) -> str:
    """The task queue of one system of one connection: `{system}.{connection}`."""
    return task_queue(system, connection)


def load_connections(directory: Path) -> dict[str, ConnectionSettings]:
    """Every connection of a directory (`*.yaml`, `*.yml`) by its name, in order of file names.

    Raises SettingsError with all problems of all files at once: file, line, field, value and
    what would be right; also when the directory is absent, or two connections share a name, a
    tag, or both ends. An empty directory gives no connections.
    """
    if not directory.is_dir():
        raise SettingsError(
            Problem("settings", "connections", str(directory), "must be a directory")
        )
    problems: list[Problem] = []
    loaded: list[tuple[YamlFile, ConnectionSettings]] = []
    for path in sorted(p for p in directory.iterdir() if p.suffix in (".yaml", ".yml")):
        try:
            loaded.append(_load(path))
        except SettingsError as error:
            problems.extend(error.problems)
    problems += _repeated("name", loaded) + _repeated("tag", loaded) + _same_ends(loaded)
    if problems:
        raise SettingsError(*problems)
    return {connection.name: connection for _, connection in loaded}


def _load(path: Path) -> tuple[YamlFile, ConnectionSettings]:
    file = read_yaml(path)
    try:
        return file, ConnectionSettings.model_validate(file.data)
    except ValidationError as error:
        raise SettingsError(*problems_of(error, file)) from error


def _repeated(field: str, loaded: list[tuple[YamlFile, ConnectionSettings]]) -> list[Problem]:
    """Two connections with one tag would claim each other's postings as their own."""
    first: dict[str, YamlFile] = {}
    problems = []
    for file, connection in loaded:
        value = getattr(connection, field)
        other = first.setdefault(value, file)
        if other is not file:
            where = f"{file.path}:{file.line_of([field])}"
            remedy = f"must be unique, {other.path.name} has it already"
            problems.append(Problem(where, field, repr(value), remedy))
    return problems


def _same_ends(loaded: list[tuple[YamlFile, ConnectionSettings]]) -> list[Problem]:
    """Two connections between one account and one company would post every document twice."""
    first: dict[tuple[str, ...], YamlFile] = {}
    problems = []
    for file, connection in loaded:
        source, target = connection.source, connection.target
        ends = (source.base_url, source.account_id, target.system, target.base_url, target.company)
        other = first.setdefault(ends, file)
        if other is not file:
            where = f"{file.path}:{file.line_of(['target', 'company'])}"
            remedy = f"{other.path.name} posts the same account there already: keep one of them"
            problems.append(Problem(where, "target.company", repr(target.company), remedy))
    return problems
