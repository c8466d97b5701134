"""Scenario files and data sets beside each other without a store that stays: simulated into one that is thrown away."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from tocfin.kernels.draw import GROUP
from tocfin.scenarios.execute import run
from tocfin.scenarios.launch import Launch, opened
from tocfin.scenarios.stored import Run

#: Enough for 16 blocks of GROUP: intervals of what is summed by block need at least ten.
REPLICATIONS = 1_024


@contextmanager
def beside(
    sources: Sequence[Path],
    *,
    replications: int = REPLICATIONS,
    seed: int | None = None,
    threads: int | None = None,
    told: Callable[[int, int], None] = lambda done, wanted: None,
) -> Iterator[tuple[Launch, Run]]:
    """``sources`` in the same futures, the first as the base; the run can be read inside the block only.

    A data set is taken as it is, its work starting as soon as possible. Raises DatasetError with every finding,
    UsageError for what cannot be compared.
    """
    with TemporaryDirectory() as folder:
        place = Path(folder)
        files = [_scenario(source, place, number) for number, source in enumerate(sources, 1)]
        launch = opened(files)
        draws = replace(launch.draws(seed, replications, {}), replications=replications)
        yield launch, run(launch, place / "run.zarr", draws, threads=threads, block=GROUP, told=told)


def _scenario(source: Path, folder: Path, number: int) -> Path:
    """The file itself, or for a data set a scenario file that changes nothing."""
    if source.suffix.lower() == ".toml":
        return source
    lines = {"name": source.stem, "base": str(source.resolve()), "start_policy": "as soon as possible"}
    file = folder / str(number) / f"{source.stem}.toml"
    file.parent.mkdir()
    text = "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in lines.items())
    file.write_text(text, encoding="utf-8")
    return file
