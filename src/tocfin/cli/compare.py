"""``tocfin compare``: alternatives beside one plan, in the same futures."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocfin.cli import options
from tocfin.cli.output import deliver, vacant
from tocfin.cli.progress import Progress
from tocfin.cli.talk import Talk, chatter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocfin.report.forms import Page
    from tocfin.scenarios.stored import Run


@click.command("compare")
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="A [B...]")
@click.option("--base", help="Of a run: the scenario that the others are compared with; its first when not given.")
@click.option("--kpi", "kpis", multiple=True, metavar="KPI", help="Only this KPI; may be repeated.")
@click.option(
    "--jobs", type=click.IntRange(min=0), help="This many jobs that change most; JSON and CSV then list these alone."
)
@click.option(
    "--replications", type=click.IntRange(min=16), default=1_024, show_default=True, help="Futures, but of a run."
)
@options.seed
@options.threads
@options.policy
@options.form
@options.out
@options.force
@chatter
@click.pass_obj
def command(
    talk: Talk, /, sources: tuple[Path, ...], base: str | None, kpis: tuple[str, ...], jobs: int | None,
    replications: int, seed: int | None, threads: int | None, policy: str | None, form: str, out: Path | None,
    force: bool,
) -> None:  # fmt: skip
    """Compare B with A: what you gain, how sure that is, what it costs, and who is hit.

    A and B are scenario files or data sets, simulated here under the same luck; or A alone is a run that `tocfin
    simulate` has stored. Below the decision: each KPI future by future, and the jobs that change most.

    Example: tocfin compare scenarios/base.toml scenarios/overtime.toml
    """
    vacant(out, force)
    page = partial(_page, kpis=kpis, jobs=jobs, policy=policy)
    if len(sources) == 1:
        from tocfin.scenarios.store import open_run

        found = open_run(sources[0])
        deliver(page(found, sources[0].name, base or found.dims.scenario[0]), form, out, force=force)
        return
    if base is not None:
        raise click.UsageError("--base names a scenario of a stored run; here the first is the base of the others")
    from tocfin.scenarios.beside import beside

    talk.forewarn()
    told = Progress(talk, "futures")
    with beside(sources, replications=replications, seed=seed, threads=threads, told=told) as (launch, found):
        talk.findings(launch.findings)
        plan = launch.worlds[0]
        rows = (world.dataset.tables["jobs"]["job", "customer"].iter_rows() for world in launch.worlds)
        customers = {job: customer for some in rows for job, customer in some if customer}
        deliver(page(found, plan.name, plan.name, customers=customers), form, out, force=force)
    talk.advise(["report", *sources, "--out", "compare.html"], "the same for a meeting")


def _page(
    found: Run,
    name: str,
    base: str,
    *,
    kpis: tuple[str, ...],
    jobs: int | None,
    policy: str | None,
    customers: Mapping[str, str] | None = None,
) -> Page:
    from tocfin.report.decision import first
    from tocfin.report.ensemble import comparison_page
    from tocfin.report.impact import beside
    from tocfin.scenarios.decision import decisions
    from tocfin.scenarios.ensemble import compared, rules_of
    from tocfin.scenarios.execute import LEADING
    from tocfin.scenarios.impact import impacts, stored

    rules = rules_of(found, policy)
    comparisons = compared(found, base, kpis or LEADING[:3], rules)
    title = f"{name}, {found.replications().size:,} replications"
    changed = impacts(found, base) if jobs is not None or stored(found) else []
    page = beside(comparison_page(comparisons, base, title), changed, jobs, base, found.manifest.notes["currency"])
    return first(page, decisions(found, base, rules, customers))
