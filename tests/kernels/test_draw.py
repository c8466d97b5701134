"""Draws are named, reproduce the published generator, and are as random as they say."""

import math
import os

import numpy as np
import pytest
from numpy.typing import NDArray

from entered import entered
from tocfin.kernels import draw

SEED, UID = np.uint64(20_240_229), np.uint64(0x9D5C_01F3_77A0_4B2E)
#: Draws of the statistical tests, whose bounds follow it; fewer where kernels run as plain Python.
N = 1 << 13 if os.environ.get("NUMBA_DISABLE_JIT") == "1" else 1 << 17

ANSWERS = [
    ((0,) * 4, (0,) * 2, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


def philox(counter: tuple[int, ...], key: tuple[int, ...]) -> tuple[int, ...]:
    """Philox4x32-10 in Python's own whole numbers, from the paper."""
    mask = (1 << 32) - 1
    c0, c1, c2, c3 = counter
    for i in range(10):
        k0, k1 = (key[0] + i * 0x9E3779B9) & mask, (key[1] + i * 0xBB67AE85) & mask
        left, right = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (right >> 32) ^ c1 ^ k0, right & mask, (left >> 32) ^ c3 ^ k1, left & mask
    return c0, c1, c2, c3


def bits(first: int = 0, n: int = 64, *, seed=SEED, variate: int = draw.DURATION, uid=UID) -> NDArray[np.uint32]:
    out = np.empty(n, np.uint32)
    draw.uniform_bits(seed, first, variate, uid, out)
    return out


def uniforms(first: int = 0, n: int = 64, *, variate: int = draw.DURATION, uid=UID) -> NDArray[np.float64]:
    out = np.empty(n)
    draw.uniforms(SEED, first, variate, uid, out)
    return out


def normals(first: int = 0, n: int = 64, *, variate: int = draw.DURATION, uid=UID) -> NDArray[np.float32]:
    out = np.empty(n, np.float32)
    draw.normals(SEED, first, variate, uid, out)
    return out


@pytest.mark.parametrize(("counter", "key", "answer"), ANSWERS)
def test_the_generator_gives_the_known_answers(counter, key, answer):
    words = [np.uint64(word) for word in counter + key]
    assert tuple(int(word) & 0xFFFFFFFF for word in entered(draw.philox)(*words)) == answer
    assert philox(counter, key) == answer


def test_every_lane_is_the_word_that_its_address_names():
    uid, seed, variate = int(UID), (7 << 40) + 11, draw.REPAIR + 3 * draw.REPEAT
    first = 5 * 64
    expected = [
        philox(
            ((replication >> 6) * 16 + (replication & 15), variate, uid & 0xFFFFFFFF, uid >> 32),
            (seed & 0xFFFFFFFF, seed >> 32),
        )[(replication & 63) >> 4]
        for replication in range(first, first + 128)
    ]
    assert bits(first, 128, seed=np.uint64(seed), variate=variate).tolist() == expected


@pytest.mark.parametrize("block", [64, 128, 256, 512])
def test_any_split_of_the_replications_gives_the_same_bits(block):
    whole = [bits(1024, 1024), uniforms(1024, 1024), normals(1024, 1024)]
    for fill, expected in zip((bits, uniforms, normals), whole, strict=True):
        parts = [fill(first, block) for first in range(1024, 2048, block)]
        np.testing.assert_array_equal(np.concatenate(parts), expected)


def test_draws_fill_a_part_of_a_larger_array():
    out = np.zeros((3, 128), np.float32)
    draw.normals(SEED, 64, draw.DURATION, UID, out[1, 64:])
    np.testing.assert_array_equal(out[1, 64:], normals(64))
    assert not out[[0, 2]].any()


@pytest.mark.parametrize(("first", "n"), [(32, 64), (0, 100), (-64, 64)])
def test_a_range_that_splits_a_group_is_refused(first, n):
    with pytest.raises(AssertionError):
        bits(first, n)


def test_the_bits_never_change_so_that_stored_runs_can_be_replayed():
    assert bits(64)[:4].tolist() == [781356032, 2878085527, 764247865, 4184821292]
    assert [z.hex() for z in normals(64)[:4].tolist()] == [
        "-0x1.d0ed080000000p-1",
        "0x1.c2c5b80000000p-2",
        "-0x1.d8b3440000000p-1",
        "0x1.f2f4320000000p+0",
    ]


def test_uniforms_are_inside_zero_and_one_even_at_the_last_words():
    u = uniforms(0, N)
    assert ((u > 0) & (u < 1)).all()
    assert entered(draw.unit)(np.uint64(0)) == 2.0**-33
    assert entered(draw.unit)(np.uint64(0xFFFFFFFF)) == 1 - 2.0**-33


def test_uniforms_are_evenly_spread():
    u = uniforms(0, N)
    counts = np.bincount((u * 256).astype(int), minlength=256)
    chi_square = ((counts - N / 256) ** 2 / (N / 256)).sum()
    assert abs(chi_square - 255) < 4 * math.sqrt(2 * 255)


def test_normals_have_the_moments_of_the_normal_distribution():
    z = normals(0, N).astype(np.float64)
    for power, moment, variance in [(1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)]:
        assert abs((z**power).mean() - moment) < 4 * math.sqrt(variance / N)


def test_normals_follow_the_normal_distribution_function():
    z = np.sort(normals(0, N))
    cdf = np.array([0.5 * math.erfc(-value / math.sqrt(2)) for value in z.tolist()])
    rank = np.arange(N + 1) / N
    distance = max((rank[1:] - cdf).max(), (cdf - rank[:-1]).max())
    assert distance < 1.95 / math.sqrt(N)  # exceeded once in a thousand samples by chance


def test_neighbouring_elements_variates_and_replications_are_not_correlated():
    z = normals(0, N)
    others = {
        "element": normals(0, N, uid=UID + np.uint64(1)),
        "element, high half": normals(0, N, uid=UID + np.uint64(1 << 32)),
        "variate": normals(0, N, variate=draw.FACTOR),
        "repeat": normals(0, N, variate=draw.DURATION + draw.REPEAT),
    } | {f"replication + {lag}": np.roll(z, lag) for lag in (1, 15, 16, 64)}
    for other in others.values():
        assert abs((z * other).mean()) < 4 / math.sqrt(N)
        assert abs(((z**2 - 1) * (other**2 - 1)).mean()) < 4 * 2 / math.sqrt(N)


def test_elements_of_one_replication_are_as_random_as_replications_of_one_element():
    z = np.array([normals(0, 64, uid=np.uint64(uid)) for uid in range(512)])[:, 7]
    assert abs(z.mean()) < 4 / math.sqrt(z.size)
    assert abs((z**2).mean() - 1) < 4 * math.sqrt(2 / z.size)


def test_seeds_that_differ_in_one_bit_share_nothing():
    other = bits(seed=SEED ^ np.uint64(1 << 40))
    flipped = np.bitwise_count(bits() ^ other).sum()
    assert abs(flipped - 64 * 16) < 4 * math.sqrt(64 * 32 / 4)
