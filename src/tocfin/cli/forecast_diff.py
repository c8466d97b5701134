"""``tocfin forecast-diff``: what moved a forecast since the last one."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.output import deliver, vacant
from tocfin.cli.talk import Talk, chatter
from tocfin.errors import UsageError

KPIS = ("throughput", "operating_expense", "net_profit")


@click.command("forecast-diff")
@click.argument("record", type=click.Path(path_type=Path))
@click.option("--dataset", metavar="NAME", help="The data set; needed where the record holds several.")
@click.option("--period", metavar="PERIOD", help="The period; the last one forecast when not given.")
@click.option("--kpi", "kpis", multiple=True, metavar="KPI", help="May be repeated; T, OE and NP when not given.")
@options.threads
@options.form
@options.out
@options.force
@chatter
@click.pass_obj
def command(
    talk: Talk, /, record: Path, dataset: str | None, period: str | None, kpis: tuple[str, ...], threads: int | None,
    form: str, out: Path | None, force: bool,
) -> None:  # fmt: skip
    """Say what moved the last forecast in RECORD since the one before it, by cause, adding up exactly.

    Example: tocfin forecast-diff forecasts --period 2026-06 --kpi throughput
    """
    from tocfin.forecast.moved import moved
    from tocfin.forecast.record import last_two
    from tocfin.report.moved import page

    vacant(out, force)
    old, new = last_two(record, dataset, period)
    talk.forewarn()
    found = moved(old, new, kpis or KPIS, threads)
    if not found:
        raise UsageError(f"neither forecast has {', '.join(kpis or KPIS)}; `tocfin kpis` lists KPIs")
    deliver(page(found, old.document, new.document), form, out, force=force)
