"""What a notebook shows: tables that run no markup of the data, and charts as plotly's own figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from plotly.graph_objects import Figure

import tocfin
from forecast.two_jobs import two_jobs
from report.hostile import HOSTILE, hostile_plant
from small_plant import small_plant
from tables import PLAN
from tocfin.dataset.write import write
from tocfin.report.notebook import ReadableDossier, compare, outlook, show
from tocfin.report.readable import Readable, ReadableDataset, read


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> ReadableDataset:
    return read(write(hostile_plant(HOSTILE), PLAN, tmp_path_factory.mktemp("texts") / "<b>plant"))


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> ReadableDossier:
    return compare(*small_plant(tmp_path_factory.mktemp("plant")), replications=16)


def test_nothing_that_the_data_say_becomes_markup(hostile: ReadableDataset) -> None:
    place = hostile.path
    assert place is not None
    shown: Mapping[str, str] = {
        "data set": hostile._repr_html_(),
        "findings": hostile.findings._repr_html_(),  # type: ignore[attr-defined]
        "kpis": show(hostile, by="job")._repr_html_(),
        "plans": compare(place, replications=8)._repr_html_(),
        "forecast": outlook(hostile, period="horizon", replications=8)._repr_html_(),
    }
    for name, page in shown.items():
        assert "<table>" in page, name
        for mark in ("<script", "<img", "<svg", "<iframe", "<a href", "<details", "<b>"):
            assert mark not in page, (name, mark)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown["kpis"]


def test_a_read_data_set_is_one_and_shows_its_faults(tmp_path: Path) -> None:
    write(two_jobs().tables, PLAN, tmp_path / "plant")
    jobs = tmp_path / "plant" / "jobs.csv"
    jobs.write_text(jobs.read_text("utf-8").replace("1000.0", "12.5 kg", 1), "utf-8")
    found = read(tmp_path / "plant")
    assert isinstance(found, tocfin.Dataset)
    assert not found.ok
    for page in (found._repr_html_(), found.findings._repr_html_(), str(found), str(found.findings)):  # type: ignore[attr-defined]
        assert "12.5 kg" in page
        assert "jobs.csv:2" in page
    with pytest.raises(tocfin.DatasetError):
        found.plot("gantt")


def test_charts_are_figures_that_a_caller_may_change(compared: ReadableDossier, tmp_path: Path) -> None:
    write(two_jobs().tables, PLAN, tmp_path / "plant")
    for found in (compared, read(tmp_path / "plant")):
        for name in found.charts():
            figure = found.plot(name)
            assert isinstance(figure, Figure)
            assert figure.data
    assert {"fan", "differences", "gantt", "load", "tornado"} <= set(compared.charts())
    with pytest.raises(tocfin.UsageError, match=r"no chart 'pie'; there are .*fan"):
        compared.plot("pie")


def test_kpis_and_a_forecast_are_drawn_against_their_targets(tmp_path: Path) -> None:
    whole = {"period_start": PLAN.clock, "period_end": PLAN.horizon_end}
    targets = [
        {"kpi": "throughput", "target": 2_000.0} | whole,
        {"kpi": "operating_expense", "target": 6_000.0} | whole,
    ]
    dataset = read(write(two_jobs(targets=targets).tables, PLAN, tmp_path / "plant"))
    found: tuple[Readable, ...] = (show(dataset), outlook(dataset, period="horizon", replications=8))
    for one in found:
        first = one.plot().data[0]
        assert list(first.y) == ["Throughput", "Operating expense"]
        assert next(iter(first.x)) == pytest.approx(84.0)
    assert show(replace(dataset, tables=two_jobs().tables)).charts() == {}


def test_what_is_compared_is_written_in_any_form(compared: ReadableDossier, tmp_path: Path) -> None:
    for name in ("r.html", "r.xlsx", "r.json", "r.md", "star"):
        assert compared.write(tmp_path / name).exists()
    assert "Throughput" in str(compared)
