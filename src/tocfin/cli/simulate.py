"""``tocfin simulate``: thousands of futures of a few scenarios, into a store."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.progress import Progress
from tocfin.cli.talk import Talk, chatter


@click.command("simulate")
@click.argument("scenarios", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SCENARIO...")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of the run, e.g. run.zarr.")
@options.replications
@options.tolerances
@options.seed
@options.threads
@click.option("--cluster", metavar="ADDRESS", help="Dask workers at tcp://host:port, or local:4 processes here.")
@options.block_range
@click.option("--queues", is_flag=True, help="Also sum what waits for each resource; some slower.")
@click.option("--resume", is_flag=True, help="Carry on a run that was stopped.")
@chatter
@click.pass_obj
def command(
    talk: Talk,
    /,
    scenarios: tuple[Path, ...],
    out: Path,
    replications: int | None,
    tolerances: tuple[tuple[str, float], ...],
    seed: int | None,
    threads: int | None,
    cluster: str | None,
    block_range: tuple[int, int] | None,
    queues: bool,
    resume: bool,
) -> None:
    """Simulate futures of every SCENARIO (a TOML file) under the same luck and store their terms.

    Ctrl-C leaves a run that --resume carries on.

    Example: tocfin simulate base.toml overtime.toml --out run.zarr --replications 2000
    """
    from tocfin.scenarios.execute import out_of_calendar, run
    from tocfin.scenarios.hands import hired
    from tocfin.scenarios.launch import opened

    launch = opened(scenarios, queues=queues)
    talk.findings(launch.findings)
    draws = launch.draws(seed, replications, dict(tolerances))
    talk.forewarn()
    told = Progress(talk, "replications")
    with hired(launch, threads, cluster) as hands:
        found = run(launch, out, draws, hands=hands, block_range=block_range, resume=resume, told=told)
    talk.findings(out_of_calendar(launch, found))
    talk.say(f"{out}: {found.why_stopped or f'blocks {block_range} are done'}")
    talk.advise(["show", out], "every KPI with its spread and its errors")
    if len(scenarios) > 1 and not found.wanting:
        talk.advise(["compare", out], "what you gain, how sure, what it costs, who is hit")
