"""Random numbers that are named, not counted: a draw belongs to (seed, replication, variate, uid) and to nothing else.

The generator is Philox4x32-10 (Salmon, Moraes, Dror and Shaw, SC11), bit for bit as in Random123. The key is the
seed. A group of 64 replications takes 16 calls: the counter is (group × 16 + lane mod 16, variate, uid low, uid
high), and lane ÷ 16 tells the word of the result. So replication 731 can be drawn alone, any split of the
replications into blocks gives the same bits, and whatever else is drawn changes nothing.

The kernels fill the lanes of replications ``first_replication`` to ``first_replication + out.size``, both multiples of
64. Pass ``seed`` and ``uid`` as ``numpy.uint64``, ``first_replication`` and ``variate`` as int.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined, kernel
from tocfin.kernels.lanes import inverse_normal

#: What a draw is for. Never renumber: stored runs are replayed by these.
DURATION = 1
FACTOR = 2
BREAKDOWN = 3
REPAIR = 4
SCRAP = 5
REWORK = 6
RELEASE = 7
MATERIAL = 8
ABSENCE = 9
PRICE = 10
MATERIAL_COST = 11
DEMAND = 12
#: The k-th draw of one kind for one element has variate id ``kind + k * REPEAT``.
REPEAT = 256

#: Replications of one group: a block of replications is a multiple of this.
GROUP = 64

MULTIPLIER_0, MULTIPLIER_1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
WEYL_0, WEYL_1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
LOW, HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
WORD = np.uint64(16)
TWICE, THRICE = np.uint64(32), np.uint64(48)


@inlined
def philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    """Four random words of 32 bits for a counter of four and a key of two.

    All are uint64 below 2^32: so no product overflows, and the compiler still multiplies 32 bits by 32.
    """
    for _ in range(10):
        a = MULTIPLIER_0 * c0
        b = MULTIPLIER_1 * c2
        c0 = (b >> HALF) ^ c1 ^ k0
        c1 = b & LOW
        c2 = (a >> HALF) ^ c3 ^ k1
        c3 = a & LOW
        k0 = (k0 + WEYL_0) & LOW
        k1 = (k1 + WEYL_1) & LOW
    return c0, c1, c2, c3


@inlined
def words(seed: Any, call: Any, variate: Any, uid: Any) -> Any:
    """Words of ``call`` (group × 16 + lane mod 16), for lanes mod 16 of the four sixteenths of a group."""
    return philox(call & LOW, variate, uid & LOW, uid >> HALF, seed & LOW, seed >> HALF)


@inlined
def unit(word: Any) -> float:
    """Middle of the word's share of (0, 1): a multiple of 2^-33, never 0 or 1, exactly symmetric about ½."""
    return (np.float64(np.uint32(word)) + 0.5) * 2.0**-32


@kernel
def uniform_bits(seed: int, first_replication: int, variate: int, uid: int, out_bits: Any) -> None:
    """Raw words; ``out_bits`` (replications) uint32."""
    assert first_replication >= 0
    assert first_replication % GROUP == 0
    assert out_bits.size % GROUP == 0
    for g in range(out_bits.size // GROUP):
        first_call = np.uint64(first_replication // GROUP + g) * WORD
        s = np.uint64(g * GROUP)
        for i in range(WORD):
            a, b, c, d = words(np.uint64(seed), first_call + i, np.uint64(variate), np.uint64(uid))
            out_bits[s + i] = a
            out_bits[s + i + WORD] = b
            out_bits[s + i + TWICE] = c
            out_bits[s + i + THRICE] = d


@kernel
def uniforms(seed: int, first_replication: int, variate: int, uid: int, out_u: Any) -> None:
    """Uniform numbers, (word + ½) × 2^-32; ``out_u`` (replications) float64."""
    assert first_replication >= 0
    assert first_replication % GROUP == 0
    assert out_u.size % GROUP == 0
    for g in range(out_u.size // GROUP):
        first_call = np.uint64(first_replication // GROUP + g) * WORD
        s = np.uint64(g * GROUP)
        for i in range(WORD):
            a, b, c, d = words(np.uint64(seed), first_call + i, np.uint64(variate), np.uint64(uid))
            out_u[s + i] = unit(a)
            out_u[s + i + WORD] = unit(b)
            out_u[s + i + TWICE] = unit(c)
            out_u[s + i + THRICE] = unit(d)


@kernel
def normals(seed: int, first_replication: int, variate: int, uid: int, out_z: Any) -> None:
    """Standard normal numbers, the quantiles of ``uniforms``; ``out_z`` (replications) float64.

    The second loop rewrites each lane from itself alone. With both in one loop, or with a buffer between, it was
    5 to 15 % slower.
    """
    uniforms(seed, first_replication, variate, uid, out_z)
    for s in range(out_z.size):
        out_z[s] = inverse_normal(out_z[s])
