"""Numbers to and from the bytes of Zarr v3: the only module that knows zarr.

zarr works in memory here. It neither flushes to disk nor writes several files as one, so ``store`` does that itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.codecs import BloscCodec
from zarr.core.buffer.cpu import Buffer
from zarr.storage import MemoryStore

from tocfin.scenarios.layout import shown
from tocfin.scenarios.manifest import Dims, Extra

#: Empty pieces are written too: a file that is not there must mean a block that was not committed.
_WRITTEN = {"write_empty_chunks": True}
_INSTANT = {"units": "seconds since 1970-01-01", "calendar": "proleptic_gregorian"}


def skeleton(dims: Dims, attributes: Mapping[str, Any]) -> dict[str, bytes]:
    """Every file of a run without blocks: metadata, and the names along the axes as xarray finds them."""
    kept: dict[str, Any] = {}
    group = zarr.create_group(MemoryStore(kept), zarr_format=3, attributes=dict(attributes))
    for array in dims.arrays:
        _numbers(group, array, dims)
    for name in ("scenario", "term", "plant", "job", "resource"):
        if getattr(dims, name):
            _column(group, name, name, np.array(getattr(dims, name), np.dtypes.StringDType()), {"long_name": name})
    _column(
        group, "unit", "term", np.array(dims.term_units, np.dtypes.StringDType()), {"long_name": "unit of the term"}
    )
    for name, side in (("period", 0), ("period_end", 1)):
        instants = np.array([period[side] for period in dims.period], np.int64)
        _column(group, name, "period", instants, {"long_name": name.replace("_", " "), **_INSTANT})
    files = {key: buffer.to_bytes() for key, buffer in kept.items()}
    return {key: shown(json.loads(data)) if key.endswith("zarr.json") else data for key, data in files.items()}


def _numbers(group: zarr.Group, array: Extra, dims: Dims) -> None:
    piece = dims.piece(array)
    attributes: dict[str, Any] = {"long_name": array.title, "units": array.units}
    if array.name == "terms":
        attributes["coordinates"] = "unit period_end"
    group.create_array(
        array.name,
        shape=dims.shape(array),
        dtype="float64",
        chunks=(1, *piece[1:]) if array.dims[0] == "scenario" else piece,  # one scenario is read without the others
        shards=piece,
        compressors=BloscCodec(cname="lz4", shuffle="shuffle", typesize=8),
        fill_value=np.nan,
        attributes=attributes,
        dimension_names=array.dims,
    )


def _column(group: zarr.Group, name: str, axis: str, values: NDArray[Any], attributes: dict[str, Any]) -> None:
    group.create_array(name, data=values, compressors=None, dimension_names=(axis,), attributes=attributes)


class Pieces:
    """Turns what one block adds to an array into bytes and back, by the array's own metadata."""

    def __init__(self, metadata: Mapping[str, Any], piece: tuple[int, ...]) -> None:
        self._shape = piece
        self._metadata = Buffer.from_bytes(json.dumps({**metadata, "shape": list(piece)}).encode())
        # zarr leaves out a shard of nothing but fill values, whatever it is told: such a block is written as if 0 were
        # the fill value.
        self._filled = Buffer.from_bytes(json.dumps({**metadata, "shape": list(piece), "fill_value": 0.0}).encode())
        self._key = "/".join(["c", *("0" for _ in piece)])

    def encoded(self, values: NDArray[np.float64]) -> bytes:
        """``values``, with what is short of a whole block filled up with NaN."""
        padded = np.full(self._shape, np.nan)
        padded[tuple(slice(0, size) for size in values.shape)] = values
        kept: dict[str, Any] = {"zarr.json": self._filled if np.isnan(padded).all() else self._metadata}
        zarr.open_array(MemoryStore(kept), mode="r+", zarr_format=3, config=_WRITTEN)[...] = padded
        data: bytes = kept[self._key].to_bytes()
        return data

    def decoded(self, data: bytes, first: int | None = None) -> NDArray[np.float64]:
        """The numbers; of one place along the first axis only when it is given."""
        kept: dict[str, Any] = {"zarr.json": self._metadata, self._key: Buffer.from_bytes(data)}
        array = zarr.open_array(MemoryStore(kept, read_only=True), mode="r", zarr_format=3)
        return np.asarray(array[...] if first is None else array[first], np.float64)
