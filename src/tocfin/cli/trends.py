"""``tocfin trends``: what will last."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.output import deliver, opened, vacant
from tocfin.cli.talk import Talk, chatter


@click.command("trends")
@options.dataset
@click.option("--as-of", callback=options.instant, metavar="TIME", help="Only what was known by then; else the clock.")
@options.policy
@options.form
@options.out
@options.force
@chatter
@click.pass_obj
def command(
    talk: Talk, dataset: Path, as_of: int | None, policy: str | None, form: str, out: Path | None, force: bool
) -> None:
    """Say of hours, yield, downtime, prices, adherence, demand and KPIs by period whether a change will last.

    Structural, temporary, seasonal, recurring or steady, since when, its money per day, and the next value with its
    80 % band. Fewer than 12 points are insufficient data.

    Example: tocfin trends plant --format csv --out trends.csv
    """
    from tocfin.forecast.trends import trends
    from tocfin.report.trends import page

    vacant(out, force)
    found = opened(dataset, talk)
    talk.forewarn()
    series = trends(found, as_of=as_of, policy=policy)
    deliver(page(series, found.name, found.plan.currency if found.plan else ""), form, out, force=force)
