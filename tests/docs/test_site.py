"""The site: every command, KPI, table and column has its entry, and what the tutorial tells to type works."""

from __future__ import annotations

import json
import re
import shlex
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest
from click.testing import CliRunner

from tocfin.catalogue import FLAGS, TABLES
from tocfin.cli import COMMANDS, main
from tocfin.glossary import WORDS
from tocfin.kernels.slots import TERM_NAMES
from tocfin.kpi import KPIS
from tocfin.rules import RULES

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_everything_that_the_program_declares_has_its_entry(generate: ModuleType, tmp_path: Path) -> None:
    generate.write(tmp_path)
    commands, kpis, tables = ((tmp_path / f"{name}.md").read_text("utf-8") for name in ("commands", "kpis", "tables"))
    assert set(COMMANDS) <= set(re.findall(r"^## tocfin (.+)$", commands, re.MULTILINE))
    assert set(re.findall(r"^## (\w+)$", kpis, re.MULTILINE)) >= set(KPIS)
    assert all(f"- `{term}`" in kpis for term in TERM_NAMES)
    assert all(f"| `{flag}` |" in kpis for flag in FLAGS)
    parts = re.split(r"^## (\w+)$", tables, flags=re.MULTILINE)
    by_table = dict(zip(parts[1::2], parts[2::2], strict=True))
    for table in TABLES:
        assert re.findall(r"^\| `(\w+)` \|", by_table[table.name], re.MULTILINE) == list(table.names)


def test_every_rule_and_every_word_has_its_entry(generate: ModuleType) -> None:
    assert set(re.findall(r"^- `([a-z-]+)`: ", generate.rules(), re.MULTILINE)) == set(RULES)
    assert set(re.findall(r"^\| (.+?) \| ", generate.glossary(), re.MULTILINE)) >= set(WORDS)


def test_every_command_says_how_it_is_used(generate: ModuleType) -> None:
    page = generate.commands()
    parts = re.split(r"^## tocfin (.+)$", page, flags=re.MULTILINE)
    assert [name for name, text in zip(parts[1::2], parts[2::2], strict=True) if "Example" not in text] == []


PAGES = sorted(path for path in DOCS.glob("**/*.md") if not {"_build", "reference"} & set(path.parts))


BLOCK = re.compile(r"(?:^ *`([\w/.]+)`:\n\n)?^( *)```(\w+)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
RUN = [path for path in PAGES if re.search(r"^ *```(console|python)$", path.read_text("utf-8"), re.MULTILINE)]


def test_every_how_to_has_something_that_runs() -> None:
    assert {path for path in PAGES if path.parent.name == "howto"} <= set(RUN)


@pytest.mark.parametrize("page", RUN, ids=lambda path: path.stem)
def test_what_a_page_tells_to_type_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Console and Python blocks in one new folder, in their order; a block after ``FILE:`` is written to it."""
    monkeypatch.chdir(tmp_path)
    for file, indent, language, text in BLOCK.findall(page.read_text("utf-8")):
        block = dedent(text) if indent else text
        if file:
            Path(file).write_text(block, "utf-8")
        elif language == "python":
            exec(compile(block, page.name, "exec"), {})  # noqa: S102  # running the page is the test
        elif language == "console":
            for line in block.splitlines():
                name, *words = shlex.split(line.removeprefix("$ "))
                shown = CliRunner().invoke(main, words)
                assert (name, shown.exit_code) == ("tocfin", 0), f"{line}\n{shown.stderr}"


def test_speed_is_told_from_what_was_measured_and_nothing_is_made_up(generate: ModuleType, tmp_path: Path) -> None:
    assert "Not measured here" in generate.measured(tmp_path)
    row = {"name": "simpy", "activities": 10_000, "replications": 64, "threads": 1, "scenarios": 1, "ns": 2_500.04}
    (tmp_path / "quick.json").write_text(json.dumps({"rows": [row]}), "utf-8")
    program = "SimPy, shift calendars: a process for each job"
    assert f"| {program} | 10,000 | 64 | 1 | 1 | 2,500.0 |" in generate.measured(tmp_path)
    (tmp_path / "kpi.json").write_text(json.dumps({"activities": 5, "ratios": {"polars/kernel": 7.5}}), "utf-8")
    assert "| polars/kernel | 7.50 |" in generate.measured(tmp_path)


def test_pages_link_to_what_is_there_and_name_commands_that_exist() -> None:
    made = {"commands", "kpis", "tables", "rules", "glossary", "speed"}
    for page in DOCS.rglob("*.md"):
        if page.parent.name == "reference":
            continue
        text = page.read_text("utf-8")
        assert set(re.findall(r"(?:`|\$ )tocfin ([a-z]+)", text)) <= set(COMMANDS), page
        for link in re.findall(r"\]\(([^)#]+\.md)", text):
            target = (page.parent / link).resolve()
            assert target.exists() or (target.parent.name == "reference" and target.stem in made), (page, link)
