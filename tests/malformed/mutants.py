"""Variants of the valid data set with a few bytes changed, each named by its number, and what must hold for any.

``verdicts`` runs them through the command, in process; who calls it does so in a process of its own, because a
damaged file could end it.
"""

from __future__ import annotations

import io
import json
import math
import random
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

from click.testing import CliRunner

from malformed import base
from tocfin.catalogue import BY_NAME

#: Tables that every KPI can be computed from; the others would only make the variants slower to read.
USED = (*(name for name in base.TABLES if BY_NAME[name].required), "calendars", "precedences", "targets")
STATUSES = {"ok", "undefined", "not_supplied", "not_projected"}
#: What is written over bytes: anything, but more often what means something in a table.
BITING = b"0123456789-+.eE,;:\"'\n\r\t \0\xff\xc3TZ[]=#"


def mutated(data: bytes, rng: random.Random) -> bytes:
    """``data`` after one to three changes."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 3))):
        rng.choice(CHANGES)(changed, rng)
    return bytes(changed)


def _flip(data: bytearray, rng: random.Random) -> None:
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _overwrite(data: bytearray, rng: random.Random) -> None:
    if data:
        data[rng.randrange(len(data))] = rng.choice(BITING)


def _insert(data: bytearray, rng: random.Random) -> None:
    at = rng.randint(0, len(data))
    data[at:at] = bytes(rng.choice(BITING) for _ in range(rng.choice((1, 1, 1, 4, 40))))


def _delete(data: bytearray, rng: random.Random) -> None:
    at = rng.randint(0, len(data))
    del data[at : at + rng.choice((1, 1, 2, 10))]


def _duplicate(data: bytearray, rng: random.Random) -> None:
    at, to = rng.randint(0, len(data)), rng.randint(0, len(data))
    data[to:to] = data[at : at + rng.choice((1, 5, 60, 400))]


def _swap(data: bytearray, rng: random.Random) -> None:
    if data:
        one, other = rng.randrange(len(data)), rng.randrange(len(data))
        data[one], data[other] = data[other], data[one]


def _truncate(data: bytearray, rng: random.Random) -> None:
    del data[rng.randint(0, len(data)) :]


Damage = Callable[[bytearray, random.Random], None]
CHANGES: tuple[Damage, ...] = (_flip, _overwrite, _overwrite, _insert, _delete, _duplicate, _swap, _truncate)


@cache
def originals(form: str) -> dict[str, bytes]:
    """The files of the valid data set as CSV, Parquet or a workbook."""
    with tempfile.TemporaryDirectory() as place:
        folder = base.write(Path(place) / "plant", USED)
        if form == "parquet":
            base.parquet(*USED)(folder)
        if form == "xlsx":
            book = base.workbook(Path(place) / "plant.xlsx", only=USED)
            return {"plan.toml": base.PLAN.encode(), book.name: book.read_bytes()}
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def form_of(number: int) -> str:
    """Of 40 variants one is Parquet, which is read by a child process first and so takes long, and 21 are xlsx."""
    return ("parquet", *("xlsx",) * 21)[number % 40] if number % 40 < 22 else "csv"


def files(number: int) -> dict[str, bytes]:
    """The files of one variant; one of them is damaged."""
    rng = random.Random(number)
    found = dict(originals(form_of(number)))
    victims = [name for name in found if name != "plan.toml" or form_of(number) == "csv"]
    victim = "plan.toml" if "plan.toml" in victims and rng.random() < 0.15 else rng.choice(victims)
    damage = mutated_inside if form_of(number) == "xlsx" and rng.random() < 0.7 else mutated
    found[victim] = damage(found[victim], rng)
    return found


def mutated_inside(book: bytes, rng: random.Random) -> bytes:
    """A workbook whose zip file is in order, with one part changed."""
    with zipfile.ZipFile(io.BytesIO(book)) as given:
        parts = {name: given.read(name) for name in given.namelist()}
    victim = rng.choice([name for name in parts if "xl/" in name])
    parts[victim] = mutated(parts[victim], rng)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return out.getvalue()


def written(number: int, place: Path) -> Path:
    """One variant on disk, and what to point the command at."""
    folder = place / str(number)
    folder.mkdir()
    for name, data in files(number).items():
        (folder / name).write_bytes(data)
    return folder / "plant.xlsx" if form_of(number) == "xlsx" else folder


def complaint(code: int, stdout: str, stderr: str) -> str | None:
    """What is wrong with how the command ended; None when it refused or computed as it should."""
    if code not in (0, 2) or "Traceback" in stderr or "internal error" in stderr or "panicked" in stderr:
        return f"exit {code}: {stderr[-300:]}"
    if code == 2:
        return None if stderr.strip() and not stdout else "refused without a word, or with words on stdout"
    return next(_doubtful(json.loads(stdout, parse_constant=_refuse)), None)


def _doubtful(card: dict[str, list[dict[str, object]]]) -> Iterator[str]:
    for figure in card["kpis"]:
        value, status = figure["value"], figure["status"]
        fine = isinstance(value, int | float) and math.isfinite(value) if status == "ok" else value is None
        if not fine or status not in STATUSES or (status != "ok" and not figure["reason"]):
            yield f"{figure}"


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def verdicts(numbers: Sequence[int]) -> list[tuple[int, int, str | None]]:
    """(number, exit code, complaint) of each variant, run in this process."""
    from tocfin.cli import main

    found = []
    with tempfile.TemporaryDirectory() as place:
        for number in numbers:
            words = ["kpi", str(written(number, Path(place))), "--format", "json", "--threads", "1"]
            ended = CliRunner().invoke(main, words)
            found.append((number, ended.exit_code, complaint(ended.exit_code, ended.stdout, ended.stderr)))
    return found
