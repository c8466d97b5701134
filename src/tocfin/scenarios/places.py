"""Where the files of a run lie, and what its metadata says to readers that do not know tocfin."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tocfin.errors import UsageError
from tocfin.scenarios.journal import DamagedStoreError, put
from tocfin.scenarios.layout import FORMAT, VERSION, metadata, shown
from tocfin.scenarios.manifest import Dims, Extra, Manifest, loaded

#: The folder of what is not Zarr.
OURS = "tocfin"


def manifest_file(path: str | Path) -> Path:
    """The file that says what a run is; it never changes."""
    return Path(path, OURS, "manifest.json")


def read_manifest(path: Path) -> tuple[Manifest, Dims]:
    """What the run at ``path`` is; raises DamagedStoreError when the file is not the one it was made with."""
    file = manifest_file(path)
    try:
        content = file.read_bytes()
        if hashlib.sha256(content).hexdigest() != metadata(path / "zarr.json")["attributes"].get("manifest_sha256"):
            raise ValueError("it is not the one that the run was made with")
        return loaded(content)
    except (OSError, ValueError, TypeError, KeyError, RecursionError, UsageError) as error:
        raise DamagedStoreError(f"{file}: {error}; restore the store from a copy, or run again") from error


def attributes(manifest: Manifest, dims: Dims, content: bytes) -> dict[str, Any]:
    """Provenance in words and plain numbers, which any tool shows and can carry into another format."""
    first, end = manifest.blocks or (0, dims.blocks)
    return {
        "format": FORMAT,
        "format_version": VERSION,
        "title": "terms of simulated schedules",
        "manifest_sha256": hashlib.sha256(content).hexdigest(),
        "inputs": _listed(manifest.inputs),
        "seed": manifest.seed,
        "generator": manifest.generator,
        "formulas": manifest.formulas,
        "packages": _listed(manifest.packages),
        "created_at": manifest.created_at,
        "replications": dims.replications,
        "block": dims.block,
        "block_range": f"{first}:{end}",
        "notes": _listed(manifest.notes),
        "why_stopped": "",
    }


def _listed(words: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {word}" for name, word in sorted(words.items()))


def repeat(path: Path, changes: Mapping[str, Any]) -> None:
    """Write the root's metadata, which repeats that of every array so that readers need not search folders."""
    root = metadata(path / "zarr.json")
    arrays = {file.parent.name: metadata(file) for file in sorted(path.glob("*/zarr.json"))}
    root["attributes"] |= changes
    root["consolidated_metadata"] = {"kind": "inline", "must_understand": False, "metadata": arrays}
    put(path / "zarr.json", shown(root))


def folder(path: Path, array: Extra) -> Path:
    """Where an array's blocks lie: Zarr's chunk keys, of which only the last number changes."""
    return path.joinpath(array.name, "c", *("0" for _ in array.dims[1:]))


def final(path: Path, array: Extra, block: int) -> Path:
    """The file of a committed block."""
    return folder(path, array) / str(block)


def pending(path: Path, array: Extra, block: int) -> Path:
    """The file of a block that is written and not committed; readers of Zarr do not look for such a name.

    It stays until the journal names the block; should the power fail before it has its final name, it is found here.
    """
    return folder(path, array) / f".{block}.pending"
