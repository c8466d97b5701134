"""Is this folder a run that may be read? Answered from its JSON alone, before any code of a codec runs."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tocfin.scenarios.journal import DamagedStoreError, ForeignStoreError
from tocfin.scenarios.manifest import Dims, Extra

FORMAT, VERSION = "tocfin run", 1
#: Codecs that only turn bytes into numbers. Others may run code of their maker's choice (reliability S13).
CODECS = frozenset({"bytes", "zstd", "blosc", "gzip", "crc32c", "sharding_indexed"})
#: Names along an axis are text, for which Zarr has this one codec; tocfin itself reads names from the manifest.
NAMES_CODEC = "vlen-utf8"
LARGEST = 2**28  # of a file of metadata

_OLD = frozenset({".zgroup", ".zarray", ".zattrs", ".zmetadata"})


def metadata(path: Path) -> dict[str, Any]:
    """A ``zarr.json``; raises DamagedStoreError when it is none."""
    try:
        if path.stat().st_size > LARGEST:
            raise DamagedStoreError(f"{path} is too large to be what it should be; this run cannot be read")
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedStoreError(
            f"{path} cannot be read: {error}; restore the store from a copy, or run again"
        ) from error
    if not isinstance(content, dict):
        raise DamagedStoreError(f"{path} is not an object; restore the store from a copy, or run again")
    return content


def shown(content: Mapping[str, Any]) -> bytes:
    """Metadata as it is written: the same bytes for the same content."""
    return json.dumps(content, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()


def require_run(path: Path) -> dict[str, Any]:
    """Attributes of the run at ``path``; raises ForeignStoreError for whatever else is there."""
    if not path.is_dir():
        raise ForeignStoreError(f"{path} is not there, or no folder; name the folder that `tocfin simulate --out` made")
    if any(not _OLD.isdisjoint(names) for _, _, names in os.walk(path)):
        raise ForeignStoreError(
            f"{path} is in Zarr format 2, which is not read because it can carry code; only format 3 is"
        )
    if not (path / "zarr.json").is_file():
        raise ForeignStoreError(f"{path} is no Zarr store: it has no zarr.json; was it made by `tocfin simulate`?")
    root = metadata(path / "zarr.json")
    attributes = root.get("attributes")
    if root.get("zarr_format") != 3 or not isinstance(attributes, dict) or attributes.get("format") != FORMAT:
        raise ForeignStoreError(f"{path} is a Zarr store, but no run of tocfin")
    if attributes.get("format_version") != VERSION:
        raise ForeignStoreError(
            f"{path} has version {attributes.get('format_version')} of the format; this tocfin reads version {VERSION}."
            " Use the tocfin that wrote it"
        )
    for name in _arrays(path, root):
        require_codecs(path, *name)
    return attributes


def _arrays(path: Path, root: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every array's metadata, as it is in its folder and as the root repeats it."""
    for file in sorted(path.rglob("zarr.json")):
        if file.parent != path:
            yield str(file.parent.relative_to(path)), metadata(file)
    repeated = root.get("consolidated_metadata")
    yield from (repeated.get("metadata") or {}).items() if isinstance(repeated, dict) else ()


def require_codecs(path: Path, name: str, array: Any) -> None:
    """Raise ForeignStoreError when an array is stored with anything but plain codecs."""
    if not isinstance(array, dict) or array.get("zarr_format") != 3:
        raise ForeignStoreError(f"{path}: {name} is not in Zarr format 3")
    names = array.get("data_type") == "string" and len(array.get("shape") or ()) == 1
    for codec in _codecs(array.get("codecs")):
        if codec not in CODECS and not (names and codec == NAMES_CODEC):
            raise ForeignStoreError(
                f"{path}: {name} is stored with codec {codec!r}, which is not one of {', '.join(sorted(CODECS))};"
                " a store with other codecs is not opened"
            )
    if array.get("storage_transformers"):
        raise ForeignStoreError(f"{path}: {name} uses storage transformers, which are not read")


def _codecs(chain: Any) -> Iterator[str]:
    """Names of the codecs of a chain and of what they wrap."""
    for codec in chain if isinstance(chain, list) else [chain]:
        yield str(codec.get("name")) if isinstance(codec, dict) else str(codec)
        inner = codec.get("configuration") if isinstance(codec, dict) else None
        for key in ("codecs", "index_codecs"):
            if isinstance(inner, dict) and key in inner:
                yield from _codecs(inner[key])


def require_shape(path: Path, array: Extra, dims: Dims) -> dict[str, Any]:
    """Metadata of an array of numbers, after a check that it is laid out as the manifest says."""
    found = metadata(path / array.name / "zarr.json")
    whole, piece = dims.shape(array), dims.piece(array)
    shape = found.get("shape")
    expected = {
        "node_type": "array",
        "data_type": "float64",
        "dimension_names": list(array.dims),
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": list(piece)}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
    }
    wrong = [key for key, value in expected.items() if found.get(key) != value]
    if wrong or not _fits(shape, whole):
        raise DamagedStoreError(
            f"{path}: {array.name} is not laid out as the manifest says ({', '.join(wrong) or 'shape'});"
            " restore the store from a copy, or run again"
        )
    return found


def _fits(shape: Any, whole: Sequence[int]) -> bool:
    if not isinstance(shape, list) or len(shape) != len(whole):
        return False
    return shape[:-1] == list(whole[:-1]) and isinstance(shape[-1], int) and 0 < shape[-1] <= whole[-1]


def require_layouts(path: Path, layouts: Mapping[str, str]) -> None:
    """Raise DamagedStoreError when an array's metadata would decode its files otherwise than they were written."""
    for name, digest in layouts.items():
        if layout_hash(metadata(path / name / "zarr.json")) != digest:
            raise DamagedStoreError(
                f"{path}: {name}/zarr.json is not what it was when the run was made; restore the store from a copy"
            )


def layout_hash(array: Mapping[str, Any]) -> str:
    """SHA-256 of what decides how numbers become bytes; neither the length of the array nor its attributes do."""
    fixed = {key: array.get(key) for key in ("zarr_format", "data_type", "chunk_grid", "fill_value", "codecs")}
    return hashlib.sha256(shown(fixed)).hexdigest()
