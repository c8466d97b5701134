"""Keys name one row each, references name a row that is there, and every table file is a table (I4, I5, R15, R22)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plant import PLAN, TABLES, errors, places, told, write

from tocfin.dataset import read
from tocfin.errors import DatasetError


def test_a_dangling_reference_is_told_as_the_contract_words_it(tmp_path: Path) -> None:
    activities = TABLES["activities"] + "A3,O1,CNC-9,2026-06-02T08:00Z,2026-06-02T09:00Z\n"
    assert told(tmp_path, activities=activities) == ["activities.csv:4: resource: 'CNC-9' is not in resources"]


def test_a_near_miss_names_the_key_that_is_meant(tmp_path: Path) -> None:
    (message,) = told(tmp_path, inventories="warehouse,item,on_hand_qty\nw1 ,RM,200\n")
    assert message == "inventories.csv:2: warehouse: 'w1 ' is not in warehouses; did you mean 'W1'?"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.sets(st.integers(0, 39)))
def test_exactly_the_rows_whose_key_was_deleted_are_told(tmp_path: Path, deleted: set[int]) -> None:
    items = "".join(f"I{number},Tool,1\n" for number in range(40) if number not in deleted)
    stock = "".join(f"W1,I{number},1\n" for number in range(40))
    found = read(write(tmp_path, tables={
        "items": f"item,item_type,cost\nRM,RawMaterial,30\n{items}",
        "inventories": f"warehouse,item,on_hand_qty\n{stock}",
    }))  # fmt: skip
    lost = {finding.row for finding in found.findings if finding.rule == "dangling-key"}
    assert lost == {number + 2 for number in deleted}


def test_the_later_of_two_equal_keys_is_named_and_mentions_the_first(tmp_path: Path) -> None:
    items = TABLES["items"] + "X,Tool,1\nRM,Tool,2\nRM,Tool,3\n"
    assert told(tmp_path, items=items) == [
        "items.csv:4: item: item 'RM' is already the key of row 2",
        "items.csv:5: item: item 'RM' is already the key of row 2",
    ]


def test_keys_of_two_columns_need_both_to_be_equal(tmp_path: Path) -> None:
    activities = (
        TABLES["activities"]
        + "A1,O1,R2,2026-06-03T00:00Z,2026-06-03T01:00Z\nA1,O1,R1,2026-06-04T00:00Z,2026-06-04T01:00Z\n"
    )
    assert places(told(tmp_path, activities=activities)) == ["activities.csv:5: activity"]


def test_a_target_without_version_is_the_budget(tmp_path: Path) -> None:
    row = "throughput,2026-06-01T00:00Z,2026-06-08T00:00Z"
    head = "kpi,period_start,period_end,version,target\n"
    same = f"{head}{row},,5\nthroughput,2026-06-01T02:00+02:00,2026-06-08T00:00,budget,6\n"
    assert places(told(tmp_path / "a", targets=same)) == ["targets.csv:3: kpi"]
    assert told(tmp_path / "b", targets=f"{head}{row},,5\n{row},prior_year,6\n") == []


@pytest.mark.parametrize("name", list(TABLES))
def test_a_missing_table_is_one_finding_that_names_its_file(tmp_path: Path, name: str) -> None:
    messages = told(tmp_path, **{name: None})
    assert [message for message in messages if "missing" in message] == [
        f"{name}.csv: is missing; a data set needs this table (a header is enough where it has no rows)"
    ]


def test_unknown_tables_and_a_table_in_two_files_are_errors_and_other_files_are_not(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "notes.txt").write_text("x")
    (folder / "expected.json").write_text("{}")
    (folder / "job.csv").write_text("a\n")
    (folder / "items.parquet").write_bytes(b"")
    assert errors(read(folder)) == [
        "items.parquet: holds the same table as items.csv; keep one of them",
        "job.csv: is not a table of a data set; did you mean 'jobs'?",
    ]


def test_require_raises_with_every_finding(tmp_path: Path) -> None:
    found = read(write(tmp_path, tables={"items": "item,item_type,cost\nRM,RawMaterial,12.5 kg\n"}))
    with pytest.raises(DatasetError, match=r"items.csv:2: cost: '12.5 kg' is not a number") as raised:
        found.require()
    assert raised.value.findings == found.findings


def test_what_is_no_dataset_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text("x")
    (tmp_path / "empty").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in ("nowhere", "file.txt", "loop", "a\0b", "x" * 5_000):
        found = read(tmp_path / name)
        assert [finding.rule for finding in found.findings] == ["unreadable"]
        assert not found.ok
    assert len(errors(read(tmp_path / "empty"))) == 1 + len(TABLES)


def test_what_is_no_file_is_a_finding_that_names_it(tmp_path: Path) -> None:
    folder = write(tmp_path, tables={"items": None, "jobs": None, "inventories": None, "operations": None})
    (folder / "items.csv").mkdir()
    (folder / "jobs.csv").symlink_to(folder / "jobs.csv")
    (folder / "inventories.csv").symlink_to(folder / "gone")
    os.mkfifo(folder / "operations.csv")
    messages = [
        message
        for message in errors(read(folder))
        if message.split(".csv: ")[0] in ("items", "jobs", "inventories", "operations")
    ]
    assert len(messages) == 4
    assert "items.csv: is a folder; a file is expected" in messages
    assert "operations.csv: is not an ordinary file" in messages


def test_a_folder_around_a_data_set_says_where_it_is(tmp_path: Path) -> None:
    write(tmp_path / "plant")
    assert "; there is one in 'plant': name that folder" in errors(read(tmp_path))[0]
    write(tmp_path)
    (tmp_path / "plan.toml").unlink()
    assert errors(read(tmp_path)) == ["plan.toml: is missing; it holds the horizon and the currency"]


def test_a_folder_where_the_plan_is_expected_is_a_finding(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "plan.toml").unlink()
    (folder / "plan.toml").mkdir()
    found = read(folder)
    assert errors(found) == ["plan.toml: is a folder; a file is expected"]
    assert found.plan is None


def test_rows_may_be_in_any_order(tmp_path: Path) -> None:
    head, *rows = TABLES["jobs"].splitlines()
    turned = read(write(tmp_path, PLAN, {"jobs": "\n".join([head, *rows[::-1]]) + "\n"}))
    assert turned.ok
    assert turned.tables["jobs"]["job"].to_list() == ["0012", "J1"]
