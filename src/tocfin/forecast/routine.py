"""``project.toml``: what is done with a plant every working day, of when, and compared with what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from tocfin.catalogue import POLICIES
from tocfin.dataset import Dataset, Plan
from tocfin.dataset.page import Page
from tocfin.errors import DatasetError
from tocfin.forecast.closing import REPLICATIONS, SEED
from tocfin.forecast.record import Stored, stored
from tocfin.forecast.spans import listed_periods
from tocfin.scenarios.spec import LARGEST_SEED, MOST_REPLICATIONS, load

FORMS = ("html", "xlsx", "json")
KEYS = ("dataset", "uncertainty", "scenarios", "record", "days", "report", "import", "forecast")


@dataclass(frozen=True)
class Export:
    """Where the tables come from: a profile (a shipped name or a file) and its source; instants are seconds UTC."""

    profile: str | Path
    source: Path
    finance: Path | None
    start: int | None
    end: int | None

    @property
    def files(self) -> tuple[Path, ...]:
        """All that the import reads."""
        return tuple(path for path in (self.profile, self.source, self.finance) if isinstance(path, Path))


@dataclass(frozen=True)
class Project:
    """One plant's day. ``days`` gets a folder for each day, ``record`` keeps every forecast."""

    file: Path
    dataset: Path
    uncertainty: Path | None
    scenarios: tuple[Path, ...]
    record: Path
    days: Path
    report: str
    export: Export | None
    period: str | None
    replications: int
    seed: int
    policy: str | None

    @property
    def sources(self) -> tuple[Path, ...]:
        """What the report is about: the scenarios, the first as the base, or the data set alone."""
        return self.scenarios or (self.dataset,)


def project(path: str | Path) -> Project:
    """The project in a TOML file; its paths are relative to that file. Raises DatasetError with every finding."""
    file = Path(path)
    page = Page(file.name, "project")
    content = page.content(file)
    found = None if content is None else _read(page, content, file)
    if found is None or any(finding.grade == "error" for finding in page.findings):
        raise DatasetError(page.findings)
    return found


def _read(page: Page, content: Mapping[str, Any], file: Path) -> Project:
    page.keys(content, KEYS)
    page.needed(content, "dataset", "", '"plant"')
    asked = page.section(content, "forecast")
    page.keys(asked, ("period", "replications", "seed", "policy"), "forecast")
    count = page.number(asked, "replications", "forecast", low=1, high=MOST_REPLICATIONS, whole=True)
    seed = page.number(asked, "seed", "forecast", high=LARGEST_SEED, whole=True)
    folder = file.parent
    return Project(
        file=file,
        dataset=_path(page, content, "dataset", folder) or folder,
        uncertainty=_path(page, content, "uncertainty", folder, there=True),
        scenarios=_scenarios(page, content, folder),
        record=_path(page, content, "record", folder) or folder / "forecasts",
        days=_path(page, content, "days", folder) or folder / "days",
        report=page.word(content, "report", "", FORMS) or FORMS[0],
        export=_export(page, page.section(content, "import"), folder) if "import" in content else None,
        period=page.text(asked, "period", "forecast"),
        replications=REPLICATIONS if count is None else int(count),
        seed=SEED if seed is None else int(seed),
        policy=page.word(asked, "policy", "forecast", POLICIES),
    )


def _export(page: Page, given: Mapping[str, Any], folder: Path) -> Export:
    page.keys(given, ("profile", "source", "finance", "from", "to"), "import")
    page.needed(given, "profile", "import", '"erpnext"')
    page.needed(given, "source", "import", '"exports"')
    name = page.text(given, "profile", "import") or ""
    start, end = (page.instant(given[key], f"import.{key}") if key in given else None for key in ("from", "to"))
    return Export(
        profile=folder / name if (folder / name).is_file() else name,
        source=_path(page, given, "source", folder, "import", there=True) or folder,
        finance=_path(page, given, "finance", folder, "import", there=True),
        start=start,
        end=end,
    )


def _scenarios(page: Page, content: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    given = content.get("scenarios", [])
    if not isinstance(given, list):
        page.fault("wrong-type", "scenarios", 'is not a list; write scenarios = ["scenarios/base.toml"]')
        return ()
    named = {f"scenarios[{number}]": value for number, value in enumerate(given, 1)}
    found = [_path(page, named, key, folder, there=True) for key in named]
    return tuple(path for path in found if path is not None)


def _path(
    page: Page, section: Mapping[str, Any], key: str, folder: Path, place: str = "", *, there: bool = False
) -> Path | None:
    """The path under ``key``; None where it is missing or wrong, such as one that is not ``there``."""
    named = page.text(section, key, place)
    if named is None:
        return None
    found = folder / named
    if there and not found.exists():
        at = f"{place}.{key}" if place else key
        page.fault("no-such-file", at, f"'{named}' is not there (looked for from the folder of {page.file})")
        return None
    return found


def moment(dataset: Dataset, given: int | None) -> int:
    """The instant of a day's forecast [s]: what was asked for, else the plan's progress, else its clock."""
    plan = cast(Plan, dataset.plan)
    said = plan.progress
    return given if given is not None else plan.clock if said is None or said.as_of is None else said.as_of


def period_at(dataset: Dataset, instant: int) -> str | None:
    """The listed period in which ``instant`` lies; None where none is listed there."""
    return next((one.name for one in listed_periods(dataset) if one.start <= instant < one.end), None)


def day_before(record: Path, said: Mapping[str, Any]) -> tuple[Stored, Stored] | None:
    """The last stored forecast of the same period as of an earlier instant, and that which says ``said``."""
    there = stored(record, said["dataset"], said["period"]["period"])
    now = next(one for one in there if one.card["id"] == said["card"]["id"])
    earlier = [one for one in there if one.document["as_of"] < said["as_of"]]
    return (earlier[-1], now) if earlier else None


def scenario_files(sources: Iterable[Path]) -> list[Path]:
    """All that a report of ``sources`` depends on: each, the TOML files beside it and its base."""
    found = []
    for source in sources:
        found.append(source)
        if source.suffix.lower() == ".toml":
            scenario, _ = load(source)
            found += sorted(source.parent.glob("*.toml"))
            found += [] if scenario is None else [scenario.base]
    return list(dict.fromkeys(found))
