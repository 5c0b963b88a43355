"""The command `tieout` as a person meets it."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer

from store.keyring import KeyRing
from workers import cli
from workers.commands.consent import code_from
from workers.dev.plan import PACKAGED_MAPPINGS
from workers.refusal import Refusal

TIEOUT = str(Path(sys.executable).with_name("tieout"))


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([name, "--help"]) == 0
    told = capsys.readouterr().out
    assert f"tieout {name}" in told
    assert "completion" not in told


def test_every_command_module_offers_its_app() -> None:
    for module in cli.COMMANDS.values():
        app = importlib.import_module(f"workers.commands.{module}").app
        assert isinstance(app, typer.Typer)


def test_the_commands_for_compose_exist_as_the_runbook_prints_them() -> None:
    page = (Path(__file__).parents[2] / "docs/runbook.md").read_text(encoding="utf-8")
    printed = re.findall(r"^docker compose (?:run --rm worker|exec .* tieout) (.+)$", page, re.M)
    assert len(printed) > 4
    for line in printed:
        words = line.split()
        command: Any = typer.main.get_command(cli.app)
        command = command.get_command(None, words.pop(0))
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        options = {name for each in command.params for name in each.opts}
        assert {word for word in words if word.startswith("--")} <= options, line


def test_an_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["nonsense"]) == 2
    assert "nonsense" in capsys.readouterr().err


def test_a_wrong_setting_is_told_in_one_line_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "tieout.yaml"
    wrong.write_text("gateway: {port: many}\n", encoding="utf-8")
    assert cli.run(["gateway", "--config", str(wrong)]) == 1
    told = capsys.readouterr().err
    assert told.startswith("tieout: ")
    assert "gateway.port" in told
    assert "Traceback" not in told


def test_the_place_of_an_error_is_shown_on_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "tieout.yaml"
    wrong.write_text("gateway: {port: many}\n", encoding="utf-8")
    assert cli.run(["--debug", "gateway", "--config", str(wrong)]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_an_error_nobody_foresaw_does_not_show_its_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: str) -> None:
        raise KeyError("hunter2")

    monkeypatch.setattr("importlib.import_module", fail)
    assert cli.run(["version"]) == 70
    told = capsys.readouterr().err
    assert "unexpected KeyError" in told
    assert "hunter2" not in told


def test_a_connection_that_does_not_exist_is_answered_with_those_that_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "connections").mkdir()
    (tmp_path / "vault.key").write_text(KeyRing.generate().text(), encoding="ascii")
    (tmp_path / "vault.key").chmod(0o600)
    settings = tmp_path / "tieout.yaml"
    settings.write_text(
        f"store_url: sqlite:///{tmp_path}/store.sqlite\nconnections: {tmp_path}/connections\n"
        f"keys: file:{tmp_path}/vault.key\n",
        encoding="utf-8",
    )
    assert cli.run(["webhooks", "status", "--connection", "main", "--config", str(settings)]) == 1
    assert "there is no connection 'main'; there are: none" in capsys.readouterr().err


def test_new_keys_are_a_ring_that_the_store_can_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["keys", "new"]) == 0
    assert KeyRing.from_source(capsys.readouterr().out.strip()).current == "k1"


def test_the_code_is_taken_from_the_address_that_answers_our_request() -> None:
    assert code_from("https://app.example.com/x?code=abc123&state=s1\n", "s1") == "abc123"


def test_a_code_that_answers_another_request_is_refused() -> None:
    with pytest.raises(Refusal, match="another request"):
        code_from("https://app.example.com/x?code=abc123&state=other", "s1")


def test_a_code_without_its_state_is_refused() -> None:
    with pytest.raises(Refusal, match="whole address"):
        code_from("abc123", "s1")


def test_consent_that_was_denied_is_told_as_such() -> None:
    with pytest.raises(Refusal, match="access_denied"):
        code_from("https://app.example.com/x?error=access_denied&state=s1", "s1")


def test_the_sandbox_runs_alone_and_ends_in_order() -> None:
    with subprocess.Popen([TIEOUT, "sandbox"], stdout=subprocess.PIPE, text=True) as sandbox:
        assert sandbox.stdout
        urls = json.loads(sandbox.stdout.readline())
        assert httpx.get(f"{urls['control']}/faults").json() == []
        sandbox.send_signal(signal.SIGTERM)
    assert sandbox.returncode == 0
    assert {"freshbooks", "nav", "control"} <= urls.keys()


def test_a_sandbox_file_that_is_wrong_names_the_field(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "sandbox.json"
    wrong.write_text('{"control_port": "front door"}', encoding="utf-8")
    assert cli.run(["sandbox", "--config", str(wrong)]) == 1
    assert "control_port" in capsys.readouterr().err


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "code": "EUR"}


def freshbooks_invoice(**changes: object) -> dict[str, object]:
    """An invoice as FreshBooks' API shows it."""
    line = {
        "lineid": 1,
        "type": 0,
        "name": "Consulting",
        "qty": "1",
        "unit_cost": money("100.00"),
        "amount": money("100.00"),
        "taxName1": "HST",
        "taxAmount1": "13",
    }
    return {
        "id": 1234567,
        "invoiceid": 1234567,
        "invoice_number": "INV-1",
        "customerid": 7654321,
        "create_date": "2026-11-01",
        "due_date": "2026-12-01",
        "currency_code": "EUR",
        "v3_status": "sent",
        "status": 2,
        "vis_state": 0,
        "organization": "Söderberg",
        "country": "Sweden",
        "discount_value": "0",
        "discount_total": money("0"),
        "amount": money("113.00"),
        "paid": money("0.00"),
        "outstanding": money("113.00"),
        "lines": [line],
        **changes,
    }


