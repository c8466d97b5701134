"""Every command on real data sets: what is on stdout, what on stderr, and the exit code."""

import csv
import io
import json
import math
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import Result

from tocfin.kpi import KPIS
from tocfin.opening import read

Run = Callable[..., Result]
CONTRACT = ["schema", "dataset", "policy", "currency", "horizon", "kpis", "terms", "findings"]


def test_kpi_json_is_the_object_of_the_contract(tocfin: Run, plant: Path) -> None:
    shown = tocfin("kpi", plant, "--format", "json")
    found = json.loads(shown.stdout)
    assert shown.exit_code == 0
    assert [name for name in found if name not in ("targets", "lines")] == CONTRACT
    assert (found["schema"], found["dataset"], found["policy"], found["currency"]) == (1, "plant", "reconciled", "EUR")
    assert found["horizon"] == {"start": "2026-06-01T00:00:00Z", "end": "2026-07-06T00:00:00Z"}
    assert [kpi["kpi"] for kpi in found["kpis"]] == list(KPIS)
    assert all(math.isfinite(kpi["value"]) for kpi in found["kpis"] if kpi["status"] == "ok")
    assert all(finding["grade"] == "warning" and finding["message"] for finding in found["findings"])
    assert "operation-without-activity" in shown.stderr


def test_groups_are_keyed_by_what_was_asked_for_and_add_up(tocfin: Run, plant: Path) -> None:
    found = json.loads(tocfin("kpi", plant, "--by", "plant", "--format", "json").stdout)
    assert [group["plant"] for group in found["groups"]] == ["ESS", "MKE"]
    assert all(list(group) == ["plant", "kpis", "terms"] for group in found["groups"])
    parts = [kpi["value"] for group in found["groups"] for kpi in group["kpis"] if kpi["kpi"] == "net_profit"]
    whole = next(kpi["value"] for kpi in found["kpis"] if kpi["kpi"] == "net_profit")
    assert math.isclose(sum(parts), whole, rel_tol=1e-12)


def test_one_plant_is_its_group(tocfin: Run, plant: Path) -> None:
    alone = json.loads(tocfin("kpi", plant, "--plant", "MKE", "--format", "json").stdout)
    split = json.loads(tocfin("kpi", plant, "--by", "plant", "--format", "json").stdout)
    assert alone["kpis"] == split["groups"][1]["kpis"]


def test_policy_on_the_command_line_wins_and_the_table_shows_both(
    tocfin: Run, plant: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    shown = tocfin("kpi", plant, "--policy", "published")
    assert "policy published" in shown.stdout
    assert "reconciled" in shown.stdout
    assert KPIS["operating_expense"].why[:40] in shown.stdout


def test_csv_holds_every_group_in_full(tocfin: Run, plant: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(tocfin("kpi", plant, "--by", "product", "--format", "csv").stdout)))
    keys = {row["key"] for row in rows if row["by"] == "product"}
    assert {"AP-28", "SK-100"} <= keys
    assert {row["kpi"] for row in rows if row["by"] == ""} == set(KPIS)
    total = next(float(row["value"]) for row in rows if row["by"] == "" and row["kpi"] == "throughput")
    parts = [float(row["value"]) for row in rows if row["by"] and row["kpi"] == "throughput"]
    assert math.isclose(math.fsum(parts), total, rel_tol=1e-12)


def test_markdown_has_targets_with_owner_and_status(tocfin: Run, plant: Path) -> None:
    shown = tocfin("kpi", plant, "--format", "md").stdout
    assert "**Targets**" in shown
    assert "| missed |" in shown
    assert "\x1b" not in shown


def test_a_missed_target_exits_3_only_when_asked(tocfin: Run, plant: Path) -> None:
    assert tocfin("kpi", plant, "-q").exit_code == 0
    missed = tocfin("kpi", plant, "-q", "--fail-on-miss", "--format", "json")
    assert missed.exit_code == 3
    assert json.loads(missed.stdout)["targets"]


@pytest.mark.parametrize("form", ["table", "json", "csv", "md"])
def test_bad_input_exits_2_with_the_place_on_stderr_and_an_empty_stdout(tocfin: Run, broken: Path, form: str) -> None:
    shown = tocfin("kpi", broken, "--format", form)
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert "activities.csv:118: resource: 'CNC-9' is not in resources" in shown.stderr


