"""The site: every command, KPI, table and column has its entry, and what the tutorial tells to type works."""

from __future__ import annotations

import re
import shlex
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
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


@pytest.mark.parametrize(
    "page", [path for path in PAGES if re.search(r"^```(console|python)$", path.read_text("utf-8"), re.MULTILINE)],
    ids=lambda path: path.stem,
)  # fmt: skip
def test_what_a_page_tells_to_type_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Console and Python blocks in one new folder, in their order; a toml block after ``FILE:`` is written to it."""
    monkeypatch.chdir(tmp_path)
    text = page.read_text("utf-8")
    for file, language, block in re.findall(
        r"(?:^`([\w/.]+)`:\n\n)?^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE
    ):
        if language == "python":
            exec(compile(block, page.name, "exec"), {})  # noqa: S102  # running the page is the test
        elif file:
            Path(file).write_text(block, "utf-8")
        elif language == "console":
            for line in block.splitlines():
                name, *words = shlex.split(line.removeprefix("$ "))
                shown = CliRunner().invoke(main, words)
                assert (name, shown.exit_code) == ("tocfin", 0), f"{line}\n{shown.stderr}"


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
