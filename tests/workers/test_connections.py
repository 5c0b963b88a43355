"""Connections: what a file must say, and how a wrong one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.connections import ConnectionSettings, load_connections
from workers.settings import SettingsError

GOOD = """\
name: demo-nav
tag: DNAV
source:
  system: freshbooks
  base_url: http://127.0.0.1:9001
  account_id: zDmNq
  business_id: 1234567
  client_id: app
  redirect_uri: https://localhost/callback
  limits: {concurrency: 2, per_second: 5}
target:
  system: nav
  base_url: http://127.0.0.1:9002
  instance: DynamicsNAV110
  company: CRONUS International Ltd.
  username: tieout
  secret: demo-nav/target-secret
mapping: freshbooks-nav.yaml
policy:
  edits: reverse and repost
  cut_over_date: 2026-01-01
"""


def _write(folder: Path, text: str, name: str = "demo-nav.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_directory_gives_its_connections_by_name(tmp_path: Path) -> None:
    _write(tmp_path, GOOD)
    other = GOOD.replace("demo-nav", "other").replace("DNAV", "OTH").replace("zDmNq", "aBcD1")
    _write(tmp_path, other, "other.yml")
    _write(tmp_path, "not a connection", "README.md")
    found = load_connections(tmp_path)
    assert list(found) == ["demo-nav", "other"]
    assert str(found["demo-nav"].policy.cut_over_date) == "2026-01-01"
    assert found["demo-nav"].source.limits.per_second == 5


def test_a_connection_names_its_queues_and_its_webhook(tmp_path: Path) -> None:
    _write(tmp_path, GOOD)
    connection = load_connections(tmp_path)["demo-nav"]
    assert connection.source_queue == "freshbooks.demo-nav"
    assert connection.target_queue == "nav.demo-nav"
    assert connection.webhook_path == "/webhooks/freshbooks/demo-nav"


def test_the_target_gets_its_secret_from_the_vault_only(tmp_path: Path) -> None:
    _write(tmp_path, GOOD)
    target = load_connections(tmp_path)["demo-nav"].target
    assert target.secret_name == "demo-nav/target-secret"
    settings = target.settings("Web Service Key 1=")
    assert settings.secret.get_secret_value() == "Web Service Key 1="
    assert settings.company == "CRONUS International Ltd."
    assert settings.entities == target.entities


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "remedy"),
    [
        ("name: demo-nav", "name: Demo NAV", 1, "name", "pattern"),
        ("tag: DNAV", "tag: dnav1", 2, "tag", "pattern"),
        ("system: freshbooks", "system: xero", 4, "source.system", "'freshbooks'"),
        ("system: nav", "system: sap", 11, "target", "'nav', 'ax'"),
        ("  business_id: 1234567\n", "", 3, "source.business_id", "required"),
        ("http://127.0.0.1:9001", "http://u:p@host", 5, "source.base_url", "pattern"),
        ("concurrency: 2", "concurrency: 0", 10, "source.limits.concurrency", "greater"),
        ("company: CRONUS International Ltd.", "company: ''", 11, "target", "must not be empty"),
        ("edits: reverse and repost", "edits: ignore", 20, "policy.edits", "'hold'"),
        ("mapping: freshbooks-nav.yaml", "mapping: ../x.yaml", 18, "mapping", "pattern"),
        ("http://127.0.0.1:9001", "http://api.example.com", 3, "source", "over https"),
        ("http://127.0.0.1:9002", "http://nav.example.com:7048", 11, "target", "over https"),
        ("http://127.0.0.1:9002", "http://10.1.2.3:7048", 11, "target", "over https"),
        ("username: tieout", "user: tieout", 16, "target.user", "not permitted"),
    ],
)
def test_a_wrong_field_is_named_with_its_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, field: str, remedy: str
) -> None:
    assert old in GOOD
    path = _write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(SettingsError) as caught:
        load_connections(tmp_path)
    problem = next(p for p in caught.value.problems if p.field == field)
    assert problem.where == f"{path}:{line}"
    assert remedy in problem.remedy


def test_a_secret_in_place_of_its_name_is_refused_without_being_shown(tmp_path: Path) -> None:
    _write(tmp_path, GOOD.replace("secret: demo-nav/target-secret", "secret: P4ss w0rd!"))
    with pytest.raises(SettingsError, match="name of a secret") as caught:
        load_connections(tmp_path)
    assert "P4ss" not in str(caught.value)


def test_two_connections_may_not_share_a_tag_or_a_name(tmp_path: Path) -> None:
    _write(tmp_path, GOOD)
    second = _write(tmp_path, GOOD, "second.yaml")
    with pytest.raises(SettingsError) as caught:
        load_connections(tmp_path)
    assert [str(p) for p in caught.value.problems] == [
        f"{second}:1: name is 'demo-nav': must be unique, demo-nav.yaml has it already",
        f"{second}:2: tag is 'DNAV': must be unique, demo-nav.yaml has it already",
        f"{second}:15: target.company is 'CRONUS International Ltd.': "
        "demo-nav.yaml posts the same account there already: keep one of them",
    ]


def test_two_connections_may_not_post_one_account_into_one_company(tmp_path: Path) -> None:
    _write(tmp_path, GOOD)
    _write(tmp_path, GOOD.replace("name: demo-nav", "name: other").replace("DNAV", "OTH"), "x.yaml")
    with pytest.raises(SettingsError) as refused:
        load_connections(tmp_path)
    assert "x.yaml:15: target.company" in str(refused.value)
    assert "demo-nav.yaml posts the same account there already" in str(refused.value)


def test_the_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    _write(tmp_path, GOOD.replace("DNAV", "toolong"))
    _write(tmp_path, "name: [", "broken.yaml")
    with pytest.raises(SettingsError) as caught:
        load_connections(tmp_path)
    assert len(caught.value.problems) == 2


def test_a_missing_directory_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="must be a directory"):
        load_connections(tmp_path / "nowhere")


def test_no_file_means_no_connection(tmp_path: Path) -> None:
    assert load_connections(tmp_path) == {}


def test_a_connection_is_frozen(tmp_path: Path) -> None:
    _write(tmp_path, GOOD)
    connection: ConnectionSettings = load_connections(tmp_path)["demo-nav"]
    with pytest.raises(ValueError, match="frozen"):
        connection.tag = "X"  # type: ignore[misc]


def test_clear_text_is_allowed_where_somebody_vouches_for_the_network(tmp_path: Path) -> None:
    network = "  network: {allow_private: true, allow_clear_text: true}\nmapping:"
    text = GOOD.replace("http://127.0.0.1:9002", "http://nav.intern:7048")
    _write(tmp_path, text.replace("mapping:", network))
    target = load_connections(tmp_path)["demo-nav"].target
    assert target.network.allow_clear_text
