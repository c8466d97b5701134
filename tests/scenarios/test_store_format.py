"""The format of a run: any reader of Zarr v3 opens it, old ones keep opening, and what may carry code is refused."""

import ast
import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from small_run import MANIFEST, block_of
from test_store import SHORT, made

import tocfin
from tocfin.errors import TocfinError
from tocfin.scenarios.journal import DamagedStoreError, ForeignStoreError
from tocfin.scenarios.store import open_for_append, open_run

FIXTURE = Path(__file__).parents[1] / "fixtures" / "run_v1.zarr"


def test_xarray_opens_a_run_with_names_units_and_provenance(tmp_path: Path) -> None:
    opened = xr.open_zarr(made(tmp_path / "run.zarr", blocks=[0, 2]))
    terms = opened.terms
    assert dict(terms.sizes) == {"scenario": 2, "term": 3, "plant": 2, "period": 2, "replication": 250}
    assert terms.term.to_numpy().tolist() == list(SHORT.term)
    assert terms.plant.to_numpy().tolist() == ["Łódź", "P2"]
    assert terms.unit.to_numpy().tolist() == ["EUR", "EUR", "1"]
    assert terms.period.to_numpy().astype("M8[s]").astype(str).tolist() == [
        "1970-01-01T00:00:00",
        "1970-01-02T00:00:00",
    ]
    assert str(terms.period_end.to_numpy()[1])[:10] == "1970-01-03"
    assert terms.attrs["long_name"] == "sums over the schedule"
    assert opened.job_on_time.attrs == {"long_name": "replications in which the job is on time", "units": "1"}
    assert opened.attrs["seed"] == 7
    assert opened.attrs["generator"] == "philox4x32-10 1"
    assert opened.attrs["inputs"] == f"jobs.csv {'5e' * 32}; rush.toml {'7a' * 32}"
    assert opened.attrs["packages"] == "numpy 2.4.6"
    assert opened.attrs["created_at"] == "2026-01-01T00:00:00Z"
    np.testing.assert_array_equal(terms[..., 128:192], block_of(2)["terms"])
    assert np.isnan(terms[..., 64:128]).all()  # not committed
    np.testing.assert_array_equal(opened.job_on_time[..., 2], block_of(2)["job_on_time"])


def test_a_finished_run_is_as_long_as_what_was_done_and_says_why(tmp_path: Path) -> None:
    path = made(tmp_path / "run.zarr", blocks=[0, 1])
    with open_for_append(path, MANIFEST, SHORT) as run:
        run.finish("all 3 tolerances met at 128 replications")
    opened = xr.open_zarr(path)
    assert opened.sizes["replication"] == 128
    assert opened.sizes["block"] == 2
    assert opened.attrs["why_stopped"] == "all 3 tolerances met at 128 replications"


def test_a_run_of_the_first_version_of_the_format_keeps_opening(tmp_path: Path) -> None:
    run = open_run(FIXTURE)
    assert run.committed() == (0, 1)
    assert run.why_stopped == "all replications done"
    assert run.manifest.inputs == {"jobs.csv": "5e" * 32}
    np.testing.assert_array_equal(run.read()[0, :, 0, 0], [[*range(10)], [0.5] * 9 + [np.nan]])
    np.testing.assert_array_equal(run.read("job_on_time")[0], [[8, 2], [4, 1]])
    np.testing.assert_array_equal(xr.open_zarr(FIXTURE).terms[0, 0, 0, 0], range(10))
    shutil.copytree(FIXTURE, tmp_path / "run.zarr")
    with open_for_append(tmp_path / "run.zarr", run.manifest, run.dims) as copy:
        assert copy.wanting == ()


