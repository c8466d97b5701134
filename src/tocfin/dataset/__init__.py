"""A folder, a workbook or data frames become checked tables and findings."""

from tocfin.dataset.plan import Plan
from tocfin.dataset.reader import read
from tocfin.dataset.tables import Dataset

__all__ = ["Dataset", "Plan", "read"]
