"""Reference pages made from what the program itself declares: commands, KPIs and terms, tables and columns.

Sphinx calls `write` before it reads the pages; the tests ask whether everything has its entry.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from tocfin.bench.table import TITLES
from tocfin.catalogue import FLAGS, POLICIES, TABLES, Column, Table
from tocfin.cli import COMMANDS, main
from tocfin.glossary import WORDS
from tocfin.kernels.slots import TERM_NAMES
from tocfin.kpi import KPIS, Kpi, Policy, chosen, policy
from tocfin.rules import RULES
from tocfin.specimen import lines

RESULTS = Path(__file__).parents[1] / "benchmarks" / "results"
NEED = {"always": "required", "column": "column required, a cell may be empty", "optional": "optional"}


def write(folder: Path, results: Path = RESULTS) -> None:
    """Write the reference pages into ``folder``; ``results`` holds the JSON of ``make bench``, where it was run."""
    folder.mkdir(parents=True, exist_ok=True)
    tables_of_speed = measured(results)
    (folder / "measured.inc").write_text(tables_of_speed, encoding="utf-8", newline="\n")
    speed = f"# Speed\n\n`tocfin bench` prints the table of your machine.\n\n{tables_of_speed}"
    pages = {
        "commands": commands(),
        "kpis": kpis(),
        "tables": tables(),
        "rules": rules(),
        "glossary": glossary(),
        "speed": speed,
    }
    for name, text in pages.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8", newline="\n")


def commands() -> str:
    """Every command with its help, as ``--help`` prints it."""
    parts = ["# Commands", "", "`tocfin COMMAND --help` prints the same."]
    for name in COMMANDS:
        parts += ["", f"## tocfin {name}", "", *_help(f"tocfin {name}", _command(name))]
    return "\n".join(parts) + "\n"


def _command(name: str) -> click.Command:
    found = main.get_command(click.Context(main), name)  # type: ignore[attr-defined]
    if found is None:
        raise KeyError(name)
    return found


def _help(path: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=path, max_content_width=100, terminal_width=100)
    yield from ("```text", command.get_help(context), "```")
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from ("", f"### {path} {name}", "", *_help(f"{path} {name}", inner))


def kpis() -> str:
    """Every KPI with its formula under both policies, then the terms and the flags."""
    parts = ["# KPIs and terms", "", "A KPI is a signed sum of terms, or a ratio of two. Only terms are stored."]
    for kpi in KPIS.values():
        parts += ["", f"## {kpi.name}", "", *_kpi(kpi)]
    parts += ["", "## Terms", "", *(f"- `{name}`" for name in TERM_NAMES)]
    parts += ["", "## Policy flags", "", "| flag | " + " | ".join(POLICIES) + " |", "|---|---|---|"]
    parts += [f"| `{flag}` | {' | '.join(words[:2])} |" for flag, words in FLAGS.items()]
    return "\n".join(parts) + "\n"


def _kpi(kpi: Kpi) -> Iterator[str]:
    sign = {1: "more is better", -1: "less is better"}.get(kpi.polarity, "neither good nor bad")
    yield f"**{kpi.title}** ({kpi.unit}; {kpi.kind}; {sign}): {kpi.words}."
    yield ""
    for name in POLICIES:
        yield f"- `{name}`: {_formula(kpi, policy(name))}"
    if kpi.why:
        yield f"- why the policies differ: {kpi.why}"
    yield f"- source: {kpi.source}"


def _formula(kpi: Kpi, rules: Policy) -> str:
    sides = [_sum(side, rules) for side in (kpi.numerator, kpi.denominator) if side]
    scale = "" if kpi.scale == 1 else f"{kpi.scale:g} × "
    return scale + " ÷ ".join(f"({side})" if len(sides) > 1 else side for side in sides)


def _sum(formula: Any, rules: Policy) -> str:
    words = [f"{'+' if sign > 0 else '−'} `{term}`" for sign, term in chosen(formula, rules)]
    return " ".join(words).removeprefix("+ ") or "0"


def tables() -> str:
    """Every table and column of a data set."""
    parts = ["# Tables", "", "A data set is a folder of CSV or Parquet files, or one workbook, and `plan.toml`."]
    for table in TABLES:
        parts += ["", f"## {table.name}", "", *_table(table)]
    return "\n".join(parts) + "\n"


def _table(table: Table) -> Iterator[str]:
    key = f" Key: {', '.join(f'`{name}`' for name in table.key)}." if table.key else ""
    yield f"{table.doc}. {'Required' if table.required else 'Optional'}.{key}"
    yield from ("", "| column | kind | need | unit | meaning |", "|---|---|---|---|---|")
    for column in table.columns:
        yield f"| `{column.name}` | {_kind(column)} | {NEED[column.need]} | {column.unit} | {_meaning(column)} |"
    yield from ("", "A row that is right:", "", "```text", *lines(table), "```")


def _kind(column: Column) -> str:
    return column.kind if not column.choices else "one of " + ", ".join(column.choices)


def _meaning(column: Column) -> str:
    more = f"; a key of `{column.refers}`" if column.refers else ""
    return f"{column.doc}{more}{f'; empty: {column.default}' if column.default else ''}".replace("|", "\\|")


def glossary() -> str:
    """What the words of tables mean."""
    parts = [
        "# Glossary",
        "",
        "Words of the terminal, the report and these pages.",
        "",
        "| word | meaning |",
        "|---|---|",
    ]
    return "\n".join([*parts, *(f"| {word} | {meaning} |" for word, meaning in WORDS.items())]) + "\n"


def rules() -> str:
    """What every rule of a finding means."""
    parts = ["# Rules", "", "What `--explain` says beside a finding. A row that is right is in {doc}`tables`."]
    return "\n".join([*parts, "", *(f"- `{name}`: {words}" for name, words in sorted(RULES.items()))]) + "\n"


def measured(results: Path) -> str:
    """Tables of what ``make bench`` (or ``make docs``, on a small plant) found on this machine, from its JSON."""
    parts = [_speeds(results / name) for name in ("simulate.json", "quick.json") if (results / name).exists()][:1]
    parts += [_evaluated(results / "kpi.json")] if (results / "kpi.json").exists() else []
    return "\n\n".join(parts or ["Not measured here: `make bench` writes the figures, `make docs` shows them."]) + "\n"


def _speeds(found: Path) -> str:
    rows = json.loads(found.read_text(encoding="utf-8"))["rows"]
    lines = ["| program | activities | futures | threads | scenarios | ns |", "|---|---:|---:|---:|---:|---:|"]
    lines += [
        f"| {TITLES.get(row['name'], row['name'])} | {row['activities']:,} | {row['replications']:,} "
        f"| {row['threads']} | {row['scenarios']} | {row['ns']:,.1f} |"
        for row in rows
    ]
    return "\n".join(["Nanoseconds for one activity in one future of one scenario:", "", *lines])


def _evaluated(found: Path) -> str:
    said = json.loads(found.read_text(encoding="utf-8"))
    lines = [
        "| ratio of times | |",
        "|---|---:|",
        *(f"| {name} | {value:,.2f} |" for name, value in said["ratios"].items()),
    ]
    return "\n".join([f"Summing the terms of one plan of {said['activities']:,} activities:", "", *lines])