@pytest.mark.parametrize(
    "words", [("--plant", "P9"), ("--by", "moon"), ("--policy", "mine"), ("--threads", "0"), ("--threads", "many")]
)
def test_a_request_that_cannot_be_met_exits_2(tocfin: Run, plant: Path, words: tuple[str, ...]) -> None:
    shown = tocfin("kpi", plant, *words)
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert words[1] in shown.stderr


def test_out_appears_whole_and_is_replaced_by_force_only(tocfin: Run, plant: Path, tmp_path: Path) -> None:
    out = tmp_path / "card.json"
    assert tocfin("kpi", plant, "--format", "json", "--out", out).stdout == ""
    first = out.read_text("utf-8")
    assert json.loads(first)["schema"] == 1
    refused = tocfin("kpi", plant, "--format", "csv", "--out", out)
    assert refused.exit_code == 2
    assert "--force" in refused.stderr
    assert out.read_text("utf-8") == first
    assert tocfin("kpi", plant, "--format", "csv", "--out", out, "--force").exit_code == 0
    assert out.read_text("utf-8").startswith("by,key,kpi,value")
    assert [path.name for path in tmp_path.iterdir()] == ["card.json"]


def test_a_faulty_data_set_writes_no_output(tocfin: Run, broken: Path, tmp_path: Path) -> None:
    assert tocfin("kpi", broken, "--out", tmp_path / "card.txt").exit_code == 2
    assert not (tmp_path / "card.txt").exists()


def test_an_activity_that_ends_decades_from_now_is_told_and_no_crash(tocfin: Run, plant: Path, tmp_path: Path) -> None:
    far = copytree(plant, tmp_path / "far")
    head, first, *rest = (far / "activities.csv").read_text("utf-8").splitlines()
    cells = first.split(",")
    cells[head.split(",").index("end")] = "2099-06-03T00:00:00Z"
    (far / "activities.csv").write_text("\n".join([head, ",".join(cells), *rest]) + "\n", "utf-8")
    shown = tocfin("kpi", far, "--format", "json")
    assert shown.exit_code in {0, 2}  # refused where so many years of shifts would be too much to hold
    assert "activities.csv:2: end" in shown.stderr
    assert "internal error" not in shown.stderr


def test_check_counts_rows_on_stdout_and_lists_findings_on_stderr(tocfin: Run, plant: Path) -> None:
    shown = tocfin("check", plant)
    assert shown.exit_code == 0
    assert "5,919" in shown.stdout
    assert "operations.csv:" in shown.stderr


def test_check_reports_faults_in_the_form_asked_for_and_leaves_stdout_empty(tocfin: Run, broken: Path) -> None:
    shown = tocfin("check", broken, "--format", "json")
    found = json.loads(shown.stderr)
    assert (shown.exit_code, shown.stdout, found["ok"]) == (2, "", False)
    fault = found["findings"][0]
    assert (fault["place"], fault["rule"], fault["value"]) == ("activities.csv:118: resource", "dangling-key", "CNC-9")


def test_check_marks_faults_in_a_workbook(tocfin: Run, broken: Path, tmp_path: Path) -> None:
    marked = tmp_path / "check.xlsx"
    assert tocfin("check", broken, "--annotate", marked).exit_code == 2
    assert marked.stat().st_size > 0
    assert tocfin("check", broken, "--annotate", marked).exit_code == 2
    assert "--force" in tocfin("check", broken, "--annotate", marked).stderr


@pytest.mark.parametrize("command", ["check", "kpi"])
@pytest.mark.parametrize("name", ["nowhere", "junk.xlsx", "empty", "file.csv"])
def test_what_is_no_data_set_is_refused(tocfin: Run, tmp_path: Path, command: str, name: str) -> None:
    (tmp_path / "junk.xlsx").write_bytes(bytes(range(256)))
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.csv").write_text("a,b\n", "utf-8")
    shown = tocfin(command, tmp_path / name, "--format", "json")
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert "internal error" not in shown.stderr


def test_init_writes_a_plant_that_reads_back_and_says_its_policy(plant: Path) -> None:
    assert 'policy = "reconciled"  #' in (plant / "plan.toml").read_text("utf-8")
    assert read(plant).ok


