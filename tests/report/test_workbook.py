"""The workbook of a report: native tables, notes from the KPI table, drop-downs, charts, and no more rows than fit."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from small_plant import small_plant
from tocfin.forecast.dossier import Dossier, dossier
from tocfin.kpi import KPIS
from tocfin.report import workbook
from tocfin.report.bound import bound
from tocfin.report.detail import STATES
from tocfin.report.sections import booklet


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Dossier:
    return dossier(small_plant(tmp_path_factory.mktemp("book")), replications=32)


def test_every_table_is_native_and_every_kpi_has_its_formula(found: Dossier, tmp_path: Path) -> None:
    bound(found, tmp_path / "r.xlsx")
    sheets = load_workbook(tmp_path / "r.xlsx")
    native = {name for sheet in sheets for name in sheet.tables}
    assert native == {"t_" + table.name.replace("-", "_") for table in booklet(found).tables}
    card = sheets["Scorecard"]
    notes = {cell.value: cell.comment.text for row in card for cell in row if cell.comment}
    for kpi in KPIS.values():
        assert kpi.words in notes[kpi.title.partition(":")[0]]
    assert "net_profit" not in notes["Net profit"]
    assert "revenue" in notes["Throughput"].partition("published: ")[2]


def test_what_is_to_be_chosen_is_offered_and_what_is_told_is_drawn(found: Dossier, tmp_path: Path) -> None:
    bound(found, tmp_path / "r.xlsx")
    sheets = load_workbook(tmp_path / "r.xlsx")
    offered = [rule.formula1 for rule in sheets["At risk"].data_validations.dataValidation]
    assert f'"{",".join(STATES)}"' in offered
    with ZipFile(tmp_path / "r.xlsx") as parts:
        drawn = [name for name in parts.namelist() if name.startswith("xl/charts/chart")]
    wanted = [table for table in booklet(found).tables if table.drawn and table.rows]
    assert len(drawn) == len(wanted) >= 3


def test_a_sheet_holds_so_many_rows_and_says_where_the_others_are(
    found: Dossier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    bound(found, tmp_path / "r.xlsx")
    cells = [cell.value for row in load_workbook(tmp_path / "r.xlsx")["Scorecard"] for cell in row]
    assert f"{len(KPIS) - 3:,} more rows are in the Parquet form" in cells
    assert KPIS["investment"].title not in cells
