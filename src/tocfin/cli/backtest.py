"""``tocfin backtest``: how good the forecasts would have been."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.output import deliver, opened, vacant
from tocfin.cli.progress import Progress
from tocfin.cli.talk import Talk, chatter


@click.command("backtest")
@options.dataset
@click.option("--until", metavar="PERIOD", help="Last period, e.g. 2026-10; the one before the clock's when not given.")
@click.option("--periods", type=click.IntRange(1, 600), default=24, show_default=True, help="How many are scored.")
@click.option("--days", default="5,10,20", show_default=True, callback=options.days, help="Forecast as of these days.")
@click.option("--series", multiple=True, metavar="NAME", help="throughput or resource_hours; of a record: KPIs.")
@click.option("--plant", metavar="PLANT", help="Only this plant.")
@click.option("--record", type=click.Path(path_type=Path), help="Score the forecasts stored there instead.")
@click.option("--no-calibration", is_flag=True, help="Do not learn the band from the forecast's own record.")
@options.replications
@options.seed
@options.policy
@options.form
@options.out
@options.force
@chatter
@click.pass_obj
def command(
    talk: Talk, /, dataset: Path, until: str | None, periods: int, days: tuple[int, ...], series: tuple[str, ...],
    plant: str | None, record: Path | None, no_calibration: bool, replications: int | None, seed: int | None,
    policy: str | None, form: str, out: Path | None, force: bool,
) -> None:  # fmt: skip
    """Walk the history of DATASET and score what would have been forecast, beside naive forecasts.

    Coverage of the band P10 to P90, CRPS, bias; the single forecasts in CSV and JSON.

    Example: tocfin backtest plant --until 2026-10 --periods 24 --days 10,20
    """
    from tocfin.forecast.backtest import backtest
    from tocfin.forecast.orders import SERIES
    from tocfin.forecast.scored import SCORED, of_record
    from tocfin.forecast.spans import last_closed, period_called
    from tocfin.report.backtest import page

    vacant(out, force)
    found = opened(dataset, talk)
    if record is not None:
        deliver(page(of_record(record, found, series or SCORED)), form, out, force=force)
        return
    last = last_closed(found) if until is None else period_called(found, until)
    done = backtest(
        found, last, periods=periods, days=days, series=series or SERIES, plant=plant, calibrate=not no_calibration,
        replications=replications or 2_000, seed=1 if seed is None else seed, policy=policy,
        told=Progress(talk, "series and days"),
    )  # fmt: skip
    deliver(page(done), form, out, force=force)
