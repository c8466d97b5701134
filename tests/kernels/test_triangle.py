"""The triangle of Cholesky against NumPy's."""

import numpy as np

from tocfin.kernels.triangle import triangle


def test_the_diagonal_is_that_of_numpy_for_sizes_from_1_to_40() -> None:
    draw = np.random.default_rng(1)
    for n in (1, 2, 3, 17, 40):
        root = draw.standard_normal((n, n + 3))
        matrix = root @ root.T
        expected = np.linalg.cholesky(matrix)
        diagonal = np.empty(n)
        triangle(matrix, diagonal)
        np.testing.assert_allclose(diagonal, np.diag(expected), rtol=1e-9)
        np.testing.assert_allclose(np.tril(matrix), expected, rtol=1e-7, atol=1e-9)


def test_a_matrix_that_is_not_positive_definite_gives_nan() -> None:
    diagonal = np.empty(2)
    with np.errstate(invalid="ignore"):  # the same without the compiler
        triangle(np.array([[1.0, 2.0], [2.0, 1.0]]), diagonal)
    assert np.isnan(diagonal[1])
