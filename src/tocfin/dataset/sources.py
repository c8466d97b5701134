"""Where a data set comes from: what every kind of source hands over, and how files on the way are looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tocfin.dataset.aside import Aside
from tocfin.dataset.page import LONGEST_PAGE, not_a_file, parsed
from tocfin.dataset.tables import Raw
from tocfin.errors import Finding

PLAN_FILE = "plan.toml"


@dataclass
class Source:
    """What a source held: raw tables, the plan's content (None: none that can be read), and its own faults.

    ``missing`` is how a table that is not there would be called; ``plan_cells`` are the sheet cells of plan keys.
    """

    name: str
    path: Path | None
    raws: dict[str, Raw] = field(default_factory=dict)
    plan: Mapping[str, Any] | None = None
    plan_file: str = PLAN_FILE
    plan_rows: dict[str, int] = field(default_factory=dict)
    missing: str = "{}.csv"
    readable: bool = True
    findings: list[Finding] = field(default_factory=list)
    aside: Aside | None = None

    def fault(self, rule: str, file: str, message: str, table: str = "") -> None:
        """Note one error of a whole file."""
        self.findings.append(Finding("error", rule, table, None, None, message, file=file))


def read_plan_file(source: Source, path: Path, hint: str = "") -> None:
    """The plan from a TOML file; what stands in the way is a finding, ``hint`` in its words where there is none."""
    source.plan_file = path.name
    if not path.exists() and not path.is_symlink():
        source.fault("missing-table", path.name, f"is missing; it holds the horizon and the currency{hint}", "plan")
    elif (problem := not_a_file(path)) is not None:
        source.fault("unreadable", path.name, problem, "plan")
    else:
        with path.open("rb") as file:
            source.plan, findings = parsed(file.read(LONGEST_PAGE + 1), path.name)
        source.findings.extend(findings)
