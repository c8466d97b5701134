"""``tocfin replay``: one future of a run as a full schedule with its KPIs."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.output import deliver, vacant
from tocfin.cli.talk import Talk, chatter


@click.command("replay")
@options.run
@click.option("--replication", required=True, type=click.IntRange(min=0), help="Which future, counted from 0.")
@click.option("--scenario", help="Which scenario; the first when not given.")
@click.option("--schedule", is_flag=True, help="Every activity with its planned and its simulated times.")
@options.form
@options.out
@options.force
@chatter
@click.pass_obj
def command(
    talk: Talk,
    /,
    run: Path,
    replication: int,
    scenario: str | None,
    schedule: bool,
    form: str,
    out: Path | None,
    force: bool,
) -> None:
    """Re-create one future of RUN from its scenario files: its KPIs, or with --schedule every activity.

    Example: tocfin replay run.zarr --replication 731 --schedule --format csv
    """
    from tocfin.report.replay import kpi_page, schedule_page
    from tocfin.scenarios.launch import replayed
    from tocfin.scenarios.store import open_run

    vacant(out, force)
    talk.forewarn()
    future, rules, currency = replayed(open_run(run), replication, scenario)
    page = schedule_page(future) if schedule else kpi_page(future, rules, currency)
    deliver(page, form, out, force=force)
