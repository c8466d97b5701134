"""What a period will come to from history alone, on shops whose truth is known."""

import numpy as np
import pytest

from tocfin.forecast.pipeline import DAY, Insufficient, Outlook, Span, Work, outlook

MONTH = 30
PAST = [Span(m * MONTH * DAY, (m + 1) * MONTH * DAY) for m in range(12)]
NOW = Span(12 * MONTH * DAY, 13 * MONTH * DAY)


def shop(leads: list[int], worth: float = 1.0, days: int = 13 * MONTH) -> Work:
    """One piece of work a day; lead times take turns."""
    start = np.arange(days) * DAY
    end = start + np.resize(leads, days) * DAY
    value = np.full(days, worth)
    return Work(start.astype(np.int64), end.astype(np.int64), value, value, np.full(days, np.nan))


def seen(work: Work, as_of: int) -> Outlook:
    found = outlook(work, NOW, PAST, as_of, 400, 1)
    assert isinstance(found, Outlook)
    return found


def test_work_that_always_takes_as_long_is_forecast_exactly() -> None:
    work = shop([4], worth=2.0)
    for day in (0, 1, 10, 20, 29, 30):
        found = seen(work, NOW.start + day * DAY)
        assert np.ptp(found.total) == 0
        assert found.total[0] == 60.0  # a piece worth 2 ends on each of 30 days
        assert found.actual == 2.0 * day
        assert found.open[0] == 2.0 * min(4, 30 - day)


def test_open_work_ends_as_past_work_did_that_was_open_at_the_same_age() -> None:
    work = shop([2, 20])
    as_of = NOW.start + 15 * DAY
    found = seen(work, as_of)
    opened = (as_of - 1 - work.start) // DAY
    old = (work.start < as_of) & (work.end >= as_of) & (opened >= 3)
    assert old.sum() == 9  # those that take 20 days: certain, though half of all take 2
    ends = (work.end[old] < NOW.end).sum()
    young = found.open - ends
    assert young.min() >= 0
    assert set(np.unique(young)) <= {0.0, 1.0, 2.0, 3.0}


def test_nothing_that_happened_after_the_instant_is_used() -> None:
    work = shop([3, 5, 9, 4, 7])
    as_of = NOW.start + 12 * DAY
    later = work.end >= as_of
    other = work._replace(end=np.where(later, work.end + 50 * DAY, work.end), value=np.where(later, 99.0, work.value))
    unborn = work.start >= as_of
    fewer = Work(*(column[~unborn] for column in other))
    for changed in (other, fewer):
        for one, two in zip(seen(work, as_of), seen(changed, as_of), strict=True):
            np.testing.assert_array_equal(one, two)


def test_the_same_seed_gives_the_same_bits() -> None:
    work = shop([3, 5, 9])
    np.testing.assert_array_equal(seen(work, NOW.start + DAY).total, seen(work, NOW.start + DAY).total)


def test_work_not_yet_released_follows_the_level_of_today() -> None:
    work = shop([1])
    doubled = work._replace(
        value=np.where(work.start < 300 * DAY, 1.0, 2.0), planned=np.where(work.start < 300 * DAY, 1.0, 2.0)
    )
    found = seen(doubled, NOW.start + 10 * DAY)
    assert found.unreleased.mean() == pytest.approx(38.0, rel=0.06)  # 19 days at 2


def test_too_little_history_is_said_and_not_guessed() -> None:
    work = shop([4], days=40)
    found = outlook(work, Span(30 * DAY, 60 * DAY), PAST[:1], 35 * DAY, 100, 1)
    assert isinstance(found, Insufficient)
    assert "past periods" in found.reason
    nothing = Work(*(column[:0] for column in work))
    assert isinstance(outlook(nothing, NOW, PAST, NOW.start + DAY, 100, 1), Insufficient)


def test_small_and_large_orders_are_told_apart_where_their_lead_times_differ() -> None:
    size = np.resize([1.0, 50.0], 13 * MONTH)
    work = shop([2, 20])._replace(size=size)
    found = seen(work, NOW.start + 5 * DAY)
    assert np.ptp(found.open) == 0  # what looked like luck was size