class Evil:
    """What a hostile store hopes will be unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return (Path.touch, (self.trace,))


def test_a_store_of_format_2_is_refused_and_nothing_of_it_runs(tmp_path: Path) -> None:
    store, trace = tmp_path / "old.zarr", tmp_path / "ran"
    (store / "terms").mkdir(parents=True)
    (store / ".zgroup").write_text('{"zarr_format": 2}')
    (store / "terms" / ".zarray").write_text(
        json.dumps(
            {"zarr_format": 2, "shape": [1], "chunks": [1], "dtype": "|O", "fill_value": None, "order": "C"}
            | {"compressor": None, "filters": [{"id": "pickle", "protocol": 5}]}
        )
    )
    (store / "terms" / "0").write_bytes(pickle.dumps(Evil(trace)))
    with pytest.raises(ForeignStoreError, match="Zarr format 2"):
        open_run(store)
    assert not trace.exists()


@pytest.mark.parametrize("where", ["terms", "scenario", "consolidated", "inside a shard", "beside"])
def test_a_codec_that_may_carry_code_is_refused_wherever_it_is_named(tmp_path: Path, where: str) -> None:
    path, trace = made(tmp_path / "run.zarr"), tmp_path / "ran"
    evil = {"name": "numcodecs.pickle", "configuration": {"protocol": 5}}
    name = {"scenario": "scenario", "beside": "guest"}.get(where, "terms")
    if where == "beside":
        shutil.copytree(path / "terms", path / "guest")
    file = path / "zarr.json" if where == "consolidated" else path / name / "zarr.json"
    content = json.loads(file.read_bytes())
    array = content["consolidated_metadata"]["metadata"]["terms"] if where == "consolidated" else content
    if where == "inside a shard":
        array["codecs"][0]["configuration"]["codecs"].append(evil)
    else:
        array["codecs"] = [evil]
    file.write_text(json.dumps(content))
    for chunk in (path / name / "c").rglob("0"):
        if chunk.is_file():
            chunk.write_bytes(pickle.dumps(Evil(trace)))
    with pytest.raises(ForeignStoreError, match=r"codec 'numcodecs.pickle', which is not one of"):
        open_run(path)
    with pytest.raises(ForeignStoreError, match=r"codec 'numcodecs.pickle'"):
        open_for_append(path, MANIFEST, SHORT)
    assert not trace.exists()


def test_what_is_no_run_is_told_from_a_damaged_one(tmp_path: Path) -> None:
    xr.Dataset({"terms": ("x", [1.0])}).to_zarr(tmp_path / "other.zarr", zarr_format=3, consolidated=False)
    (tmp_path / "empty").mkdir()
    (tmp_path / "text").write_text("hello")
    said = {"other.zarr": "no run of tocfin", "empty": "no Zarr store", "text": "no folder", "nothing": "not there"}
    for name, words in said.items():
        with pytest.raises(ForeignStoreError, match=words):
            open_run(tmp_path / name)


def test_a_later_version_of_the_format_asks_for_a_later_tocfin(tmp_path: Path) -> None:
    path = made(tmp_path / "run.zarr", blocks=[0])
    root = json.loads((path / "zarr.json").read_bytes())
    root["attributes"]["format_version"] = 2
    (path / "zarr.json").write_text(json.dumps(root))
    with pytest.raises(ForeignStoreError, match="has version 2 of the format; this tocfin reads version 1"):
        open_run(path)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("shape", [2, 3, 2, 2, 10**9]),
        ("shape", [2, 3, 2, 2]),
        ("data_type", "float32"),
        ("dimension_names", ["a", "b", "c", "d", "e"]),
        ("fill_value", 0.0),
    ],
)
def test_an_array_that_is_not_laid_out_as_the_manifest_says_is_damage(tmp_path: Path, key: str, value: Any) -> None:
    path = made(tmp_path / "run.zarr", blocks=[0])
    file = path / "terms" / "zarr.json"
    file.write_text(json.dumps(json.loads(file.read_bytes()) | {key: value}))
    with pytest.raises(DamagedStoreError, match="terms"):
        open_run(path)


@pytest.mark.parametrize("text", ["", "[]", "[" * 100_000, '{"attributes": 3}', "\x00"])
def test_nonsense_in_place_of_metadata_is_an_error_for_people(tmp_path: Path, text: str) -> None:
    path = made(tmp_path / "run.zarr", blocks=[0])
    for name in ("terms/zarr.json", "tocfin/manifest.json", "zarr.json"):
        (path / name).write_text(text)
        with pytest.raises(TocfinError):
            open_run(path)


def test_one_module_alone_knows_zarr() -> None:
    source = Path(tocfin.__file__).parent
    knowing = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "zarr" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "zarr")
    }
    assert knowing == {"scenarios/chunks.py"}
