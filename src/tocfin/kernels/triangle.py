"""Cholesky's triangle of a symmetric matrix: serial, so that no bit depends on how many threads a library takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import kernel


@kernel
def triangle(matrix: Any, out_diagonal: Any) -> None:
    """The diagonal of L with L·Lᵀ = ``matrix``, which is positive definite (NaN from where it is not) and overwritten.

    ============  ======  ==========================================================
    matrix        (n, n)  in: symmetric, the lower half is read; out: L in that half
    out_diagonal  (n)     its diagonal
    ============  ======  ==========================================================

    Rows below are reduced by one column after the other: the inner loop runs along a row, without a sum to wait for.
    """
    n = matrix.shape[0]
    assert matrix.shape[1] == n
    assert out_diagonal.size == n
    column = np.empty(n)
    for k in range(n):
        root = np.sqrt(matrix[k, k])
        out_diagonal[k] = root
        matrix[k, k] = root
        for i in range(k + 1, n):
            column[i] = matrix[i, k] / root
            matrix[i, k] = column[i]
        for i in range(k + 1, n):
            weight = column[i]
            for j in range(k + 1, i + 1):
                matrix[i, j] -= weight * column[j]