def preview(tmp_path: Path, content: object) -> int:
    document = tmp_path / "invoice.json"
    document.write_text(json.dumps(content), encoding="utf-8")
    mapping = PACKAGED_MAPPINGS / "freshbooks-nav.yaml"
    return cli.run(["mapping", "preview", "--document", str(document), "--mapping", str(mapping)])


def test_a_preview_shows_fields_lines_and_the_rule_behind_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = {"response": {"result": {"invoice": freshbooks_invoice()}}}
    assert preview(tmp_path, answer) == 0
    shown = capsys.readouterr().out
    assert "DEMO-I1234567-1" in shown
    assert "lookup currencies" in shown
    assert "HST 13 %" in shown


def test_a_preview_of_a_document_that_would_be_held_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert preview(tmp_path, {"invoice": freshbooks_invoice(amount=money("114.00"))}) == 1
    shown = capsys.readouterr().out
    assert "held" in shown
    assert "114.00" in shown


def test_a_preview_of_something_else_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert preview(tmp_path, ["not", "an", "invoice"]) == 1
    assert "must hold one JSON object" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["invoice", "customer", "payment", "credit-note", "reversal"])
def test_every_example_can_be_previewed(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    example = PACKAGED_MAPPINGS.parent / "examples" / f"{name}.json"
    mapping = PACKAGED_MAPPINGS / "freshbooks-nav.yaml"
    arguments = ["mapping", "preview", "--document", str(example), "--mapping", str(mapping)]
    assert cli.run(arguments) == 0
    assert "applied rules" in capsys.readouterr().out


def test_the_packaged_mappings_fit_the_schemas_they_name(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIEOUT_MAPPINGS", str(PACKAGED_MAPPINGS))
    assert cli.run(["mapping", "check"]) == 0
    assert "freshbooks-nav.yaml" in capsys.readouterr().out


def test_a_mapping_that_is_wrong_is_refused_with_file_line_and_field(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("name: wrong\nnonsense: 1\n", encoding="utf-8")
    assert cli.run(["mapping", "check", str(wrong)]) == 1
    assert "wrong.yaml:2: nonsense" in capsys.readouterr().err


def test_a_mapping_check_names_a_missing_rate_file_and_currencies_without_a_rate_today(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shutil.copytree(PACKAGED_MAPPINGS, tmp_path / "mappings")
    spec = folder / "freshbooks-nav.yaml"
    convert = "  convert: {to: USD, rates: rates.csv, difference_account: '4910'}\n"
    text = spec.read_text(encoding="utf-8").replace("\ncurrency:\n", f"\ncurrency:\n{convert}", 1)
    spec.write_text(text, encoding="utf-8")
    assert cli.run(["mapping", "check", str(spec)]) == 1
    assert "rates.csv: No such file" in capsys.readouterr().err
    today = datetime.now(UTC).date()
    rates = "".join(f"{each},USD,{today},1.1\n" for each in ("CAD", "EUR"))
    (folder / "rates.csv").write_text(f"base,quote,date,rate\n{rates}", encoding="utf-8")
    assert cli.run(["mapping", "check", str(spec)]) == 0
    assert "documents in GBP, JPY will be held" in " ".join(capsys.readouterr().out.split())
