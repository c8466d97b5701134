"""Plain words in every table."""

import ast
import re
from pathlib import Path

from tocfin import glossary
from tocfin.kpi import KPIS
from tocfin.report.labels import named

REPORT = Path(glossary.__file__).parent / "report"
JARGON = re.compile(r"\bP\((?!ends)[a-z ]+\)|\bCVaR\b|\bdrum util|\bper drum hour\b", re.IGNORECASE)


def test_every_chance_and_tail_of_a_heading_is_in_the_glossary() -> None:
    headings = {value for name, value in vars(glossary).items() if name.startswith(("CHANCE_", "WORST_"))}
    assert len(headings) >= 9
    assert headings <= set(glossary.WORDS)


def test_no_heading_of_a_table_speaks_jargon() -> None:
    found = []
    for path in REPORT.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in ("headings", "heads"):
                texts = [one.value for one in ast.walk(node) if isinstance(one, ast.Constant)]
                found += [(path.name, text) for text in texts if isinstance(text, str) and JARGON.search(text)]
    assert found == []


def test_kpis_have_their_titles_and_terms_their_words() -> None:
    assert named("net_profit", "EUR") == "Net profit [EUR]"
    assert named("overtime_cost") == "Overtime cost"
    assert not any(JARGON.search(named(name)) for name in KPIS)
