"""Findings explained: what each rule means, and a row that is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tocfin.catalogue import BY_NAME
from tocfin.errors import Finding
from tocfin.report.amounts import printable
from tocfin.rules import explained
from tocfin.specimen import cell, lines


def explanation(findings: Sequence[Finding]) -> str:
    """Every rule among ``findings`` once, those of errors first, with a right row of the table of the first of them."""
    firsts: dict[str, Finding] = {}
    for finding in sorted(findings, key=lambda one: one.grade != "error"):
        firsts.setdefault(finding.rule, finding)
    return "\n".join(line for one in firsts.values() for line in _about(one))


def _about(finding: Finding) -> Iterator[str]:
    yield f"{printable(finding.rule)}: {explained(finding.rule)}"
    table = BY_NAME.get(finding.table)
    if table is None:
        return
    column = next((one for one in table.columns if one.name == finding.column), None)
    if column is not None:
        yield f"  {column.name}: {column.doc}; right: {cell(table, column) or '(empty)'}"
    head, right = lines(table, None if column is None else column.name)
    yield from (f"  a row of {table.name} that is right:", f"    {head}", f"    {right}")
