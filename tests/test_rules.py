"""Every rule of a finding is explained, none is explained that no longer exists, and the examples are right."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tocfin.catalogue import TABLES
from tocfin.cli import main
from tocfin.dataset import read
from tocfin.rules import OF_A_PROFILE, RULES, explained
from tocfin.specimen import cell, lines, row

SOURCE = Path(__file__).parents[1] / "src" / "tocfin"
#: What makes a finding, and which of its arguments is the rule.
MAKERS = {"Finding": 1, "Faults": 1, "_told": 1, "fault": 0, "note": 0, "Check": 0, "_fault": 0}
SLUG = re.compile(r"[a-z]+(-[a-z]+)*")
#: `Check` and `_told` are also names of other things.
OTHERS = {"health.py", "goals.py", "derive.py"}
PLAN = """
[plan]
name = "right"
clock = 2026-06-01T00:00:00Z
horizon_end = 2026-06-08T00:00:00Z
currency = "EUR"
"""


def used() -> Iterator[str]:
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))) if path.name not in OTHERS else ():
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if len(node.args) > MAKERS.get(name, 99):
                    rule = node.args[MAKERS[name]]
                    if isinstance(rule, ast.Constant) and SLUG.fullmatch(str(rule.value)):
                        yield str(rule.value)


def test_every_rule_is_explained() -> None:
    found = set(used())
    assert len(found) > 90
    assert sorted(found - set(RULES)) == []


def test_no_explanation_outlives_its_rule() -> None:
    text = "\n".join(path.read_text("utf-8") for path in SOURCE.rglob("*.py") if path.name != "rules.py")
    assert [rule for rule in RULES if f'"{rule}"' not in text] == []


def test_what_a_profile_finds_is_explained_as_its_own() -> None:
    assert explained("bikes-without-wheels") == OF_A_PROFILE


@pytest.mark.parametrize("full", [False, True])
def test_the_example_rows_are_a_data_set_without_an_error(tmp_path: Path, full: bool) -> None:
    (tmp_path / "plan.toml").write_text(PLAN, "utf-8")
    for table in TABLES:
        made = {one.name: cell(table, one) for one in table.columns} if full else row(table)
        texts = [",".join(made), ",".join(made.values())]
        if table.name == "operations":
            texts.append(texts[1].replace("operation-1", "operation-2"))
        (tmp_path / f"{table.name}.csv").write_text("\n".join(texts) + "\n", "utf-8")
    assert [str(one) for one in read(tmp_path).findings if one.grade == "error"] == []


def test_an_example_names_every_column_that_must_be_there() -> None:
    for table in TABLES:
        head, right = lines(table)
        assert {one.name for one in table.columns if one.need != "optional"} <= set(head.split(","))
        assert len(right.split(",")) >= len(head.split(","))


def test_explain_says_what_the_rule_means_and_shows_a_row_that_is_right(tmp_path: Path) -> None:
    run: Callable[..., Result] = lambda *words: CliRunner().invoke(main, list(map(str, words)))  # noqa: E731
    assert run("init", tmp_path / "plant").exit_code == 0
    file = tmp_path / "plant" / "resources.csv"
    head, first, *rest = file.read_text("utf-8").splitlines()
    cells = first.split(",")
    cells[head.split(",").index("standard_hourly_cost")] = "48 EUR"
    file.write_text("\n".join([head, ",".join(cells), *rest]) + "\n", "utf-8")
    for command in ("check", "kpi"):
        plain, told = run(command, tmp_path / "plant"), run(command, tmp_path / "plant", "--explain")
        assert (plain.exit_code, told.exit_code) == (2, 2)
        assert RULES["not-a-number"] not in plain.stderr
        assert f"not-a-number: {RULES['not-a-number']}" in told.stderr
        assert "standard_hourly_cost: " in told.stderr
        assert "right: 48\n" in told.stderr
        assert lines(next(one for one in TABLES if one.name == "resources"), "standard_hourly_cost")[1] in told.stderr
