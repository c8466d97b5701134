"""plan.toml: every key is known, every fault names its key (R1, R21, I12)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plant import PLAN, told, write

from tocfin.catalogue import FLAGS
from tocfin.dataset import read
from tocfin.dataset.page import parsed
from tocfin.dataset.plan import build

FULL = (
    PLAN
    + """policy = "reconciled"
[periods]
boundaries = [2026-06-01T00:00:00Z, 2026-06-04T00:00:00+02:00]
[exchange_rates]
EUR = 1.08
JPY = 1
[policy]
tpdh_hours = "elapsed"
subcontract_in = "operating_expense"
[reschedule]
move_cost = 10
[control_totals.items]
rows = 1
cost = 30.0
"""
)


def test_a_full_plan_is_read_as_written(tmp_path: Path) -> None:
    found = read(write(tmp_path, FULL))
    assert found.ok
    plan = found.plan
    assert plan is not None
    assert (plan.name, plan.clock, plan.horizon_end) == ("tiny", 1_780_272_000, 1_780_876_800)
    assert (plan.currency, plan.policy) == ("USD", "reconciled")
    assert plan.boundaries == (1_780_272_000, 1_780_524_000)
    assert plan.exchange_rates == {"EUR": 1.08, "JPY": 1.0, "USD": 1.0}
    assert plan.flags == {"tpdh_hours": "elapsed", "subcontract_in": "operating_expense"}
    assert plan.reschedule == {"move_cost": 10.0}
    assert plan.control_totals == {"items": {"rows": 1.0, "cost": 30.0}}


def test_a_plan_without_name_and_policy_takes_the_folder_and_published(tmp_path: Path) -> None:
    plan = read(write(tmp_path / "june", PLAN.replace('name = "tiny"\n', ""))).plan
    assert plan is not None
    assert (plan.name, plan.policy, plan.boundaries, plan.flags) == ("june", "published", (), {})


@pytest.mark.parametrize(
    ("plan", "start"),
    [
        (PLAN.replace("horizon_end = 2026-06-08T00:00:00Z\n", ""), "plan.toml: horizon_end: is missing"),
        (PLAN.replace("08T00:00:00Z", "08T00:00:00"), "plan.toml: horizon_end: '2026-06-08 00:00:00' has no offset"),
        (PLAN.replace("08T00:00:00Z", "08"), "plan.toml: horizon_end: '2026-06-08' is not a time"),
        (PLAN.replace("08T00:00:00Z", "08T00:00:00.5Z"), "plan.toml: horizon_end: "),
        (PLAN.replace("2026-06-08T00:00:00Z", "7"), "plan.toml: horizon_end: '7' is not a time"),
        (PLAN.replace("2026-06-08", "2026-06-01"), "plan.toml: horizon_end: is not after clock"),
        (PLAN.replace("2026-06-08", "2026-06-31"), "plan.toml: cannot be read as TOML"),
        (PLAN.replace('"USD"', "7"), "plan.toml: currency: '7' is not a text"),
        (PLAN.replace('"USD"', '""'), "plan.toml: currency: "),
        (PLAN.replace('currency = "USD"', ""), "plan.toml: currency: is missing"),
        (PLAN + 'policy = "reconcile"\n', "plan.toml: policy: 'reconcile' is not one of published, reconciled"),
        (
            PLAN + "horizon_ends = 1\n",
            "plan.toml: horizon_ends: is not a key of plan.toml; did you mean 'horizon_end'?",
        ),
        ("clock = 1\n" + PLAN, "plan.toml: clock: is not a key of plan.toml; it belongs to [plan]"),
        (PLAN + "[polcy]\nx = 1\n", "plan.toml: polcy: is not a key of plan.toml; did you mean 'policy'?"),
        (
            PLAN + '[policy]\ntpdh_hour = "all"\n',
            "plan.toml: policy.tpdh_hour: is not a key of plan.toml; did you mean",
        ),
        (
            PLAN + '[policy]\ntpdh_hours = "all"\n',
            "plan.toml: policy.tpdh_hours: 'all' is not one of elapsed, capacity",
        ),
        (PLAN + "[policy]\ntpdh_hours = 1\n", "plan.toml: policy.tpdh_hours: '1' is not one of"),
        (PLAN + "[policy]\ntpdh_hours = [1]\n", "plan.toml: policy.tpdh_hours: '[1]' is not one of"),
        (PLAN + "[exchange_rates]\nEUR = 0\n", "plan.toml: exchange_rates.EUR: '0' is not above 0"),
        (PLAN + "[exchange_rates]\nEUR = -1.5\n", "plan.toml: exchange_rates.EUR: '-1.5' is not above 0"),
        (PLAN + "[exchange_rates]\nEUR = nan\n", "plan.toml: exchange_rates.EUR: 'nan' is not a finite number"),
        (PLAN + "[exchange_rates]\nEUR = inf\n", "plan.toml: exchange_rates.EUR: 'inf' is not a finite number"),
        (PLAN + '[exchange_rates]\nEUR = "1"\n', "plan.toml: exchange_rates.EUR: '1' is not a number"),
        (PLAN + "[exchange_rates]\nEUR = true\n", "plan.toml: exchange_rates.EUR: 'True' is not a number"),
        (PLAN + "[exchange_rates]\nUSD = 2\n", "plan.toml: exchange_rates.USD: the reporting currency is worth 1"),
        (PLAN + "[periods]\nboundaries = 1\n", "plan.toml: periods.boundaries: is not a list"),
        (PLAN + "[periods]\nboundary = []\n", "plan.toml: periods.boundary: is not a key"),
        (
            PLAN + "[periods]\nboundaries = [2026-06-02T00:00:00Z, 2026-06-02T00:00:00Z]\n",
            "plan.toml: periods.boundaries: do not increase",
        ),
        (PLAN + "[reschedule]\nmove_cost = -1\n", "plan.toml: reschedule.move_cost: '-1' is below 0"),
        (PLAN + "[control_totals.job]\nrows = 1\n", "plan.toml: control_totals.job: is not a key of plan.toml"),
        (
            PLAN + "[control_totals.jobs]\nrows = 1.5\n",
            "plan.toml: control_totals.jobs.rows: '1.5' is not a whole number",
        ),
        (PLAN + "[control_totals.jobs]\ncustomer = 1\n", "plan.toml: control_totals.jobs.customer: is not a key"),
        (PLAN + "[control_totals]\njobs = 1\n", "plan.toml: control_totals.jobs: is a value"),
        ("plan = 1\n", "plan.toml: plan: is a value; it should be a table"),
        (PLAN + PLAN, "plan.toml: cannot be read as TOML"),
        ("\0", "plan.toml: cannot be read as TOML"),
        ("x = " + "[" * 100_000, "plan.toml: cannot be read as TOML"),
        ("x = " + "9" * 10_000, "plan.toml: "),
        ("#" * (1 << 20) + "\n", "plan.toml: cannot be read as TOML: it is larger than 1 MiB"),
    ],
)
def test_a_fault_of_the_plan_names_its_key(tmp_path: Path, plan: str, start: str) -> None:
    first = told(tmp_path, plan)[0]
    assert first.startswith(start), first


def test_a_plan_that_is_not_utf_8_is_a_finding_and_a_byte_order_mark_is_not() -> None:
    assert parsed(PLAN.encode("utf-16"), "plan.toml")[0] is None
    assert parsed(b"\xef\xbb\xbf" + PLAN.encode(), "plan.toml")[1] == []


@pytest.mark.parametrize("flag", list(FLAGS))
def test_every_flag_takes_its_words_and_no_other(flag: str) -> None:
    content = {"plan": {"clock": "2026-06-01T00:00Z", "horizon_end": "2026-06-08T00:00Z", "currency": "USD"}}
    for word in FLAGS[flag]:
        plan, findings = build(content | {"policy": {flag: word}}, "plan", "x")
        assert findings == []
        assert plan is not None
        assert plan.flags == {flag: word}
    assert [finding.rule for finding in build(content | {"policy": {flag: "x"}}, "plan", "x")[1]] == ["unknown-word"]


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.datetimes() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["rows", "jobs", "clock"]), inner),
    max_leaves=4,
)
_KEYS = st.sampled_from(["plan", "clock", "periods", "policy", "exchange_rates", "reschedule", "control_totals", "x"])


@given(
    st.dictionaries(
        _KEYS, _VALUES | st.dictionaries(_KEYS | st.sampled_from(["boundaries", "jobs", "currency"]), _VALUES)
    )
)
def test_no_content_of_a_plan_ends_in_an_exception(content: dict[str, object]) -> None:
    plan, findings = build(content, "plan", "x")
    assert plan is not None or findings
