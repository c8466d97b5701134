"""What makes a run the run it is: inputs, seed, generator and the names along every axis.

A block of replications is a pure function of this. Two runs with the same identity hold the same numbers, so they can
be resumed and merged; whatever differs is told by name.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from tocfin.errors import UsageError

#: What is known of a run beside its numbers: other values do not make it another run.
_APART = ("manifest.created_at", "manifest.blocks", "manifest.formulas", "manifest.notes")


@dataclass(frozen=True)
class Extra:
    """An array of sums kept beside the terms, such as ``job_on_time`` over (scenario, job, block).

    ``dims`` ends with ``block`` (one sum per block) or ``replication``. Every array holds float64, in which counts are
    exact to 2**53.
    """

    name: str
    dims: tuple[str, ...]
    title: str
    units: str = "1"


@dataclass(frozen=True)
class Dims:
    """The axes of a run. ``period`` holds (start, end) in seconds UTC; ``block`` replications are one unit of work."""

    scenario: tuple[str, ...]
    term: tuple[str, ...]
    term_units: tuple[str, ...]
    plant: tuple[str, ...]
    period: tuple[tuple[int, int], ...]
    replications: int
    block: int
    job: tuple[str, ...] = ()
    resource: tuple[str, ...] = ()
    extras: tuple[Extra, ...] = ()

    def __post_init__(self) -> None:
        empty = [name for name in ("scenario", "term", "plant", "period") if not getattr(self, name)]
        if empty or self.replications < 1 or self.block < 1 or len(self.term_units) != len(self.term):
            raise UsageError(f"a run needs names along every axis and a unit for every term; look at {self._short()}")
        for extra in self.extras:
            if set(extra.dims[:-1]) - set(self.sizes) or extra.dims[-1] not in {"block", "replication"}:
                raise UsageError(f"array {extra.name} cannot be laid out over {', '.join(extra.dims)}: {self._short()}")

    def _short(self) -> str:
        return ", ".join(f"{name} {size}" for name, size in self.sizes.items())

    @property
    def blocks(self) -> int:
        """How many blocks hold all replications; the last one may be shorter."""
        return math.ceil(self.replications / self.block)

    @property
    def sizes(self) -> dict[str, int]:
        """Length of every axis that has names."""
        named = ("scenario", "term", "plant", "period", "job", "resource")
        return {name: len(getattr(self, name)) for name in named if getattr(self, name)}

    @property
    def arrays(self) -> tuple[Extra, ...]:
        """The terms, then the extras."""
        axes = ("scenario", "term", "plant", "period", "replication")
        return (Extra("terms", axes, "sums over the schedule", "see coordinate unit"), *self.extras)

    def held(self, block: int) -> int:
        """Replications in ``block``."""
        return min(self.block, self.replications - block * self.block)

    def shape(self, array: Extra, blocks: int | None = None) -> tuple[int, ...]:
        """Shape of an array over the first ``blocks`` blocks, all of them by default."""
        count = self.blocks if blocks is None else blocks
        last = count if array.dims[-1] == "block" else min(count * self.block, self.replications)
        return (*(self.sizes[name] for name in array.dims[:-1]), last)

    def piece(self, array: Extra) -> tuple[int, ...]:
        """Shape of what one block adds to an array, in the store."""
        return (*self.shape(array)[:-1], 1 if array.dims[-1] == "block" else self.block)

    def given(self, array: Extra, block: int) -> tuple[int, ...]:
        """Shape of what a writer hands over for a block."""
        shape = self.shape(array)[:-1]
        return shape if array.dims[-1] == "block" else (*shape, self.held(block))


@dataclass(frozen=True)
class Manifest:
    """Where the numbers come from.

    ``inputs``: what was read -> its SHA-256. ``generator``: name and version of the draws. ``formulas``: version of the
    KPI formulas (only terms are stored, so another version leaves a run valid). ``packages``: those that take part
    in the numbers. ``blocks``: the range that this store was asked for; None stands for all. ``notes``: what else is
    good to know, such as where the inputs lie.
    """

    inputs: Mapping[str, str]
    seed: int
    generator: str
    formulas: str
    packages: Mapping[str, str]
    created_at: str
    blocks: tuple[int, int] | None = None
    notes: Mapping[str, str] = field(default_factory=dict)


def dumped(manifest: Manifest, dims: Dims) -> bytes:
    """Both as JSON, the same bytes for the same content."""
    whole = {"manifest": asdict(manifest), "dims": asdict(dims)}
    return json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False).encode()


def loaded(content: bytes) -> tuple[Manifest, Dims]:
    """The inverse of `dumped`; raises ValueError, TypeError or KeyError for anything else."""
    whole = json.loads(content)
    dims = {name: _frozen(value) for name, value in whole["dims"].items()}
    dims["extras"] = tuple(Extra(**{**extra, "dims": tuple(extra["dims"])}) for extra in whole["dims"]["extras"])
    manifest = {**whole["manifest"], "blocks": _frozen(whole["manifest"]["blocks"])}
    return Manifest(**manifest), Dims(**dims)


def differences(ours: bytes, theirs: bytes) -> list[str]:
    """What makes two runs different runs, one line each: ``inputs jobs.csv: 3f… here, 9a… in the store``."""
    first, second = (dict(_flat("", json.loads(side))) for side in (ours, theirs))
    return [
        _told(name.removeprefix("manifest."), first.get(name), second.get(name))
        for name in sorted({*first, *second})
        if first.get(name) != second.get(name) and not name.startswith(_APART)
    ]


def _flat(stem: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _flat(f"{stem}.{key}" if stem else key, inner)
    else:
        yield stem, value


def _told(name: str, here: Any, there: Any) -> str:
    if isinstance(here, list) and isinstance(there, list):
        more, less = ([str(one) for one in a if one not in b][:3] for a, b in ((here, there), (there, here)))
        parts = [f"{word} {', '.join(some)}" for word, some in (("only here:", more), ("only there:", less)) if some]
        return f"{name}: {'; '.join(parts) or 'in another order'}"
    return f"{name}: {_short(here)} here, {_short(there)} in the store"


def _short(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 40 else f"{text[:12]}…"


def _frozen(value: Any) -> Any:
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value
