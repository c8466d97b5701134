"""``tocfin trace``: how one KPI came about."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.output import deliver, opened, vacant
from tocfin.cli.talk import Talk, chatter


@click.command("trace")
@click.argument("kpi")
@options.dataset
@options.policy
@options.plants
@options.form
@options.out
@options.force
@chatter
@click.pass_obj
def command(
    talk: Talk,
    kpi: str,
    dataset: Path,
    policy: str | None,
    plants: tuple[str, ...],
    form: str,
    out: Path | None,
    force: bool,
) -> None:
    """Show the arithmetic of one KPI with its numbers, its terms, and the rows that weigh most.

    Example: tocfin trace net_profit plant
    """
    from tocfin.report.tracing import page
    from tocfin.tracing import trace

    vacant(out, force)
    deliver(page(trace(opened(dataset, talk), kpi, policy=policy, plants=plants)), form, out, force=force)
