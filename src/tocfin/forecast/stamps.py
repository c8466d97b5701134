"""What files were made of, so that a step that would make the same again need not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from tocfin.dataset.atomic import appearing

STAMP = "made_of.json"


def digest(paths: Iterable[Path], *more: object) -> str:
    """A hash of the bytes of files, of all files in folders, and of ``more``."""
    made = hashlib.sha256(repr(more).encode())
    for path in paths:
        for file in sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]:
            content = file.read_bytes()
            made.update(f"{file.relative_to(path.parent).as_posix()}\0{len(content)}\0".encode())
            made.update(content)
    return made.hexdigest()


class Stamps:
    """What the files of a folder were made of, by step; a step that finds its stamp and its file need not be redone."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / STAMP
        try:
            found = json.loads(self.file.read_text("utf-8"))
            self.made_of: dict[str, str] = {str(name): str(value) for name, value in found["made_of"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self.made_of = {}  # nothing is known of what is there, so all is made again

    def fresh(self, step: str, made_of: str, file: Path) -> bool:
        """True when ``file`` was made of the same."""
        return self.made_of.get(step) == made_of and file.exists()

    def set(self, step: str, made_of: str) -> None:
        """Note that a step is done, after its file is there."""
        self.made_of[step] = made_of
        content = {"schema": 1, "made_of": dict(sorted(self.made_of.items()))}
        with appearing(self.file, force=True) as part:
            part.write_text(json.dumps(content, indent=1) + "\n", "utf-8", newline="\n")
