"""The command line: a thin view of the library, one file per command, imported only when it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from tocfin.cli.outcome import PipeClosedError, settle
from tocfin.cli.talk import Talk, chatter

#: Command -> module and the line that ``tocfin --help`` shows; the module is imported when the command runs.
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "Print the scorecard of the example plant, and the chances of its targets."),
    "init": ("init", "Write an example plant that runs, as a folder or a workbook."),
    "check": ("check", "Find every fault of a data set, by cell."),
    "import": ("importing", "Turn an export of another system into a data set."),
    "kpi": ("kpi", "Evaluate the finance KPIs of a data set."),
    "kpis": ("kpis", "Explain the KPIs: formula, unit, polarity, policies."),
    "trace": ("tracing", "Show the arithmetic of one KPI and the rows that weigh most."),
    "explain": ("explain", "Say why a KPI differs between two states of a plant; it adds up."),
    "trends": ("trends", "Say whether what changed will last: structural, temporary, seasonal or recurring."),
    "drift": ("drift", "Say which assumptions of the plan are breaking, since when, and what it costs."),
    "assumptions": ("assumptions", "List what was supplied or derived, and its weight in net profit."),
    "events": ("events", "Fold what the shop floor reported into state and actual amounts."),
    "state": ("state", "Show how far the work is as of an instant, and what is not confirmed."),
    "stock": ("stock", "Project stock by item and day, and show what runs short."),
    "fit": ("fit", "Fit uncertainty to what happened, for scenarios to use."),
    "simulate": ("simulate", "Simulate thousands of futures of a few scenarios."),
    "show": ("show", "Show what a simulated run says, with its errors."),
    "compare": ("compare", "Compare the scenarios of a run under the same luck."),
    "replay": ("replay", "Re-create one simulated future as a schedule with its KPIs."),
    "merge": ("merge", "Join parts of a run that were made in different places."),
    "forecast": ("forecast", "Forecast a period to its close, against its targets."),
    "forecast-diff": ("forecast_diff", "Say what moved a forecast since the last one, by cause."),
    "backtest": ("backtest", "Score what would have been forecast, period by period."),
    "reschedule": ("reschedule", "Look for a plan that is worth more, prove it, and show what it changes."),
    "candidates": ("candidates", "List the plans of a stored proposal, ranked again."),
    "mix": ("mix", "Find the product mix with the most net profit at the constraint."),
    "daily": ("daily", "Do what a project file says for one day: import to report."),
    "report": ("report", "Write a report: one HTML file, a workbook, JSON or Parquet."),
    "products": ("products", "Rank products by what a drum hour of them earns."),
    "invest": ("invest", "Rank resources by what one more hour is worth; price purchases."),
    "quote": ("quote", "Say what one more order would do, and when it can be promised."),
    "buffers": ("buffers", "Show what is about to run out of its time or stock buffer."),
    "bench": ("bench", "Measure what simulating costs on this machine, beside its peers."),
    "doctor": ("doctor", "Check this installation: versions, cache, a self-test."),
    "completion": ("completion", "Print the script that completes commands and options in a shell."),
    "warmup": ("warmup", "Compile the kernels once, so that later runs start fast."),
}


class Tocfin(click.Group):
    """A group that knows its commands by name and imports one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of a first session."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command called ``cmd_name``, imported now; None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"tocfin.cli.{COMMANDS[cmd_name][0]}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with the command that a mistyped name is nearest to."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, 1)
            hint = f" Did you mean '{near[0]}'?" if near else " `tocfin --help` lists them."
            raise click.UsageError(f"No such command '{args[0]}'.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader that closed the pipe is told apart from a crash before click hides it."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as closed:
            raise PipeClosedError from closed

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run, say what went wrong in one place, and exit with the code of the command contract."""
        talk = extra.setdefault("obj", Talk())
        run = super().main
        sys.exit(settle(lambda: run(*args, **(extra | {"standalone_mode": False})), talk))


@click.group(cls=Tocfin, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="tocfin", prog_name="tocfin")
@chatter
def main() -> None:
    """The money view of a production schedule: Theory-of-Constraints finance KPIs that tie out.

    Exit codes: 0 fine, 1 a fault in tocfin, 2 bad input or usage, 3 a target is missed (kpi --fail-on-miss).
    """
