"""Words of the terminal, the report and the site, once: plain ones first, and what each means."""

from __future__ import annotations

#: Column headings that stand in several tables.
CHANCE_MISS = "chance to miss"
CHANCE_MEET = "chance to meet"
CHANCE_BETTER = "chance to be better"
CHANCE_BEST = "chance to be best"
CHANCE_ON_TIME = "chance to be on time"
CHANCE_INSIDE = "chance to end in time for the close"
CHANCE_BOTTLENECK = "chance to be the bottleneck"
WORST_20, WORST_10 = "worst 1 in 20 outcomes", "worst 1 in 10 outcomes"

#: Word -> meaning, in the order in which a reader meets them.
WORDS: dict[str, str] = {
    "throughput (T)": "revenue less what is spent on the job itself: material, subcontracting, shipping, penalties",
    "operating expense (OE)": "what the business costs whether or not a job is made",
    "net profit": "throughput less operating expense; not a ledger profit, inventory absorbs no cost",
    "investment": "capital of the plants and what lies in stock and in unfinished jobs",
    "bottleneck (drum)": "the resource that sets the pace; an hour lost there is lost for all",
    "throughput per bottleneck hour": "what an hour of the bottleneck earns: the order in which products are worth it",
    "future (replication)": "one simulation of the same plan, in which work takes longer and machines fail",
    "P10, P50, P90": "in 1, 5 or 9 of 10 futures it comes out lower than this",
    WORST_20: "the mean of the 5 % of futures that come out worst (CVaR)",
    WORST_10: "the mean of the 10 % of futures that come out worst (CVaR)",
    CHANCE_MEET: "the share of futures in which the target is met",
    CHANCE_MISS: "the share of futures in which a target is worse than it should be, beyond its tolerance",
    CHANCE_BETTER: "the share of futures in which one plan does better than the other, under the same luck",
    CHANCE_BEST: "the share of futures in which a plan does better than all others",
    CHANCE_ON_TIME: "the share of futures in which a job ends by its need date",
    CHANCE_INSIDE: "the share of futures in which a job ends before the horizon or the period does",
    CHANCE_BOTTLENECK: "the share of futures in which a resource is loaded most",
    "95 % interval": "where the figure lies if the simulation is run again with other draws, not where a future ends",
    "policy": "which costs a KPI counts: published (the literal formulas) or reconciled (everything once)",
    "run rate": "the actual to date carried on at the same pace",
    "residual": "what the parts of a change do not explain: 0",
}
