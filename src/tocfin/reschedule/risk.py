"""How much risk a planner takes: limits that a plan must keep to be proposed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tocfin.errors import UsageError
from tocfin.scenarios.estimates import Estimate
from tocfin.scenarios.paired import Difference

#: The share of worst futures whose mean difference is the loss (conditional value at risk).
TAIL = 0.05


@dataclass(frozen=True)
class Risk:
    """Limits on a plan's difference to the reference.

    Balanced is less than every other future: what a plan gains often comes in lumps, a day that need not be opened, so
    that one which is worth more on average may be a little worse in most futures. Its loss is limited all the same.
    ``better``: the least P(better). ``loss``: the most that may be lost on average in the worst 5 % of futures [money];
    ``loss_of_gain``: the same in multiples of the expected gain. Infinite: no limit.
    """

    name: str = "balanced"
    better: float = 0.4
    loss: float = math.inf
    loss_of_gain: float = 10.0

    def refuses(self, found: Difference, loss: Estimate) -> str:
        """Why a plan with this difference is not proposed; empty where it may be."""
        if found.better.value + found.ties / max(found.better.n, 1) < self.better:
            return f"better in {100 * found.better.value:.0f} % of futures, {100 * self.better:.0f} % are asked for"
        if -loss.value > self.loss:
            return f"loses {-loss.value:,.0f} in the worst 5 % of futures, {self.loss:,.0f} are allowed"
        if -loss.value > self.loss_of_gain * max(found.mean.value, 0.0):
            return f"loses {-loss.value:,.0f} in the worst 5 % of futures, more than {self.loss_of_gain:g} x its gain"
        return ""

    @property
    def told(self) -> str:
        """The limits in words."""
        limits = [f"P(better) at least {100 * self.better:.0f} %"] if self.better > 0 else []
        if self.loss < math.inf:
            limits.append(f"mean loss of the worst 5 % at most {self.loss:,.0f}")
        if self.loss_of_gain < math.inf:
            limits.append(f"mean loss of the worst 5 % at most {self.loss_of_gain:g} x the expected gain")
        return f"{self.name} ({'; '.join(limits) or 'no limits'})"


RISKS = {
    "neutral": Risk("neutral", 0.0, math.inf, math.inf),
    "balanced": Risk(),
    "careful": Risk("careful", 0.75, math.inf, 1.0),
}


def risk_of(text: str) -> Risk:
    """A word of RISKS, or limits: ``0.7:20000`` is P(better) of 70 % at least and a loss of 20,000 at most.

    Raises UsageError for anything else.
    """
    if text in RISKS:
        return RISKS[text]
    chance, colon, most = text.partition(":")
    try:
        better, loss = float(chance), float(most) if colon else math.inf
    except ValueError:
        better = loss = math.nan
    if not (0.0 <= better <= 1.0 and loss >= 0.0):
        message = (
            f"'{text}' is no risk; say {', '.join(RISKS)}, or P(better) and the most that may be lost, e.g. 0.7:20000"
        )
        raise UsageError(message)
    return Risk("as said", better, loss, math.inf)
