"""Elementary functions of one lane: arithmetic without branches or tables, so that a loop over lanes is vectorised.

The system's own ``exp`` and ``log`` differ between machines in the last bit and cost ten times as much; these give
the same bits everywhere, because they use only operations that IEEE 754 rounds exactly. What is drawn by the million
(``single_normal``, ``single_exp``) is in single precision: a second in a hundred days, twice the lanes of a vector.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import inlined
from tocfin.kernels.fused import multiply_add

#: 1.5 × 2^52: added to a small number it leaves the nearest whole number in the low bits.
ROUNDING = 6755399441055744.0
ROUNDING_BITS = np.int64(0x4338000000000000)
LOG2_E = 1.4426950408889634
#: ln 2 in two parts; the first has so few bits that its product with an exponent is exact.
EXP_LN2, EXP_LN2_REST = 6.93145751953125e-1, 1.42860682030941723212e-6
LOG_LN2, LOG_LN2_REST = 6.93147180369123816490e-1, 1.90821492927058770002e-10
SQRT_HALF_BITS = np.int64(0x3FE6A09E667F3BCD)
EXPONENT, BIAS = np.int64(52), np.int64(1023)
#: What ``exp`` is asked beyond these is answered as if it were these: neither infinite nor subnormal.
EXP_LEAST, EXP_MOST = -708.0, 709.0


@inlined
def lane_exp(x: float) -> float:
    """e^x within 2 ulp for x in [-708, 709], clamped there (Cephes ``exp``: Cody-Waite reduction, Padé form)."""
    x = EXP_LEAST if x < EXP_LEAST else x
    x = EXP_MOST if x > EXP_MOST else x
    rounded = x * LOG2_E + ROUNDING
    k = rounded - ROUNDING
    r = x - k * EXP_LN2 - k * EXP_LN2_REST
    z = r * r
    p = r * ((1.26177193074810590878e-4 * z + 3.02994407707441961300e-2) * z + 9.99999999999999999910e-1)
    q = ((3.00198505138664455042e-6 * z + 2.52448340349684104192e-3) * z + 2.27265548208155028766e-1) * z + 2.0
    power = np.int64((np.float64(rounded).view(np.int64) + BIAS) << EXPONENT).view(np.float64)
    return (1.0 + 2.0 * (p / (q - p))) * power


@inlined
def lane_log(x: float) -> float:
    """Natural logarithm within 1 ulp of a positive normal number (fdlibm ``log``)."""
    bits = np.float64(x).view(np.int64)
    e = (bits - SQRT_HALF_BITS) >> EXPONENT
    f = np.int64(bits - (e << EXPONENT)).view(np.float64) - 1.0
    k = np.int64(e + ROUNDING_BITS).view(np.float64) - ROUNDING
    s = f / (2.0 + f)
    z = s * s
    r = 1.531383769920937332e-1 + z * 1.479819860511658591e-1
    r = 2.222219843214978396e-1 + z * (1.818357216161805012e-1 + z * r)
    r = z * (6.666666666666735130e-1 + z * (3.999999999940941908e-1 + z * (2.857142874366239149e-1 + z * r)))
    half = 0.5 * f * f
    return k * LOG_LN2 - ((half - (s * (half + r) + k * LOG_LN2_REST)) - f)


@inlined
def inverse_normal(p: float) -> float:
    """Standard normal quantile, relative error 1e-15 for tails down to 1e-11 (Wichura 1988, AS 241, PPND16).

    Both of its approximations are evaluated and one is chosen; its third one, for tails below 1.4e-11, is left out,
    because draws of 32 bits never come there.
    """
    q = p - 0.5
    r = 0.180625 - q * q
    n = 3.3430575583588128105e4 + r * 2.5090809287301226727e3
    n = 4.5921953931549871457e4 + r * (6.7265770927008700853e4 + r * n)
    n = 1.9715909503065514427e3 + r * (1.3731693765509461125e4 + r * n)
    n = 3.3871328727963666080e0 + r * (1.3314166789178437745e2 + r * n)
    d = 2.8729085735721942674e4 + r * 5.2264952788528545610e3
    d = 2.1213794301586595867e4 + r * (3.9307895800092710610e4 + r * d)
    d = 6.8718700749205790830e2 + r * (5.3941960214247511077e3 + r * d)
    d = 1.0 + r * (4.2313330701600911252e1 + r * d)
    centre = n / d * q
    r = np.sqrt(-lane_log(p if q < 0.0 else 1.0 - p)) - 1.6
    n = 2.27238449892691845833e-2 + r * 7.74545014278341407640e-4
    n = 1.27045825245236838258e0 + r * (2.41780725177450611770e-1 + r * n)
    n = 5.76949722146069140550e0 + r * (3.64784832476320460504e0 + r * n)
    n = 1.42343711074968357734e0 + r * (4.63033784615654529590e0 + r * n)
    d = 5.47593808499534494600e-4 + r * 1.05075007164441684324e-9
    d = 1.48103976427480074590e-1 + r * (1.51986665636164571966e-2 + r * d)
    d = 1.67638483018380384940e0 + r * (6.89767334985100004550e-1 + r * d)
    d = 1.0 + r * (2.05319162663775882187e0 + r * d)
    return centre if abs(q) <= 0.425 else np.copysign(n / d, q)


@inlined
def normal_tail(z: float) -> float:
    """Probability that a standard normal exceeds ``|z|`` (Hart 1968, no. 5666; West 2005).

    Absolute error 1e-15; relative error 1e-12 up to 4 and 3e-9 at 7.
    """
    z = abs(z)
    n = 6.37396220353165 + z * (0.700383064443688 + z * 3.52624965998911e-2)
    n = 221.213596169931 + z * (112.079291497871 + z * (33.912866078383 + z * n))
    n = 220.206867912376 + z * n
    d = 16.064177579207 + z * (1.75566716318264 + z * 8.83883476483184e-2)
    d = 637.333633378831 + z * (296.564248779674 + z * (86.7807322029461 + z * d))
    d = 440.413735824752 + z * (793.826512519948 + z * d)
    return lane_exp(-0.5 * z * z) * n / d


def _single(*coefficients: float) -> tuple[np.float32, ...]:
    return tuple(np.float32(c) for c in coefficients)


#: What ``single_normal`` computes with; a loop takes them as ``held(NORMAL)``. (ln(1 + f) - f) / f² for f in
#: [√½ - 1, √2 - 1]; least greatest error, 2e-7 in the logarithm.
NORMAL = _single(
    -0.10686248418, 0.1617207886, -0.17068812826, 0.1990787039, -0.24984668108, 0.33334582373, -0.50000077769,
    # Φ⁻¹(p) / (1 - 2p) by w = -ln 4p(1 - p), less 2.5, up to 5; and by √w, less the middle, beyond (the form is that of
    # Giles 2012, "Approximating the erfinv function"; fitted anew down to p = 2^-33; least greatest error, 4e-7).
    4.4637929151e-07, -4.505511382e-06, -5.7901365963e-06, 3.0735948637e-04,
    -1.7743166777e-03, -5.9061216774e-03, 3.4880364228e-01, 2.1233132246,
    -2.3858948076e-04, 9.0686913997e-04, -1.4233276933e-03, 1.8098808182e-03,
    -3.2587134987e-03, 5.2523240926e-03, 1.423994948, 4.6263129174,
    # Share of a word and half of it, ln 2, where the middle is of w and of √w.
    2.0**-31, 2.0**-32, 0.6931471805599453, 2.5, 3.4362679358129915,
)  # fmt: skip
FAR = np.float32(5.0)
#: Words nearer to an end than this may have a w of FAR or more: 1 in 294. Taken as signed, the ends are about 0.
TAIL = np.int32(7_300_000)
#: What ``single_exp`` computes with: (e^f - 1 - f) / f² for f in ±½ ln 2, least greatest error 1e-8; and 1 / ln 2,
#: ln 2 in two parts.
EXP = _single(
    1.3941109562e-03, 8.3631752557e-03, 4.1666375298e-02, 0.16666577006, 0.50000000269,
    LOG2_E, -0.693359375, 2.12194440e-4,
)  # fmt: skip
ZERO_32, ONE_32 = _single(0.0, 1.0)
#: 1.5 × 2^23, as ``ROUNDING``.
ROUNDING_32, EXP_LEAST_32, EXP_MOST_32 = _single(12_582_912.0, -87.0, 88.0)
GREATEST_32, SIGN_32, EXPONENT_32, BIAS_32, ALL_32 = (np.int32(n) for n in (2**31 - 1, -(2**31), 23, 127, 31))
SQRT_HALF_BITS_32 = np.int32(0x3F3504F3)


@inlined
def _seventh(terms: Any, v: Any) -> Any:
    """Polynomial of the seventh degree, its highest term first."""
    p = multiply_add(terms[0], v, terms[1])
    p = multiply_add(p, v, terms[2])
    p = multiply_add(p, v, terms[3])
    p = multiply_add(p, v, terms[4])
    p = multiply_add(p, v, terms[5])
    p = multiply_add(p, v, terms[6])
    return multiply_add(p, v, terms[7])


@inlined
def _placed(word: Any, terms: Any) -> Any:
    """Bits of a word, its distance from the middle, and w."""
    g6, g5, g4, g3, g2, g1, g0 = terms[:7]
    share, half_share, ln2 = terms[23:26]
    bits = np.uint32(word).view(np.int32)
    m = np.int32(bits ^ np.int32(bits >> ALL_32))  # how far from the nearer end
    p = multiply_add(np.float32(m), share, half_share)  # twice the tail
    x = multiply_add(np.float32(np.int32(GREATEST_32 - m)), share, half_share)
    t = np.float32(p * np.float32(ONE_32 + x)).view(np.int32)
    e = np.int32(np.int32(t - SQRT_HALF_BITS_32) >> EXPONENT_32)
    f = np.float32(np.int32(t - np.int32(e << EXPONENT_32)).view(np.float32) - ONE_32)
    g = multiply_add(g6, f, g5)
    g = multiply_add(g, f, g4)
    g = multiply_add(g, f, g3)
    g = multiply_add(g, f, g2)
    g = multiply_add(g, f, g1)
    g = multiply_add(g, f, g0)
    log = multiply_add(np.float32(e), ln2, multiply_add(np.float32(f * f), g, f))
    return bits, x, np.float32(-log) if log < ZERO_32 else ZERO_32


@inlined
def _signed(z: Any, bits: Any) -> Any:
    return np.int32(np.float32(z).view(np.int32) ^ np.int32(~bits & SIGN_32)).view(np.float32)


@inlined
def central_normal(word: Any, terms: Any) -> Any:
    """``single_normal`` of a word that is not within ``TAIL`` of either end: the same bits for half the steps."""
    bits, x, w = _placed(word, terms)
    return _signed(_seventh(terms[7:15], np.float32(w - terms[26])) * x, bits)


@inlined
def single_normal(word: Any, terms: Any) -> Any:
    """Standard normal quantile of (``word`` + ½) × 2^-32 as float32, relative error 6e-7; exactly antisymmetric."""
    bits, x, w = _placed(word, terms)
    c = _seventh(terms[7:15], np.float32(w - terms[26]))
    d = _seventh(terms[15:23], np.float32(np.sqrt(w) - terms[27]))
    return _signed((c if w < FAR else d) * x, bits)


@inlined
def single_exp(x: Any, terms: Any) -> Any:
    """e^x as float32, within 1 ulp for x in [-87, 88], clamped there."""
    e4, e3, e2, e1, e0, log2_e, exp_ln2, exp_ln2_rest = terms
    x = EXP_LEAST_32 if x < EXP_LEAST_32 else x
    x = EXP_MOST_32 if x > EXP_MOST_32 else x
    rounded = multiply_add(x, log2_e, ROUNDING_32)
    k = np.float32(rounded - ROUNDING_32)
    f = multiply_add(k, exp_ln2_rest, multiply_add(k, exp_ln2, x))
    q = multiply_add(e4, f, e3)
    q = multiply_add(q, f, e2)
    q = multiply_add(q, f, e1)
    q = multiply_add(q, f, e0)
    y = np.float32(multiply_add(np.float32(f * f), q, f) + ONE_32)
    power = np.int32(np.int32(np.float32(rounded).view(np.int32) + BIAS_32) << EXPONENT_32).view(np.float32)
    return np.float32(y * power)
