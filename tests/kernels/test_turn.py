"""Arrays seen the other way round."""

from __future__ import annotations

import numpy as np
import pytest

from tocfin.kernels.turn import last_ends, turn


@pytest.mark.parametrize(
    ("rows", "lanes", "count"), [(1, 64, 64), (63, 64, 1), (65, 128, 100), (130, 192, 192), (0, 64, 5)]
)
def test_every_number_is_where_a_transposition_puts_it(rows: int, lanes: int, count: int) -> None:
    given = np.arange(rows * lanes, dtype=np.int64).reshape(rows, lanes)
    found = np.full((count, rows), -1, np.int64)
    turn(given, found)
    np.testing.assert_array_equal(found, given[:, :count].T)


def test_a_job_ends_with_the_last_of_its_activities_in_each_lane() -> None:
    end = np.array([[5, 9], [7, 3], [1, 1], [4, 8], [6, 2]], np.int64)
    found = np.empty((2, 2), np.int64)
    last_ends(np.array([0, 2], np.int64), np.array([0, 2, 2, 5], np.int64), end, found)
    np.testing.assert_array_equal(found, [[7, 9], [6, 8]])
