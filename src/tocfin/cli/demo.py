"""``tocfin demo``: the example plant's scorecard and the chances of its targets, with no files involved."""

from __future__ import annotations

import click

from tocfin.cli import options
from tocfin.cli.output import deliver
from tocfin.cli.talk import Talk, chatter


@click.command("demo")
@options.policy
@options.by
@click.option(
    "--replications", type=click.IntRange(min=0), default=256, show_default=True, help="Futures to simulate; 0: none."
)
@click.option(
    "--work",
    type=click.IntRange(min=0),
    default=400,
    show_default=True,
    help="Moves of the search for a better plan; 0: none.",
)
@options.form
@chatter
@click.pass_obj
def command(talk: Talk, /, policy: str | None, by: str | None, replications: int, work: int, form: str) -> None:
    """Print the scorecard of the example plant (two sites, 400 jobs, five weeks), P(target met) and a better plan.

    Example: tocfin demo --by plant
    """
    from tocfin.examples import example_dataset
    from tocfin.examples.alternatives import shipped
    from tocfin.measure import measure
    from tocfin.report.goals import with_goals
    from tocfin.report.scorecard import page
    from tocfin.scenarios.goals import goal
    from tocfin.scenarios.run import simulate

    talk.forewarn()
    dataset = example_dataset()
    card = measure(dataset, policy=policy, by=by)
    shown = page(card)
    if replications:
        world, seed = shipped(dataset)
        terms = simulate([world], seed, replications).terms[0]
        goals = [goal(world, terms, line, card.policy) for line in card.targets]
        shown = with_goals(shown, goals, world.name, replications)
    if replications and work:
        from tocfin.cli.rescheduling import demonstrated

        shown = demonstrated(shown, dataset, replications, work)
    deliver(shown, form)
