"""``tocfin init``: an example plant to start from."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.talk import Talk, chatter


@click.command("init")
@click.argument("target", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--excel", is_flag=True, help="Write a workbook, with drop-downs and a data dictionary.")
@click.option("--half-finished", is_flag=True, help="In the middle of its period, with statuses and events.")
@click.option("--project", is_flag=True, help="DIR to work in: plant, scenarios, and project.toml for `tocfin daily`.")
@options.force
@chatter
@click.pass_obj
def command(talk: Talk, /, target: Path, excel: bool, half_finished: bool, project: bool, force: bool) -> None:
    """Write an example plant that runs: a folder DIR of CSV files, or with --excel the workbook DIR/DIR.xlsx.

    A DIR that ends in .xlsx is the workbook itself. With --half-finished the plant is being worked on: one of its own
    futures, as far as the shop floor has reported it.

    Example: tocfin init plant
    """
    from tocfin import examples
    from tocfin.dataset.saving import save

    if project and (excel or force):
        raise click.UsageError("--project writes into a new folder, of CSV files; leave out --excel and --force")
    if excel and target.suffix.lower() != ".xlsx":
        target = target / f"{target.name}.xlsx"
    made = examples.half_finished() if half_finished else examples.example_dataset()
    if project:
        file = examples.write_workplace(target, made)
        talk.say(f"wrote {target}: plant, scenarios and {file.name}")
        talk.advise(["daily", file], "what is done every day")
        return
    place = save(made, target, force=force)
    talk.say(f"wrote {place}")
    talk.advise(["check", place], "every fault by cell")
    talk.advise(["kpi", place], "what the plan is worth")
