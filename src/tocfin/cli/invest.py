"""``tocfin invest``: where another euro pays."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.output import deliver, vacant
from tocfin.cli.talk import Talk, chatter


@click.command("invest")
@options.source
@click.option("--options", "offers", type=click.Path(path_type=Path), help="TOML file of [[option]] rows with prices.")
@options.futures
@options.seed
@options.policy
@options.form
@options.out
@options.force
@chatter
@click.pass_obj
def command(
    talk: Talk,
    /,
    source: Path,
    offers: Path | None,
    replications: int,
    seed: int | None,
    policy: str | None,
    form: str,
    out: Path | None,
    force: bool,
) -> None:
    """Rank resources by what one more hour of them is worth, as they are and without overtime, and price purchases.

    SOURCE is a scenario file, whose uncertainty counts, or a data set. Without --options everything that could be
    bought for the two best resources is tried, without its price.

    Example: tocfin invest scenarios/base.toml
    """  # fmt: skip
    from tocfin.forecast.invest import without_heroics, worth_of_hours
    from tocfin.forecast.purchases import all_for, purchases, worth_of
    from tocfin.forecast.variants import asked
    from tocfin.report.invest import page

    vacant(out, force)
    listed = None if offers is None else purchases(offers)
    question = asked(source, policy=policy, seed=seed)
    talk.findings(question.findings)
    hours = worth_of_hours(question, replications=replications)
    plain = worth_of_hours(without_heroics(question), replications=replications)
    bought = all_for(question, [line.resource for line in hours.lines[:2]]) if listed is None else listed
    priced = worth_of(question, bought, replications=replications)
    deliver(page(hours, plain, priced, question.plan.currency), form, out, force=force)
