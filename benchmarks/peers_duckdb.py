"""All terms with DuckDB: tables in its memory before the clock starts, temporary tables for what is used twice.

Carrying cost inside periods is a difference of sums of rate x min(instant, edge), as with the other peer. The texts
of the queries stand in ``peers_duckdb_queries``; ``{...}`` in them is filled in here with what the plan says.
"""

from __future__ import annotations

import duckdb
import numpy as np
from numpy.typing import NDArray
from peers_duckdb_queries import (
    ALONE,
    BATCHES,
    BUSY,
    BY_CODE,
    CAPITAL,
    CARRYING,
    DAYS,
    DRUM_HOURS,
    DUE,
    JOB_SUMS,
    JOBS,
    OPERATIONS,
    OPERATIONS_ALONE,
    ORDERS,
    PAID,
    SPECIAL,
    STOCK,
    TOGETHER,
    USED,
    WORK,
    WORK_ALONE,
)
from peers_kpi import CODES, DAY_RULES, FLOOR, PARTS, STOCK_KINDS, Answer, Table, Tables, until

COSTS = ("online_cost", "overtime_cost", "potential_cost", "potential_used_cost")
DRUM_TIME = ("drum_available_hours", "drum_potential_hours", "drum_potential_used_hours")


class DuckDB:
    """The tables in a database in memory, and the queries on them."""

    def __init__(self, t: Tables) -> None:
        self.t = t
        self.edges = [int(edge) for edge in t.edges]
        self.database = duckdb.connect()
        for name, table in t._asdict().items():
            if name != "edges":
                self.database.register("given", table)
                self.database.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
        passed = " + ".join(f"(t >= {edge})::UTINYINT" for edge in self.edges)
        self.database.execute(f"CREATE MACRO code(t) AS coalesce({passed}, 0)")
        self.names = {"clock": self.edges[0], "end": self.edges[-1], "parts": self.parts(), "bound": self.bound()}

    def parts(self) -> str:
        """Sums of what jobs contribute, in each set of jobs."""
        sets = {
            "": "{} FILTER (counted)",
            "drum_": "{} FILTER (counted AND drum)",
            "late_": "{} FILTER (scheduled AND late > 0)",
        }
        sums = [f"{form.format(f'sum({part})')} AS {name}{part}" for name, form in sets.items() for part in PARTS]
        days = [f"sum({part} * (late / 86400)) FILTER (scheduled AND late > 0) AS late_days_{part}" for part in PARTS]
        return ", ".join(sums + days)

    def bound(self) -> str:
        """Sums of material that jobs require, and of what was issued to unfinished ones."""
        return ", ".join(
            f"sum({x}) FILTER ({jobs}{plants}) AS {prefix}job_material_{x}"
            for prefix, plants in (("", ""), ("capital_", " AND has_stock"))
            for x, jobs in zip(FLOOR, ("scheduled", "scheduled", "unfinished", "unfinished"), strict=True)
        )

    def __call__(self) -> NDArray[np.float64]:
        """All terms."""
        answer = Answer(self.t)
        alone = self.database.execute(ALONE).fetchone() == (True,)
        self.run(*((WORK_ALONE, OPERATIONS_ALONE) if alone else (WORK, OPERATIONS)), ORDERS, SPECIAL, JOBS)
        self.add_carrying(answer)
        for query in (JOB_SUMS, DUE, DRUM_HOURS):
            self.add(query, answer)
        self.run(TOGETHER)
        self.add(BATCHES, answer)
        self.add_busy(answer)
        self.run(USED)
        self.add_paid(answer)
        self.add_days(answer)
        self.add(CAPITAL, answer)
        self.add_stock(answer)
        return answer.close()

    def run(self, *queries: str) -> None:
        for query in queries:
            self.database.execute(query.format(**self.names))

    def rows(self, query: str, **names: object) -> Table:
        """What ``query`` finds; NULL is the sum of nothing."""
        found = self.database.execute(query.format(**self.names, **names)).fetchnumpy()
        return {x: column.filled(0) if isinstance(column, np.ma.MaskedArray) else column for x, column in found.items()}

    def add(self, query: str, answer: Answer) -> None:
        """Add columns named as terms."""
        rows = self.rows(query)
        answer.add(rows, **{x: x for x in rows if x not in ("plant", "code")})

    def each_edge(self, form: str) -> str:
        return ", ".join(f"{form.format(edge=edge)} AS before_{k}" for k, edge in enumerate(self.edges))

    def so_far(self, rows: Table) -> NDArray[np.float64]:
        return np.stack([rows[f"before_{k}"] for k in range(len(self.edges))], axis=1)

    def add_carrying(self, answer: Answer) -> None:
        """Carrying cost of goods in process and finished."""
        rows = self.rows(CARRYING)
        names = ("wip_carry_op_end", "wip_carry_mo_end", "fg_carry", "fg_carry_clamped")
        answer.add(rows, **{x: x for x in names})
        before = until(self.t.edges, rows["code"], rows["rate"], rows["at_order_end"])
        answer.spread(rows["plant"], "wip_carry_mo_end_clipped", before)
        rows = self.rows(BY_CODE, codes=CODES)
        codes = {"start": rows["codes"] // CODES, "finish": rows["codes"] % CODES}
        start, finish = (until(self.t.edges, codes[x], rows["rate"], rows[f"at_{x}"]) for x in ("start", "finish"))
        answer.spread(rows["plant"], "wip_carry_op_end_clipped", finish - start)
        answer.spread(rows["plant"], "wip_carry_mo_end_clipped", -start)

    def add_busy(self, answer: Answer) -> None:
        edges = ", ".join(str(edge) for edge in self.edges)
        columns = ", ".join(f"max(paid) FILTER (instant = {edge}) AS edge_{k}" for k, edge in enumerate(self.edges))
        sums = (
            f"sum(least(until, edge_{k}) - least(since, edge_{k})) / 3600 AS before_{k}" for k in range(len(self.edges))
        )
        rows = self.rows(BUSY, edges=edges, columns=columns, sums=", ".join(sums))
        so_far = self.so_far(rows)
        answer.spread(rows["plant"], "drum_busy_hours", so_far)
        answer.spread(rows["plant"], "backlog_hours", np.column_stack([so_far, rows["hours"]]))

    def add_paid(self, answer: Answer) -> None:
        """Cost of paid hours, and what drums could do."""
        form = "sum(rate / 3600 * (least(finish, {edge}) - least(start, {edge})))"
        rows = self.rows(PAID, sums=self.each_edge(form))
        so_far = self.so_far(rows)
        for slot, term in enumerate(COSTS):
            for apart, suffix in ((False, ""), (True, "_subcontractor")):
                chosen = (rows["slot"] == slot) & (rows["apart"] == apart)
                answer.spread(rows["plant"][chosen], f"{term}{suffix}", so_far[chosen])
        for slot, term in enumerate(DRUM_TIME, len(COSTS)):
            chosen = rows["slot"] == slot
            answer.spread(rows["plant"][chosen], term, so_far[chosen])

    def add_days(self, answer: Answer) -> None:
        """Operating days by four rules."""
        rows = self.rows(DAYS)
        for k, rule in enumerate(DAY_RULES):
            chosen = rows["rule"] == k
            days = {x: rows[x][chosen] for x in ("plant", "code", "days", "expense")}
            answer.add(days, **{f"operating_days{rule}": "days", f"plant_expense{rule}": "expense"})

    def add_stock(self, answer: Answer) -> None:
        """Stock of each kind, and what of it stands in capital."""
        rows = self.rows(STOCK)
        for kind, name in enumerate(STOCK_KINDS):
            chosen = rows["kind"] == kind
            held = {x: rows[x][chosen] for x in ("plant", "value", "variable")}
            answer.add(held, **{name: "value", f"{name}_variable": "variable"})
        answer.add(rows, capital_stock="in_capital", capital_stock_variable="variable_in_capital")
