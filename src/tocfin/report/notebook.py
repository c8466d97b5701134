"""Results that a notebook, or a plain ``print``, shows as tables, and their pictures: KPIs, plans, forecasts.

Each is what the library hands over (a `Scorecard`, a `Dossier`, a `Forecast`) and can be used as such.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tocfin.dataset import Dataset
from tocfin.forecast import closing, told
from tocfin.forecast import dossier as gathering
from tocfin.forecast.scopes import WHOLE
from tocfin.kpi import KPIS
from tocfin.measure import measure
from tocfin.report import charts
from tocfin.report.booklet import Booklet, Chart
from tocfin.report.bound import bound, grids
from tocfin.report.forecast import grids as forecast_grids
from tocfin.report.grid import Grid
from tocfin.report.pieces import short
from tocfin.report.readable import Readable, readable
from tocfin.report.scorecard import as_grids
from tocfin.report.sections import booklet
from tocfin.scorecard import Scorecard


class ReadableScorecard(Readable, Scorecard):
    """A Scorecard that shows itself, and its targets (`against`)."""

    def grids(self) -> Sequence[Grid]:
        """KPIs beside the other policy, targets, groups."""
        return as_grids(self)

    def charts(self) -> Mapping[str, Chart]:
        """KPIs in per cent of their targets."""
        rows = [
            (short(line.kpi), 100 * line.value / line.target, None, None, KPIS[line.kpi].polarity > 0)
            for line in self.targets
            if not line.scope and line.period == self.horizon and line.version == "budget"
            if line.value is not None and line.target > 0 and line.kpi in KPIS
        ]
        return {"against": charts.targets(rows)} if rows else {}


class ReadableDossier(Readable, gathering.Dossier):
    """Plans beside each other as a report tells them; ``write`` makes a file of it."""

    @property
    def book(self) -> Booklet:
        """The report, of which every form is made."""
        return booklet(self)

    def grids(self) -> Sequence[Grid]:
        """What page 1 says, then the tables of the report."""
        return grids(self.book)

    def charts(self) -> Mapping[str, Chart]:
        """Every chart of the report by its name: against, fan, outlook-bridge, pareto, tornado, gantt, load, …"""
        contents = (one for section in self.book.sections for one in section.contents)
        return {one.name: one for one in contents if isinstance(one, Chart)}

    def write(self, out: str | Path, *, force: bool = False) -> Path:
        """The report as a file: .html, .xlsx, .json, .csv, .md, .txt, or a folder of Parquet tables."""
        place = Path(out)
        bound(self, place, force=force)
        return place


class ReadableForecast(Readable, closing.Forecast):
    """A Forecast that shows itself, and where it will end against its targets (`against`)."""

    def grids(self) -> Sequence[Grid]:
        """Plan, actual, band; targets; jobs near the close."""
        return forecast_grids(told.document(self))

    def charts(self) -> Mapping[str, Chart]:
        """Plan, actual and forecast in per cent of the targets of the whole period."""
        said = told.document(self)
        rows = []
        for line in told.whole(said, WHOLE):
            goal = next((one for one in line["targets"] if one["version"] == "budget" and one["target"] > 0), None)
            if goal is None or line["plan"] is None or line["kpi"] not in KPIS:
                continue
            share = 100 / goal["target"]
            actual = None if line["actual"] is None else share * line["actual"]
            band = [share * line[name] for name in ("P10", "P50", "P90") if line[name] is not None]
            future = (band[0], band[1], band[2]) if len(band) == 3 else None
            rows.append((short(line["kpi"]), share * line["plan"], actual, future, KPIS[line["kpi"]].polarity > 0))
        return {"against": charts.targets(rows)} if rows else {}


def show(
    dataset: Dataset,
    *,
    policy: str | None = None,
    plants: Sequence[str] = (),
    by: str | None = None,
    threads: int | None = None,
) -> ReadableScorecard:
    """The KPIs of ``dataset`` as a table to read, the other policy beside each KPI that differs.

    Raises DatasetError when the data set has errors, UsageError for a name that is not there.
    """
    return readable(ReadableScorecard, measure(dataset.require(), policy=policy, plants=plants, by=by, threads=threads))


def compare(
    base: str | Path,
    *others: str | Path,
    replications: int = gathering.REPLICATIONS,
    policy: str | None = None,
    seed: int | None = None,
) -> ReadableDossier:
    """A plan (a data set or a scenario file) and ``others`` beside it in the same futures, as ``tocfin report`` has it.

    Raises DatasetError with every finding, UsageError for scenarios that cannot be compared.
    """
    found = gathering.dossier([base, *others], replications=replications, policy=policy, seed=seed)
    return readable(ReadableDossier, found)


def outlook(dataset: Dataset, **asked: Any) -> ReadableForecast:
    """Where a period of ``dataset`` will end; the arguments are those of `tocfin.forecast.closing.forecast`."""
    return readable(ReadableForecast, closing.forecast(dataset, **asked))
