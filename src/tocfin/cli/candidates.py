"""``tocfin candidates``: the plans of a stored proposal, ranked again."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.output import deliver, vacant
from tocfin.cli.talk import Talk, chatter


@click.command("candidates")
@click.argument("places", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="DIR...")
@click.option("--risk", help="Instead of the risk they were ranked under: neutral, balanced, careful, or 0.7:20000.")
@click.option("--choose", metavar="PLAN", help="With --out: this plan, not the first.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the chosen plan, its scenario and changes.")
@options.form
@chatter
@click.pass_obj
def command(
    talk: Talk, /, places: tuple[Path, ...], risk: str | None, choose: str | None, out: Path | None, form: str
) -> None:
    """List the candidates that ``tocfin reschedule --out DIR`` stored, ranked by the same rule or another risk.

    Example: tocfin candidates better --risk careful
    """
    vacant(out, force=False)
    from tocfin.report.candidates import page
    from tocfin.reschedule.handover import chosen, reopened
    from tocfin.reschedule.risk import risk_of

    found = [reopened(place, None if risk is None else risk_of(risk)) for place in places]
    deliver(page([str(place) for place in places], found), form)
    if out is not None:
        talk.say(f"{chosen(found, choose, out)}: the plan, its scenario and its changes")
