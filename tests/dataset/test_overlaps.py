import pytest
from hypothesis import given
from hypothesis import strategies as st

from tables import PLAN, tables
from tocfin.dataset.checks import check

START = PLAN.clock


def overlaps(spans, *, resource=None, **rows):
    """Rows (from 2 on) that are told for activities given as (start, end[, batch[, resource]]) in hours."""
    activities = [
        {
            "activity": f"A{at}",
            "operation": f"O{at}",
            "start": START + span[0] * 3600,
            "end": START + span[1] * 3600,
            "batch": span[2] if len(span) > 2 else None,
            "resource": span[3] if len(span) > 3 else "R1",
        }
        for at, span in enumerate(spans, 1)
    ]
    resources = [resource or {}, {"resource": "R2"}]
    return [
        one
        for one in check(tables(activities=activities, resources=resources, **rows), PLAN)
        if one.rule == "overlapping-activities"
    ]


def rows_told(spans, **more):
    return [one.row for one in overlaps(spans, **more)]


def test_an_activity_that_starts_during_another_is_told_with_the_other():
    (found,) = overlaps([(0, 4), (3, 5)])
    assert (found.grade, found.table, found.row, found.column) == ("warning", "activities", 3, "start")
    assert "'A1' (row 2)" in found.message
    assert "16.7%" in found.message  # 1 h of 6 h


def test_activities_that_touch_or_lie_on_other_resources_do_not_overlap():
    assert rows_told([(0, 4), (4, 5), (0, 4, None, "R2")]) == []


def test_a_long_activity_is_remembered_past_a_short_one():
    assert rows_told([(0, 9), (1, 2), (5, 6)]) == [3, 4]


def test_zero_length_activities_overlap_nothing():
    assert rows_told([(0, 4), (2, 2)]) == []


def test_members_of_a_batch_share_their_time():
    assert rows_told([(0, 4, "B1"), (0, 4, "B1"), (2, 6, "B1")]) == []
    assert rows_told([(0, 4, "B1"), (1, 4, "B2")]) == [3]
    assert rows_told([(0, 4, "B1"), (2, 6, "B1"), (5, 7)]) == [4]
    assert rows_told([(0, 1, "B1"), (3, 4, "B1"), (1, 3)]) == []


def test_as_many_activities_as_units_may_overlap():
    spans = [(0, 4), (0, 4), (1, 3)]
    assert rows_told(spans, resource={"units": 3}) == []
    assert rows_told(spans, resource={"units": 2}) == [4]


def test_a_resource_that_never_delays_is_never_short():
    assert rows_told([(0, 4), (0, 4)], resource={"finite": False}) == []


def test_cancelled_work_takes_no_machine():
    rows = {
        "jobs": [{"job": "J1", "cancelled": True}, {"job": "J2"}],
        "manufacturing_orders": [{}, {"manufacturing_order": "M2", "job": "J2"}],
        "operations": [{"operation": "O1"}, {"operation": "O2", "manufacturing_order": "M2"}],
    }
    assert rows_told([(0, 4), (0, 4)], **rows) == []


@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 5), st.sampled_from([None, None, "B1", "B2"]), st.integers(1, 2)),
        max_size=9,
    ),
    st.integers(1, 3),
)
def test_an_overlap_is_told_exactly_when_more_slots_run_than_units(given_spans, units):
    spans = [(start, start + hours, batch, f"R{resource}") for start, hours, batch, resource in given_spans]
    limit = {"R1": units, "R2": 1}

    def busy(resource, hour):
        running = [span for span in spans if span[3] == resource and span[0] <= hour < span[1]]
        return len({span[2] or position for position, span in enumerate(running)})

    beyond = {name for name in limit if any(busy(name, hour) > limit[name] for hour in range(20))}
    found = overlaps(spans, resource={"units": units})
    assert {spans[one.row - 2][3] for one in found} == beyond


def test_the_share_counts_what_lies_beyond_the_units():
    (found,) = overlaps([(0, 2), (0, 2), (1, 2)], resource={"units": 2})
    assert "20.0%" in found.message
    assert "2 units" in found.message


@pytest.mark.parametrize("column", ["start", "end", "resource"])
def test_a_faulty_cell_leaves_its_row_out(column):
    bad = {"activity": "A2", "operation": "O2", column: None}
    found = check(tables(activities=[{"activity": "A1"}, bad], resources=[{}]), PLAN)
    assert [one.rule for one in found] == []
