"""``tocfin compare``: the scenarios of a run against one of them."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.output import deliver, vacant
from tocfin.cli.talk import chatter


@click.command("compare")
@options.run
@click.option("--base", required=True, help="The scenario that the others are compared with.")
@click.option("--kpi", "kpis", multiple=True, metavar="KPI", help="Only this KPI; may be repeated.")
@click.option(
    "--jobs", type=click.IntRange(min=0), help="This many jobs that change most; JSON and CSV then list these alone."
)
@options.policy
@options.form
@options.out
@options.force
@chatter
def command(
    run: Path,
    base: str,
    kpis: tuple[str, ...],
    jobs: int | None,
    policy: str | None,
    form: str,
    out: Path | None,
    force: bool,
) -> None:
    """Compare the scenarios of RUN with one of them, replication by replication, and list the jobs that change.

    Example: tocfin compare run.zarr --base base --kpi net_profit
    """
    from tocfin.report.ensemble import comparison_page
    from tocfin.report.impact import beside
    from tocfin.scenarios.ensemble import compared, rules_of
    from tocfin.scenarios.execute import LEADING
    from tocfin.scenarios.impact import impacts, stored
    from tocfin.scenarios.store import open_run

    vacant(out, force)
    found = open_run(run)
    comparisons = compared(found, base, kpis or LEADING[:3], rules_of(found, policy))
    title = f"{run.name}, {found.replications().size:,} replications"
    changed = impacts(found, base) if jobs is not None or stored(found) else []
    page = beside(comparison_page(comparisons, base, title), changed, jobs, base, found.manifest.notes["currency"])
    deliver(page, form, out, force=force)
