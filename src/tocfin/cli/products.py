"""``tocfin products``: which products really drive the result."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.output import deliver, vacant
from tocfin.cli.talk import Talk, chatter


@click.command("products")
@options.source
@click.option("--rate", type=click.FloatRange(min=0), help="Also the price at which a drum hour earns this much.")
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
    rate: float | None,
    replications: int,
    seed: int | None,
    policy: str | None,
    form: str,
    out: Path | None,
    force: bool,
) -> None:
    """Rank products by throughput per drum hour, with what their variability, rework and queueing cost.

    SOURCE is a scenario file, whose uncertainty counts, or a data set. Money adds up to the plant's.

    Example: tocfin products scenarios/base.toml --rate 500
    """  # fmt: skip
    from tocfin.forecast.products import products
    from tocfin.forecast.variants import asked
    from tocfin.report.products import page

    vacant(out, force)
    question = asked(source, policy=policy, seed=seed)
    talk.findings(question.findings)
    found = products(question, replications=replications)
    deliver(page(found, question.plan.currency, rate), form, out, force=force)
