"""A booklet as one HTML file: works offline, on paper, in the dark, on a phone, by keyboard and read aloud."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from tocfin.errors import UsageError
from tocfin.report.booklet import Booklet, Chart

_TEMPLATES = Path(__file__).parent / "templates"


def page(booklet: Booklet) -> str:
    """The booklet as HTML; every text of the data is escaped. Needs the extra ``report`` (Jinja2 and plotly)."""
    try:
        from plotly.offline import get_plotlyjs
    except ImportError:
        raise UsageError("an HTML report needs the extra 'report': pip install 'tocfin[report]'") from None
    charts = {
        one.name: one.figure for section in booklet.sections for one in section.contents if isinstance(one, Chart)
    }
    made: str = _template().render(book=booklet, charts=charts, plotly=get_plotlyjs(), is_chart=_is_chart)
    return made


def _is_chart(one: Any) -> bool:
    return isinstance(one, Chart)


@lru_cache(maxsize=1)
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(_TEMPLATES)
    space = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return space.get_template("report.html.j2")
