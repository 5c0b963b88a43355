"""Settings: where they come from, and what is said about wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.settings import (
    GatewaySettings,
    SettingsError,
    TelemetrySettings,
    check_bind,
    check_metrics_bind,
    load_settings,
)


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TIEOUT_CONFIG", "TEMPORAL_DEPLOYMENT_NAME", "TEMPORAL_WORKER_BUILD_ID"):
        monkeypatch.delenv(name, raising=False)


def _file(folder: Path, text: str) -> Path:
    path = folder / "tieout.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_everything_stays_on_loopback() -> None:
    settings = load_settings()
    assert settings.gateway.host == "127.0.0.1"
    assert settings.gateway.max_body == 65536
    assert settings.store_url.startswith("sqlite:///")


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _file(tmp_path, "gateway:\n  port: 9000\n  max_body: 2048\nlog:\n  level: debug\n")
    monkeypatch.setenv("TIEOUT_GATEWAY__PORT", "9100")
    settings = load_settings(path)
    assert (settings.gateway.port, settings.gateway.max_body) == (9100, 2048)
    assert settings.log.level == "debug"


def test_the_file_can_be_named_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIEOUT_CONFIG", str(_file(tmp_path, "store_url: sqlite://\n")))
    assert load_settings().store_url == "sqlite://"


def test_command_line_options_win_over_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIEOUT_GATEWAY__PORT", "9100")
    path = _file(tmp_path, "gateway:\n  max_body: 2048\n")
    settings = load_settings(path, gateway={"port": 0})
    assert (settings.gateway.port, settings.gateway.max_body) == (0, 2048)


def test_the_worker_controllers_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_DEPLOYMENT_NAME", "books")
    monkeypatch.setenv("TEMPORAL_WORKER_BUILD_ID", "b7")
    worker = load_settings().worker
    assert (worker.deployment_name, worker.build_id) == ("books", "b7")


def test_half_a_deployment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_DEPLOYMENT_NAME", "books")
    with pytest.raises(SettingsError, match="TEMPORAL_WORKER_BUILD_ID"):
        load_settings()


@pytest.mark.parametrize(
    ("text", "line", "field", "value", "remedy"),
    [
        ("gateway:\n  port: 99999\n", 2, "gateway.port", "99999", "less than or equal to 65535"),
        ("log:\n  level: loud\n", 2, "log.level", "'loud'", "'debug', 'info'"),
        ("\nlog:\n  colour: true\n", 3, "log.colour", "True", "not permitted"),
        ("gateway:\n  public_url: ftp://x\n", 2, "gateway.public_url", "'ftp://x'", "https?"),
    ],
)
def test_a_wrong_value_is_named_with_its_file_line_and_field(
    tmp_path: Path, text: str, line: int, field: str, value: str, remedy: str
) -> None:
    path = _file(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    (problem,) = caught.value.problems
    assert problem.where == f"{path}:{line}"
    assert (problem.field, problem.value) == (field, value)
    assert remedy in problem.remedy


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_GATEWAY__PORT", "eighty")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    (problem,) = caught.value.problems
    assert problem.where == "environment variable TIEOUT_GATEWAY__PORT"
    assert problem.value == "'eighty'"


def test_a_section_given_as_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_GATEWAY", "port 80")
    with pytest.raises(SettingsError, match="TIEOUT_SECTION__FIELD"):
        load_settings()


def test_a_value_that_may_be_a_key_is_never_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(_file(tmp_path, "keys: [hunter2]\n"))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gateway: [\n", "line"),
        ("log:\n  level: info\n  level: debug\n", "line 3"),
        ("- one\n", "mapping"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load_settings(_file(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.yaml"):
        load_settings(tmp_path / "nowhere.yaml")


def test_an_empty_file_means_defaults(tmp_path: Path) -> None:
    assert load_settings(_file(tmp_path, "# nothing yet\n")).gateway.port == 8080


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_loopback_needs_no_tls(host: str) -> None:
    check_bind(GatewaySettings(host=host))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "gateway.example"])
def test_a_bind_beyond_loopback_without_tls_or_proxy_is_refused(host: str) -> None:
    with pytest.raises(SettingsError, match="trusted_proxy"):
        check_bind(GatewaySettings(host=host))


def test_tls_or_a_stated_proxy_opens_the_bind(tmp_path: Path) -> None:
    check_bind(GatewaySettings(host="0.0.0.0", trusted_proxy=True))
    pair = {"tls_certificate": tmp_path / "c.pem", "tls_private_key": tmp_path / "k.pem"}
    check_bind(GatewaySettings(host="0.0.0.0", **pair))


def test_the_metrics_page_stays_on_loopback_unless_vouched_for() -> None:
    check_metrics_bind(TelemetrySettings(prometheus_bind="[::1]:9090"))
    check_metrics_bind(TelemetrySettings(prometheus_bind="0.0.0.0:9090", trusted_network=True))
    with pytest.raises(SettingsError, match="trusted_network"):
        check_metrics_bind(TelemetrySettings(prometheus_bind="0.0.0.0:9090"))


def test_traces_do_not_leave_in_clear_unless_somebody_vouches_for_the_network() -> None:
    there = "http://collector.example.com:4318"
    with pytest.raises(SettingsError, match="must begin with https"):
        load_settings(telemetry={"otlp_endpoint": there})
    vouched = {"otlp_endpoint": there, "trusted_network": True}
    assert load_settings(telemetry=vouched).telemetry.otlp_endpoint == there
