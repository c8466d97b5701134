"""Import profiles: an export of another system becomes a data set, with control totals that tie it to its source."""

from tocfin.dataset.imports.profiles import example_finance, profile_names
from tocfin.dataset.imports.run import Imported, Total, import_dataset

__all__ = ["Imported", "Total", "example_finance", "import_dataset", "profile_names"]
