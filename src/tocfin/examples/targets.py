"""What the business has promised its owners this quarter, and who answers for it."""

from __future__ import annotations

from typing import Any

from tocfin.examples.business import CLOCK, WEEK

#: kpi, plant, target, tolerance, owner, backup; money in euros, whole horizon
HORIZON: tuple[tuple[str, str | None, float, float, str, str], ...] = (
    ("throughput", None, 1_900_000, 30_000, "Ines Vogel (CFO)", "Tom Raab (Controlling)"),
    ("throughput", "ESS", 1_240_000, 15_000, "Jörg Benz (Plant ESS)", "Selin Kaya (Planning ESS)"),
    ("throughput", "MKE", 660_000, 15_000, "Dana Wills (Plant MKE)", "Luis Ortega (Planning MKE)"),
    ("operating_expense", None, 1_670_000, 20_000, "Ines Vogel (CFO)", "Tom Raab (Controlling)"),
    ("operating_expense", "ESS", 1_060_000, 12_000, "Jörg Benz (Plant ESS)", "Tom Raab (Controlling)"),
    ("operating_expense", "MKE", 610_000, 8_000, "Dana Wills (Plant MKE)", "Amy Koch (Finance MKE)"),
    ("net_profit", None, 260_000, 25_000, "Ines Vogel (CFO)", "Tom Raab (Controlling)"),
    ("productivity", None, 1.14, 0.02, "Ines Vogel (CFO)", "Tom Raab (Controlling)"),
    ("drum_utilization", "ESS", 90, 2, "Selin Kaya (Planning ESS)", "Jörg Benz (Plant ESS)"),
    ("drum_utilization", "MKE", 95, 2, "Luis Ortega (Planning MKE)", "Dana Wills (Plant MKE)"),
    ("on_time_delivery", "ESS", 85, 2, "Selin Kaya (Planning ESS)", "Jörg Benz (Plant ESS)"),
    ("on_time_delivery", "MKE", 80, 2, "Luis Ortega (Planning MKE)", "Dana Wills (Plant MKE)"),
    ("inventory_cost", None, 650_000, 20_000, "Petra Lang (Purchasing)", "Tom Raab (Controlling)"),
    ("throughput_late", None, 300_000, 20_000, "Carl Neumann (Sales)", "Ines Vogel (CFO)"),
)

#: throughput of both plants week by week, in euros
WEEKLY = (390_000, 390_000, 380_000, 380_000, 360_000)


def target_rows() -> list[dict[str, Any]]:
    """The targets table: the budget for the horizon and, for throughput, for each week."""
    start = int(CLOCK.timestamp())
    rows: list[dict[str, Any]] = [
        {"kpi": kpi, "plant": plant, "period_start": start, "period_end": start + 5 * WEEK, "version": "budget",
         "target": target, "tolerance": tolerance, "owner": owner, "backup_owner": backup}
        for kpi, plant, target, tolerance, owner, backup in HORIZON
    ]  # fmt: skip
    for number, target in enumerate(WEEKLY):
        rows.append({"kpi": "throughput", "period_start": start + number * WEEK,
                     "period_end": start + (number + 1) * WEEK, "version": "budget", "target": target,
                     "tolerance": 10_000, "owner": "Carl Neumann (Sales)",
                     "backup_owner": "Ines Vogel (CFO)"})  # fmt: skip
    return rows
