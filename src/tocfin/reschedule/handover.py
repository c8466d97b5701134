"""A proposal on disk: the chosen plan as a data set, a scenario with its luck, the changes, and every candidate.

``plan`` (a data set), ``scenario.toml`` (its base is that plan) with ``uncertainty.toml``, ``changes.csv``; and for
`tocfin candidates`: ``source`` (the data set as it was read), ``candidates.json``, ``plans.parquet`` (what each plan
moves) and ``futures.parquet`` (each plan in each future).
"""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, cast

import polars as pl

from tocfin.dataset import Dataset, Plan
from tocfin.dataset.write import write
from tocfin.errors import UsageError
from tocfin.opening import read
from tocfin.reschedule.impact import changes
from tocfin.reschedule.improve import Candidate
from tocfin.reschedule.money import Price
from tocfin.reschedule.prove import Proof, ranked
from tocfin.reschedule.risk import Risk
from tocfin.reschedule.source import Source, declared, toml_text

SCHEMA = 1
MOVED = ("row", "resource", "start", "end")


def handed_over(source: Source, chosen: Candidate, out: str | Path, proof: Proof | None = None) -> Path:
    """Write ``out`` with ``chosen`` as its plan, and with all candidates of ``proof`` for `reopened`.

    The data set that was read is never touched. It appears whole or not at all; raises UsageError when ``out`` exists
    or cannot be written.
    """
    place = Path(out)
    if os.path.lexists(place):
        raise UsageError(f"{place} exists already; choose another name, a plan is never overwritten")
    part = place.with_name(f".{place.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        _plan(source, chosen, part)
        if proof is not None:
            _candidates(source, proof, part)
        part.rename(place)
    except OSError as error:
        raise UsageError(f"{out}: cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return place


def _plan(source: Source, chosen: Candidate, part: Path) -> None:
    dataset = source.dataset
    plan = replace(cast(Plan, dataset.plan), control_totals={})  # they are those of the plan that was read
    write({**dataset.tables, "activities": chosen.activities}, plan, part / "plan")
    changes(dataset, dataset.tables["activities"], chosen.activities).write_csv(part / "changes.csv")
    heading = f"# What is uncertain: {source.says}.\n\n"
    (part / "uncertainty.toml").write_text(heading + toml_text(source.content), encoding="utf-8", newline="\n")
    (part / "scenario.toml").write_text(_scenario(source, chosen), encoding="utf-8", newline="\n")


def _scenario(source: Source, chosen: Candidate) -> str:
    title = json.dumps(f"rescheduled: {chosen.name}", ensure_ascii=False)
    return "\n".join(
        [
            f"# The plan called {chosen.name!r}: other times, sequences and resources; all else is as it was read.",
            f"name = {title}",
            'base = "plan"',
            f'start_policy = "{source.start_policy}"',
            'uncertainty = "uncertainty.toml"',
            "",
            "[draws]",
            f"seed = {source.seed}",
            "",
        ]
    )


def _candidates(source: Source, proof: Proof, part: Path) -> None:
    write(source.dataset.tables, cast(Plan, source.dataset.plan), part / "source", form="parquet")
    written = read(part / "source").tables["activities"]
    again = dict(zip(source.dataset.tables["activities"]["row"].to_list(), written["row"].to_list(), strict=True))
    plans = [
        one.candidate.activities.select(*MOVED).with_columns(
            pl.col("row").replace_strict(again, return_dtype=pl.Int64), plan=pl.lit(one.candidate.name)
        )
        for one in proof.proven
    ]
    pl.concat(plans).write_parquet(part / "plans.parquet")
    futures = [
        pl.DataFrame({"plan": [one.candidate.name] * proof.replications, "replication": range(proof.replications)})
        .with_columns(**{name: pl.Series(values) for name, values in one.values.items()})
        for one in proof.proven
    ]  # fmt: skip
    pl.concat(futures).write_parquet(part / "futures.parquet")
    document = {
        "schema": SCHEMA,
        "measure": proof.measure,
        "seed": proof.seed,
        "wanted": proof.wanted,
        "start_policy": source.start_policy,
        "says": source.says,
        "risk": {key: value if value != math.inf else None for key, value in asdict(proof.risk).items()},
        "candidates": [_record(one.candidate) for one in proof.proven],
    }
    (part / "candidates.json").write_text(json.dumps(document, indent=1), encoding="utf-8", newline="\n")


def _record(one: Candidate) -> dict[str, Any]:
    price = {
        "objective": _known(one.price.objective),
        "net_profit": [_known(value) for value in one.price.net_profit],
        "parts": {name: [_known(value) for value in part] for name, part in one.price.parts.items()},
        "missing": list(one.price.missing),
    }
    return {"plan": one.name, "price": price, "breaches": list(one.breaches)}


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def reopened(place: str | Path, risk: Risk | None = None) -> tuple[Source, Proof]:
    """What `handed_over` wrote, ranked again under ``risk`` (default: the risk that it was ranked under).

    Raises UsageError where it is no such folder, DatasetError where its data set has errors.
    """
    folder = Path(place)
    try:
        document = json.loads((folder / "candidates.json").read_text("utf-8"))
        plans, futures = (pl.read_parquet(folder / f"{name}.parquet") for name in ("plans", "futures"))
        if document["schema"] != SCHEMA:
            raise UsageError(f"{place} was written by another version of tocfin; reschedule again")
        source = _source(folder, document)
        pairs = [_pair(one, source.dataset, plans, futures) for one in document["candidates"]]
        limits = risk or _risk(**document["risk"])
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
        message = f"{place} holds no candidates of `tocfin reschedule --out`, or not as they were written"
        raise UsageError(f"{message} ({type(error).__name__})") from error
    return source, ranked(pairs, document["measure"], limits, document["says"], document["seed"], document["wanted"])


def _risk(name: str, **limits: float | None) -> Risk:
    return Risk(name, **{key: math.inf if value is None else value for key, value in limits.items()})


def chosen(found: Sequence[tuple[Source, Proof]], name: str | None, out: str | Path) -> Path:
    """Write the plan called ``name`` (default: the first) of the one proposal in ``found`` to ``out``.

    Raises UsageError for a plan that is not there or that cannot be carried out.
    """
    if len(found) != 1:
        raise UsageError("a plan is chosen from one folder; name that one only")
    source, proof = found[0]
    names = [one.candidate.name for one in proof.proven]
    if name is not None and name not in names:
        raise UsageError(f"'{name}' is not a plan there; there are {', '.join(names)}")
    one = (proof.best if name is None else proof.named(name)).candidate
    if one.breaches:
        raise UsageError(f"'{one.name}' cannot be carried out: {one.breaches[0]}")
    return handed_over(source, one, out, proof)


def _source(folder: Path, document: dict[str, Any]) -> Source:
    found = read(folder / "source").require()
    uncertainty, _, content = declared(folder / "uncertainty.toml", "")
    return Source(found, uncertainty, document["says"], content, document["start_policy"], document["seed"])


def _pair(
    record: dict[str, Any], dataset: Dataset, plans: pl.DataFrame, futures: pl.DataFrame
) -> tuple[Candidate, dict[str, Any]]:
    name, price = record["plan"], record["price"]
    table = dataset.tables["activities"]
    moved = plans.filter(pl.col("plan") == name).drop("plan")
    activities = table.drop(*MOVED[1:]).join(moved.with_columns(pl.col("row").cast(table.schema["row"])), on="row")
    if activities.height != table.height:
        raise ValueError(f"rows of {name}")
    parts = {key: (_number(this), _number(later)) for key, (this, later) in price["parts"].items()}
    this, later = map(_number, price["net_profit"])
    paid = Price(_number(price["objective"]), (this, later), parts, tuple(price["missing"]))
    values = futures.filter(pl.col("plan") == name).sort("replication").drop("plan", "replication")
    candidate = Candidate(name, activities.select(table.columns).sort("row"), paid, tuple(record["breaches"]))
    return candidate, {column: values[column].to_numpy() for column in values.columns}
