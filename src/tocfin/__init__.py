"""The money view of a production schedule.

>>> import tocfin
>>> dataset = tocfin.read("plant")  # a folder or an .xlsx workbook
>>> dataset.findings  # every fault, by cell
>>> tocfin.kpis(dataset, policy="reconciled", by="plant")  # an xarray Dataset
>>> tocfin.show(dataset)  # a table to read; .plot() draws it
>>> tocfin.compare("base.toml", "overtime.toml")  # plans in the same futures; .plot("fan"), .write("june.html")
>>> tocfin.outlook(dataset, period="2026-06")  # where the period will end
>>> tocfin.fit(dataset).write("uncertainty.toml")  # what history says of durations, breakdowns and scrap
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tocfin.dataset import Dataset
    from tocfin.errors import DatasetError, Finding, TocfinError, UsageError
    from tocfin.frames import kpis
    from tocfin.report.notebook import compare, outlook, show
    from tocfin.report.readable import read
    from tocfin.scenarios.fit import fit

__version__ = "0.1.0"
__all__ = [
    "Dataset",
    "DatasetError",
    "Finding",
    "TocfinError",
    "UsageError",
    "__version__",
    "compare",
    "fit",
    "kpis",
    "outlook",
    "read",
    "show",
]

_HOMES = {
    "Dataset": "tocfin.dataset",
    "DatasetError": "tocfin.errors",
    "Finding": "tocfin.errors",
    "TocfinError": "tocfin.errors",
    "UsageError": "tocfin.errors",
    "compare": "tocfin.report.notebook",
    "fit": "tocfin.scenarios.fit",
    "kpis": "tocfin.frames",
    "outlook": "tocfin.report.notebook",
    "read": "tocfin.report.readable",
    "show": "tocfin.report.notebook",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that ``import tocfin`` and ``tocfin --help`` stay light."""
    if name not in _HOMES:
        raise AttributeError(f"module 'tocfin' has no attribute {name!r}")
    globals()[name] = value = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
