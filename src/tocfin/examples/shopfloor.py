"""Resources, shifts and own intervals of the example business."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

DAY = 86_400
ZONES = {"ESS": "Europe/Berlin", "MKE": "America/Chicago"}

_EARLY = ("Mon-Fri", "06:00", "14:00", "Online")
_LATE = ("Mon-Fri", "14:00", "22:00", "Online")
_NIGHT = ("Mon-Fri", "22:00", "06:00", "Online")

#: calendar -> shifts (days, start, end, type), each with its first and last date where it is not for ever
CALENDARS: dict[str, tuple[tuple[str, ...], ...]] = {
    "ESS day": (("Mon-Fri", "07:00", "15:00", "Online"),),
    "ESS two-shift": (_EARLY, _LATE),
    "ESS two-shift, quarter-end Saturdays": (
        _EARLY, _LATE, ("Sat", "06:00", "12:00", "Overtime", "2026-06-20", "2026-06-27"),
    ),
    "ESS late and night": (_LATE, _NIGHT),
    "ESS drum": (
        _EARLY, _LATE, _NIGHT,
        ("Sat", "06:00", "14:00", "Overtime"),
        ("Sun", "08:00", "14:00", "PotentialOvertime"),
        ("Fri", "18:00", "20:00", "Cleanout"),
    ),
    "MKE day": (("Mon-Fri", "07:00", "15:00", "Online"),),
    "MKE two-shift": (_EARLY, _LATE),
    "MKE round the clock": (_EARLY, _LATE, ("Mon-Thu", "22:00", "06:00", "Online")),
    "MKE drum": (
        _EARLY, _LATE,
        ("Sat", "06:00", "12:00", "Overtime"),
        ("Mon-Thu", "22:00", "00:00", "PotentialOvertime"),
        ("Fri", "20:00", "22:00", "Cleanout"),
    ),
    "ESS suppliers": (("Mon-Fri", "06:00", "06:00", "Online"),),
    "MKE suppliers": (("Mon-Fri", "06:00", "06:00", "Online"),),
}  # fmt: skip

#: public holidays: Whit Monday and Corpus Christi; Memorial Day, Juneteenth and Independence Day (observed)
HOLIDAYS = {"ESS": ("2026-05-25", "2026-06-04"), "MKE": ("2026-05-25", "2026-06-19", "2026-07-03")}


@dataclass(frozen=True, slots=True)
class Group:
    """Equal resources that share a queue: ``count`` of them, numbered where there are several."""

    plant: str
    key: str
    count: int
    name: str
    department: str
    resource_type: str
    calendar: str
    rate: float
    overtime_rate: float
    failures: tuple[int, int] | None = None  # mean hours between failures, to repair
    drum: bool = False
    active: bool = True
    batch: int = 1  # most operations in one batch
    slot: tuple[int, int] | None = None  # a batch starts every so many seconds, after so many

    @property
    def members(self) -> list[str]:
        """Keys of the resources of the group."""
        if self.count == 1:
            return [self.key]
        return [f"{self.key}-{number}" for number in range(1, self.count + 1)]


_WASH = (2 * 3_600, 0)
_PICK_UP = (DAY, 15 * 3_600)

GROUPS: tuple[Group, ...] = (
    Group("ESS", "E-SAW", 1, "Band saw", "Sawing", "Machine", "ESS two-shift", 19, 26, (180, 2)),
    Group("ESS", "E-LATHE", 4, "CNC lathe", "Turning", "Machine", "ESS two-shift", 31, 42, (90, 3)),
    Group("ESS", "E-MILL", 3, "CNC mill, 3 axes", "Milling", "Machine", "ESS two-shift", 34, 46, (80, 3)),
    Group("ESS", "E-5AX", 1, "Machining centre, 5 axes", "Milling", "Machine", "ESS drum", 48, 66, (60, 4), drum=True),
    Group("ESS", "E-DRILL", 2, "Deep-hole drill", "Milling", "Machine", "ESS two-shift", 29, 40, (100, 3)),
    Group("ESS", "E-DEBURR", 2, "Deburring bench", "Finishing", "Labor", "ESS two-shift", 27, 37),
    Group("ESS", "E-WASH", 1, "Washing line", "Finishing", "Machine", "ESS two-shift", 18, 25, (200, 2),
          batch=6, slot=_WASH),
    Group("ESS", "E-GRIND", 2, "Cylindrical grinder", "Grinding", "Machine", "ESS two-shift", 33, 45, (110, 4)),
    Group("ESS", "E-HONE", 2, "Honing machine", "Grinding", "Machine", "ESS late and night", 36, 48, (120, 3)),
    Group("ESS", "E-CMM", 1, "Measuring machine", "Quality", "Machine", "ESS two-shift", 22, 30, (400, 4)),
    Group("ESS", "E-QA", 1, "Inspectors", "Quality", "Inspector", "ESS two-shift", 34, 46),
    Group("ESS", "E-ASM", 4, "Assembly bench", "Assembly", "Machine", "ESS two-shift, quarter-end Saturdays", 9, 12),
    Group("ESS", "E-CREW", 3, "Assembly crew", "Assembly", "Team", "ESS two-shift, quarter-end Saturdays", 46, 62),
    Group("ESS", "E-TEST", 3, "Hydraulic test bench", "Test", "Machine", "ESS two-shift", 24, 32, (150, 4)),
    Group("ESS", "E-TECH", 2, "Test technician", "Test", "Technician", "ESS two-shift", 36, 49),
    Group("ESS", "E-PAINT", 1, "Paint booth", "Shipping", "Machine", "ESS two-shift", 21, 29, (160, 2)),
    Group("ESS", "E-PACK", 1, "Packing", "Shipping", "Labor", "ESS two-shift", 26, 35),
    Group("ESS", "E-HEAT", 1, "Neckar Hardening (outside)", "Outside processing", "Subcontractor", "ESS suppliers", 16,
          16, batch=14, slot=_PICK_UP),
    Group("ESS", "E-ANODISE", 1, "Albtal Anodising (outside)", "Outside processing", "Subcontractor", "ESS suppliers",
          15, 15, batch=14, slot=_PICK_UP),
    Group("ESS", "E-LATHE-OLD", 1, "Turret lathe of 1994, for sale", "Turning", "Machine", "ESS day", 31, 42,
          active=False),
    Group("MKE", "M-SAW", 1, "Band saw", "Sawing", "Machine", "MKE two-shift", 20, 29, (180, 2)),
    Group("MKE", "M-LATHE", 2, "CNC lathe", "Turning", "Machine", "MKE two-shift", 33, 47, (90, 3)),
    Group("MKE", "M-MILL", 2, "CNC mill, 4 axes", "Milling", "Machine", "MKE round the clock", 36, 51, (80, 3)),
    Group("MKE", "M-DRILL", 1, "Deep-hole drill", "Milling", "Machine", "MKE two-shift", 30, 43, (100, 3)),
    Group("MKE", "M-GRIND", 1, "Cylindrical grinder", "Grinding", "Machine", "MKE drum", 47, 68, (70, 4), drum=True),
    Group("MKE", "M-DEBURR", 2, "Deburring bench", "Finishing", "Labor", "MKE two-shift", 25, 37),
    Group("MKE", "M-WASH", 1, "Washing line", "Finishing", "Machine", "MKE two-shift", 19, 27, (200, 2),
          batch=6, slot=_WASH),
    Group("MKE", "M-CMM", 1, "Measuring machine", "Quality", "Machine", "MKE day", 24, 33, (400, 4)),
    Group("MKE", "M-QA", 1, "Inspector", "Quality", "Inspector", "MKE day", 33, 48),
    Group("MKE", "M-ASM", 3, "Assembly bench", "Assembly", "Machine", "MKE two-shift", 9, 12),
    Group("MKE", "M-CREW", 2, "Assembly crew", "Assembly", "Team", "MKE two-shift", 44, 64),
    Group("MKE", "M-TEST", 2, "Hydraulic test bench", "Test", "Machine", "MKE two-shift", 25, 35, (150, 4)),
    Group("MKE", "M-TECH", 2, "Test technician", "Test", "Technician", "MKE two-shift", 35, 51),
    Group("MKE", "M-SHIP", 1, "Paint and packing", "Shipping", "Labor", "MKE two-shift", 25, 36),
    Group("MKE", "M-HEAT", 1, "Great Lakes Heat Treating (outside)", "Outside processing", "Subcontractor",
          "MKE suppliers", 18, 18, batch=14, slot=_PICK_UP),
)  # fmt: skip

BY_KEY: dict[str, Group] = {group.key: group for group in GROUPS}

#: own intervals, local: maintenance that the calendars do not know
OWN_INTERVALS: tuple[tuple[str, str, str, str], ...] = (
    ("E-5AX", "2026-06-16T06:00", "2026-06-16T10:00", "Maintenance"),
    ("E-LATHE-2", "2026-06-10T06:00", "2026-06-10T14:00", "Maintenance"),
    ("E-MILL-1", "2026-06-08T14:00", "2026-06-08T22:00", "Maintenance"),
    ("E-MILL-3", "2026-06-24T06:00", "2026-06-24T14:00", "Maintenance"),
    ("E-GRIND-1", "2026-06-17T06:00", "2026-06-17T22:00", "Maintenance"),
    ("E-TEST-2", "2026-06-30T06:00", "2026-06-30T12:00", "Maintenance"),
    ("E-WASH", "2026-06-22T06:00", "2026-06-22T08:00", "Maintenance"),
    ("E-CREW-3", "2026-06-05T06:00", "2026-06-05T22:00", "Holiday"),
    ("M-GRIND", "2026-06-15T06:00", "2026-06-15T09:00", "Maintenance"),
    ("M-MILL-2", "2026-06-11T06:00", "2026-06-11T14:00", "Maintenance"),
    ("M-TEST-1", "2026-06-23T14:00", "2026-06-23T22:00", "Maintenance"),
    ("M-LATHE-1", "2026-06-29T06:00", "2026-06-29T10:00", "Maintenance"),
    ("M-MILL-1", "2026-06-13T07:00", "2026-06-13T13:00", "Overtime"),
)


def utc(local: datetime, plant: str) -> int:
    """Seconds UTC of a wall time of ``plant``; a missing or double one as RFC 5545 reads it."""
    return int(local.replace(tzinfo=ZoneInfo(ZONES[plant])).timestamp())


def calendar_rows() -> list[dict[str, Any]]:
    """The calendars table."""
    rows: list[dict[str, Any]] = []
    for calendar, shifts in CALENDARS.items():
        for days, start, end, kind, *valid in shifts:
            row = {"calendar": calendar, "days": days, "start_time": _clock(start), "end_time": _clock(end)}
            row |= {"interval_type": kind, "priority": 2}
            if kind == "Cleanout":
                row["priority"] = 1
            if valid:
                row |= {"valid_from": epoch_day(valid[0]), "valid_to": epoch_day(valid[1])}
            rows.append(row)
        for holiday in HOLIDAYS.get(calendar[:3], ()):
            day = epoch_day(holiday)
            rows.append({"calendar": calendar, "days": "Mon-Sun", "start_time": 0, "end_time": 0, "valid_from": day,
                         "valid_to": day, "interval_type": "Holiday", "priority": 1})  # fmt: skip
    return rows


def resource_rows() -> list[dict[str, Any]]:
    """The resources table."""
    rows: list[dict[str, Any]] = []
    for group in GROUPS:
        between, repair = group.failures or (None, None)
        for number, key in enumerate(group.members, start=1):
            name = group.name if group.count == 1 else f"{group.name} {number}"
            rows.append({"resource": key, "plant": group.plant, "name": name, "department": group.department,
                         "resource_type": group.resource_type, "drum": group.drum, "active": group.active,
                         "standard_hourly_cost": group.rate, "overtime_hourly_cost": group.overtime_rate,
                         "calendar": group.calendar, "mean_time_between_failures": between,
                         "mean_time_to_repair": repair})  # fmt: skip
    return rows


#: What is protected, and by how much: kind, scope, hours or quantity.
BUFFERS = (
    ("shipping", "ESS", 48.0, None), ("shipping", "MKE", 48.0, None), ("drum", "E-5AX", 24.0, None),
    ("drum", "M-GRIND", 24.0, None), ("stock", "RM-CAST-S", None, 600.0), ("stock", "RM-SOLENOID", None, 1_500.0),
)  # fmt: skip


def buffer_rows() -> list[dict[str, Any]]:
    """The buffers table."""
    return [dict(zip(("kind", "scope", "hours", "quantity"), row, strict=True)) for row in BUFFERS]


def own_interval_rows() -> list[dict[str, Any]]:
    """The capacity_intervals table."""
    plant = {key: group.plant for group in GROUPS for key in group.members}
    return [
        {"resource": key, "start": utc(datetime.fromisoformat(start), plant[key]),
         "end": utc(datetime.fromisoformat(end), plant[key]), "interval_type": kind}
        for key, start, end, kind in OWN_INTERVALS
    ]  # fmt: skip


def _clock(text: str) -> int:
    return int(text[:2]) * 3_600 + int(text[3:]) * 60


def epoch_day(text: str) -> int:
    """Days since 1970 of an ISO date."""
    return (date.fromisoformat(text) - date(1970, 1, 1)).days
