"""``tocfin drift``: which assumptions of the plan are breaking."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.output import deliver, opened, vacant
from tocfin.cli.talk import Talk, chatter


@click.command("drift")
@options.dataset
@click.option(
    "--as-of", callback=options.instant, metavar="TIME", help="Only what was known by then (default: the clock)."
)
@click.option("--out", type=click.Path(path_type=Path), help="Write the corrected assumptions as a scenario file.")
@options.policy
@options.form
@options.force
@chatter
@click.pass_obj
def command(
    talk: Talk, dataset: Path, as_of: int | None, out: Path | None, policy: str | None, form: str, force: bool
) -> None:
    """Test every assumption of the plan (hours, yield, downtime, prices, adherence) against what came of it.

    Says since when one does not hold, how fast it moves, and what it costs. --out writes a scenario file with the
    corrected values, for tocfin simulate and tocfin explain.

    Example: tocfin drift plant --out corrected.toml
    """
    from tocfin.dataset.atomic import appearing
    from tocfin.forecast.drift import corrected_toml, drift
    from tocfin.report.drift import page

    vacant(out, force)
    found = opened(dataset, talk)
    talk.forewarn()
    assumptions = drift(found, as_of=as_of, policy=policy)
    deliver(page(assumptions, found.name, found.plan.currency if found.plan else ""), form)
    if out is not None:
        text = corrected_toml(found, assumptions, out.parent)
        with appearing(out, force=force) as draft:
            draft.write_text(text, encoding="utf-8", newline="\n")
        talk.say(f"wrote {out}")
        talk.advise(["explain", dataset, out], "what these corrections do to every KPI")
