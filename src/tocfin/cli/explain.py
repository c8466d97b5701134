"""``tocfin explain``: why a KPI differs between two states of a plant."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.output import deliver, vacant
from tocfin.cli.talk import Talk, chatter

VIEWS = ("driver", "term", "plant", "product", "resource", "owner", "variance", "ledger")


@click.command("explain")
@click.argument("a")
@click.argument("b")
@click.option("--kpi", "kpis", multiple=True, metavar="KPI", help="Only this KPI; may be repeated.")
@click.option("--by", multiple=True, type=options.Word(VIEWS), help="Only this view; may be repeated.")
@click.option(
    "--replications", type=click.IntRange(min=2, max=64), default=16, show_default=True,
    help="Futures over which a run or forecast is explained.",
)  # fmt: skip
@options.policy
@options.plants
@options.threads
@options.form
@options.out
@options.force
@chatter
@click.pass_obj
def command(
    talk: Talk,
    a: str,
    b: str,
    kpis: tuple[str, ...],
    by: tuple[str, ...],
    replications: int,
    policy: str | None,
    plants: tuple[str, ...],
    threads: int | None,
    form: str,
    out: Path | None,
    force: bool,
) -> None:
    """Bridge each KPI from A to B: by term, by driver, and by whose it is; nothing is left over.

    A and B are data sets, scenario files, runs (run.zarr@SCENARIO) or forecasts of a record (its JSON file).
    DATASET@plan is a data set without its reports, DATASET@actual with these in the place of what was planned and the
    rest re-timed from there, DATASET@forecast that under its uncertainty.toml. @PERIOD behind any of them measures one
    period. Runs and forecasts are explained at their mean. --by variance is the view of standard costing, --by ledger
    goes from T − OE to the operating profit in the table actuals.

    Example: tocfin explain plant overtime.toml --kpi net_profit --by driver
    """
    from tocfin.forecast.explain import LEADING, explain
    from tocfin.forecast.sides import opened
    from tocfin.report.explain import page

    vacant(out, force)
    first, second = opened(a), opened(b)
    talk.findings(tuple(dict.fromkeys((*first.dataset.findings, *second.dataset.findings))))
    talk.forewarn()
    found = explain(
        first, second, kpis or LEADING,
        by=by or VIEWS[:2], policy=policy, plants=plants, threads=threads, replications=replications,
    )  # fmt: skip
    deliver(page(found), form, out, force=force)
