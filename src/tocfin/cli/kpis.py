"""``tocfin kpis``: what the KPIs mean."""

from __future__ import annotations

import click

from tocfin.cli import options
from tocfin.cli.output import deliver
from tocfin.cli.talk import chatter


@click.command("kpis")
@options.form
@chatter
def command(form: str) -> None:
    """Explain every KPI: formula, unit, polarity, and where the two policies part.

    Example: tocfin kpis --format md
    """
    from tocfin.report.definitions import page

    deliver(page(), form)
