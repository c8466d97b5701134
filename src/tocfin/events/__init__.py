"""What the shop floor reported, folded into the state of the work and into actual amounts by period."""

from tocfin.events.fold import Folded, fold
from tocfin.events.journal import Journal

__all__ = ["Folded", "Journal", "fold"]
