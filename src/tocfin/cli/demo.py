"""``tocfin demo``: the example plant's scorecard and the chances of its targets; on request a folder to work in."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.ahead import ready
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
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also write DIR to work in (what is there already is left as it is) and its report.",
)
@options.form
@chatter
@click.pass_obj
def command(
    talk: Talk, /, policy: str | None, by: str | None, replications: int, work: int, out: Path | None, form: str
) -> None:
    """Print the scorecard of the example plant (two sites, 400 jobs), chances of its targets, a better plan.

    With --out DIR the plant, scenarios, a project file and report.html are written there, to be changed and tried.

    Example: tocfin demo --out demo
    """
    from tocfin.examples import example_dataset
    from tocfin.examples.alternatives import shipped
    from tocfin.measure import measure
    from tocfin.report.goals import with_goals
    from tocfin.report.scorecard import page
    from tocfin.scenarios.goals import goal
    from tocfin.scenarios.run import simulate

    parts = ["futures"] * bool(replications or out) + ["plans"] * bool(replications and work)
    if not ready(talk, *parts):
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
    if out is None:
        talk.advise(["demo", "--out", "demo"], "the same plant as files to change and try, with a report")
    else:
        _written(talk, out)


def _written(talk: Talk, out: Path) -> None:
    from tocfin.examples import example_dataset, write_workplace
    from tocfin.examples.workplace import PROJECT
    from tocfin.forecast.dossier import dossier
    from tocfin.report.bound import bound

    project = out / PROJECT
    if not project.is_file():
        write_workplace(out, example_dataset())
    scenarios = [out / "scenarios" / f"{name}.toml" for name in ("base", "overtime")]
    bound(dossier(scenarios), out / "report.html", force=True)
    talk.say(f"wrote {out}; change {scenarios[1]} in an editor, and see what it does")
    talk.say(f"open {out / 'report.html'}")
    talk.advise(["compare", *scenarios], "what you gain, how sure, what it costs, who is hit")
    talk.advise(["daily", project], "what is done every day")
