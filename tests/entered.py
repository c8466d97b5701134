"""A way in from Python for functions that are compiled for other kernels only."""

from collections.abc import Callable
from typing import Any

import numba


def entered(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` as Python may call it, compiled around it."""
    found: Callable[..., Any] = numba.njit(lambda *arguments: function(*arguments), error_model="numpy")
    return found
