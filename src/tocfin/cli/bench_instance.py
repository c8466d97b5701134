"""``tocfin bench instance``: an instance of the literature, solved under the clock."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

import click

from tocfin.cli import options
from tocfin.cli.ahead import ready
from tocfin.cli.output import deliver
from tocfin.cli.talk import Talk, chatter


@click.command("instance")
@click.argument("file", type=click.Path(path_type=Path))
@options.seconds
@options.search_seed
@options.work
@options.threads
@options.form
@chatter
@click.pass_obj
def command(
    talk: Talk, /, file: Path, seconds: float, seed: int, work: int | None, threads: int | None, form: str
) -> None:
    """Shorten the makespan of a job shop (.txt) or flexible job shop (.fjs) and check the plan independently.

    Ctrl-C ends the search with the best plan so far.

    Example: tocfin bench instance ft06.txt --seconds 10 --seed 1 --format json
    """
    begun = monotonic()
    if ready(talk, "shops"):
        begun = monotonic()
    from tocfin.report.instance import page
    from tocfin.reschedule.clock import Clock
    from tocfin.reschedule.makespan import improve
    from tocfin.reschedule.shop import read

    clock = Clock(seconds, work=work, begun=begun)
    told = lambda at, makespan: talk.detail(f"{at:8.2f} s  {makespan:,}")  # noqa: E731
    deliver(page(improve(read(file), clock, seed=seed, threads=threads or 2, told=told)), form)
