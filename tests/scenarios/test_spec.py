"""A scenario file is read as it says, and everything wrong with it is told at its place, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from toml_files import HEAD, read, sound, told

from tocfin.scenarios.spec import Addition, Draws, Override, load

WHOLE = """
policy = "reconciled"
start_policy = "as soon as possible"
off = ["scrap"]

[horizon]
clock = 2026-06-01T00:00:00+02:00
horizon_end = "2026-06-08T00:00:00Z"
boundaries = [2026-06-01T00:00:00Z, 2026-06-08T00:00:00Z]

[draws]
seed = 12
replications = 4096

[[override]]
table = "resources"
where = { resource = ["CNC*", "SAW"], drum = true }
scale = { standard_hourly_cost = 1.5 }

[[override]]
table = "jobs"
where = {}
add = { need_date = "-1.5d", revenue = 10 }

[[override]]
table = "activities"
where = { start = 2026-06-01T08:00:00+02:00 }
set = { start = 2026-06-01T09:00:00, batch = "" }

[[override]]
table = "jobs"
where = { job = "J2" }
remove = true

[[add]]
table = "calendars"
cells = { calendar = "day", start_time = 08:00:00, valid_from = 2026-06-01, priority = 2 }
"""


def test_a_file_is_read_as_it_says(tmp_path: Path) -> None:
    scenario = sound(tmp_path, WHOLE)
    assert (scenario.name, scenario.base, scenario.policy) == ("other", tmp_path / "plant", "reconciled")
    assert (scenario.clock, scenario.horizon_end) == (1_780_264_800, 1_780_876_800)
    assert scenario.boundaries == (1_780_272_000, 1_780_876_800)
    assert scenario.start_policy == "as soon as possible"
    assert scenario.uncertainty.off == {"scrap"}
    assert scenario.draws == Draws(seed=12, replications=4096, tolerances={})
    assert scenario.overrides == (
        Override("override[1]", "resources", {"resource": ("CNC*", "SAW"), "drum": (True,)}, "scale",
                 {"standard_hourly_cost": 1.5}),
        Override("override[2]", "jobs", {}, "add", {"need_date": -129_600, "revenue": 10}),
        Override("override[3]", "activities", {"start": ("2026-06-01T06:00:00Z",)}, "set",
                 {"start": "2026-06-01T09:00:00", "batch": ""}),
        Override("override[4]", "jobs", {"job": ("J2",)}, "remove"),
    )  # fmt: skip
    cells = {"calendar": "day", "start_time": "08:00", "valid_from": "2026-06-01", "priority": "2"}
    assert scenario.additions == (Addition("add[1]", "calendars", cells),)


def test_what_is_not_said_has_its_default(tmp_path: Path) -> None:
    scenario = sound(tmp_path, "")
    assert (scenario.start_policy, scenario.policy, scenario.clock, scenario.boundaries) == ("as planned",) + (
        None,
    ) * 3
    assert scenario.draws.replications is None
    assert scenario.draws.tolerances == {"mean": (0.01, 0.0), "P10": (0.02, 0.0), "P90": (0.02, 0.0)}
    assert not scenario.overrides
    assert not scenario.uncertainty.rules


def test_tolerances_are_relative_or_absolute(tmp_path: Path) -> None:
    draws = sound(tmp_path, "[draws]\ncap = 2048\ntolerance = { mean = 0.005, P10 = { absolute = 500 } }").draws
    assert (draws.cap, draws.tolerances) == (2048, {"mean": (0.005, 0.0), "P10": (0.0, 500)})


JOBS = "[[override]]\ntable = 'jobs'\n"
OVERRIDE = JOBS + "where = {}\n"
MONDAY, TUESDAY = "2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z"

FAULTS = [
    ("polcy = 'published'", "polcy: is not known here; did you mean 'policy'?"),
    ("policy = 'publishd'", "policy: 'publishd' is not one of published, reconciled; did you mean"),
    ("start_policy = 'asap'", "start_policy: 'asap' is not one of as planned, as soon as possible"),
    ("horizon = 3", "horizon: is a value; it should be a table"),
    ("[horizon]\nclok = 3", "horizon.clok: is not known here; did you mean 'clock'?"),
    ("[horizon]\nclock = 2026-06-01T00:00:00", "horizon.clock: '2026-06-01 00:00:00' has no offset"),
    ("[horizon]\nclock = 'soon'", "horizon.clock: 'soon' is not a time"),
    (f"[horizon]\nclock = {TUESDAY}\nhorizon_end = {MONDAY}", "horizon.horizon_end: is not after"),
    ("[horizon]\nboundaries = 3", "horizon.boundaries: is not a list"),
    (f"[horizon]\nboundaries = [{MONDAY}, {MONDAY}]", "horizon.boundaries: do not increase"),
    ("[draws]\nreplications = 0", "draws.replications: '0' is below 1"),
    ("[draws]\nreplications = 1.5", "draws.replications: '1.5' is not a whole number"),
    ("[draws]\nreplications = 64\ncap = 64", "draws.replications: is exact"),
    ("[draws]\nseed = -1", "draws.seed: '-1' is below 0"),
    ("[draws]\nseed = true", "draws.seed: 'True' is not a whole number"),
    ("[draws]\ntolerance = 0.1", "draws.tolerance: is no table"),
    ("[draws]\ntolerance = { mean = 0 }", "draws.tolerance.mean.relative: '0' is not above 0"),
    ("[draws]\ntolerance = { mode = 0.1 }", "draws.tolerance.mode: is not known here"),
    ("[draws]\nkpis = ['net_profi']", "draws.kpis[1]: 'net_profi' is not one of"),
    ("[[override]]\ntable = 'job'\nwhere = {}\nremove = true", "override[1].table: 'job' is not a table of a data set"),
    (OVERRIDE, "override[1]: needs exactly one of set, scale, add, remove; it has none"),
    (OVERRIDE + "remove = true\nset = { job = 'J3' }", "override[1]: needs exactly one of set, scale, add, remove; it"),
    (OVERRIDE + "remove = false", "override[1].remove: is said with remove = true"),
    (OVERRIDE + "scale = { job = 2 }", "override[1].scale.job: is no such column: only numbers are scaled"),
    (OVERRIDE + "scale = { need_date = 2 }", "override[1].scale.need_date: is no such column: only numbers are"),
    (OVERRIDE + "scale = { work = 2 }", "override[1].scale.work: is not known here"),
    (OVERRIDE + "scale = { revenue = -1 }", "override[1].scale.revenue: '-1' is below 0"),
    (OVERRIDE + "scale = { revenue = inf }", "override[1].scale.revenue: 'inf' is not a finite number"),
    (OVERRIDE + "add = { customer = 'x' }", "override[1].add.customer: is no such column: only numbers, times and"),
    (OVERRIDE + "add = { need_date = 3 }", "override[1].add.need_date: '3' is not an amount of time; write e.g."),
    (OVERRIDE + "add = { need_date = '0.0001m' }", "override[1].add.need_date: '0.0001m' is not a number of whole"),
    (OVERRIDE + "set = { revnue = 1 }", "override[1].set.revnue: is not known here; did you mean 'revenue'?"),
    (OVERRIDE + "set = { revenue = [1] }", "override[1].set.revenue: is a list or a table"),
    (OVERRIDE + "set = {}", "override[1].set: is no table"),
    (JOBS + "remove = true", "override[1].where: is missing or no table"),
    (JOBS + "remove = true\nwhere = { jb = 'J1' }", "override[1].where.jb: is not known here; did you mean 'job'?"),
    (JOBS + "remove = true\nwhere = { job = 1 }", "override[1].where.job: '1' cannot be compared"),
    (JOBS + "remove = true\nwhere = { job = [] }", "override[1].where.job: is an empty list"),
    (JOBS + "remove = true\nwhere = { revenue = 'x' }", "override[1].where.revenue: 'x' cannot be compared"),
    (JOBS + "remove = true\nwhere = { cancelled = 1 }", "override[1].where.cancelled: '1' cannot be compared"),
    (JOBS + "remove = true\nwhere = { need_date = 2026-06-01T00:00:00 }", "override[1].where.need_date: '2026-06-01"),
    (
        OVERRIDE.replace("jobs", "calendars") + "add = { valid_from = '+2h' }",
        "override[1].add.valid_from: '+2h' is not",
    ),
    ("override = 3", "override: is not a list of tables; write [[override]]"),
    ("[[add]]\ntable = [[1]]\ncells = {}", "add[1].table: '[[1]]' is not a table of a data set"),
    ("[[add]]\ntable = 'jobs'", "add[1].cells: is missing or no table"),
    ("[[add]]\ncells = { job = 'J1' }", 'add[1].table: is missing; write e.g. table = "resources"'),
    ("[[add]]\ntable = 'jobs'\ncells = { jbo = 'J1' }", "add[1].cells.jbo: is not known here"),
    ("off = ['breakdown']", "off[1]: 'breakdown' is not one of"),
    ("off = 'breakdowns'", "off: 'breakdowns' is not a list"),
]


@pytest.mark.parametrize(("text", "start"), FAULTS)
def test_a_fault_is_told_once_at_its_place(tmp_path: Path, text: str, start: str) -> None:
    scenario, findings = read(tmp_path, text)
    assert len(findings) == 1, [str(finding) for finding in findings]
    assert str(findings[0]).startswith(f"other.toml: {start}")
    assert findings[0].grade == "error"
    assert scenario is None


def test_faults_are_collected(tmp_path: Path) -> None:
    assert len(told(tmp_path, "polcy = 1\nstart_policy = 3\n[draws]\nseed = -1\n", 'nam = "x"\nbase = "plnt"\n')) == 6


def test_the_base_has_to_be_a_folder_or_a_workbook_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "book.xlsx").write_text("x")
    assert not told(tmp_path, "", 'name = "x"\nbase = "book.xlsx"\n')
    for base in ("nowhere", "notes.txt", "\\u0000"):
        assert told(tmp_path, "", f'name = "x"\nbase = "{base}"\n')[0].startswith("other.toml: base: ")


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    assert str(load(tmp_path / "none.toml")[1][0]).startswith("none.toml: cannot be read")
    assert "cannot be read as TOML" in told(tmp_path, "[", HEAD)[0]
    assert str(load(tmp_path)[1][0]).endswith("is a folder; a file is expected")
