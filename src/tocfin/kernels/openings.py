"""Which opening lies behind an instant: many are compared at once, where a loop would end after nobody knows how many.

An activity's lanes lie in one to six openings of its calendar. A processor that guesses where such a loop ends guesses
wrong most of the time, three loops an activity, which took as long as all that is computed for its lanes.
"""

from __future__ import annotations

from typing import Any

from tocfin.kernels.compile import inlined
from tocfin.kernels.vector import WIDE, first_of, load


@inlined
def first_beyond(column: Any, at: Any, bound: Any) -> Any:
    """The first row from ``at`` (uint64) on in which ``column`` (int32) is greater than ``bound``; there is one.

    Behind the last row that may be asked for, ``column`` has WIDE more.
    """
    found = first_of(load(column, at) > bound)
    at += found
    while found == WIDE:
        found = first_of(load(column, at) > bound)
        at += found
    return at
