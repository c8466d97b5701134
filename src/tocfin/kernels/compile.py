"""The decorators of compiled functions, and where their machine code is kept between runs.

numba's cache is a pickle that is executed on load, so it is kept only in a folder that belongs to this user and
that nobody else can write to; otherwise kernels are compiled anew in each process. The folder's name carries a hash
of all kernel sources, because numba does not notice a change in a function that another one calls.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
from llvmlite.binding import get_host_cpu_name
from numba.core.codegen import get_host_cpu_features
from numba.core.registry import cpu_target
from numba.extending import intrinsic, overload

from tocfin import __version__

Function = TypeVar("Function", bound=Callable[..., Any])


def cache_folder() -> Path | None:
    """Private folder for machine code, made when missing; None when there is no safe place for it."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = Path(base) / "tocfin" / f"{__version__}-{_sources_hash()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        private = all(is_private(place) for place in (folder, folder.parent))
    except OSError:
        return None
    return folder if private else None


def is_private(folder: Path) -> bool:
    """True when ``folder`` is a real folder of this user that nobody else may write to."""
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode):
        return False
    if os.name == "nt":
        return True  # the profile folder's access list guards it; Windows has no owner bits to look at
    return facts.st_uid == os.getuid() and not facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def mark(part: str) -> Path | None:
    """The file that says that all kernels of ``part`` are kept for this processor; None where none can be kept."""
    folder = Path(numba.config.CACHE_DIR) if numba.config.CACHE_DIR else _FOLDER
    if folder is None or numba.config.DISABLE_JIT:
        return None
    return folder / f"{get_host_cpu_name()}-{_sources_hash()}.{part}"


def _sources_hash() -> str:
    digest = hashlib.sha256(numba.__version__.encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _with_whole_vectors() -> None:
    """Have numba use vectors of 512 bits where the processor has them.

    LLVM halves them for Intel's, because some older ones run slower while they are used. Kernels are loops over 64
    lanes and little else: whole vectors take a sixth off simulating, and change no bit. What somebody has set for
    numba to compile for is heeded.
    """
    features = get_host_cpu_features()
    if "+avx512f" in features and numba.config.CPU_NAME is None and numba.config.CPU_FEATURES is None:
        numba.config.CPU_FEATURES = f"{features},-prefer-256-bit"
        _ = cpu_target.target_context  # made once for the process, of what is set now
        numba.config.CPU_FEATURES = None


_with_whole_vectors()
_FOLDER = cache_folder()
_INNER = {"_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def kernel(function: Function) -> Function:
    """Compile ``function``: serial, without the interpreter's lock, IEEE arithmetic throughout."""
    return _compiled(function, no_cfunc_wrapper=True)


def lean(function: Function) -> Function:
    """Compile ``function`` as ``kernel`` does, without counting references: it can make no array and return none.

    numba counts references of columns that a loop hands on, atomically, which took a third of the time of all terms.
    """
    return _compiled(function, no_cfunc_wrapper=True, _nrt=False)


def inner(function: Function) -> Function:
    """Compile ``function`` as ``lean`` does, for other kernels alone: Python must not call it.

    A way in from Python unpacks every column, and compiling that takes longer than compiling most functions.
    """
    return _compiled(function, **_INNER)


def inlined(function: Function) -> Function:
    """Compile ``function`` into each kernel that calls it, as `inner`: a call would copy every column's descriptor."""
    compiled: Function = numba.njit(nogil=True, error_model="numpy", forceinline=True, **_INNER)(function)
    return compiled


def emitted(function: Callable[..., Any]) -> Any:
    """A function that says which machine code it is, not what it computes: given types, types and an emitter."""
    return intrinsic(function)


def instead_of(python: Callable[..., Any]) -> Callable[[Function], Function]:
    """The decorated function gives what kernels compile where they call ``python``, whose arguments it names."""
    found: Callable[[Function], Function] = overload(python, inline="always", jit_options={"_nrt": False})
    return found


def _compiled(function: Function, **options: bool) -> Function:
    outside = numba.config.CACHE_DIR
    if not outside and _FOLDER is not None:
        numba.config.CACHE_DIR = str(_FOLDER)
    try:
        caches = bool(numba.config.CACHE_DIR)
        compiled: Function = numba.njit(cache=caches, nogil=True, error_model="numpy", **options)(function)
    finally:
        numba.config.CACHE_DIR = outside
    return compiled
