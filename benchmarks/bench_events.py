"""How long 200,000 events take to be folded into actuals and into the state of the work; fails above 10 s.

``python benchmarks/bench_events.py [--events 200000]``
"""

from __future__ import annotations

import argparse
from time import perf_counter, process_time
from typing import cast

import polars as pl

from tocfin.dataset import Plan
from tocfin.events import Journal, fold
from tocfin.events.state import applied
from tocfin.examples import half_finished

MOST_SECONDS = 10.0


def main() -> None:
    """Repeat the events of the half-finished example plant under other names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    wanted = parser.parse_args().events
    dataset = half_finished()
    once = dataset.tables["events"]
    renamed = (pl.col(name) + pl.lit("-") + pl.col("copy").cast(pl.String) for name in ("event_id", "reverses"))
    copies = pl.DataFrame({"copy": range(-(-wanted // once.height))})
    events = once.join(copies, how="cross").with_columns(*renamed).select(once.columns).head(wanted)
    wall, busy = perf_counter(), process_time()
    journal = Journal()
    journal.add(events.with_columns(row=pl.int_range(2, wanted + 2)))
    found = fold(journal, dataset.tables, cast(Plan, dataset.plan))
    applied(journal, dataset.tables)
    wall, busy = perf_counter() - wall, process_time() - busy
    assert found.events == wanted  # fast and wrong fails
    assert not found.orphans
    print(f"{wanted:,} events folded, with the state of the work, in {wall:.2f} s ({busy:.2f} s of the processor)")
    if wall > MOST_SECONDS:
        raise SystemExit(f"not reached: {MOST_SECONDS:.0f} s")


if __name__ == "__main__":
    main()
