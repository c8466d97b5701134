"""What is planned anew: a data set, or what a scenario makes of its base; with the luck that plans are proven under."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import polars as pl

from tocfin.dataset import Dataset
from tocfin.dataset.page import Page
from tocfin.dataset.text import instant
from tocfin.errors import DatasetError, Finding, UsageError
from tocfin.model.progress import present
from tocfin.opening import read
from tocfin.scenarios.overrides import Applied, apply
from tocfin.scenarios.resolve import resolve
from tocfin.scenarios.run import replay
from tocfin.scenarios.spec import DEFAULT_SEED, Scenario, StartPolicy, load
from tocfin.scenarios.uncertainty import Uncertainty, read_uncertainty
from tocfin.scenarios.world import prepared

ASSUMED = Path(__file__).with_name("assumed.toml")
GUESSED = "assumed (work varies by 15 %), because none was named"
#: A plan is proven by its sequences: work that can start sooner does, so that hours won are worth something.
START_POLICY: StartPolicy = "as soon as possible"
SCENARIO_FILE = ".toml"


@dataclass(frozen=True)
class Source:
    """A checked data set and the futures of it.

    ``says`` tells a reader where the uncertainty is from; ``content`` is that file's TOML, with what it takes from
    another file, so that it can be written beside a plan. ``findings`` are warnings.
    """

    dataset: Dataset
    uncertainty: Uncertainty
    says: str
    content: Mapping[str, Any]
    start_policy: StartPolicy = START_POLICY
    seed: int = DEFAULT_SEED
    findings: tuple[Finding, ...] = ()


def opened(place: str | Path, uncertainty: str | Path | None = None) -> Source:
    """The data set or scenario file at ``place``; ``uncertainty`` is a file that is taken instead of the scenario's.

    A scenario's present plan is what becomes of its base's under its changes when nothing is random; that of a data set
    that is being worked on, what becomes of it from the state of the work, from that instant on. Raises
    DatasetError with every finding of the files and the data set.
    """
    path = Path(place)
    if path.suffix.lower() == SCENARIO_FILE:
        source = _of_scenario(path)
    else:
        found = read(place).require()
        source = Source(
            found,
            *declared(ASSUMED, GUESSED),
            findings=found.findings,
        )
    source = replace(source, findings=(*source.findings, *doubts(source.dataset)))
    if uncertainty is not None:
        uncertain, says, content = declared(Path(uncertainty), f"from {uncertainty}")
        source = replace(source, uncertainty=uncertain, says=says, content=content)
    return replace(source, dataset=present(source.dataset))


def doubts(dataset: Dataset) -> list[Finding]:
    """Warnings about what no plan can mend: jobs that are needed before they may begin."""
    jobs = dataset.tables["jobs"].filter(pl.col("need_date") < pl.col("release_date"))
    return [
        Finding(
            "warning", "need-before-release", "jobs", row, "need_date",
            f"'{job}' is needed at {instant(need)}, before its release at {instant(release)}: every plan makes it late",
            value=instant(need),
        )
        for row, job, need, release in jobs["row", "job", "need_date", "release_date"].iter_rows()
    ]  # fmt: skip


def assumed(dataset: Dataset) -> Source:
    """``dataset`` under the uncertainty that is assumed where nobody says any."""
    return Source(dataset, *declared(ASSUMED, GUESSED))


def _of_scenario(path: Path) -> Source:
    scenario, findings = load(path)
    if scenario is None:
        raise DatasetError(findings)
    return of_scenario(scenario, read(scenario.base).require(), path, findings)


def of_scenario(scenario: Scenario, base: Dataset, path: Path, findings: Sequence[Finding] = ()) -> Source:
    """What ``scenario``, read from ``path``, makes of ``base``; ``findings`` are those about the file."""
    applied = apply(scenario, base)
    found = applied.dataset.require()
    if scenario.overrides or scenario.additions:
        found = replace(found, tables={**found.tables, "activities": _carried_over(scenario, applied, base)})
    uncertain, says = scenario.uncertainty, f"from {path}"
    content: Mapping[str, Any] = merged(path)
    if not (uncertain.factors or uncertain.rules):
        uncertain, says, content = declared(ASSUMED, f"assumed, because {path.name} says none")
    warned = tuple(dict.fromkeys([*findings, *found.findings]))
    return Source(found, uncertain, says, content, scenario.start_policy, scenario.draws.seed, warned)


def _carried_over(scenario: Scenario, applied: Applied, base: Dataset) -> pl.DataFrame:
    """The table of activities as the changes of the scenario leave it when nothing is random."""
    found = applied.dataset
    certain, _ = resolve(Uncertainty(off=scenario.uncertainty.off | {"breakdowns", "scrap"}), found)
    world = prepared(
        scenario.name, found, certain, activity_work=applied.activity_work, start_policy="as planned", base=base
    )
    once = replay(world, DEFAULT_SEED, 0)
    keys = world.model.keys
    times = pl.DataFrame(
        {
            "activity": keys["activity"],
            "resource": keys["resource"].gather(world.model.schedule.activity_resource),
            "~start": once.start,
            "~end": once.end,
        }
    ).unique(["activity", "resource"], keep="any")
    table = found.tables["activities"]
    moved = table.join(times, on=["activity", "resource"], how="left", maintain_order="left")
    return moved.with_columns(
        start=pl.coalesce("~start", "start").cast(table.schema["start"]),
        end=pl.coalesce("~end", "end").cast(table.schema["end"]),
    ).select(table.columns)


def declared(path: Path, says: str) -> tuple[Uncertainty, str, Mapping[str, Any]]:
    """The uncertainty of a file (a scenario's, or one that `tocfin fit` wrote)."""
    page = Page(path.name)
    content = page.content(path)
    if content is not None and "uncertainty" not in content and "off" not in content:
        page.fault("missing-key", "uncertainty", "is not in the file; tocfin fit writes such files")
    found = read_uncertainty(page, content or {}, path.parent)
    if any(finding.grade == "error" for finding in page.findings):
        raise DatasetError(page.findings)
    return found, says, merged(path)


def merged(path: Path) -> dict[str, Any]:
    """``off`` and ``uncertainty`` of a readable file, with those of the file that it takes them from."""
    content = Page(path.name).content(path) or {}
    given = content.get("uncertainty", {})
    given = {"file": given} if isinstance(given, str) else dict(given)
    inner = merged(path.parent / given.pop("file")) if "file" in given else {"off": [], "uncertainty": {}}
    sections = {key: [*inner["uncertainty"].get(key, ()), *given.get(key, ())] for key in
                dict.fromkeys([*inner["uncertainty"], *given])}  # fmt: skip
    if "factor" in sections:
        sections["factor"] = list({factor["name"]: factor for factor in sections["factor"]}.values())
    return {"off": list(dict.fromkeys([*inner["off"], *content.get("off", ())])), "uncertainty": sections}


def toml_text(content: Mapping[str, Any]) -> str:
    """What `merged` gives as the text of a file."""
    lines = [f"off = {_value(content['off'])}"] if content["off"] else []
    for key, rows in content["uncertainty"].items():
        for row in rows:
            lines += ["", f"[[uncertainty.{key}]]", *(f"{_quoted(name)} = {_value(of)}" for name, of in row.items())]
    if not content["uncertainty"]:
        lines += ["", "[uncertainty]"]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return _quoted(value)
        case datetime() | date() | time():
            return value.isoformat()
        case Mapping():
            return "{ " + ", ".join(f"{_quoted(key)} = {_value(of)}" for key, of in value.items()) + " }"
        case list():
            return "[" + ", ".join(map(_value, value)) + "]"
        case int() | float():
            return repr(value)
    raise UsageError(f"{value!r} cannot be written as TOML")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
