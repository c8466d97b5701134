"""Forecasts of many plants, one after the other: what is in the record already is not made again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from tocfin.dataset.text import instant
from tocfin.errors import DatasetError, Finding, TocfinError, UsageError
from tocfin.forecast.closed import frozen, late_facts
from tocfin.forecast.closing import forecast
from tocfin.forecast.record import card_of, found, keep, uncertainty_of
from tocfin.forecast.scored import learned
from tocfin.forecast.spans import period_called
from tocfin.forecast.told import document
from tocfin.opening import read


class Result(NamedTuple):
    """One plant of a batch: what its forecast says (as JSON has it), or why there is none."""

    name: str
    document: dict[str, Any] | None
    findings: tuple[Finding, ...]
    seconds: float
    fault: str | None
    reused: bool


def data_sets(sources: Sequence[Path]) -> list[Path]:
    """Every source that is a data set, and of a folder of data sets each of them; raises UsageError where none is."""
    listed: list[Path] = []
    for source in sources:
        if source.suffix.lower() == ".xlsx" or (source / "plan.toml").is_file():
            listed.append(source)
            continue
        inside = sorted(path.parent for path in source.glob("*/plan.toml")) + sorted(source.glob("*.xlsx"))
        if not inside:
            raise UsageError(f"{source} is neither a data set nor a folder of data sets")
        listed += inside
    return listed


def batch(
    sources: Iterable[Path],
    record: Path | None,
    *,
    period: str | None,
    as_of: int | None,
    uncertainty: Path | None,
    replications: int,
    seed: int,
    policy: str | None,
    threads: int | None,
    calibrate: bool = False,
) -> Iterator[Result]:
    """One result for each data set, in turn; a fault in one is told and does not keep the others waiting.

    With a ``record`` each forecast is stored as soon as it is made, and one that is there with the same run card is
    taken from it, so that a batch goes on where it was stopped. The stored close of a closed period stands, whatever
    has changed since; what has is a correction in the forecast of the open one. ``calibrate`` makes bands as wide as
    the record says that they must be.
    """
    asked = {
        "period": period, "as_of": None if as_of is None else instant(as_of), "replications": replications,
        "seed": seed, "policy": policy, "calibrate": calibrate,
    }  # fmt: skip
    for source in sources:
        begun = perf_counter()
        try:
            said, findings, reused = _one(source, record, uncertainty, asked, as_of, threads)
            result = Result(source.stem, said, findings, perf_counter() - begun, None, reused)
        except TocfinError as error:
            findings = error.findings if isinstance(error, DatasetError) else ()
            fault = "the data set has errors" if findings else str(error)
            result = Result(source.stem, None, tuple(findings), perf_counter() - begun, fault, False)
        yield result


def _one(
    source: Path, record: Path | None, noise: Path | None, asked: dict[str, Any], as_of: int | None, threads: int | None
) -> tuple[dict[str, Any], tuple[Finding, ...], bool]:
    """The forecast of one data set as JSON has it, what was found, and whether it was in the record."""
    dataset = read(source).require()
    noise = uncertainty_of(dataset, noise)
    period = period_called(dataset, asked["period"], as_of)
    wanted = {name: value for name, value in asked.items() if name != "calibrate"} | {"as_of": as_of}
    if record is None:
        made = forecast(dataset, uncertainty=noise, threads=threads, **wanted)
        return document(made), made.findings, False
    card = card_of(dataset, noise, asked)
    if (there := found(record, dataset, period.name, card)) is not None:
        return dict(there.document), (), True
    if (there := frozen(record, dataset, period)) is not None and (as_of is None or as_of >= period.end):
        message = (
            f"period {period.name} is closed: shown as it was stored {there.card['created_at']}; what has changed "
        )
        message += "since is a correction in the forecast of the open period"
        return dict(there.document), (Finding("warning", "closed-period", "periods", None, None, message),), True
    made = forecast(dataset, uncertainty=noise, threads=threads, **wanted)
    later = late_facts(record, dataset, period, made.as_of, asked["policy"])
    made = replace(made, adjustments=(*made.adjustments, *later))
    if asked["calibrate"]:
        made = learned(made, record, dataset)
    return dict(keep(record, dataset, made, card, noise).document), made.findings, False
