"""A batch of plants to the close, forecast and explained: 10 plants x 10,000 activities x 1,000 futures.

    python benchmarks/bench_forecast_batch.py [PLANTS] [ACTIVITIES] [REPLICATIONS]

Each plant is a week into its four weeks; one of its own futures comes true. It is forecast, then what moved it since a
forecast of the day before is explained by cause (``tocfin forecast-diff``). Fails unless the whole takes at most ten
minutes, one plant of the batch, warm and alone, at most fifteen seconds, and a batch that is killed again and again
goes on from what it had and ends with the same figures.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from tocfin.bench.plant import shop
from tocfin.dataset.page import Page
from tocfin.dataset.text import instant
from tocfin.dataset.write import write
from tocfin.examples.halfway import revealed
from tocfin.forecast.batch import batch, data_sets
from tocfin.forecast.moved import moved
from tocfin.forecast.record import last_two
from tocfin.report.forecasts import line
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.run import replay
from tocfin.scenarios.uncertainty import read_uncertainty
from tocfin.scenarios.world import prepared

DAY = 86_400
NOISE = '[[uncertainty.duration]]\nall = true\ndistribution = "lognormal"\ncv = 0.3\n'
ALL, ONE = 600.0, 15.0


def half_way(folder: Path, plants: int, activities: int) -> tuple[int, list[Path]]:
    """Write the plants as they are on day 7, and what they were on day 6 beside; the clock and their folders."""
    clock = 0
    content = {"uncertainty": {"duration": [{"all": True, "distribution": "lognormal", "cv": 0.3}]}}
    noise = read_uncertainty(Page("noise"), content, folder)
    for number in range(plants):
        dataset = shop(activities, seed=number + 1)
        assert dataset.plan is not None
        clock = dataset.plan.clock
        truth = replay(prepared("truth", dataset, resolve(noise, dataset)[0]), number, 0)
        for day in (6, 7):
            place = folder / f"day{day}" / f"plant{number}"
            known = revealed(dataset, truth, clock + day * DAY)
            write(known.tables, dataset.plan, place, form="parquet")
            (place / "uncertainty.toml").write_text(NOISE, "utf-8")
    return clock, [folder / "day6", folder / "day7"]


def killed(sources: Path, record: Path, clock: int, replications: int, after: tuple[float, ...]) -> tuple[str, int]:
    """What ``tocfin forecast`` prints as CSV when it is killed so many seconds after each start; plants not remade."""
    words = [sys.executable, "-m", "tocfin", "forecast", str(sources), "--record", str(record), "--format", "csv",
             "--as-of", instant(clock), "--replications", str(replications)]  # fmt: skip
    for seconds in after:
        with suppress(subprocess.TimeoutExpired):  # which has killed it
            subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=seconds, check=True)
    ended = subprocess.run(words, capture_output=True, text=True, check=True)
    return ended.stdout, ended.stderr.count("in the record already")


def main() -> int:
    """Print the figures; 1 when one is not reached."""
    plants, activities, replications = (
        int(word) for word in (*sys.argv[1:], *("10", "10000", "1000")[len(sys.argv) - 1 :])
    )
    with TemporaryDirectory() as name:
        folder = Path(name)
        clock, (before, now) = half_way(folder, plants, activities)
        asked = {"period": None, "uncertainty": None, "seed": 1, "policy": None, "threads": None}
        record = folder / "record"
        warm = data_sets([before])
        list(batch(warm, record, as_of=clock + 6 * DAY, replications=64, **asked))  # type: ignore[arg-type]
        begun = perf_counter()
        (one,) = batch(data_sets([now])[:1], None, as_of=clock + 7 * DAY, replications=replications, **asked)  # type: ignore[arg-type]
        alone = perf_counter() - begun
        begun = perf_counter()
        for result in batch(data_sets([now]), record, as_of=clock + 7 * DAY, replications=replications, **asked):  # type: ignore[arg-type]
            print(line(result), flush=True)
        forecast = perf_counter() - begun
        for plant in range(plants):
            moved(*last_two(record, f"plant{plant}"), ("throughput", "operating_expense", "net_profit"))
        whole = perf_counter() - begun
        told, _ = killed(now, record, clock + 7 * DAY, replications, ())
        again, kept = killed(now, folder / "again", clock + 7 * DAY, replications, (4.0, 9.0, 14.0))
    same = told == again and kept > 0
    fine = whole <= ALL and alone <= ONE and one.fault is None and same
    size = f"{plants} plants x {activities:,} activities x {replications:,} futures"
    print(f"{size}: forecast {forecast:.0f} s, and explained {whole:.0f} s (at most {ALL:.0f})")
    print(f"one plant alone, warm: {alone:.1f} s (at most {ONE:.0f})")
    print(f"killed three times: {kept} plants not made again, {'the same' if same else 'OTHER'} figures")
    print("holds" if fine else "NOT REACHED")
    return int(not fine)


if __name__ == "__main__":
    sys.exit(main())
