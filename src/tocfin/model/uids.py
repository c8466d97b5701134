"""Names of the elements that draws belong to: 64 bits from kind and external key, never from a row number.

So a job that is removed, or a schedule in another order, leaves every other element's draws alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from tocfin.errors import UsageError


def uid(kind: str, key: str) -> int:
    """64 bits that stand for ``key`` among the elements of ``kind`` (BLAKE2b); the same on every machine."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8, person=kind.encode()).digest(), "little")


def uids(kind: str, keys: Sequence[str]) -> NDArray[np.uint64]:
    """``uid`` of every key, in their order.

    Raises UsageError when two different keys get the same 64 bits, which would tie their noise together; equal keys
    are one element and share their draws.
    """
    owner: dict[int, str] = {}
    for key in keys:
        other = owner.setdefault(uid(kind, key), key)
        if other != key:
            raise UsageError(f"{kind} {other!r} and {kind} {key!r} would get the same random numbers: rename one")
    number = {key: value for value, key in owner.items()}
    return np.fromiter((number[key] for key in keys), np.uint64, len(keys))
