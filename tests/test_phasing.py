"""Targets by working day: what of a month falls on the part of it that is looked at."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import product
from tocfin.model.phasing import share
from worked.case import plan, tables


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


JUNE = (at("2026-06-01"), at("2026-07-01"))  # 22 working days; the 1st is a Monday


@pytest.mark.parametrize(
    ("part", "days"),
    [(("2026-06-01", "2026-06-08"), 5), (("2026-06-06", "2026-06-08"), 0), (("2026-06-05T12:00", "2026-06-09"), 1.5),
     (("2026-05-01", "2026-08-01"), 22), (("2026-07-01", "2026-08-01"), 0)],
)  # fmt: skip
def test_a_part_has_its_share_of_the_working_days(part: tuple[str, str], days: float) -> None:
    assert share(JUNE, (at(part[0]), at(part[1])), "UTC") == pytest.approx(days / 22)


def test_a_weekend_has_nothing_to_share() -> None:
    assert share((at("2026-06-06"), at("2026-06-08")), JUNE, "UTC") is None


@settings(max_examples=50)
@given(cut=st.integers(JUNE[0], JUNE[1]), zone=st.sampled_from(("UTC", "America/New_York", "Asia/Kathmandu")))
def test_the_shares_of_the_parts_of_a_period_sum_to_one(cut: int, zone: str) -> None:
    both = [share(JUNE, part, zone) for part in ((JUNE[0], cut), (cut, JUNE[1]))]
    assert sum(part or 0.0 for part in both) == pytest.approx(1.0)


def test_a_target_of_a_month_is_shown_phased_beside_one_week_and_is_neither_met_nor_missed() -> None:
    rows = tables()
    window = {"period_start": "2026-06-01T00:00Z", "period_end": "2026-07-01T00:00Z"}
    targets = [window | {"kpi": kpi, "target": "2200"} for kpi in ("throughput", "productivity")]
    card = product.scorecard(plan(), rows | {"targets": targets})
    flow, ratio = card.targets
    assert (flow.status, flow.value, flow.phased) == ("part_period", None, pytest.approx(500.0))
    assert (ratio.status, ratio.phased) == ("part_period", None)
    assert not card.missed
