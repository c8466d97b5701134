"""The record of forecasts: plain JSON and Parquet files, one folder for each data set and period, never overwritten.

``RECORD/<data set>/<period>/<instant>-<id>.json`` holds a forecast with its run card (hashes of inputs, seed,
versions), ``.parquet`` beside it one column of values for each line, and ``inputs/`` the tables that it was made of,
once. The id is a hash of all that a forecast depends on: the same forecast is the same file, so a batch that was killed
goes on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import polars as pl

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.atomic import appearing
from tocfin.dataset.text import instant
from tocfin.dataset.write import plan_toml, write
from tocfin.errors import UsageError
from tocfin.forecast.closing import UNCERTAINTY, Forecast
from tocfin.forecast.scopes import shown
from tocfin.forecast.told import document
from tocfin.kpi import SLOT
from tocfin.scenarios.launch import GENERATOR, packages

SCHEMA = 1


@dataclass(frozen=True)
class Stored:
    """One forecast of a record: what it said (``document`` as JSON has it) and the files that go with it."""

    file: Path
    document: Mapping[str, Any]

    @property
    def card(self) -> Mapping[str, Any]:
        """Where it comes from."""
        return cast(Mapping[str, Any], self.document["card"])

    @property
    def inputs(self) -> Path:
        """The tables that it was made of, as a data set."""
        return self.file.parent.parent / "inputs" / str(self.card["inputs"])

    def values(self) -> pl.DataFrame:
        """A column of values for each line, in the order of the lines."""
        return pl.read_parquet(self.file.with_suffix(".parquet"))


def card_of(dataset: Dataset, uncertainty: Path | None, asked: Mapping[str, Any]) -> dict[str, Any]:
    """All that a forecast depends on, as text; ``id`` is a hash of it."""
    plan = cast(Plan, dataset.plan)
    tables = {name: _digest(frame) for name, frame in sorted(dataset.tables.items()) if frame.height}
    noise = None if uncertainty is None else hashlib.sha256(uncertainty.read_bytes()).hexdigest()
    inputs = {"plan": hashlib.sha256(plan_toml(plan).encode()).hexdigest(), "tables": tables, "uncertainty": noise}
    said = {"inputs": _hash(inputs), "asked": dict(asked), "generator": GENERATOR, "packages": packages()}
    return said | {"files": inputs, "id": _hash(said)[:12]}


def uncertainty_of(dataset: Dataset, given: Path | None) -> Path | None:
    """The file of uncertainty that a forecast takes."""
    if given is not None:
        if not given.is_file():
            raise UsageError(f"{given}: there is no such file of uncertainty")
        return given
    beside = None if dataset.path is None else dataset.path / UNCERTAINTY
    return beside if beside is not None and beside.is_file() else None


def found(record: Path, dataset: Dataset, period: str, card: Mapping[str, Any]) -> Stored | None:
    """The forecast with this card, where the record has it."""
    for file in sorted((record / _folder(dataset.name) / _folder(period)).glob(f"*-{card['id']}.json")):
        if file.with_suffix(".parquet").is_file():
            return Stored(file, _read(file))
    return None


def keep(
    record: Path, dataset: Dataset, forecast: Forecast, card: Mapping[str, Any], uncertainty: Path | None
) -> Stored:
    """Add a forecast to the record, whole or not at all; the JSON file comes last and says that all is there."""
    place = record / _folder(dataset.name)
    inputs = place / "inputs" / str(card["inputs"])
    if not inputs.exists():
        write(dataset.tables, cast(Plan, dataset.plan), inputs, form="parquet")
        if uncertainty is not None:
            with appearing(inputs / UNCERTAINTY) as part:
                part.write_bytes(uncertainty.read_bytes())
    stem = f"{instant(forecast.as_of).replace(':', '')}-{card['id']}"
    file = place / _folder(forecast.period.name) / f"{stem}.json"
    columns = {
        f"{number} {line.kpi} {shown(line.scope)}": pl.Series(line.values) for number, line in enumerate(forecast.lines)
    }
    longest = max(len(column) for column in columns.values())
    with appearing(file.with_suffix(".parquet"), force=True) as part:
        pl.DataFrame(
            {
                name: column.new_from_index(0, longest) if len(column) == 1 else column
                for name, column in columns.items()
            }
        ).write_parquet(part)
    made = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    content = document(forecast) | {"terms": _terms(forecast), "card": dict(card) | {"created_at": made}}
    with appearing(file, force=True) as part:
        part.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", "utf-8")
    return Stored(file, content)


def stored(record: Path, dataset: str | None = None, period: str | None = None) -> list[Stored]:
    """Forecasts of a record, by data set, period, instant and when they were made; of one data set or period only."""
    if not record.is_dir():
        raise UsageError(f"{record} is no folder of forecasts; `tocfin forecast --record` makes one")
    files = sorted(record.glob("*/*/*.json"))
    every = [Stored(file, _read(file)) for file in files if file.parent.name != "inputs"]
    chosen = [
        one
        for one in every
        if dataset in (None, one.document["dataset"]) and period in (None, one.document["period"]["period"])
    ]
    return sorted(chosen, key=_order)


def last_two(record: Path, dataset: str | None = None, period: str | None = None) -> tuple[Stored, Stored]:
    """The last forecast and the one before it of one data set and period (default: the last period forecast).

    Raises UsageError where there are several data sets to choose from, or fewer than two forecasts.
    """
    found = stored(record, dataset, period)
    names = sorted({one.document["dataset"] for one in found})
    if len(names) > 1:
        raise UsageError(f"{record} holds forecasts of {', '.join(names)}; name one with --dataset")
    last = [one for one in found if one.document["period"] == found[-1].document["period"]]
    if len(last) < 2:
        raise UsageError(f"{record} holds {len(last)} forecasts of that; two are needed to say what moved")
    return last[-2], last[-1]


def _order(one: Stored) -> tuple[str, str, str, str]:
    said = one.document
    return said["dataset"], said["period"]["start"], said["as_of"], one.card["created_at"]


def read_one(file: Path) -> Stored:
    """The forecast in one file of a record; raises UsageError for what is none."""
    return Stored(file, _read(file))


def _read(file: Path) -> Mapping[str, Any]:
    try:
        said = json.loads(file.read_text("utf-8"))
        if said["schema"] != SCHEMA or "card" not in said:
            raise KeyError("schema")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{file}: is no forecast that this version can read ({error}); move it away") from error
    return cast(Mapping[str, Any], said)


def _terms(forecast: Forecast) -> dict[str, dict[str, float | None]]:
    """Mean terms by scope; None where one was not supplied."""
    return {
        shown(scope): {name: None if terms[slot] != terms[slot] else float(terms[slot]) for name, slot in SLOT.items()}
        for scope, terms in forecast.terms.items()
    }


def _digest(frame: pl.DataFrame) -> str:
    """A hash of what a table says, whatever file it came from; row numbers do not count."""
    return hashlib.sha256(frame.drop("row").write_csv().encode()).hexdigest()


def _hash(said: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _folder(name: str) -> str:
    """A name as one folder: whatever is no letter, digit, dot, dash or underscore becomes a dash."""
    safe = "".join(char if char.isalnum() or char in "._-" else "-" for char in name).strip(".")
    return safe or "data"
