"""Seeds decide everything, plans of one's own are read strictly, and failed seeds are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers import cli
from workers.dev.announcement import SourceEnd
from workers.dev.templates import with_lanes
from workers.prove.faults import Planned, faults_of
from workers.prove.lane import Lane
from workers.prove.planfile import read_plan
from workers.prove.schedule import AX_LANES, LANES, NAV_LANES, Round, Schedule
from workers.prove.verdict import Verdict, kept_seeds
from workers.yamlfile import SettingsError

_HEADING = "fault,system,method,path,skip,times"


def _lane(number: int = 1) -> Lane:
    source = SourceEnd(system="freshbooks", account_id="aBc123", business_id=1, access_token="t")
    return Lane(with_lanes(NAV_LANES, AX_LANES)[-LANES:][number - 1], source)


def _plan(folder: Path, *rows: str) -> list[Planned]:
    file = folder / "plan.csv"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return read_plan(file)


def test_a_seed_gives_the_same_schedule_every_time() -> None:
    for seed in range(50):
        first, again = Schedule(seed), Schedule(seed)
        assert first.faults(_lane()) == again.faults(_lane())
        assert first.lives() == again.lives()
        assert Round.of(seed).kills() == Round.of(seed).kills()
        assert Round.of(seed).webhooks() == Round.of(seed).webhooks()


def test_seeds_cover_every_fault_and_misbehaving_webhooks() -> None:
    planned = [one for seed in range(400) for one in Schedule(seed).faults(_lane())]
    assert {one.name for one in planned} == {*faults_of("freshbooks"), *faults_of("nav")}
    behaviours = [Round(number).webhooks() for number in range(50)]
    assert {row["duplicate"] for row in behaviours} == {1, 2, 3, 4, 5}
    assert any(row["drop"] for row in behaviours)
    assert {len(Round(number).kills()) for number in range(50)} == {0, 1, 2}


def test_a_seed_names_its_round() -> None:
    for seed in (0, 7, 8, 1234):
        assert seed in [schedule.seed for schedule in Round.of(seed).schedules]


def test_the_calls_of_one_lane_are_told_from_those_of_another() -> None:
    import re

    path = "/DynamicsNAV110/ODataV4/Company('LANE-12')/Customer"
    assert not re.fullmatch(_lane(1).path("nav"), path)
    assert re.fullmatch(_lane(1).path("nav"), path.replace("12", "1"))


def test_a_plan_of_faults_is_read_in_order(tmp_path: Path) -> None:
    found = _plan(tmp_path, _HEADING, "reset_after,nav,POST,.*Codeunit.*,1,2", "500,freshbooks")
    assert found == [
        Planned("reset_after", "nav", ".*Codeunit.*", "POST", 1, 2),
        Planned("500", "freshbooks", ".*"),
    ]


@pytest.mark.parametrize(
    ("rows", "row", "field"),
    [
        ((_HEADING, "500,nav", "reset_sometimes,nav"), "row 3", "fault"),
        ((_HEADING, "500,sap"), "row 2", "system"),
        ((_HEADING, "500,nav,(,.*"), "row 2", "method"),
        ((_HEADING, "500,nav,GET,["), "row 2", "path"),
        ((_HEADING, "500,nav,GET,.*,-1"), "row 2", "skip"),
        ((_HEADING, "500,nav,GET,.*,1.5"), "row 2", "skip"),
        ((_HEADING, "500,nav,GET,.*,0,0"), "row 2", "times"),
        ((_HEADING, "500,nav,GET,.*,0,1,more"), "row 2", "the row"),
        ((_HEADING, "expired token,nav"), "row 2", "fault"),
        (("fault,system,colour", "500,nav,red"), "row 1", "colour"),
        (("fault", "500"), "row 1", "system"),
        ((_HEADING,), "row 2", "the file"),
    ],
)
def test_a_wrong_plan_names_the_row_and_the_field(
    tmp_path: Path, rows: tuple[str, ...], row: str, field: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        _plan(tmp_path, *rows)
    assert [(p.where.rpartition(": ")[2], p.field) for p in refused.value.problems] == [
        (row, field)
    ]


def test_every_wrong_row_of_a_plan_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        _plan(tmp_path, _HEADING, "nothing,nav,(,.*,x,y", "500,nav", "500,oracle")
    assert len(refused.value.problems) == 5


def test_the_command_refuses_a_wrong_plan_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "plan.csv"
    file.write_text(f"{_HEADING}\n500,nav,GET,.*,many\n", encoding="utf-8")
    assert cli.run(["prove", "--plan", str(file)]) == 1
    told = capsys.readouterr().err
    assert "row 2" in told
    assert "skip is 'many'" in told


@pytest.mark.parametrize("option", [("--schedules", "0"), ("--seed", "-1"), ("--plan", "absent")])
def test_the_command_refuses_impossible_orders(option: tuple[str, str]) -> None:
    assert cli.run(["prove", *option]) == 2


def test_failed_seeds_are_kept_once_with_what_was_found(tmp_path: Path) -> None:
    file = tmp_path / "regressions.txt"
    file.write_text("# seeds\n17  # known\n", encoding="utf-8")
    verdict = Verdict()
    verdict.found(17, ["payment 1 is posted 2 times"])
    verdict.found(99, ["invoice 2 is posted 2 times", "and more"])
    verdict.found(100, [])
    verdict.keep(file)
    verdict.keep(file)
    assert kept_seeds(file) == [17, 99]
    assert "invoice 2 is posted 2 times" in file.read_text(encoding="utf-8")
    assert not verdict.holds
