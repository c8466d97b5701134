"""``tocfin trace``: the arithmetic of one KPI in every form."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Run = Callable[..., Result]


def test_the_table_shows_the_formula_with_its_numbers_terms_and_rows(tocfin: Run, plant: Path) -> None:
    shown = tocfin("trace", "productivity", plant)
    assert shown.exit_code == 0
    assert "throughput ÷ operating expense" in shown.stdout
    assert " ÷ " in shown.stdout.partition("with its numbers")[2]
    assert "plants:2" in shown.stdout


def test_json_and_csv_hold_the_same_terms_in_full(tocfin: Run, plant: Path) -> None:
    found = json.loads(tocfin("trace", "net_profit", plant, "--format", "json").stdout)
    card = json.loads(tocfin("kpi", plant, "--format", "json").stdout)
    assert found["value"] == next(kpi["value"] for kpi in card["kpis"] if kpi["kpi"] == "net_profit")
    assert found["arithmetic"].endswith(" EUR")
    rows = list(csv.DictReader(io.StringIO(tocfin("trace", "net_profit", plant, "--format", "csv").stdout)))
    terms = {row["name"]: float(row["amount"]) for row in rows if row["table"] == "terms"}
    assert terms == {term["term"]: term["value"] for term in found["terms"]}
    assert sum(row["table"] != "terms" for row in rows) == len(found["rows"]) == 10


def test_an_unknown_kpi_exits_2(tocfin: Run, plant: Path) -> None:
    shown = tocfin("trace", "profit", plant, "--format", "json")
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert "'profit' is not a KPI" in shown.stderr
