"""A forecast for a reader: plan, actual and forecast beside targets; what is added, corrected, and near the close.

It is drawn from what was told (``tocfin.forecast.told``), so that a stored forecast looks as it did when it was made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tocfin.forecast.scopes import WHOLE
from tocfin.forecast.scopes import shown as scope_shown
from tocfin.forecast.told import records, scope_of, whole
from tocfin.glossary import CHANCE_INSIDE, CHANCE_MISS, WORST_10
from tocfin.report.amounts import shown
from tocfin.report.forms import Page
from tocfin.report.grid import Grid
from tocfin.report.labels import named
from tocfin.scenarios.estimates import probability
from tocfin.targets import SCOPES

Said = Mapping[str, Any]

NAMES = (
    "dataset", "period", "as_of", "kpi", *SCOPES, "start", "end", "unit", "plan", "actual", "P10", "P50", "P90", "mean",
    "mean_low", "mean_high", "cvar", "run_rate", "version", "target", "tolerance", "variance", "p_miss", "p_miss_low",
    "p_miss_high", "status", "owner", "backup_owner", "recognition", "reason",
)  # fmt: skip
STATUS = {
    "met": "met", "on_track": "on its way", "within_tolerance": "within tolerance", "at_risk": "at risk",
    "missed": "missed", "certain_miss": "certain miss", "no_value": "no value",
}  # fmt: skip
MOST_JOBS = 20
MOST_MISSING = 3


def page(said: Said) -> Page:
    """One told forecast in every form."""
    return Page(lambda: said, lambda: records(said), NAMES, lambda: grids(said))


def grids(said: Said) -> list[Grid]:
    """Tables for a reader; those that would be empty are left out."""
    scopes = dict.fromkeys(scope_of(line) for line in said["lines"])
    parts = [*(_figures(said, scope) for scope in scopes), _targets(said), _later(said), _corrections(said)]
    return [part for part in [*parts, _bridge(said), _jobs(said)] if part.rows]


def _figures(said: Said, scope: Any) -> Grid:
    names = ("plan", "actual", "P10", "P50", "P90", "mean", "cvar", "run_rate")
    rows = tuple(
        (named(line["kpi"], line["unit"]), *(shown(line[name], line["unit"]) for name in names))
        for line in whole(said, scope)
        if line["reason"] is None
    )
    headings = ("KPI", "plan", "actual to date", "P10", "P50", "P90", "mean", WORST_10, "run rate")
    title = f"{said['dataset']}: forecast of {said['period']['period']} as of {said['as_of']}, {scope_shown(scope)}"
    return Grid(title, headings, rows, frozenset(range(1, 9)), tuple(_notes(said)) if scope == WHOLE else ())


def _notes(said: Said) -> list[str]:
    notes = [
        f"{said['days_left']:.1f} days left; {said['replications']:,} futures, seed {said['seed']}, uncertainty: "
        f"{said['uncertainty']}, policy {said['policy']}"
    ]
    if said["last_decision"] is not None:
        notes.append(f"a job begun after {said['last_decision']} usually ends beyond the close")
    for source in said["sources"]:
        until = source["posted_until"] or "nobody says until when"
        undated = f", {source['undated']:,} rows do not say when they were recorded" if source["undated"] else ""
        notes.append(f"{source['name']}: posted until {until}{undated}")
    late = said["unconfirmed"]
    if late["activities"]:
        oldest = f", the oldest of {late['oldest']}" if late["oldest"] else ""
        rule = late["rule"].replace("_", " ")
        notes.append(
            f"{late['activities']:,} activities should have begun or ended and are not confirmed{oldest}: {rule}"
        )
    absent = sorted({line["reason"] for line in said["lines"] if line["reason"] is not None})
    return notes + [f"no forecast: {reason}" for reason in absent]


def _targets(said: Said) -> Grid:
    window = said["period"]["start"], said["period"]["end"]
    rows = []
    for line in said["lines"]:
        part = "" if (line["start"], line["end"]) == window else f"{line['start'][:10]} to {line['end'][:10]}"
        rows += [(*_target(line, goal)[:2], part, *_target(line, goal)[2:]) for goal in line["targets"]]
    headings = (
        "target", "scope", "part", "target", "expected", "variance", CHANCE_MISS, "95 % interval", "status", "owner",
    )  # fmt: skip
    notes = ["targets are recognised at completion unless they say otherwise"]
    notes += [
        f"{gap['parent']}: {gap['children']} children sum to {gap['total']:,.2f} of {gap['target']:,.2f}, "
        + ("no gap" if gap["gap"] == 0 else f"a gap of {gap['gap']:+,.2f}")
        for gap in said["cascade"]
    ]
    return Grid("Targets", headings, tuple(rows), frozenset({3, 4, 5, 6}), tuple(notes))


def _target(line: Said, goal: Said) -> tuple[str, ...]:
    name = line["kpi"] if goal["version"] == "budget" else f"{line['kpi']} ({goal['version']})"
    at = "" if goal["recognition"] == "completion" else f" at {goal['recognition']}"
    chance = None if goal["p_miss"] is None else probability(goal["misses"], goal["futures"])
    interval = "" if chance is None or chance.n < 2 else f"{100 * chance.low:.1f} to {100 * chance.high:.1f} %"
    return (
        name + at, scope_shown(scope_of(line)), shown(goal["target"], line["unit"]), shown(line["mean"], line["unit"]),
        _signed(goal["variance"]), "" if chance is None or chance.n < 2 else str(chance), interval,
        STATUS[goal["status"]], goal["owner"] or "",
    )  # fmt: skip


def _later(said: Said) -> Grid:
    rows = tuple(
        (
            one["plant"],
            "insufficient data" if one["usual"] is None else shown(one["usual"], "money"),
            shown(one["planned"], "money"),
            "nothing added" if one["mean"] is None else shown(one["mean"], "money"),
            one["reason"] or f"from {one['periods']} past periods",
        )
        for one in said["unreleased"]
    )
    headings = ("plant", "usual by the close", "released by the plan", "added on average", "")
    title = f"Work not yet released but usual by now: throughput [{said['currency']}]"
    return Grid(title, headings, rows, frozenset({1, 2, 3}))


def _corrections(said: Said) -> Grid:
    rows = tuple(
        (one["kpi"], scope_shown(scope_of(one)), f"{one['amount']:+,.2f}", one["reason"], one["author"], one["at"])
        for one in said["adjustments"]
    )
    headings = ("KPI", "scope", "amount", "reason", "author", "at")
    notes = ("corrections by hand: beside the forecast, in none of its figures",)
    return Grid("Adjustments", headings, rows, frozenset({2}), notes)


def _bridge(said: Said) -> Grid:
    steps = (
        ("", "completed"), ("-", "completed_not_shipped"), ("+", "shipped_earlier_completed"), ("=", "shipped"),
        ("-", "shipped_not_invoiced"), ("+", "invoiced_earlier_shipped"), ("=", "invoiced"),
    )  # fmt: skip
    words = {
        "shipped_earlier_completed": "shipped, completed earlier",
        "invoiced_earlier_shipped": "invoiced, shipped earlier",
    }
    ahead = said.get("recognition", {}).get("by_the_close", {})
    rows = []
    for sign, name in steps:
        side = said["bridge"][name]
        jobs, revenue = ("not supplied", "") if side is None else (str(side["jobs"]), shown(side["revenue"], "money"))
        if side is not None and side["revenue"] is None:
            revenue = "not supplied"
        then = ahead.get(name)
        close = ("not supplied", "", "", "") if then is None else (
            f"{then['jobs']:,.1f}", *(shown(then[key], "money") for key in ("revenue", "revenue_P10", "revenue_P90"))
        )  # fmt: skip
        rows.append((sign, words.get(name, name.replace("_not_", ", not ")), jobs, revenue, *close))
    money = f"revenue [{said['currency']}]"
    headings = ("", "recognised in the period", "jobs so far", money, "jobs by the close", "mean revenue", "P10", "P90")
    notes = tuple(_lag(event, lag) for event, lag in said.get("recognition", {}).get("lags", {}).items())
    return Grid("Completed, shipped, invoiced", headings, tuple(rows), frozenset(range(2, 8)), notes)


def _lag(event: str, lag: Said | None) -> str:
    after = {"shipment": "completion", "invoice": "shipment"}[event]
    if lag is None:
        return f"how long {event} comes after {after} is not supplied: [recognition] {event}_lag_hours in plan.toml"
    source = "as declared" if lag["declared"] else f"median of {lag['jobs']:,} past jobs, whose lags are drawn"
    return f"{event} comes {lag['median_hours']:,.1f} h after {after} ({source})"


def _jobs(said: Said) -> Grid:
    listed = said["cut_off"]
    rows = tuple(
        (
            one["job"], one["plant"], one["expected_end"][:16], str(probability(one["inside_count"], one["futures"])),
            shown(one["throughput"], "money"), _steps(one["missing"]),
        )
        for one in listed[:MOST_JOBS]
    )  # fmt: skip
    headings = ("job", "plant", "expected end", CHANCE_INSIDE, f"T [{said['currency']}]", "what is missing")
    more = len(listed) - MOST_JOBS
    notes = (f"{more:,} more: --format json",) if more > 0 else ()
    return Grid("Jobs within 48 hours of the close", headings, rows, frozenset({3, 4}), notes)


def _steps(missing: Sequence[str]) -> str:
    more = len(missing) - MOST_MISSING
    return "; ".join(missing[:MOST_MISSING]) + (f" and {more} more" if more > 0 else "")


def _signed(value: float | None) -> str:
    return "" if value is None else f"{value:+z,.2f}"
