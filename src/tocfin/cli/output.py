"""Where a result goes: to stdout, or whole into a file that was not there before."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import click

from tocfin.cli.talk import Talk
from tocfin.errors import UsageError

if TYPE_CHECKING:
    from tocfin.dataset import Dataset
    from tocfin.report.forms import Page

PAGE_WIDTH = 160  # of tables in files and pipes


def vacant(out: Path | None, force: bool) -> None:
    """Refuse, before any work is done, a path that is taken."""
    if out is not None and os.path.lexists(out) and not force:
        raise UsageError(f"{out} exists already; choose another name, or say --force to replace it")


def deliver(page: Page, form: str, out: Path | None = None, *, force: bool = False) -> None:
    """Print ``page``, or put it into ``out`` so that a killed run leaves no half file."""
    colour = out is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    width = shutil.get_terminal_size(fallback=(PAGE_WIDTH, 24)).columns if out is None else PAGE_WIDTH
    text = page.text(form, width=width, colour=colour)
    if out is None:
        click.echo(text)
        return
    from tocfin.dataset.atomic import appearing

    with appearing(out, force=force) as draft:
        draft.write_text(f"{text}\n", encoding="utf-8", newline="\n")


def opened(dataset: Path, talk: Talk) -> Dataset:
    """The data set at ``dataset``, its warnings said; raises DatasetError with every finding when it has errors."""
    from tocfin.opening import read

    begun = perf_counter()
    found = read(dataset).require()
    talk.findings(found.findings)
    talk.detail(f"read {sum(table.height for table in found.tables.values()):,} rows in {perf_counter() - begun:.2f} s")
    return found
