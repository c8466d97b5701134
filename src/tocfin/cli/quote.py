"""``tocfin quote``: what taking one more order would do."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.output import deliver, vacant
from tocfin.cli.talk import Talk, chatter


@click.command("quote")
@options.source
@click.option("--product", required=True, help="The item that is asked for.")
@click.option("--quantity", type=click.FloatRange(min=0, min_open=True), help="How many; else as the job it is like.")
@click.option("--price", type=float, help="For the whole order; else what the job it is like earns, by quantity.")
@click.option("--due", callback=options.instant, metavar="TIME", help="Asked-for date, e.g. 2026-07-01.")
@click.option("--like", metavar="JOB", help="Job whose steps it takes; else the last needed of the product.")
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
    product: str,
    quantity: float | None,
    price: float | None,
    due: int | None,
    like: str | None,
    replications: int,
    seed: int | None,
    policy: str | None,
    form: str,
    out: Path | None,
    force: bool,
) -> None:
    """Say what one more order does to net profit, when it can be promised, and whom it makes late.

    It is placed into the gaps of the plan and simulated with and without, under the same luck.

    Example: tocfin quote scenarios/base.toml --product AP-71 --quantity 12 --price 15000
    """  # fmt: skip
    from tocfin.forecast.new_order import Order
    from tocfin.forecast.quote import quoted
    from tocfin.forecast.variants import asked
    from tocfin.report.quote import page

    vacant(out, force)
    question = asked(source, policy=policy, seed=seed)
    talk.findings(question.findings)
    found = quoted(question, Order(product, quantity, price, due, like), replications=replications)
    deliver(page(found, question.plan.currency), form, out, force=force)
