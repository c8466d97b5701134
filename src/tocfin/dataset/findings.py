"""Findings in bulk: how many of one kind are told one by one, and how a value is quoted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches

from tocfin.dataset.listing import LIMITS
from tocfin.errors import Finding

_LONGEST = 60


def capped(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """At most ``LIMITS`` findings of each (rule, table, column), then one that counts those like them."""
    groups: dict[tuple[str, str, str | None], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.rule, finding.table, finding.column), []).append(finding)
    return tuple(finding for group in groups.values() for finding in _shortened(group))


def _shortened(group: list[Finding]) -> Iterator[Finding]:
    single = [finding for finding in group if finding.count == 1]
    limit = LIMITS[group[0].grade]
    yield from single[:limit]
    rest = sum(finding.count for finding in group) - len(single[:limit])
    if rest:
        message = f"and {rest:,} more like it"
        yield replace(group[-1], row=None, value=None, cell=None, message=message, count=rest)


def more(like: Finding, count: int) -> list[Finding]:
    """The line for ``count`` findings like ``like`` that were never made one by one (none for 0)."""
    return (
        [replace(like, row=None, value=None, message=f"and {count:,} more like it", count=count)] if count > 0 else []
    )


def quoted(value: object) -> str:
    """A value as a message shows it: in quotes, on one line, cut where it is long."""
    text = str(value)
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return "'" + "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text) + "'"


def nearest(word: str, known: Sequence[str]) -> str:
    """``; did you mean 'revenue'?`` when a known word is close to ``word``, else nothing."""
    for name in known:
        if name.casefold() == word.strip().casefold():
            return f"; did you mean {quoted(name)}?"
    close = get_close_matches(word[:_LONGEST], known, n=1, cutoff=0.75)
    return f"; did you mean {quoted(close[0])}?" if close else ""
