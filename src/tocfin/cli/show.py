"""``tocfin show``: what a stored run says."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.output import deliver, vacant
from tocfin.cli.talk import chatter


@click.command("show")
@options.run
@click.option("--jobs", "about", flag_value="jobs", help="Jobs: P(on time), P(in the horizon), expected lateness.")
@click.option("--resources", "about", flag_value="resources", help="Resources: hours worked, P(loaded most).")
@options.policy
@options.plants
@options.form
@options.out
@options.force
@chatter
def command(
    run: Path,
    about: str | None,
    policy: str | None,
    plants: tuple[str, ...],
    form: str,
    out: Path | None,
    force: bool,
) -> None:
    """Show KPIs of RUN (a folder made by `tocfin simulate`) with their spread and sampling errors.

    Example: tocfin show run.zarr --jobs
    """
    from tocfin.report.ensemble import job_page, kpi_page, resource_page
    from tocfin.scenarios.ensemble import job_lines, kpi_lines, resource_lines, rules_of
    from tocfin.scenarios.store import open_run

    vacant(out, force)
    found = open_run(run)
    title = f"{run.name}, {found.replications().size:,} replications"
    if about == "jobs":
        page = job_page(job_lines(found), title)
    elif about == "resources":
        page = resource_page(resource_lines(found), title)
    else:
        rules = rules_of(found, policy)
        stuck = int((found.read("stuck") >= 0).sum())
        notes = [f"{stuck:,} futures have work that outlasts its calendar"] if stuck else []
        notes += [f"policy {rules.name}; {found.why_stopped or 'not finished'}"]
        page = kpi_page(kpi_lines(found, rules, plants), title, notes)
    deliver(page, form, out, force=force)
