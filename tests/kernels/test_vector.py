"""Parts of lanes: each word means compiled what it means in plain Python; openings are passed up to the first later."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocfin.kernels.compile import kernel
from tocfin.kernels.openings import first_beyond
from tocfin.kernels.vector import (
    WIDE,
    alike,
    any_of,
    chosen,
    count_of,
    greater,
    greatest_of,
    least_of,
    lesser,
    load,
    over,
    real,
    seconds_of,
    store,
    total_of,
)

WORD = st.integers(-(2**31), 2**31 - 1)
NUMBER = st.floats(-1e12, 1e12) | st.sampled_from([np.inf, -np.inf, np.nan, 0.0, -0.0])


@kernel
def whole(a: Any, b: Any, n: Any, out: Any, out_ones: Any) -> None:
    """Every word of whole numbers, from the second part on."""
    x, y = load(a, WIDE), load(b, WIDE)
    store(out, 0, x + y)
    store(out, WIDE, x - n)
    store(out, 2 * WIDE, n * y)
    store(out, 3 * WIDE, x & y)
    store(out, 4 * WIDE, lesser(x, y))
    store(out, 5 * WIDE, greater(n, y))
    store(out, 6 * WIDE, chosen((x < y) | (x == n), x, n))
    store(out, 7 * WIDE, chosen((x <= y) & (y > n), n, y))
    store(out, 8 * WIDE, chosen(x >= y, n, n))
    store(out, 9 * WIDE, alike(n))
    out_ones[0], out_ones[1] = least_of(x), greatest_of(y)
    out_ones[2], out_ones[3], out_ones[4] = count_of(x > y), any_of(x > y), any_of(x == y)


@kernel
def reals(a: Any, b: Any, c: Any, n: Any, out: Any, out_ones: Any) -> None:
    """Every word of real numbers."""
    x, y = load(a, 0), load(b, 0)
    store(out, 0, x + y)
    store(out, WIDE, x - n)
    store(out, 2 * WIDE, n * y)
    store(out, 3 * WIDE, x / n)
    store(out, 4 * WIDE, lesser(x, y))
    store(out, 5 * WIDE, greater(n, y))
    store(out, 6 * WIDE, chosen(x < y, x, n))
    store(out, 7 * WIDE, chosen((x >= y) | (x == n), 1.0, 2.0))
    store(out, 8 * WIDE, real(load(c, 0)) + alike(n))
    out_ones[0], out_ones[1] = count_of(x == x), count_of(x <= y)
    out_ones[2] = total_of(x, y, real(load(c, 0)), alike(0.125))


@kernel
def rounded(a: Any, out: Any) -> None:
    """Seconds of real numbers."""
    store(out, 0, seconds_of(load(a, 0)))


@kernel
def divided(a: Any, by: Any, out: Any) -> None:
    """Whole numbers divided."""
    store(out, 0, over(load(a, 0), by))


@kernel
def beyond(column: Any, at: Any, bound: Any) -> Any:
    """The first row from ``at`` on that is greater than ``bound``."""
    return first_beyond(column, np.uint64(at), np.int32(bound))


def both(function: Any, *arguments: Any) -> tuple[list[Any], list[Any]]:
    """What a kernel writes, compiled and in plain Python."""
    found = []
    for way in (function, getattr(function, "py_func", function)):
        copies = [np.copy(one) if isinstance(one, np.ndarray) else one for one in arguments]
        with np.errstate(all="ignore"):
            way(*copies)
        found.append([one for one in copies if isinstance(one, np.ndarray)])
    return found[0], found[1]


def lanes(values: Any, dtype: Any) -> Any:
    return np.array(values, dtype)


@settings(deadline=None, max_examples=60)
@given(st.lists(WORD, min_size=2 * WIDE, max_size=2 * WIDE), st.lists(WORD, min_size=2 * WIDE, max_size=2 * WIDE), WORD)
def test_whole_numbers_wrap_and_compare_as_in_numpy(a: list[int], b: list[int], n: int) -> None:
    given_ = (lanes(a, np.int32), lanes(b, np.int32), np.int32(n))
    compiled, plain = both(whole, *given_, np.zeros(10 * WIDE, np.int32), np.zeros(5, np.int64))
    for ours, theirs in zip(compiled, plain, strict=True):
        assert ours.tobytes() == theirs.tobytes()
    assert compiled[2][:WIDE].tolist() == (given_[0] + given_[1])[WIDE:].tolist()
    greater_ones = sum(x > y for x, y in zip(a[WIDE:], b[WIDE:], strict=True))
    assert compiled[3].tolist()[:3] == [min(a[WIDE:]), max(b[WIDE:]), greater_ones]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(NUMBER, min_size=WIDE, max_size=WIDE),
    st.lists(NUMBER, min_size=WIDE, max_size=WIDE),
    st.lists(WORD, min_size=WIDE, max_size=WIDE),
    NUMBER,
)
def test_real_numbers_have_the_bits_of_numpy(a: list[float], b: list[float], c: list[int], n: float) -> None:
    given_ = (lanes(a, np.float64), lanes(b, np.float64), lanes(c, np.int32), np.float64(n))
    compiled, plain = both(reals, *given_, np.zeros(9 * WIDE), np.zeros(3))
    for ours, theirs in zip(compiled, plain, strict=True):
        np.testing.assert_array_equal(ours, theirs)  # one nan is as good as another
        assert np.signbit(ours[~np.isnan(ours)]).tolist() == np.signbit(theirs[~np.isnan(theirs)]).tolist()


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(0, 2**30) | st.integers(0, 2**29).map(lambda n: n + 0.5), min_size=WIDE, max_size=WIDE))
def test_seconds_are_rounded_half_to_even(a: list[float]) -> None:
    compiled, plain = both(rounded, lanes(a, np.float64), np.zeros(WIDE, np.int32))
    assert compiled[1].tolist() == plain[1].tolist() == [round(x) for x in a]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(WORD.map(float) | st.sampled_from([0.0, np.inf, -np.inf]), min_size=WIDE, max_size=WIDE),
    st.sampled_from([86_400.0, 3_600.0]) | st.integers(1, 2**17 - 1).map(float),
)
def test_whole_numbers_are_divided_to_the_bits_of_a_division(a: list[float], by: float) -> None:
    column, out = np.array(a), np.empty(WIDE)
    divided(column, by, out)
    np.testing.assert_array_equal(out.view(np.int64), (column / by).view(np.int64))


@given(st.lists(st.integers(-50, 50), max_size=3 * WIDE), st.data())
def test_the_first_opening_beyond_an_instant_is_found_however_far_it_is(column: list[int], data: st.DataObject) -> None:
    rising = np.append(np.sort(np.array(column, np.int32)), np.full(WIDE, 2**31 - 1, np.int32)).astype(np.int32)
    at, bound = data.draw(st.integers(0, len(column))), data.draw(st.integers(-60, 60))
    expected = next(row for row in range(at, rising.size) if rising[row] > bound)
    assert beyond(rising, at, bound) == expected


def test_what_lies_behind_the_first_later_one_does_not_count() -> None:
    """Behind the last opening of a calendar, which never ends, are those of the next."""
    column = np.array([3, 2**31 - 1, 1, 1, *[2**31 - 1] * WIDE], np.int32)
    assert beyond(column, 0, 5) == 1


def test_an_array_that_another_name_has_too_is_never_changed_by_a_word() -> None:
    part = load(np.arange(WIDE, dtype=np.int32), 0)
    kept = part.copy()
    for word in (lesser, greater):
        word(part, np.int32(7))
    chosen(part > np.int32(3), part, np.int32(0))
    assert part.tolist() == kept.tolist()


@pytest.mark.parametrize("at", [0, 1, 5])
def test_a_part_is_taken_and_put_wherever_it_begins(at: int) -> None:
    line = np.arange(3 * WIDE, dtype=np.int32)
    store(line, at, load(line, at + WIDE))
    assert line[at : at + WIDE].tolist() == list(range(at + WIDE, at + 2 * WIDE))
