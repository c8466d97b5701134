import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tables import PLAN, tables
from tocfin.catalogue import TABLES
from tocfin.dataset import read
from tocfin.dataset.atomic import appearing
from tocfin.dataset.write import write
from tocfin.errors import UsageError

FULL_PLAN = replace(
    PLAN,
    name='a "week" \\ of June = 1',
    policy="reconciled",
    flags={"tpdh_hours": "elapsed"},
    boundaries=(PLAN.clock, PLAN.horizon_end),
    exchange_rates={"USD": 1.0, "EUR": 1.08, "A B": 2.0},
    reschedule={"move_cost": 12.5},
    control_totals={"jobs": {"rows": 2.0, "revenue": 2000.0}},
)
PLANT = tables(
    plants=[
        {"plant": "0012", "name": "=1+1", "day_start": "06:30", "invested_capital": 0.1 + 0.2, "currency": "EUR"},
        {"plant": " P,1 ", "name": '\'quoted "name"', "invested_capital": -1e-7},
        {"plant": "P2", "name": "_x0041_", "daily_operating_expense": 1e15, "timezone": "Europe/Berlin"},
    ],
    resources=[{"resource": "1e5", "drum": None}, {"resource": "R2", "active": False, "units": 3}],
    calendars=[{"calendar": "C", "valid_from": "1899-12-30", "valid_to": "2026-02-03", "priority": -3}],
    jobs=[{"plant": "0012", "cancelled": True}, {"job": "J2", "plant": "P2", "need_date": "1969-12-31T23:59:59Z"}],
    exchange_rates=[{"currency": "EUR", "rate": 1 / 3}],
)
FORMS = [("csv", "plant"), ("parquet", "plant"), ("xlsx", "plant.xlsx")]


def content(frames):
    return {name: frame.drop("row").to_dict(as_series=False) for name, frame in frames.items()}


@pytest.mark.parametrize(("form", "name"), FORMS)
def test_what_is_written_reads_back_as_it_was(tmp_path, form, name):
    place = write(PLANT, FULL_PLAN, tmp_path / name, form=form)
    found = read(place)
    assert found.plan == FULL_PLAN
    assert content(found.tables) == content(PLANT)


@pytest.mark.parametrize(("form", "name"), FORMS)
def test_the_same_tables_give_the_same_bytes(tmp_path, form, name):
    written = [write(PLANT, FULL_PLAN, tmp_path / str(at) / name, form=form) for at in range(2)]
    files = [[written[at]] if written[at].is_file() else sorted(written[at].iterdir()) for at in range(2)]
    assert [file.name for file in files[0]] == [file.name for file in files[1]]
    assert [file.read_bytes() for file in files[0]] == [file.read_bytes() for file in files[1]]


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r￾￿"), min_size=1, max_size=6)


@settings(max_examples=40, deadline=None)
@given(texts, st.floats(-1e15, 1e15), st.integers(-62_135_596_800, 253_402_300_799), st.sampled_from(FORMS))
def test_any_text_number_and_instant_survives(tmp_path_factory, text, number, instant, form):
    frames = tables(
        plants=[{"name": text, "entity": text, "invested_capital": number}],
        jobs=[{"need_date": instant, "revenue": number}],
    )
    place = write(frames, PLAN, tmp_path_factory.mktemp("any") / form[1], form=form[0])
    assert content(read(place).tables) == content(frames)


def test_only_columns_and_tables_with_content_are_written(tmp_path):
    write(tables(jobs=[{"customer": "C"}]), PLAN, tmp_path / "plant")
    names = {file.stem for file in (tmp_path / "plant").glob("*.csv")}
    assert names == {table.name for table in TABLES if table.required}
    header, row = (tmp_path / "plant" / "jobs.csv").read_text().splitlines()
    assert header == "job,customer,revenue,shipping_cost,late_penalty_per_day,need_date"
    assert row == "J1,C,1000.0,0.0,0.0,2026-06-05T12:00:00Z"
    assert (tmp_path / "plant" / "operations.csv").read_text() == (
        "operation,manufacturing_order,sequence,carrying_cost_per_day\n"
    )


def test_a_data_set_is_not_escaped_because_the_reader_takes_text_as_it_is(tmp_path):
    write(tables(plants=[{"name": "=1+1"}]), PLAN, tmp_path / "plant")
    assert (tmp_path / "plant" / "plants.csv").read_text().splitlines()[1].startswith("P1,=1+1,")


def test_tables_and_columns_that_are_not_given_count_as_empty(tmp_path):
    plants = pl.DataFrame({"plant": ["P1"], "daily_operating_expense": [1], "source": ["erp"]})
    write({"plants": plants}, PLAN, tmp_path / "plant")
    assert (
        tmp_path / "plant" / "plants.csv"
    ).read_text() == "plant,daily_operating_expense,invested_capital\nP1,1.0,\n"


