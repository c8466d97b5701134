"""``tocfin reschedule``: a better plan, in money, proven in many futures."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

import click

from tocfin.cli import options
from tocfin.cli.ahead import ready
from tocfin.cli.output import deliver, vacant
from tocfin.cli.talk import Talk, chatter

OBJECTIVES = ("net-profit", "throughput", "late-penalty", "makespan", "t-per-drum-hour")


@click.command("reschedule")
@click.argument("place", type=click.Path(path_type=Path), metavar="DATASET|SCENARIO")
@click.option("--objective", type=options.Word(OBJECTIVES), default="net-profit", show_default=True)
@options.seconds
@options.work
@options.search_seed
@options.threads
@click.option("--freeze", callback=options.duration, metavar="2d", help="What starts sooner stays as it is.")
@click.option("--slushy", callback=options.duration, metavar="5d", help="What starts sooner moves at its price only.")
@click.option("--only-resources", multiple=True, metavar="RESOURCE", help="Only work on these moves; may be repeated.")
@click.option("--pin", multiple=True, metavar="JOB", help="This job stays as it is; may be repeated.")
@click.option("--may-defer", multiple=True, metavar="JOB", help="This firm job may leave the period; may be repeated.")
@options.uncertainty
@options.risk
@options.replications
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the best plan, its scenario and changes.")
@options.form
@chatter
@click.pass_obj
def command(talk: Talk, /, place: Path, uncertainty: Path | None, out: Path | None, form: str, **asked: object) -> None:
    """Look for a plan that is worth more than the present one, prove it in many futures, and show what it changes.

    The plan of a SCENARIO (a TOML file) is proven under its uncertainty. Ctrl-C ends the search with the best plan so
    far, proven in 64 futures; a second one ends without a plan. The data set itself is never changed. Seconds count
    from the start of the command; kernels that must be compiled first, once per version, do not count.

    Example: tocfin reschedule plant --seconds 30 --freeze 2d --out better
    """
    begun = monotonic()
    vacant(out, force=False)
    from tocfin.cli.rescheduling import rescheduled
    from tocfin.reschedule.source import opened

    source = opened(place, uncertainty)
    talk.findings(source.findings)
    if ready(talk, "plans", "futures", "ordinary"):
        begun = monotonic()
    page, keep = rescheduled(source, talk, begun, **asked)  # type: ignore[arg-type]
    deliver(page, form)
    if out is not None:
        talk.say(f"{keep(out)}: the plan, its scenario, its changes and all candidates")
