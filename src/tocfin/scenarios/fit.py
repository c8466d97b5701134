"""Uncertainty from history: what durations, common factors, breakdowns and scrap were, ready for a scenario to name.

Everything is estimated from finished work; what there is too little of is refused with a finding that says how much
would be needed, never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from tocfin import __version__
from tocfin.dataset import Dataset
from tocfin.dataset.atomic import appearing
from tocfin.errors import DatasetError, Finding, UsageError
from tocfin.opening import read
from tocfin.scenarios.fit_durations import durations
from tocfin.scenarios.fit_failures import breakdowns
from tocfin.scenarios.fit_found import Found, Shared
from tocfin.scenarios.fit_history import History, history, note
from tocfin.scenarios.fit_log import is_log, log_history, read_log
from tocfin.scenarios.fit_scrap import scrap
from tocfin.scenarios.fit_written import period, uncertainty_toml

RULE = (
    "lognormal unless gamma has an A2 that is smaller by more than 1; quantiles where the better one is refuted"
    " (D above 0.03 and above the 1 % point for as many independent values)"
)


@dataclass(frozen=True)
class Fit:
    """What was fitted: rules from general to special, the factors they load on, what was refused, and the file.

    ``toml`` is the text of an uncertainty file that a scenario names (``[uncertainty] file = "..."``).
    """

    source: str
    rules: tuple[Found, ...]
    factors: tuple[Shared, ...]
    findings: tuple[Finding, ...]
    heading: tuple[str, ...]
    toml: str

    def write(self, path: str | Path, *, force: bool = False) -> Path:
        """Write the file, whole or not at all; raises UsageError where one is there already, unless ``force``."""
        with appearing(path, force=force) as draft:
            draft.write_text(self.toml, encoding="utf-8", newline="\n")
        return Path(path)


def fit(source: Dataset | str | Path, *, profile: str | None = None, finance: Path | None = None) -> Fit:
    """Fit the uncertainty of a data set (or the path of one), or of an event log.

    A path to a CSV file, or a folder of them without plan.toml, is an event log, read by an import profile (default
    ``eventlog``) with an optional finance file (for its calendars). Raises DatasetError when the source has errors,
    or when nothing at all can be fitted: with the findings that say what would be needed; UsageError for a path that
    is not there, and for options of a log with a data set.
    """
    past = _past(source, profile, finance)
    findings = list(past.findings)
    found, shared = durations(past, findings)
    failing, bad = breakdowns(past, findings), scrap(past, findings)
    rules = (*found, *failing, *bad)
    if not rules:
        raise DatasetError([replace(one, grade="error") if one.rule == "too-thin" else one for one in findings])
    off = ("breakdowns",) if found and not failing and past.fails else ()
    if off:
        message = (
            "resources have mean_time_between_failures, but no downtime tells work from repairs: the fitted durations"
            " hold the repairs, so the file switches breakdowns off"
        )
        findings.append(note("breakdowns-off", "resources", "mean_time_between_failures", message))
    heading = _heading(past, found)
    toml = uncertainty_toml(heading, rules, shared, off)
    return Fit(past.name, rules, tuple(shared), tuple(findings), heading, toml)


def _past(source: Dataset | str | Path, profile: str | None, finance: Path | None) -> History:
    if isinstance(source, Dataset):
        return history(source)
    path = Path(source)
    if not path.exists():
        raise UsageError(f"{path}: there is no such data set or event log")
    if profile is not None or is_log(path):
        return log_history(read_log(path, profile or "eventlog", finance))
    if finance is not None:
        raise UsageError(f"{path} is a data set, which has its own calendars; --finance is for event logs")
    dataset = read(path).require()
    found = history(dataset)
    return replace(found, findings=(*dataset.findings, *found.findings))


def _heading(past: History, found: list[Found]) -> tuple[str, ...]:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    lines = [
        f"Uncertainty fitted by tocfin {__version__} on {now}",
        f"from {past.name}: {past.work.height:,} finished activities, {period(past.period)}",
        f"{past.failures.height:,} failures in {past.hours['hours'].sum() or 0:,.0f} hours of work,"
        f" {past.bad.height:,} operations with scrap counts",
        f"Distributions: {RULE}",
        "Loadings are correlations of the noise (on the normal scale) with a factor; the rest is each one's own.",
    ]
    if past.relative and found:
        lines.append("The log has no planned times: durations are relative to the mean of their activity and resource.")
    return tuple(lines)
