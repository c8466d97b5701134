"""``tocfin explain``: bridges that add up in every form, and what cannot be compared."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Run = Callable[..., Result]
SCENARIO = """
name = "dearer"
base = "{base}"
[[override]]
table = "items"
where = {{ item_type = "RawMaterial" }}
scale = {{ cost = 1.1 }}
[[override]]
table = "activities"
where = {{ drum = true }}
scale = {{ work = 1.2 }}
"""


def scenario(folder: Path, plant: Path, more: str = "") -> Path:
    file = folder / "dearer.toml"
    file.write_text(SCENARIO.format(base=plant) + more, "utf-8")
    return file


def test_every_view_ties_out_with_the_scorecard(tocfin: Run, plant: Path, tmp_path: Path) -> None:
    words = [word for view in ("driver", "term", "plant", "product", "resource", "owner") for word in ("--by", view)]
    shown = tocfin("explain", plant, scenario(tmp_path, plant), "--kpi", "net_profit", *words, "--format", "json")
    assert shown.exit_code == 0, shown.stderr
    (found,) = json.loads(shown.stdout)["kpis"]
    card = json.loads(tocfin("kpi", plant, "--format", "json").stdout)
    assert round(next(kpi["value"] for kpi in card["kpis"] if kpi["kpi"] == "net_profit"), 4) == found["a"]
    for view in found["views"].values():
        parts = [round(part["amount"] * 10_000) for part in view["parts"] if part["amount"] is not None]
        assert sum(parts) == round(found["difference"] * 10_000)
        assert view["residual"] == 0
    amounts = {part["part"]: part["amount"] for part in found["views"]["driver"]["parts"] if part["amount"]}
    assert set(amounts) == {"speed", "material price"}
    assert all(amount < 0 for amount in amounts.values())


def test_csv_and_table_show_both_ends_and_a_residual_of_0(tocfin: Run, plant: Path, tmp_path: Path) -> None:
    file = scenario(tmp_path, plant)
    words = ("explain", plant, file, "--kpi", "productivity", "--by", "driver")
    rows = list(csv.DictReader(io.StringIO(tocfin(*words, "--format", "csv").stdout)))
    assert [row["part"] for row in rows][:: len(rows) - 1] == ["A: plant", "residual"]
    assert float(rows[-1]["amount"]) == 0
    shown = tocfin(*words).stdout
    assert "residual" in shown
    assert "no change" in shown


def test_other_horizons_unknown_kpis_and_runs_exit_2(tocfin: Run, plant: Path, tmp_path: Path) -> None:
    later = scenario(tmp_path, plant, '[horizon]\nhorizon_end = "2026-06-20T00:00:00Z"\n')
    shown = tocfin("explain", plant, later)
    assert shown.exit_code == 2
    assert "compare the same horizon on both sides" in shown.stderr
    assert "'profit' is not a KPI" in tocfin("explain", plant, plant, "--kpi", "profit").stderr
    assert tocfin("explain", plant, tmp_path / "nothing").exit_code == 2
