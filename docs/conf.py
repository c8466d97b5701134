"""How Sphinx builds the site: ``make docs``."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from generate import write  # noqa: E402  # stands beside this file

write(HERE / "reference")

project = "tocfin"
author = "the founders of tocfin"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
html_theme = "furo"
html_title = "tocfin"
exclude_patterns = ["_build"]
nitpicky = True
myst_heading_anchors = 3