def test_init_excel_gives_the_same_numbers(tocfin: Run, plant: Path, tmp_path: Path) -> None:
    assert tocfin("init", tmp_path / "book", "--excel").exit_code == 0
    book = json.loads(tocfin("kpi", tmp_path / "book" / "book.xlsx", "--format", "json").stdout)
    folder = json.loads(tocfin("kpi", plant, "--format", "json").stdout)
    assert book["kpis"] == folder["kpis"]


def test_init_never_overwrites_without_force(tocfin: Run, plant: Path) -> None:
    refused = tocfin("init", plant)
    assert refused.exit_code == 2
    assert "--force" in refused.stderr
    assert tocfin("init", plant, "--force").exit_code == 0


def test_demo_prints_the_scorecard_of_the_example_plant(tocfin: Run, plant: Path) -> None:
    demo = json.loads(tocfin("demo", "--work", 0, "--format", "json").stdout)
    files = json.loads(tocfin("kpi", plant, "--format", "json").stdout)
    assert demo["kpis"] == files["kpis"]
    assert (demo["futures"]["scenario"], demo["futures"]["replications"]) == ("base", 256)
    assert [one["target"] for one in demo["futures"]["targets"]] == [one["target"] for one in demo["targets"]]
    assert all(one["met_low"] <= one["met"] <= one["met_high"] for one in demo["futures"]["targets"])


def test_demo_shows_the_chances_of_its_targets(tocfin: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    shown = tocfin("demo", "--replications", 64, "--work", 2).stdout
    assert "The same plans in many futures" in shown
    assert "Throughput" in shown
    assert "The same targets in 64 futures of scenario base" in shown
    assert "chance to meet" in shown
    none = tocfin("demo", "--replications", 0)
    assert "futures" not in none.stdout
    assert "Throughput" in none.stdout


def test_kpis_explains_every_kpi(tocfin: Run) -> None:
    found = {kpi["kpi"]: kpi for kpi in json.loads(tocfin("kpis", "--format", "json").stdout)["kpis"]}
    assert list(found) == list(KPIS)
    assert found["net_profit"]["unit"] == "money"
    assert "+ subcontract_cost_all" in found["operating_expense"]["published"]
    assert "subcontract_cost_all" not in found["operating_expense"]["reconciled"]
    assert found["on_time_delivery"]["published"] == "100 × (jobs_on_time) ÷ (jobs_ended)"
    assert not found["on_time_delivery"]["policies_differ"]
    assert "Throughput" in tocfin("kpis").stdout


def test_warmup_says_when_it_is_ready(tocfin: Run) -> None:
    shown = tocfin("warmup")
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert "ready after" in shown.stderr


def test_a_faulty_row_is_set_aside_carried_and_put_back(tocfin: Run, broken: Path, plant: Path) -> None:
    shown = tocfin("check", broken, "--set-aside", "asked the shop floor", "--who", "anna", "--format", "json")
    assert shown.exit_code == 0, shown.stderr
    said = [found["message"] for found in json.loads(shown.stdout)["findings"] if found["rule"] == "set-aside"]
    assert "set aside by anna on 20" in said[0]
    assert "set aside by anna on 20" in tocfin("kpi", broken, "--format", "md").stdout
    figures = json.loads(tocfin("kpi", broken, "--format", "json").stdout)
    assert said[0] in [found["message"] for found in figures["findings"]]
    refused = tocfin("check", broken, "--rejoin")
    assert refused.exit_code == 2
    assert "set_aside/activities.csv:" in refused.stderr
    right = plant.joinpath("activities.csv").read_text("utf-8").splitlines()[117]
    resource = right.split(",")[2]
    reject = broken / "set_aside" / "activities.csv"
    reject.write_text(reject.read_text("utf-8").replace("CNC-9", resource), "utf-8")
    assert tocfin("check", broken, "--rejoin").exit_code == 0
    assert all(read(broken).tables[name].equals(table) for name, table in read(plant).tables.items())
    same = [json.loads(tocfin("kpi", place, "--format", "json").stdout)["kpis"] for place in (broken, plant)]
    assert same[0] == same[1]
