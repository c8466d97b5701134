"""Sixty messy exports of a plant whose right values are known: loaded right or refused by cell, none silently wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from messy import HEAD, Shape, confirmations, orders, right_shape

from tocfin.dataset.imports import Imported, import_dataset
from tocfin.dataset.imports.draft import draft
from tocfin.errors import UsageError

Lines = list[list[Any]]
RIGHT = 40


def loaded(shape: Shape, folder: Path) -> Imported:
    source = shape.write(folder)
    return import_dataset(folder / "mine.toml", source)


def known() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Jobs, activities and confirmed quantities as they must be, by key."""
    rows = orders()
    jobs = {
        f"{row['plant']}-{row['order']}": (
            row["quantity"], row["revenue"], int(row["due"].timestamp()), row["cancelled"], row["plant"]
        )
        for row in rows
    }  # fmt: skip
    key = "{plant}-{order}/{operation}".format
    activities = {
        key(**row): (row["resource"], int(row["start"].timestamp()), int(row["end"].timestamp()), row["minutes"] / 60)
        for row in rows
    }
    confirmed: dict[str, Any] = {}
    for row in confirmations():
        good, scrap, final = confirmed.get(key(**row), (0.0, 0.0, False))
        confirmed[key(**row)] = good + row["good"], scrap + row["scrap"], final or row["final"]
    return jobs, activities, confirmed


def assert_right(imported: Imported) -> None:
    jobs, activities, confirmed = known()
    assert imported.ok, [str(finding) for finding in imported.findings if finding.grade == "error"][:5]
    found = imported.tables["jobs"].select("job", "quantity", "revenue", "need_date", "cancelled", "plant")
    assert {row[0]: row[1:] for row in found.iter_rows()} == jobs
    plan = imported.tables["activities"]
    got = {row[0]: row[1:] for row in plan.select("operation", "resource", "start", "end", "work_hours").iter_rows()}
    assert {key: row[:3] for key, row in got.items()} == {key: row[:3] for key, row in activities.items()}
    assert {key: row[3] for key, row in got.items()} == pytest.approx(
        {key: row[3] for key, row in activities.items()}, rel=1e-12
    )
    done = imported.tables["operations"].drop_nulls("good_qty").select("operation", "good_qty", "scrap_qty")
    assert {row[0]: row[1:] for row in done.iter_rows()} == {key: row[:2] for key, row in confirmed.items()}
    statuses = dict(plan.select("operation", "status").iter_rows())
    assert {key for key, status in statuses.items() if status == "Finished"} == {
        k for k, v in confirmed.items() if v[2]
    }


@pytest.mark.parametrize("number", range(RIGHT))
def test_an_export_written_as_its_profile_says_is_loaded_right(tmp_path: Path, number: int) -> None:
    assert_right(loaded(right_shape(number), tmp_path))


def put(name: str, cell: Any, line: int = 3) -> Callable[[Lines], None]:
    """Writes ``cell`` into the column ``name`` of a line (the header is line 0)."""

    def damage(lines: Lines) -> None:
        lines[line][lines[0].index(HEAD[name])] = cell

    return damage


def cut(line: int) -> Callable[[Lines], None]:
    return lambda lines: lines[line].pop()


def extended(line: int) -> Callable[[Lines], None]:
    return lambda lines: lines[line].append("7")


def doubled(line: int) -> Callable[[Lines], None]:
    return lambda lines: lines.insert(line, list(lines[line]))


def footer(lines: Lines) -> None:
    lines.append(["Summe", *[""] * (len(lines[0]) - 1)])


def renamed(lines: Lines) -> None:
    lines[0][lines[0].index("Auftrag")] = "Auftr.-Nr."


