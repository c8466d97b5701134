"""KPIs as labelled arrays: an xarray Dataset that carries names, units and policy with the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from tocfin.dataset import Dataset
from tocfin.dataset.text import instant
from tocfin.kpi import KPIS
from tocfin.measure import measure
from tocfin.scorecard import Figure, Scorecard


def kpis(
    dataset: Dataset,
    *,
    policy: str | None = None,
    plants: Sequence[str] = (),
    by: str | None = None,
    threads: int | None = None,
) -> xr.Dataset:
    """Every KPI of ``dataset`` as a variable: a scalar, or one value per key of ``by`` along a dimension of that name.

    A KPI without a value is NaN; ``status`` (dimension ``kpi``, and ``by``) says why: ``ok``, ``undefined``,
    ``not_supplied`` or ``not_projected``. Each variable has ``units``, ``long_name``, ``polarity`` and ``kind`` in
    its attributes; the Dataset has the policy, each of its flags (``policy_<flag>``), the currency and the horizon.
    Raises DatasetError when the data set has errors, UsageError for a name that is not there.
    """
    return labelled(measure(dataset.require(), policy=policy, plants=plants, by=by, threads=threads))


def labelled(card: Scorecard) -> xr.Dataset:
    """A scorecard as an xarray Dataset; see `kpis`."""
    dims = () if card.by is None else (card.by,)
    columns = [card.figures] if card.by is None else [group.figures for group in card.groups]
    keys = {} if card.by is None else {card.by: [group.key or "" for group in card.groups]}
    names = list(card.figures)
    values = {name: (dims, _values(name, columns, dims), _attributes(card.figures[name])) for name in names}
    words = np.array([[column[name].status for column in columns] for name in names], dtype=object)
    status = (("kpi", *dims), words if dims else words[:, 0], {"long_name": "why a value is missing"})
    return xr.Dataset({**values, "status": status}, coords={"kpi": names, **keys}, attrs=_run(card))


def _values(name: str, columns: Sequence[Mapping[str, Figure]], dims: tuple[str, ...]) -> Any:
    numbers = [column[name].value for column in columns]
    filled = np.array([np.nan if number is None else number for number in numbers])
    return filled if dims else filled[0]


def _attributes(figure: Figure) -> dict[str, Any]:
    kpi = KPIS[figure.kpi]
    return {"long_name": kpi.title, "units": figure.unit, "polarity": kpi.polarity, "kind": kpi.kind}


def _run(card: Scorecard) -> dict[str, Any]:
    start, end = card.horizon
    flags = {f"policy_{flag}": word for flag, word in card.policy.flags.items()}
    named = {"dataset": card.dataset, "policy": card.policy.name, "currency": card.currency}
    return {**named, "horizon_start": instant(start), "horizon_end": instant(end), **flags}
