"""``tocfin daily``: import, check, forecast, what moved, and report, as a project file says."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.outcome import FINE, MISSED
from tocfin.cli.output import deliver
from tocfin.cli.talk import Talk, chatter


@click.command("daily")
@click.argument("project", type=click.Path(path_type=Path))
@click.option("--as-of", "as_of", callback=options.instant, metavar="TIME", help="Instant of the forecast.")
@options.threads
@options.fail_on_miss
@options.form
@chatter
@click.pass_obj
def command(
    talk: Talk, /, project: Path, as_of: int | None, threads: int | None, fail_on_miss: bool, form: str
) -> int:  # fmt: skip
    """Do what PROJECT, a TOML file, says for one day: import, check, forecast, what moved, and report.

    Stops at the first step that cannot be done and says what to type next. A day's files are in a folder named by the
    date of the forecast; done again with the same data it leaves the same files, so that a clock may call it.
    `tocfin init DIR --project` writes a project file with comments.

    Example: tocfin daily project.toml --fail-on-miss
    """
    from tocfin.cli.steps import Day
    from tocfin.forecast import routine
    from tocfin.report.daily import page

    day = Day(routine.project(project), talk, as_of, threads)
    talk.forewarn()
    done = day.carried_out()
    deliver(page(done, str(project), day.as_of), form)
    talk.say(f"open {done[-1].file}")
    return MISSED if fail_on_miss and day.missed else FINE