DAMAGED: list[tuple[str, Shape, int | None, str | None]] = [
    ("a point where thousands are grouped by points", Shape(damage=put("revenue", "1234.50")), 4, "Auftragswert"),
    ("a comma where decimals have a point", Shape(decimal=".", thousands="", damage=put("quantity", "12,5")), 4,
     "Menge"),
    ("groups of two digits", Shape(damage=put("revenue", "12.34,5")), 4, "Auftragswert"),
    ("a trailing minus that is not declared", Shape(damage=put("revenue", "200,00-")), 4, "Auftragswert"),
    ("a sign on both sides", Shape(minus="{}-", damage=put("revenue", "-200,00-")), 4, "Auftragswert"),
    ("a letter O for a zero", Shape(damage=put("quantity", "1O")), 4, "Menge"),
    ("an exponent", Shape(damage=put("revenue", "1,5E+05")), 4, "Auftragswert"),
    ("a currency sign", Shape(damage=put("revenue", "200,00 EUR")), 4, "Auftragswert"),
    ("a day that no calendar has", Shape(damage=put("start", "31.06.2026 08:00")), 4, "Start Termin"),
    ("a date of another country", Shape(damage=put("due", "06/30/2026")), 4, "Liefertermin"),
    ("a year of two digits", Shape(damage=put("due", "01.06.26")), 4, "Liefertermin"),
    ("a date that two declared forms read differently",
     Shape(declared={"times": '["%d.%m.%Y %H:%M", "%d.%m.%Y", "%m.%d.%Y"]'}), None, "Liefertermin"),
    ("a start without an end", Shape(damage=put("end", "")), 4, "Start Termin"),
    ("a unit that nobody declared", Shape(unit_in="cell", damage=put("hours", "3 Wochen")), 4, "Dauer"),
    ("a unit in its own column that nobody declared", Shape(unit_in="column", damage=put("unit", "WOC")), 4, "Dauer"),
    ("minutes beyond sixty", Shape(unit="h:mm", damage=put("hours", "1:75")), 4, "Dauer"),
    ("a flag that is neither", Shape(damage=put("cancelled", "vielleicht")), 4, "Storno"),
    ("an order without a number", Shape(damage=put("order", "")), 4, "Auftrag"),
    ("a row that is too short", Shape(damage=cut(3)), 4, None),
    ("a row that is too long", Shape(damage=extended(3)), 4, None),
    ("a row that is there twice", Shape(damage=doubled(3)), None, None),
    ("a total row that is not declared", Shape(damage=footer), len(orders()) + 2, "Vorgang"),
    ("a header that is called otherwise", Shape(damage=renamed), None, "Auftrag"),
    ("more title lines than declared", Shape(titles=2, declared={"skip_head": "1"}), None, None),
    ("another encoding than declared", Shape(declared={"encoding": '"cp1252"'}), 1, None),
    ("text that is not UTF-8", Shape(encoding="cp1252", declared={"encoding": '"utf-8"'}), None, None),
    ("another delimiter than declared", Shape(declared={"delimiter": '","'}), None, None),
    ("an Excel error", Shape(form="xlsx", damage=put("revenue", "=NA()")), 4, "Auftragswert"),
    ("an order number that Excel took for a date",
     Shape(form="xlsx", damage=put("order", orders()[0]["start"].replace(tzinfo=None))), 4, "Auftrag"),
    ("two revenues of one order", Shape(damage=put("revenue", "1,00")), None, "Auftragswert"),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "line", "column"), [case[1:] for case in DAMAGED], ids=[case[0] for case in DAMAGED])
def test_an_export_that_is_not_as_declared_is_refused_by_cell(
    tmp_path: Path, shape: Shape, line: int | None, column: str | None
) -> None:
    imported = loaded(shape, tmp_path)
    faults = [finding for finding in imported.findings if finding.grade == "error"]
    assert faults
    assert line is None or line in {finding.row for finding in faults}, [str(fault) for fault in faults]
    assert column is None or column in {finding.column for finding in faults}, [str(fault) for fault in faults]


def test_the_corpus_has_sixty_exports_and_no_two_alike() -> None:
    shapes = [repr(right_shape(number)) for number in range(RIGHT)]
    assert len(set(shapes)) == RIGHT
    assert RIGHT + len(DAMAGED) >= 60


@pytest.mark.parametrize("number", range(RIGHT))
def test_a_drafted_profile_places_the_columns_and_never_loads_something_wrong(tmp_path: Path, number: int) -> None:
    source = right_shape(number).write(tmp_path)
    made = draft(source)
    assert made.extends == "orderlist"
    assert made.share >= 0.9, made.places
    (tmp_path / "draft.toml").write_text(made.text, "utf-8")
    try:
        imported = import_dataset(tmp_path / "draft.toml", source)
    except UsageError:
        assert made.questions  # what the content does not tell is asked, and refused until somebody answers
        return
    assert imported.ok == (not made.questions)
    if imported.ok:
        assert_right(imported)


def test_an_answered_question_makes_a_draft_load(tmp_path: Path) -> None:
    source = Shape(unit="min").write(tmp_path)
    made = draft(source)
    assert made.questions == ("orders: the unit of 'Dauer' is not told; write h, min, s, d, h/100 or h:mm",)
    (tmp_path / "draft.toml").write_text(made.text.replace('unit = "?"', 'unit = "min"'), "utf-8")
    assert_right(import_dataset(tmp_path / "draft.toml", source))


def test_days_and_months_that_could_be_swapped_are_asked_for(tmp_path: Path) -> None:
    text = "order,operation,machine,start,end,due\nA1,10,M1,01/02/2026 08:00,02/02/2026 08:00,03/04/2026\n"
    (tmp_path / "orders.csv").write_text(text, "utf-8")
    made = draft(tmp_path / "orders.csv")
    assert 'times = ["?"]' in made.text
    assert "days and months" in made.questions[0]
    (tmp_path / "orders.csv").write_text(text.replace("03/04/2026", "31/04/2026").replace("31/04", "30/04"), "utf-8")
    assert draft(tmp_path / "orders.csv").questions == ()


def test_a_printed_total_that_the_rows_do_not_sum_to_is_told(tmp_path: Path) -> None:
    def lost(lines: Lines) -> None:
        lines.pop(4)

    told = [str(finding) for finding in loaded(Shape(totals=True, damage=lost), tmp_path).findings]
    assert any("Dauer: the total printed in line" in line for line in told)
