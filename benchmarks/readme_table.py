"""Write the speed table of README.md from what ``bench_simulate.py`` found: figures there are never typed.

python benchmarks/readme_table.py benchmarks/results/simulate.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from textwrap import wrap
from typing import Any

from tocfin.bench.table import TITLES

README = Path(__file__).parents[1] / "README.md"
WIDTH = 120
BEGIN, END = "<!-- speed: written by benchmarks/readme_table.py -->", "<!-- /speed -->"


def section(found: dict[str, Any]) -> str:
    """The table and the sentence that says where it comes from."""
    lines = ["| | threads | scenarios | ns | activities a second |", "|---|---:|---:|---:|---:|"]
    for row in found["rows"]:
        rate = f"{1e9 / row['ns']:,.0f}"
        lines.append(f"| {TITLES[row['name']]} | {row['threads']} | {row['scenarios']} | {row['ns']:,.1f} | {rate} |")
    size = found["rows"][0]
    machine = ", ".join(f"{name} {value}" for name, value in found["machine"].items())
    where = (
        f"Per activity, replication and scenario; {size['activities']:,} activities, {size['replications']:,} "
        f"replications; {machine}."
    )
    lines += ["", *wrap(where, WIDTH)]
    return "\n".join(lines)


def replaced(page: str, text: str) -> str:
    """``page`` with ``text`` between its two markers; raises ValueError where it has not exactly one of each."""
    if page.count(BEGIN) != 1 or page.count(END) != 1 or page.index(BEGIN) > page.index(END):
        raise ValueError(f"the page needs {BEGIN} once, and {END} once after it")
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}"


def main() -> None:
    found = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    README.write_text(replaced(README.read_text("utf-8"), section(found)), "utf-8")


if __name__ == "__main__":
    main()
