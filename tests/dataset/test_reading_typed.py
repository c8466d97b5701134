"""Parquet files and data frames: typed columns by their type, text like CSV text, nothing coerced (I2, I3)."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from plant import PLAN, TABLES, errors, places, write

from tocfin.dataset import read
from tocfin.dataset.page import parsed


def frames(**changed: Any) -> dict[str, Any]:
    """The tiny dataset as data frames of text, some of them replaced."""
    return (
        {"plan": parsed(PLAN.encode(), "plan")[0]} | {name: text_frame(text) for name, text in TABLES.items()} | changed
    )


def text_frame(text: str) -> pl.DataFrame:
    return pl.read_csv(text.encode(), infer_schema=False)


def parquet(folder: Path, changed: Mapping[str, pl.DataFrame]) -> Path:
    """The tiny dataset with some of its tables as Parquet files."""
    write(folder, tables=dict.fromkeys(changed))
    for name, frame in changed.items():
        frame.write_parquet(folder / f"{name}.parquet")
    return folder


ITEMS: dict[str, Any] = {"item": ["RM", "X"], "item_type": ["RawMaterial", "Tool"], "cost": [30.0, 1.0]}
MOMENTS = [datetime(2026, 6, 5, 12, tzinfo=UTC), datetime(2026, 6, 5, 13, tzinfo=UTC)]


def jobs(**changed: Any) -> pl.DataFrame:
    columns: dict[str, Any] = {
        "job": ["J1", "0012"], "plant": ["P1", "P2"], "revenue": [1.5, 2.0], "shipping_cost": [0, 1],
        "late_penalty_per_day": [0.0, 0.0], "need_date": MOMENTS,
    }  # fmt: skip
    return pl.DataFrame(columns | changed, strict=False)


def test_text_parquet_is_read_as_the_csv_of_the_same_text(tmp_path: Path) -> None:
    from_csv = read(write(tmp_path / "a"))
    from_parquet = read(parquet(tmp_path / "b", {name: text_frame(text) for name, text in TABLES.items()}))
    assert errors(from_parquet) == []
    for name, frame in from_csv.tables.items():
        assert from_parquet.tables[name].equals(frame), name


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_data_frames_are_read_as_the_csv_of_the_same_text(tmp_path: Path, library: str) -> None:
    from_csv = read(write(tmp_path))
    given = frames()
    if library == "pandas":
        given = {
            name: pd.DataFrame(frame.to_dict(as_series=False)) if name != "plan" else frame
            for name, frame in given.items()
        }
    found = read(given)
    assert errors(found) == []
    assert found.path is None
    for name, frame in from_csv.tables.items():
        assert found.tables[name].equals(frame), name


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_typed_columns_are_taken_by_their_type(tmp_path: Path, unit: Any) -> None:
    table = jobs(priority=[1, None], cancelled=[True, None]).with_columns(
        pl.col("need_date").dt.cast_time_unit(unit),
        pl.col("plant").cast(pl.Categorical),
        pl.col("shipping_cost").cast(pl.UInt8),
    )
    found = read(parquet(tmp_path, {"jobs": table}))
    assert errors(found) == []
    stored = found.tables["jobs"]
    assert stored["need_date"].to_list() == [int(moment.timestamp()) for moment in MOMENTS]
    assert stored["priority"].to_list() == [1, None]
    assert stored["cancelled"].to_list() == [True, None]
    assert stored["shipping_cost"].to_list() == [0.0, 1.0]


def test_a_datetime_without_zone_is_local_to_the_plant() -> None:
    local = pl.Series([moment.replace(tzinfo=None) for moment in MOMENTS])
    stored = read(frames(jobs=jobs(need_date=local))).tables["jobs"]["need_date"].to_list()
    assert stored == [int(MOMENTS[0].timestamp()) - 7_200, int(MOMENTS[1].timestamp())]


def test_an_offset_of_a_datetime_is_honoured() -> None:
    moments = pl.Series(MOMENTS).dt.convert_time_zone("Asia/Kathmandu")
    stored = read(frames(jobs=jobs(need_date=moments))).tables["jobs"]["need_date"].to_list()
    assert stored == [int(moment.timestamp()) for moment in MOMENTS]


def test_decimals_are_read_digit_by_digit() -> None:
    found = read(frames(jobs=jobs(revenue=[Decimal("0.10"), Decimal("-12345678901234.56")])))
    assert errors(found) == []
    assert found.tables["jobs"]["revenue"].to_list() == [0.1, -12345678901234.56]


def test_whole_floats_may_stand_in_an_integer_column() -> None:
    assert read(frames(jobs=jobs(priority=[1.0, None]))).tables["jobs"]["priority"].to_list() == [1, None]
    assert places(errors(read(frames(jobs=jobs(priority=[1.5, None]))))) == ["jobs:2: priority"]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("job", [1, 2]),
        ("job", [1.0, 2.0]),
        ("job", [True, False]),
        ("job", [b"J1", b"J2"]),
        ("revenue", [True, False]),
        ("revenue", MOMENTS),
        ("revenue", [[1.0], [2.0]]),
        ("need_date", [date(2026, 6, 5), date(2026, 6, 5)]),
        ("need_date", [1_780_000_000, 1_780_000_000]),
        ("cancelled", [0, 1]),
        ("commitment", [0, 1]),
    ],
)
def test_a_column_of_another_type_is_one_finding_on_row_1(column: str, values: list[Any]) -> None:
    table = jobs().with_columns(pl.Series(column, values))
    first = errors(read(frames(jobs=table)))[0]
    assert first.startswith(f"jobs:1: {column}: holds ")


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), 1.1e15])
def test_numbers_that_are_not_finite_or_too_large_are_refused(tmp_path: Path, number: float) -> None:
    found = read(parquet(tmp_path, {"items": pl.DataFrame(ITEMS | {"cost": [30.0, number]})}))
    assert places(errors(found)) == ["items.parquet:3: cost"]
    assert found.tables["items"]["cost"].to_list() == [30.0, None]


def test_part_seconds_are_refused() -> None:
    moments = [MOMENTS[0], MOMENTS[1].replace(microsecond=1)]
    assert places(errors(read(frames(jobs=jobs(need_date=moments))))) == ["jobs:3: need_date"]


def test_text_numbers_in_parquet_follow_the_csv_grammar(tmp_path: Path) -> None:
    found = read(parquet(tmp_path, {"items": pl.DataFrame(ITEMS | {"cost": ["1_000", " 1"]})}))
    assert places(errors(found)) == ["items.parquet:2: cost", "items.parquet:3: cost"]


def test_pandas_frames_are_read_and_their_nan_is_a_missing_cell() -> None:
    items = pd.DataFrame(ITEMS | {"price": [1.5, float("nan")]})
    found = read(frames(items=items))
    assert errors(found) == []
    assert found.tables["items"]["price"].to_list() == [1.5, None]
    assert places(errors(read(frames(items=items.assign(cost=[float("nan"), 1.0]))))) == ["items:2: cost"]
    moments = pd.DataFrame(jobs().to_dict(as_series=False))
    assert errors(read(frames(jobs=moments))) == []


def test_a_mixed_pandas_column_is_refused() -> None:
    items = pd.DataFrame(ITEMS | {"item": pd.Series(["RM", 12], dtype=object)})
    assert errors(read(frames(items=items)))[0].startswith("items:1: item: holds Object")


def test_lazy_frames_are_collected() -> None:
    assert errors(read(frames(items=pl.LazyFrame(ITEMS)))) == []


def test_what_is_no_frame_no_table_or_no_plan_is_a_finding() -> None:
    assert errors(read(frames(items=[1, 2])))[0] == "items: is not a data frame but list"
    assert errors(read(frames(item=pl.DataFrame(ITEMS)))) == [
        "item: is not a table of a data set; did you mean 'items'?"
    ]
    assert errors(read(frames(plan=7))) == ["plan: is not a mapping with the content of plan.toml"]
    without = frames()
    del without["plan"]
    assert errors(read(without)) == ["plan: is missing; give the content of plan.toml"]


def test_a_reader_leaves_the_given_frames_as_they_were() -> None:
    given = frames()
    before = {name: frame.clone() for name, frame in given.items() if name != "plan"}
    read(given)
    assert all(given[name].equals(frame) for name, frame in before.items())


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\0" * 50 + b"PAR1", b"item,cost\n"])
def test_a_damaged_parquet_file_is_one_finding_that_names_it(tmp_path: Path, content: bytes) -> None:
    folder = write(tmp_path, tables={"items": None})
    (folder / "items.parquet").write_bytes(content)
    (message,) = errors(read(folder))
    assert message.startswith("items.parquet: is not a readable Parquet file: it is damaged")


def test_a_small_file_that_unpacks_to_a_vast_table_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, tables={"items": None})
    rows = pl.select(pl.repeat("RM", 20_000_001).alias("item")).lazy()
    rows.sink_parquet(folder / "items.parquet")
    (message,) = errors(read(folder))
    assert message.endswith("or has more than 20,000,000 rows")


def test_a_mutated_parquet_file_is_read_or_refused_and_never_ends_the_process(tmp_path: Path) -> None:
    folder = parquet(tmp_path, {"items": pl.DataFrame(ITEMS)})
    whole = (folder / "items.parquet").read_bytes()
    draw = random.Random(20_260_601)
    refused = 0
    for _ in range(8):
        damaged = bytearray(whole)
        for _ in range(5):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        (folder / "items.parquet").write_bytes(damaged)
        refused += not read(folder).ok
    assert refused > 0


def test_a_folder_whose_name_looks_like_a_pattern_is_read(tmp_path: Path) -> None:
    assert errors(read(parquet(tmp_path / "year=[1]*?", {"items": pl.DataFrame(ITEMS)}))) == []
