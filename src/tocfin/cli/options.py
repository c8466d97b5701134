"""Options that several commands share, so that they are spelled and explained alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from tocfin.catalogue import POLICIES

FORMATS = ("table", "json", "csv", "md")
BY = ("plant", "period", "job", "resource", "product")


class Word(click.Choice[str]):
    """One of a few words; of a mistyped one the nearest is told."""

    def get_invalid_choice_message(self, value: object, ctx: click.Context | None) -> str:
        """As click says it, with the nearest word."""
        near = get_close_matches(str(value), [str(choice) for choice in self.choices], 1)
        told = super().get_invalid_choice_message(value, ctx)
        return f"{told} Did you mean {near[0]!r}?" if near else told


dataset = click.argument("dataset", type=click.Path(path_type=Path))

source = click.argument("source", type=click.Path(path_type=Path))

form = click.option(
    "--format", "form", type=Word(FORMATS), default="table", show_default=True, help="Form of the result."
)
out = click.option("--out", type=click.Path(path_type=Path), help="Write the result to this file, not to stdout.")
force = click.option("--force", is_flag=True, help="Replace what is already there.")
policy = click.option("--policy", type=Word(POLICIES), help="Instead of the policy that plan.toml names.")
plants = click.option("--plant", "plants", multiple=True, metavar="PLANT", help="Only this plant; may be repeated.")
by = click.option("--by", type=Word(BY), help="Also one line per plant, period, job, resource or product.")
threads = click.option("--threads", type=click.IntRange(min=1), help="Threads to use; all cores when not given.")
fail_on_miss = click.option("--fail-on-miss", is_flag=True, help="Exit with 3 when a target is missed.")


def _range(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, int] | None:
    """``2:5`` as (2, 5): blocks 2, 3 and 4."""
    if value is None:
        return None
    first, colon, end = value.partition(":")
    if not (colon and first.isascii() and first.isdigit() and end.isascii() and end.isdigit()):
        raise click.BadParameter(f"'{value}' is no range of blocks; write e.g. 0:8", ctx, param)
    return int(first), int(end)


def _sizes(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    """``P10=0.02`` as ("P10", 0.02)."""
    found = []
    for value in values:
        name, _, size = value.partition("=")
        try:
            found.append((name, float(size)))
        except ValueError:
            raise click.BadParameter(f"'{value}' is no tolerance; write e.g. P10=0.02", ctx, param) from None
    return tuple(found)


run = click.argument("run", type=click.Path(path_type=Path))
replications = click.option("--replications", type=click.IntRange(min=1), help="Exactly this many futures.")
futures = click.option(
    "--replications", type=click.IntRange(min=16), default=256, show_default=True, help="Futures to simulate."
)
tolerances = click.option(
    "--tolerance",
    "tolerances",
    multiple=True,
    callback=_sizes,
    metavar="STATISTIC=SHARE",
    help="Until this statistic is known within that share, e.g. mean=0.01; may be repeated.",
)
seed = click.option("--seed", type=click.IntRange(min=0), help="Instead of the seed that the scenarios name.")
block_range = click.option("--block-range", callback=_range, metavar="A:B", help="Only these blocks of replications.")


def instant(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """A day or a moment as people write it, in seconds UTC; without an offset it is UTC."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        message = f"'{value}' is not a time; write e.g. 2014-05-01 or 2014-05-01T06:00:00Z"
        raise click.BadParameter(message, ctx, param) from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def days(ctx: click.Context, param: click.Parameter, value: str) -> tuple[int, ...]:
    """``5,10,20`` as (5, 10, 20): days of a period."""
    parts = value.split(",")
    if not all(part.isascii() and part.isdigit() and 0 < int(part) < 1_000 for part in parts):
        raise click.BadParameter(f"'{value}' are no days of a period; write e.g. 5,10,20", ctx, param)
    return tuple(dict.fromkeys(int(part) for part in parts))


seconds = click.option(
    "--seconds", type=click.FloatRange(min=0, min_open=True, max=86_400), default=10.0, show_default=True,
    help="Wall clock of the search.",
)  # fmt: skip
search_seed = click.option("--seed", type=click.IntRange(min=0, max=2**31), default=1, show_default=True,
    help="Of the search: another seed, another search.",
)  # fmt: skip


def _budget(context: click.Context, parameter: click.Parameter, moves: int | None) -> int | None:
    if moves is None and context.meta.get("deterministic"):
        raise click.UsageError("--deterministic needs --work MOVES: seconds are never the same twice")
    return moves


def work(command: Callable[..., Any]) -> Callable[..., Any]:
    """A budget of moves instead of seconds, and a flag that insists on it."""
    flag = click.option(
        "--deterministic", is_flag=True, is_eager=True, expose_value=False, callback=_repeatable,
        help="Insist on equal plans in every run; needs --work.",
    )  # fmt: skip
    moves = click.option(
        "--work", type=click.IntRange(min=1), metavar="MOVES", callback=_budget,
        help="Moves per thread instead of seconds: equal plans in every run.",
    )  # fmt: skip
    return flag(moves(command))


def _repeatable(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    context.meta["deterministic"] = value


uncertainty = click.option(
    "--uncertainty", type=click.Path(path_type=Path), metavar="FILE",
    help="Prove plans under what this file says is uncertain (a scenario, or what `tocfin fit` wrote).",
)  # fmt: skip
risk = click.option(
    "--risk", default="balanced", show_default=True,
    help="Limits of what is proposed: neutral, balanced, careful, or the chance to be better and the most that may be "
    "lost on average in the worst 5 % of futures, e.g. 0.7:20000.",
)  # fmt: skip


def duration(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """``2d``, ``36h`` or ``90m`` in seconds."""
    units = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
    if value is None:
        return None
    number, unit = value[:-1], value[-1:]
    if not (number.isascii() and number.isdigit() and len(number) < 6 and unit in units):
        raise click.BadParameter(f"'{value}' is not a time; write e.g. 2d, 36h or 90m", ctx, param)
    return int(number) * units[unit]
