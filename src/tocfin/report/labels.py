"""What KPIs and terms are called in tables."""

from __future__ import annotations

from tocfin.kpi import KPIS


def named(kpi: str, unit: str = "") -> str:
    """``Operating expense [EUR]``: the title of a KPI, the words of a term; with its unit where one is given."""
    title = KPIS[kpi].title.partition(":")[0] if kpi in KPIS else kpi.replace("_", " ").capitalize()
    return f"{title} [{unit}]" if unit else title
