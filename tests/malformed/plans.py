"""Faults of plan.toml: each names its key."""

from __future__ import annotations

from malformed.base import PLAN, drop, put, swap
from malformed.case import Case, Fault, one

CLOCK, END = "clock = 2026-06-01T00:00:00Z", "horizon_end = 2026-06-08T00:00:00Z"


def _line(old: str, new: str, key: str, rule: str, word: str, *, others: bool = False) -> Case:
    """One line of the plan is another."""
    return one(f"{old} becomes {new or 'nothing'}", swap("plan.toml", f"{old}\n", f"{new}\n"), f"plan.toml: {key}",
               rule, word, others=others)  # fmt: skip


def _whole(name: str, content: str | bytes, word: str) -> Case:
    return one(name, put("plan.toml", content), "plan.toml", "unreadable", word)


FILES = (
    one("no plan", drop("plan.toml"), "plan.toml", "missing-table", "horizon"),
    Case(
        "an empty plan",
        put("plan.toml", ""),
        tuple(Fault(f"plan.toml: {key}", "missing-key", "[plan]") for key in ("clock", "horizon_end", "currency")),
    ),
    _whole("a plan of binary junk", bytes(range(256)), "not UTF-8"),
    _whole("a plan in latin-1", PLAN.replace("june", "März").encode("latin-1"), "not UTF-8"),
    _whole("UTF-16", PLAN.encode("utf-16"), "not UTF-8"),
    _whole("a NUL", PLAN.replace("june", "ju\0ne"), "TOML"),
    _whole("YAML", "plan:\n  clock: 2026-06-01\n", "line 1"),
    _whole("JSON", '{"plan": {"clock": "2026-06-01T00:00:00Z"}}', "TOML"),
    _whole("an unclosed text", PLAN.replace('"USD"', '"USD'), "line 5"),
    _whole("a key twice", PLAN.replace(CLOCK, f"{CLOCK}\n{CLOCK}"), "TOML"),
    _whole("a table twice", f"{PLAN}[plan]\n", "TOML"),
    _whole("no such day", PLAN.replace(CLOCK, "clock = 2026-02-30T00:00:00Z"), "TOML"),
    _whole("no such hour", PLAN.replace(CLOCK, "clock = 2026-06-01T24:00:00Z"), "TOML"),
    _whole("a leap second", PLAN.replace(CLOCK, "clock = 2026-06-01T23:59:60Z"), "TOML"),
    _whole("a bare word", PLAN.replace('"USD"', "USD"), "TOML"),
    _whole("deep brackets", "a = " + "[" * 100_000, "nested"),
    _whole("deep tables", "a" + ".a" * 3_000 + " = 1" + "\n" * 2 + "[" * 5, "TOML"),
    _whole("more than 1 MiB", PLAN + "#" * (1 << 20), "1 MiB"),
    _whole("a number of 5,000 digits", PLAN.replace("1.08", "9" * 5_000), "TOML"),
)

HEAD = (
    _line(CLOCK, "", "clock", "missing-key", "is missing"),
    _line(END, "", "horizon_end", "missing-key", "is missing"),
    _line('currency = "USD"', "", "currency", "missing-key", "is missing"),
    _line(CLOCK, "clock = 2026-06-01T00:00:00", "clock", "not-a-time", "no offset"),
    _line(CLOCK, "clock = 2026-06-01", "clock", "not-a-time", "not a time"),
    _line(CLOCK, "clock = 00:00:00", "clock", "not-a-time", "not a time"),
    _line(CLOCK, 'clock = "june"', "clock", "not-a-time", "'june'"),
    _line(CLOCK, 'clock = "2026-02-30T00:00:00Z"', "clock", "not-a-time", "real date"),
    _line(CLOCK, 'clock = "2026-06-01T00:00:00+25:00"', "clock", "not-a-time", "'2026-06-01T00:00:00+25:00'"),
    _line(CLOCK, "clock = 2026-06-01T00:00:00.5Z", "clock", "not-a-time", "whole second"),
    _line(CLOCK, "clock = 1780272000", "clock", "not-a-time", "1780272000"),
    _line(CLOCK, "clock = nan", "clock", "not-a-time", "nan"),
    _line(CLOCK, "clock = [2026-06-01T00:00:00Z]", "clock", "not-a-time", "not a time"),
    _line(END, "horizon_end = 2026-06-01T00:00:00Z", "horizon_end", "out-of-range", "not after clock"),
    _line(END, "horizon_end = 2026-06-01T01:00:00+02:00", "horizon_end", "out-of-range", "not after clock"),
    _line(END, "horizon_end = 9026-06-08T00:00:00Z", "horizon_end", "span-too-long", "correct the date", others=True),
    _line('currency = "USD"', "currency = 1", "currency", "wrong-type", "not a text"),
    _line('currency = "USD"', 'currency = ""', "currency", "wrong-type", "not a text"),
    _line('currency = "USD"', 'currency = "U\\u001bSD"', "currency", "control-character", "remove"),
    _line('name = "june week 1"', "name = 7", "name", "wrong-type", "'7'"),
    _line('policy = "reconciled"', 'policy = "Reconciled"', "policy", "unknown-word", "did you mean 'reconciled'"),
    _line('policy = "reconciled"', "policy = true", "policy", "unknown-word", "'True'"),
    _line('policy = "reconciled"', 'polcy = "reconciled"', "polcy", "unknown-key", "did you mean 'policy'"),
    _line('policy = "reconciled"', "horizon = 7", "horizon", "unknown-key", "not a key"),
    one("[plan] is a value", put("plan.toml", "plan = 1\n"), "plan.toml: plan", "wrong-type", "[plan]", others=True),
    one("[plan] is a list", put("plan.toml", PLAN.replace("[plan]", "[[plan]]")), "plan.toml: plan", "wrong-type",
        "[plan]", others=True),
    one("a key outside of its table", put("plan.toml", f"clock = 1\n{PLAN}"), "plan.toml: clock", "unknown-key",
        "[plan]"),
    one("an unknown table", put("plan.toml", f"{PLAN}[plans]\n"), "plan.toml: plans", "unknown-key", "'plan'"),
)  # fmt: skip

