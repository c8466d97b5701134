"""``tocfin kpi``: the scorecard of a data set."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.outcome import MISSED
from tocfin.cli.output import deliver, opened, vacant
from tocfin.cli.talk import chatter


@click.command("kpi")
@options.dataset
@options.policy
@options.plants
@options.by
@options.form
@options.fail_on_miss
@options.threads
@options.out
@options.force
@chatter
@click.pass_context
def command(
    ctx: click.Context,
    /,
    dataset: Path,
    policy: str | None,
    plants: tuple[str, ...],
    by: str | None,
    form: str,
    fail_on_miss: bool,
    threads: int | None,
    out: Path | None,
    force: bool,
) -> None:
    """Evaluate the finance KPIs of DATASET (a folder or an .xlsx workbook).

    Example: tocfin kpi plant --policy reconciled --by plant
    """
    from tocfin.measure import measure
    from tocfin.report.scorecard import page

    vacant(out, force)
    found = opened(dataset, ctx.obj)
    ctx.obj.forewarn()
    card = measure(found, policy=policy, plants=plants, by=by, threads=threads)
    deliver(page(card), form, out, force=force)
    if form == "table" and out is None:
        ctx.obj.advise(["trace", "net_profit", dataset], "where a number comes from")
    if fail_on_miss and card.missed:
        ctx.exit(MISSED)