def test_an_unknown_table_and_a_misnamed_target_are_refused(tmp_path):
    with pytest.raises(UsageError, match="'plans' is not a table"):
        write({"plans": pl.DataFrame()}, PLAN, tmp_path / "plant")
    with pytest.raises(UsageError, match="workbook is named"):
        write(PLANT, PLAN, tmp_path / "plant", form="xlsx")
    with pytest.raises(UsageError, match="workbook is named"):
        write(PLANT, PLAN, tmp_path / "plant.xlsx", form="csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("form", "name"), FORMS)
def test_a_target_that_exists_is_replaced_only_by_force_and_then_wholly(tmp_path, form, name):
    place = write(PLANT, PLAN, tmp_path / name, form=form)
    with pytest.raises(UsageError, match="exists already"):
        write(tables(), PLAN, place, form=form)
    assert content(read(place).tables) == content(PLANT)
    write(tables(), PLAN, place, form=form, force=True)
    assert content(read(place).tables) == content(tables())
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_a_folder_that_holds_anything_else_is_never_replaced(tmp_path):
    place = write(PLANT, PLAN, tmp_path / "plant")
    (place / "thesis.docx").write_text("years of work")
    with pytest.raises(UsageError, match=r"thesis\.docx"):
        write(tables(), PLAN, place, force=True)
    assert (place / "thesis.docx").read_text() == "years of work"
    with pytest.raises(UsageError, match="plant"):
        write(tables(), PLAN, tmp_path, force=True)


def test_a_workbook_does_not_take_the_place_of_a_folder(tmp_path):
    (tmp_path / "plant.xlsx").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        write(PLANT, PLAN, tmp_path / "plant.xlsx", force=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["plant.xlsx"]


def test_a_link_keeps_pointing_to_what_is_replaced(tmp_path):
    write(PLANT, PLAN, tmp_path / "real")
    (tmp_path / "link").symlink_to("real")
    write(tables(), PLAN, tmp_path / "link", force=True)
    assert (tmp_path / "link").is_symlink()
    assert content(read(tmp_path / "real").tables) == content(tables())


def test_a_place_that_cannot_be_written_is_said_plainly(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        write(PLANT, PLAN, tmp_path / "file" / "plant")


def test_a_block_that_fails_leaves_nothing_behind(tmp_path):
    def fail():
        with appearing(tmp_path / "plant") as part:
            part.mkdir()
            (part / "jobs.csv").write_text("job")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from tables import PLAN, tables
from tocfin.dataset import atomic, write as writing

steps, left = int(sys.argv[2]), [int(sys.argv[2])]

def counted(function):
    def call(*arguments, **named):
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        return function(*arguments, **named)
    return call

writing._write_file = counted(writing._write_file)
atomic._sync = counted(atomic._sync)
Path.rename, Path.replace = counted(Path.rename), counted(Path.replace)
atomic._remove = counted(atomic._remove)
writing.write(tables(plants=[{"plant": "NEW"}]), PLAN, sys.argv[1], force=True)
"""
#: Steps after which the writer is killed: among the files, the flushes, the two moves, and the removal.
STEPS = [0, 3, 11, 16, 24, 25, 26, 27, 28]


def killed_after(steps: int, target: Path) -> int:
    here = Path(__file__).resolve()
    paths = [str(here.parents[1]), str(here.parents[2] / "src"), *sys.path]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "POLARS_MAX_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-c", KILLED, str(target), str(steps)], env=environment, timeout=120
    ).returncode


@pytest.mark.parametrize("steps", STEPS)
def test_a_killed_writer_leaves_the_old_or_the_new_or_nothing_never_a_part(tmp_path, steps):
    old = write(PLANT, PLAN, tmp_path / "plant")
    code = killed_after(steps, old)
    assert code in (-signal.SIGKILL, 0)
    survivors = {entry.name for entry in tmp_path.iterdir() if not entry.name.startswith(".")}
    if survivors:
        plants = read(old).tables["plants"]["plant"].to_list()
        assert plants in (["NEW"], PLANT["plants"]["plant"].to_list())
    else:
        # Killed between the two moves: the old data set lies whole beside the place it had.
        (aside,) = tmp_path.glob(".plant.*.old")
        assert content(read(aside).tables) == content(PLANT)


@pytest.mark.parametrize("steps", [0, 11, 24])
def test_a_killed_writer_leaves_no_data_set_where_there_was_none(tmp_path, steps):
    assert killed_after(steps, tmp_path / "plant") == -signal.SIGKILL
    assert not (tmp_path / "plant").exists()