SECTIONS = (
    _line("EUR = 1.08", "EUR = 0", "exchange_rates.EUR", "out-of-range", "not above 0", others=True),
    _line("EUR = 1.08", "EUR = -1.08", "exchange_rates.EUR", "out-of-range", "not above 0", others=True),
    _line("EUR = 1.08", "EUR = inf", "exchange_rates.EUR", "out-of-range", "finite", others=True),
    _line("EUR = 1.08", "EUR = nan", "exchange_rates.EUR", "out-of-range", "finite", others=True),
    _line("EUR = 1.08", "EUR = 1e400", "exchange_rates.EUR", "out-of-range", "finite", others=True),
    _line("EUR = 1.08", "EUR = 1e16", "exchange_rates.EUR", "out-of-range", "1e15", others=True),
    _line("EUR = 1.08", 'EUR = "1.08"', "exchange_rates.EUR", "not-a-number", "'1.08'", others=True),
    _line("EUR = 1.08", "EUR = true", "exchange_rates.EUR", "not-a-number", "'True'", others=True),
    _line("EUR = 1.08", "EUR = 1.08\nUSD = 0.9", "exchange_rates.USD", "out-of-range", "1 of itself"),
    one("a plant's currency without rate", swap("plan.toml", "EUR = 1.08", "CHF = 1.08"), "plants.csv:2: currency",
        "currency-without-rate", "1 EUR", others=True),
    _line('item_cost = "cost"', 'item_cost = "price"', "policy.item_cost", "unknown-word", "truly_variable"),
    _line('item_cost = "cost"', "item_cost = 1", "policy.item_cost", "unknown-word", "'1'"),
    _line('item_cost = "cost"', 'item_costs = "cost"', "policy.item_costs", "unknown-key", "'item_cost'"),
    _line('item_cost = "cost"', 'cost_per = "unit"', "policy.cost_per", "unknown-key", "not a key"),
    _line("move_cost = 10.5", "move_cost = -1", "reschedule.move_cost", "out-of-range", "below 0"),
    _line("move_cost = 10.5", "move_costs = 1", "reschedule.move_costs", "unknown-key", "'move_cost'"),
    _line("rows = 2", "rows = 2.0", "control_totals.jobs.rows", "not-a-number", "whole"),
    _line("rows = 2", "revenues = 2", "control_totals.jobs.revenues", "unknown-key", "'revenue'"),
    _line("rows = 2", "[control_totals.job]\nrows = 2", "control_totals.job", "unknown-key", "'jobs'"),
    one("a control total that is no table", put("plan.toml", f"{PLAN}\n[control_totals]\nitems = 2\n"),
             "plan.toml: control_totals.items", "wrong-type", "[control_totals.items]"),
    one("boundaries that do not increase", swap("plan.toml", "2026-06-04", "2026-06-01"),
        "plan.toml: periods.boundaries", "out-of-range", "increase"),
    one("a boundary without offset", swap("plan.toml", "2026-06-04T00:00:00Z", "2026-06-04T00:00:00"),
        "plan.toml: periods.boundaries", "not-a-time", "no offset"),
    one("a boundary that is no time", swap("plan.toml", "2026-06-04T00:00:00Z", "4"), "plan.toml: periods.boundaries",
        "not-a-time", "'4'"),
    one("boundaries that are no list", swap("plan.toml", "boundaries = [2026-06-01T00:00:00Z, 2026-06-04T00:00:00Z, "
        "2026-06-08T00:00:00Z]", 'boundaries = "2026-06-04"'), "plan.toml: periods.boundaries", "wrong-type", "list"),
)  # fmt: skip

CASES: tuple[Case, ...] = (*FILES, *HEAD, *SECTIONS)
