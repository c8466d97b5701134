"""``tocfin show``: what a stored run says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tocfin.cli import options
from tocfin.cli.output import deliver, vacant
from tocfin.cli.progress import Progress
from tocfin.cli.talk import Talk, chatter

if TYPE_CHECKING:
    from tocfin.report.forms import Page
    from tocfin.scenarios.stored import Run


@click.command("show")
@options.run
@click.option("--jobs", "about", flag_value="jobs", help="Jobs: chance to be on time, lateness, late penalty.")
@click.option(
    "--resources",
    "about",
    flag_value="resources",
    help="Resources: load, chance to be the bottleneck, what waits.",
)
@click.option(
    "--sensitivity", "about", flag_value="sensitivity", help="What makes a KPI spread, from futures made again."
)
@click.option("--kpi", metavar="KPI", help="With --sensitivity: this KPI, not net profit.")
@click.option("--scenario", metavar="NAME", help="With --sensitivity: this scenario, not the first.")
@click.option(
    "--job", metavar="JOB", help="With --sensitivity: what the end of this job hangs on, not the last of all."
)
@click.option(
    "--replications", type=click.IntRange(min=16), default=256, show_default=True, help="With --sensitivity: futures."
)
@options.threads
@options.policy
@options.plants
@options.form
@options.out
@options.force
@chatter
@click.pass_obj
def command(
    talk: Talk, /, run: Path, about: str | None, form: str, out: Path | None, force: bool, **asked: Any
) -> None:
    """Show KPIs of RUN (a folder made by `tocfin simulate`) with their spread and sampling errors.

    Example: tocfin show run.zarr --jobs
    """
    from tocfin.scenarios.store import open_run

    vacant(out, force)
    found = open_run(run)
    title = f"{run.name}, {found.replications().size:,} replications"
    pages = {"jobs": _jobs, "resources": _resources, "sensitivity": _sensitivity}
    deliver(pages.get(about or "", _kpis)(found, title, talk, **asked), form, out, force=force)


def _jobs(found: Run, title: str, *_: Any, **__: Any) -> Page:
    from tocfin.report.ensemble import job_page
    from tocfin.scenarios.ensemble import job_lines

    return job_page(job_lines(found), title, found.manifest.notes["currency"], found.dims.period[:-1])


def _resources(found: Run, title: str, *_: Any, **__: Any) -> Page:
    from tocfin.report.ensemble import resource_page
    from tocfin.scenarios.ensemble import resource_lines

    return resource_page(resource_lines(found), title)


def _sensitivity(found: Run, title: str, talk: Talk, policy: str | None, threads: int | None, **asked: Any) -> Page:
    from tocfin.report.sensitivity import page
    from tocfin.scenarios.ensemble import rules_of
    from tocfin.scenarios.sensitivity import sensitivity

    talk.forewarn()
    chosen = {name: asked[name] for name in ("kpi", "scenario", "job", "replications")}
    told = Progress(talk, "futures")
    return page(sensitivity(found, rules_of(found, policy), **chosen, threads=threads, told=told), title)


def _kpis(found: Run, title: str, _: Talk, policy: str | None, plants: tuple[str, ...], **__: Any) -> Page:
    from tocfin.report.ensemble import kpi_page
    from tocfin.scenarios.ensemble import kpi_lines, rules_of

    rules = rules_of(found, policy)
    stuck = int((found.read("stuck") >= 0).sum())
    notes = [f"{stuck:,} futures have work that outlasts its calendar"] if stuck else []
    notes += [f"policy {rules.name}; {found.why_stopped or 'not finished'}"]
    notes += json.loads(found.manifest.notes.get("set aside", "[]"))
    return kpi_page(kpi_lines(found, rules, plants), title, notes)
