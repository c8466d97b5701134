"""Local time and UTC, against zoneinfo one time at a time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocfin.zones import DOUBLE, MISSING, OK, is_zone, to_local, to_utc

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def wall(text: str) -> int:
    return int((datetime.fromisoformat(text).replace(tzinfo=UTC) - EPOCH).total_seconds())


@given(st.lists(st.integers(wall("1975-01-01"), wall("2060-01-01")), max_size=20), st.sampled_from(ZONES))
def test_local_time_is_what_zoneinfo_says(instants: list[int], zone: str) -> None:
    expected = []
    for instant in instants:
        offset = (EPOCH + timedelta(seconds=instant)).astimezone(ZoneInfo(zone)).utcoffset()
        assert offset is not None
        expected.append(instant + int(offset.total_seconds()))
    assert to_local(np.array(instants, np.int64), zone).tolist() == expected


@given(st.lists(st.integers(wall("2010-01-01"), wall("2030-01-01")), max_size=20), st.sampled_from(ZONES))
def test_every_instant_comes_back_from_its_wall_clock(instants: list[int], zone: str) -> None:
    local = to_local(np.array(instants, np.int64), zone)
    back, status = to_utc(local, zone)
    assert not (status == MISSING).any()
    once = status == OK
    assert back[once].tolist() == np.array(instants, np.int64)[once].tolist()


@pytest.mark.parametrize(
    ("zone", "local", "status", "utc"),
    [
        ("Europe/Berlin", "2026-03-29T02:30", MISSING, "2026-03-29T01:30"),
        ("Europe/Berlin", "2026-03-29T03:00", OK, "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-10-25T02:30", DOUBLE, "2026-10-25T00:30"),
        ("Europe/Berlin", "2026-10-25T03:00", OK, "2026-10-25T02:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", MISSING, "2026-10-03T15:45"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", DOUBLE, "2026-04-04T14:45"),
        ("Pacific/Apia", "2011-12-30T12:00", MISSING, "2011-12-30T22:00"),
        ("Asia/Kathmandu", "2026-01-01T05:45", OK, "2026-01-01T00:00"),
    ],
)
def test_changes_of_the_clock(zone: str, local: str, status: int, utc: str) -> None:
    found, flag = to_utc(np.array([wall(local)], np.int64), zone)
    assert (int(flag[0]), int(found[0])) == (status, wall(utc))


def test_far_years_do_not_overflow() -> None:
    extremes = np.array([wall("0001-01-01"), wall("9999-12-31T23:59:59")], np.int64)
    assert to_utc(extremes, "Europe/Berlin")[1].tolist() == [OK, OK]


def test_unknown_zones_are_known_as_such() -> None:
    assert is_zone("Europe/Berlin")
    assert not any(is_zone(name) for name in ["Europe/Nowhere", "../etc/passwd", "", "/", "CEST+"])
