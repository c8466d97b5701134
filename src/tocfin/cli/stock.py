"""``tocfin stock``: what lies in store from day to day, and what runs short."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.output import deliver, opened, vacant
from tocfin.cli.talk import Talk, chatter


@click.command("stock")
@options.dataset
@click.option("--item", "items", multiple=True, metavar="ITEM", help="Only this item; may be repeated.")
@click.option("--by", type=options.Word(("item", "day")), default="item", show_default=True, help="One line for each.")
@options.form
@options.out
@options.force
@chatter
@click.pass_obj
def command(
    talk: Talk, /, dataset: Path, items: tuple[str, ...], by: str, form: str, out: Path | None, force: bool
) -> None:
    """Project the stock of DATASET over its horizon, by item and plant: what comes, what goes, what is short.

    Stock on hand, supplies and completed orders come in; material that work needs, and sales, go out. Stock that is
    not owned covers work and is not in `owned`. Where a flow is missing from the data set nothing is projected.

    Example: tocfin stock plant --item RM-BAR --by day
    """
    from tocfin.dataset.projection import by_day, by_item
    from tocfin.report.stock import page

    vacant(out, force)
    found = opened(dataset, talk)
    deliver(page((by_day if by == "day" else by_item)(found, items), by, found.name), form, out, force=force)
