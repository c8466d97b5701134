"""The five steps of `tocfin daily`: each makes its files whole or not at all, and is not done twice for the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from tocfin.cli.talk import Talk
from tocfin.errors import DatasetError, TocfinError, UsageError
from tocfin.forecast.routine import Project, day_before, moment, period_at, scenario_files
from tocfin.forecast.stamps import Stamps, digest

if TYPE_CHECKING:
    from tocfin.dataset import Dataset
    from tocfin.report.forms import Page

KPIS = ("throughput", "operating_expense", "net_profit")


class Step(NamedTuple):
    """What came of one step, in words, and its file."""

    step: str
    outcome: str
    file: Path | None


@dataclass
class Day:
    """One day of a project: `steps` in their order; each raises TocfinError, with what to type next, where it ends."""

    project: Project
    talk: Talk
    asked: int | None = None
    threads: int | None = None
    as_of: int = 0
    missed: bool = False
    dataset: Dataset | None = None
    said: dict[str, Any] = field(default_factory=dict)

    def carried_out(self) -> list[Step]:
        """Do all steps, and stop at the first that cannot be done."""
        steps: tuple[Callable[[], Step], ...] = (self.imported, self.checked, self.forecast, self.moved, self.reported)
        done = []
        for number, step in enumerate(steps, 1):
            begun = perf_counter()
            try:
                done.append(step())
            except TocfinError as fault:
                self.talk.alarm(f"stopped at step {number} of {len(steps)}; what is to be done after it was not done")
                fault.next = fault.next or self._by_hand()[number - 1]
                raise
            self.talk.say(
                f"{number} of {len(steps)} {done[-1].step}: {done[-1].outcome} ({perf_counter() - begun:.1f} s)"
            )
        return done

    @property
    def folder(self) -> Path:
        """Where the files of the day go."""
        from tocfin.dataset.text import instant

        return self.project.days / instant(self.as_of)[:10]

    def imported(self) -> Step:
        """The export as a data set; one that has not changed is left, with what was set aside since."""
        from tocfin.dataset import Dataset
        from tocfin.dataset.imports import import_dataset
        from tocfin.dataset.plan import build
        from tocfin.dataset.saving import save

        export, place = self.project.export, self.project.dataset
        if export is None:
            return Step("import", "nothing to import: [import] is not in the project", None)
        made_of = digest(export.files, str(export.profile), export.start, export.end, _version())
        stamps = Stamps(self.project.days)
        if stamps.fresh("import", made_of, place):
            return Step("import", "as before: the export has not changed", place)
        found = import_dataset(
            export.profile, export.source, finance=export.finance, start=export.start, end=export.end
        ).require()
        plan, _ = build(found.plan, "plan.toml", place.stem)
        save(Dataset(place.stem, None, plan, found.tables, found.findings), place, force=True)
        stamps.set("import", made_of)
        rows = sum(table.height for table in found.tables.values())
        return Step("import", f"{rows:,} rows", place)

    def checked(self) -> Step:
        """Every fault by cell; a data set with errors ends the day."""
        from tocfin.opening import read
        from tocfin.report.findings import page, summary

        found = read(self.project.dataset)
        if not found.ok:
            raise DatasetError(found.findings)
        self.dataset, self.as_of = found, moment(found, self.asked)
        file = _written(page(found), self.folder / "check", "csv")
        return Step("check", summary(found.findings), file)

    def forecast(self) -> Step:
        """Where the period will end; a forecast of the same is taken from the record."""
        from tocfin.forecast.batch import batch
        from tocfin.forecast.told import is_missed
        from tocfin.report.forecast import page
        from tocfin.report.forecasts import line

        asked = self.project
        result = next(iter(batch(
            [asked.dataset], asked.record, period=self._period(), as_of=self.as_of, uncertainty=asked.uncertainty,
            replications=asked.replications, seed=asked.seed, policy=asked.policy, threads=self.threads,
        )))  # fmt: skip
        if result.document is None:
            raise DatasetError(result.findings) if result.findings else UsageError(str(result.fault))
        self.said, self.missed = result.document, is_missed(result.document)
        file = _written(page(result.document), self.folder / "forecast", "md", "json")
        return Step("forecast", line(result).partition(": ")[2].rpartition(", ")[0], file)

    def moved(self) -> Step:
        """What moved the forecast since the one of an earlier day."""
        from tocfin.forecast.moved import moved
        from tocfin.report.daily import change
        from tocfin.report.moved import page

        pair = day_before(self.project.record, self.said)
        if pair is None:
            return Step("diff", "the first forecast of its period: nothing to compare it with", None)
        old, new = pair
        moves = moved(old, new, KPIS, self.threads)
        if not moves:
            return Step("diff", "neither forecast has throughput or operating expense", None)
        file = _written(page(moves, old.document, new.document), self.folder / "moved", "md", "json")
        return Step("diff", change(moves, old.document["as_of"][:10], new.document["currency"]), file)

    def reported(self) -> Step:
        """The report of the plan and its scenarios."""
        from tocfin.forecast.dossier import dossier
        from tocfin.report.bound import bound

        asked, file = self.project, self.folder / f"report.{self.project.report}"
        made_of = digest(scenario_files([*asked.sources, asked.dataset]), asked.policy, _version())
        stamps = Stamps(self.folder)
        if stamps.fresh("report", made_of, file):
            return Step("report", "as before: nothing that it is made of has changed", file)
        bound(dossier(asked.sources, policy=asked.policy), file, force=True)
        stamps.set("report", made_of)
        return Step("report", f"{len(asked.sources)} scenario(s)", file)

    def _period(self) -> str | None:
        named = self.project.period
        return named if named or self.dataset is None else period_at(self.dataset, self.as_of)

    def _by_hand(self) -> Sequence[tuple[str, ...]]:
        """Of each step, the command that does it alone and shows what is wrong."""
        asked, plant = self.project, str(self.project.dataset)
        again = ("daily", str(asked.file))
        period = [f"--period={period}"] if (period := self._period()) else []
        noise = [f"--uncertainty={asked.uncertainty}"] if asked.uncertainty else []
        return (
            again,
            ("check", plant, "--annotate", "check.xlsx"),
            ("forecast", plant, *period, *noise),
            ("forecast-diff", str(asked.record)),
            ("report", *map(str, asked.sources), f"--out=report.{asked.report}"),
        )


def _version() -> str:
    from tocfin import __version__

    return __version__


def _written(page: Page, stem: Path, *forms: str) -> Path:
    """``page`` as files, one for each of ``forms``; the first of them. One that says the same already is left alone."""
    from tocfin.dataset.atomic import appearing

    for form in forms:
        file, text = stem.with_suffix(f".{form}"), f"{page.text(form)}\n"
        if not (file.is_file() and file.read_text("utf-8") == text):
            with appearing(file, force=True) as draft:
                draft.write_text(text, encoding="utf-8", newline="\n")
    return stem.with_suffix(f".{forms[0]}")
