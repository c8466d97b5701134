"""Machine code is loaded only from a folder that is ours alone (S14): its files are pickles, which run when loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tocfin.kernels import compile as compiling


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache folder, made in a place of the test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = compiling.cache_folder()
    assert made is not None
    return made


def _linked(place: Path) -> None:
    place.rename(place.with_name("elsewhere"))
    place.symlink_to("elsewhere")


def _a_file(place: Path) -> None:
    place.rename(place.with_name("elsewhere"))
    place.write_bytes(b"")


ATTACKS: dict[str, Callable[[Path], None]] = {
    "the group may write": lambda place: place.chmod(0o770),
    "anybody may write": lambda place: place.chmod(0o777),
    "anybody may write, as in /tmp": lambda place: place.chmod(0o1777),
    "it is a link": _linked,
    "it is a file": _a_file,
}


def test_the_folder_is_made_for_this_user_alone(folder: Path, tmp_path: Path) -> None:
    assert folder.parent == tmp_path / "tocfin"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert compiling.is_private(folder)
    assert compiling.cache_folder() == folder


@pytest.mark.parametrize("levels", [0, 1])
@pytest.mark.parametrize("attack", ATTACKS.values(), ids=list(ATTACKS))
def test_a_folder_that_others_could_fill_is_not_used(folder: Path, attack: Callable[[Path], None], levels: int) -> None:
    place = (folder, folder.parent)[levels]
    attack(place)
    assert not compiling.is_private(place)
    assert compiling.cache_folder() is None


@pytest.mark.parametrize("levels", [0, 1])
def test_a_folder_of_another_user_is_not_used(folder: Path, levels: int, monkeypatch: pytest.MonkeyPatch) -> None:
    place = (folder, folder.parent)[levels]
    if os.getuid() == 0:
        os.chown(place, 65_534, 65_534)
    else:
        monkeypatch.setattr(os, "getuid", lambda: place.stat().st_uid + 1)
    assert not compiling.is_private(place)
    assert compiling.cache_folder() is None


def test_a_place_that_cannot_be_made_turns_the_cache_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert compiling.cache_folder() is None


def test_changed_kernels_have_a_folder_of_their_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "_sources_hash", lambda: "0123456789abcdef")
    other = compiling.cache_folder()
    assert other is not None
    assert other != folder
    assert other.name.endswith("-0123456789abcdef")


def test_planted_machine_code_in_a_shared_folder_is_never_touched(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from tocfin.kernels.compile import cache_folder, kernel\n"
        "@kernel\ndef more(x):\n    return x + 1\n"
        "print(cache_folder(), more(1))\n",
        encoding="utf-8",
    )

    def said() -> str:
        run = [sys.executable, str(script)]
        environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path), "NUMBA_DISABLE_JIT": "0"}
        shown = subprocess.run(run, capture_output=True, text=True, env=environment, check=True)
        return shown.stdout

    assert said().endswith(" 2\n")
    (place,) = (tmp_path / "tocfin").iterdir()
    assert list(place.rglob("*.nbc"))
    for path in place.rglob("*"):
        path.chmod(0o777)
    place.chmod(0o777)
    before = {path: path.lstat().st_mtime_ns for path in place.rglob("*")}
    assert said() == "None 2\n"
    assert {path: path.lstat().st_mtime_ns for path in place.rglob("*")} == before


def test_a_lean_kernel_that_makes_an_array_is_refused(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import numpy as np\n"
        "from tocfin.kernels.compile import lean\n"
        "@lean\ndef total(x):\n    return x.sum()\n"
        "@lean\ndef room(n):\n    return np.empty(n).size\n"
        "print(total(np.ones(3)))\n"
        "try:\n    print(room(3))\nexcept Exception as refused:\n    print(type(refused).__name__)\n",
        encoding="utf-8",
    )
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path), "NUMBA_DISABLE_JIT": "0"}
    shown = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, env=environment, check=True)
    assert shown.stdout == "3.0\nTypingError\n"
