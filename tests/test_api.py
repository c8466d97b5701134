"""The Python API: light to import, labelled results, and a table for a notebook."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import tocfin
from tocfin.examples import example_dataset
from tocfin.kpi import KPIS
from tocfin.measure import measure
from tocfin.report.notebook import show


@pytest.fixture(scope="module")
def dataset() -> tocfin.Dataset:
    return example_dataset()


def test_import_alone_imports_nothing_heavy() -> None:
    script = "import sys, tocfin; print(sorted({'numpy', 'polars', 'numba', 'xarray', 'click'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_every_public_name_is_there_and_others_are_not() -> None:
    assert all(getattr(tocfin, name) is not None for name in tocfin.__all__)
    assert set(tocfin.__all__) <= set(dir(tocfin))
    with pytest.raises(AttributeError, match="nonsense"):
        tocfin.__getattr__("nonsense")


def test_kpis_are_labelled_with_units_policy_and_status(dataset: tocfin.Dataset) -> None:
    found = tocfin.kpis(dataset, policy="published")
    card = measure(dataset, policy="published")
    assert set(found.data_vars) == {*KPIS, "status"}
    assert all(found[name].item() == card.figures[name].value for name in KPIS)
    assert found["throughput_per_drum_hour"].attrs["units"] == "EUR/h"
    assert (found.attrs["policy"], found.attrs["policy_tpdh_hours"]) == ("published", "elapsed")
    assert found["status"].sel(kpi="throughput").item() == "ok"


def test_groups_are_a_dimension(dataset: tocfin.Dataset) -> None:
    found = tocfin.kpis(dataset, by="period")
    assert found["throughput"].dims == ("period",)
    assert found["period"].values[-1] == "outside"
    assert np.isfinite(found["investment"][:-1]).all(), "what lies in store closes with each period"
    assert np.isnan(found["investment"][-1])
    assert found["status"].sel(kpi="investment").values[-1] == "not_projected"
    whole = tocfin.kpis(dataset)
    assert np.isclose(found["net_profit"].sum(), whole["net_profit"], rtol=1e-12)


def test_a_faulty_data_set_raises_every_finding(dataset: tocfin.Dataset) -> None:
    fault = tocfin.Finding("error", "dangling-key", "jobs", 3, "product", "'X' is not in items", "jobs.csv")
    faulty = replace(dataset, findings=(fault,))
    for ask in (tocfin.kpis, tocfin.show):
        with pytest.raises(tocfin.DatasetError, match=r"jobs.csv:3: product: 'X' is not in items"):
            ask(faulty)


def test_an_unknown_name_is_a_usage_error(dataset: tocfin.Dataset) -> None:
    with pytest.raises(tocfin.UsageError, match="P9"):
        tocfin.kpis(dataset, plants=["P9"])


def test_a_notebook_shows_a_table_and_runs_no_markup_of_the_data(dataset: tocfin.Dataset) -> None:
    card = show(replace(dataset, name="<script>alert(1)</script>"))
    page = card._repr_html_()
    assert "<table>" in page
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "Net profit" in str(card)
