"""``tocfin forecast``: where the period will end, and how sure that is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tocfin.cli import options
from tocfin.cli.outcome import MISSED, REFUSED
from tocfin.cli.output import deliver, vacant
from tocfin.cli.talk import Talk, chatter


@click.command("forecast")
@click.argument("datasets", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="DATASET...")
@click.option("--period", metavar="PERIOD", help="A period of the data set or a month; that of --as-of.")
@click.option("--as-of", "as_of", callback=options.instant, metavar="TIME", help="Instant of the forecast.")
@click.option("--uncertainty", type=click.Path(path_type=Path), help="TOML file; uncertainty.toml beside the tables.")
@click.option(
    "--record", type=click.Path(path_type=Path), help="Folder that keeps every forecast, its inputs and card."
)
@click.option("--calibrate", is_flag=True, help="Make bands as wide as the record of past forecasts asks for.")
@options.replications
@options.seed
@options.policy
@options.threads
@options.fail_on_miss
@options.form
@options.out
@options.force
@chatter
@click.pass_obj
def command(
    talk: Talk, /, datasets: tuple[Path, ...], out: Path | None, force: bool, form: str, fail_on_miss: bool,
    record: Path | None, replications: int | None, seed: int | None, **asked: Any,
) -> int:  # fmt: skip
    """Forecast a period of each DATASET, or folder of data sets, to its close: what has not happened is simulated.

    Plan, actual to date, P10 to P90, mean and worst 10 % of every KPI; targets with expected variance, P(miss) and
    owner; jobs near the close; what is completed, shipped and invoiced. With --record a batch that was stopped goes on.

    Example: tocfin forecast plant --period 2026-06 --as-of 2026-06-15 --uncertainty uncertainty.toml
    """
    from tocfin.forecast.batch import batch, data_sets
    from tocfin.forecast.closing import REPLICATIONS, SEED
    from tocfin.forecast.told import is_missed
    from tocfin.report.forecast import page
    from tocfin.report.forecasts import line
    from tocfin.report.forecasts import page as pages

    vacant(out, force)
    if asked["calibrate"] and record is None:
        raise click.UsageError("--calibrate learns from a record of forecasts; say --record too")
    sources = data_sets(datasets)
    talk.forewarn()
    seed = SEED if seed is None else seed
    results = []
    for result in batch(sources, record, replications=replications or REPLICATIONS, seed=seed, **asked):
        talk.findings(result.findings)
        (talk.say if result.fault is None else talk.alarm)(line(result))
        results.append(result)
    told = [result.document for result in results if result.document is not None]
    if told:
        deliver(page(told[0]) if len(results) == 1 else pages(results), form, out, force=force)
    if len(told) < len(results):
        return REFUSED
    return MISSED if fail_on_miss and any(is_missed(said) for said in told) else 0
