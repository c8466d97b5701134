"""A scorecard that a notebook, or a plain ``print``, shows as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from tocfin.dataset import Dataset
from tocfin.measure import measure
from tocfin.report.grid import html, terminal
from tocfin.report.scorecard import as_grids
from tocfin.scorecard import Scorecard


class ReadableScorecard(Scorecard):
    """A Scorecard that shows itself."""

    def _repr_html_(self) -> str:
        return html(as_grids(self))

    def __str__(self) -> str:
        return terminal(as_grids(self), width=160, colour=False)


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
    card = measure(dataset.require(), policy=policy, plants=plants, by=by, threads=threads)
    return ReadableScorecard(**{each.name: getattr(card, each.name) for each in fields(Scorecard)})
