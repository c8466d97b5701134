"""``python -m tocfin`` is ``tocfin``."""

from tocfin.cli import main

main()
