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
from tocfin.kernels.fused import held
from tocfin.kernels.lanes import NORMAL, TAIL, central_normal, single_normal
from tocfin.kernels.vector import WIDE, any_of, load

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
    """Four random words for a counter of four and a key of two, all in the low 32 bits of uint64.

    What is above them is never read: so the compiler multiplies 32 bits by 32, and clears nothing in between.
    """
    for _ in range(10):
        a = MULTIPLIER_0 * (c0 & LOW)
        b = MULTIPLIER_1 * (c2 & LOW)
        c0 = (b >> HALF) ^ c1 ^ k0
        c1 = b
        c2 = (a >> HALF) ^ c3 ^ k1
        c3 = a
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


@inlined
def fill_words(seed: Any, first_replication: Any, variate: Any, uid: Any, at: Any, n: Any, out_bits: Any) -> None:
    """Raw words of ``n`` replications from ``out_bits[at]`` on."""
    for g in range(n // GROUP):
        first_call = np.uint64(first_replication // GROUP + g) * WORD
        group = out_bits[at + g * GROUP : at + (g + 1) * GROUP]
        for i in range(WORD):
            a, b, c, d = words(np.uint64(seed), first_call + i, np.uint64(variate), np.uint64(uid))
            group[i] = a
            group[i + WORD] = b
            group[i + TWICE] = c
            group[i + THRICE] = d


@inlined
def normals_of(bits: Any, n: Any, out_z: Any) -> None:
    """Standard normal numbers of ``n`` words, a multiple of ``WIDE``.

    All are taken as central ones first; parts of lanes in which one is not are few, and done again.
    """
    terms, words = held(NORMAL), bits.view(np.int32)
    for s in range(n):
        out_z[s] = central_normal(bits[s], terms)
    for at in range(0, n, WIDE):
        part = load(words, at)
        if any_of((part < TAIL) & (part >= -TAIL)):
            for s in range(at, at + WIDE):
                out_z[s] = single_normal(bits[s], terms)


@kernel
def uniform_bits(seed: int, first_replication: int, variate: int, uid: int, out_bits: Any) -> None:
    """Raw words; ``out_bits`` (replications) uint32."""
    assert first_replication >= 0
    assert first_replication % GROUP == 0
    assert out_bits.size % GROUP == 0
    fill_words(seed, first_replication, variate, uid, 0, out_bits.size, out_bits)


@kernel
def uniforms(seed: int, first_replication: int, variate: int, uid: int, out_u: Any) -> None:
    """Uniform numbers, (word + ½) × 2^-32; ``out_u`` (replications) float64."""
    bits = np.empty(out_u.size, np.uint32)
    uniform_bits(seed, first_replication, variate, uid, bits)
    for s in range(out_u.size):
        out_u[s] = unit(bits[s])


@kernel
def normals(seed: int, first_replication: int, variate: int, uid: int, out_z: Any) -> None:
    """Standard normal numbers, the quantiles of ``uniforms``; ``out_z`` (replications) float32."""
    bits = np.empty(out_z.size, np.uint32)
    uniform_bits(seed, first_replication, variate, uid, bits)
    normals_of(bits, out_z.size, out_z)
