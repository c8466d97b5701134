"""What drawn noise makes of planned work: whole seconds of capacity that each activity takes in each replication."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocfin.kernels.compile import kernel


@kernel
def stretch(member_row: Any, member_work: Any, factor: Any, out_work: Any) -> None:
    """Planned work times its factor, rounded half to even.

    ===========  ====================  =====================================
    member_row   (members)             row of the schedule
    member_work  (members)             [s] planned
    factor       (activities, lanes)   relative to the plan
    out_work     (activities, lanes)   [s]; other rows are not written
    ===========  ====================  =====================================
    """
    for i in range(member_row.size):
        row = member_row[i]
        for s in range(out_work.shape[1]):
            out_work[row, s] = np.int64(np.rint(member_work[i] * factor[row, s]))
