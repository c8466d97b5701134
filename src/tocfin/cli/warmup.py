"""``tocfin warmup``: compile the kernels before they are needed."""

from __future__ import annotations

import click

from tocfin.cli.talk import Talk, chatter


@click.command("warmup")
@chatter
@click.pass_obj
def command(talk: Talk) -> None:
    """Compile the kernels once per version and keep the machine code for later runs.

    Example: tocfin warmup
    """
    from time import perf_counter

    from tocfin.bench.plant import shop
    from tocfin.bench.worlds import world as bench_world
    from tocfin.examples import example_dataset
    from tocfin.examples.alternatives import shipped
    from tocfin.measure import measure
    from tocfin.reschedule.warmup import warm
    from tocfin.scenarios.run import simulate

    talk.forewarn()
    begun = perf_counter()
    dataset = example_dataset()
    measure(dataset)
    world, seed = shipped(dataset)
    simulate([world], seed, 1)
    simulate([bench_world(shop(1_000))], seed, 1)
    warm(dataset)
    talk.say(f"ready after {perf_counter() - begun:.1f} s")
