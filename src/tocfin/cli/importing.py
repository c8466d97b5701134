"""``tocfin import``: another system's export becomes a data set."""

from __future__ import annotations

from pathlib import Path

import click

from tocfin.cli import options
from tocfin.cli.output import deliver, vacant
from tocfin.cli.talk import Talk, chatter


def _write_draft(source: Path, out: Path | None, form: str, force: bool) -> None:
    from tocfin.dataset.atomic import appearing
    from tocfin.dataset.imports.draft import draft
    from tocfin.report.drafts import page

    made = draft(source)
    if out is not None:
        with appearing(out, force=force) as part:
            part.write_text(made.text, encoding="utf-8", newline="\n")
    deliver(page(made), form)


@click.command("import")
@click.argument("profile", required=False)
@click.argument("source", type=click.Path(path_type=Path), required=False)
@click.option("--draft", type=click.Path(path_type=Path), metavar="SOURCE", help="Draft a profile for SOURCE instead.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder or .xlsx file to write; of a draft: the .toml file."
)
@click.option("--finance", type=click.Path(path_type=Path), help="TOML file with what the source lacks.")
@click.option(
    "--from",
    "start",
    callback=options.instant,
    metavar="TIME",
    help="Keep the jobs on hand from then on, e.g. 2014-05-01.",
)
@click.option(
    "--to", "end", callback=options.instant, metavar="TIME", help="Keep the jobs on hand before then, e.g. 2014-06-01."
)
@options.form
@options.force
@chatter
@click.pass_obj
def command(
    talk: Talk, /, profile: str | None, source: Path | None, draft: Path | None, out: Path | None,
    finance: Path | None, start: int | None, end: int | None, form: str, force: bool,
) -> None:  # fmt: skip
    """Turn SOURCE, an export of another system, into a data set by PROFILE: a shipped name or a .toml file.

    Prints control totals to compare with the source. --from and --to are UTC unless they carry an offset.

    Example: tocfin import eventlog production.csv --out plant --finance finance.toml

    Without a profile, let tocfin recognise the columns: tocfin import --draft export.csv --out mine.toml
    """
    from tocfin.dataset import Dataset
    from tocfin.dataset.imports import import_dataset
    from tocfin.dataset.plan import build
    from tocfin.dataset.saving import save
    from tocfin.report.totals import page

    vacant(out, force)
    if draft is not None:
        return _write_draft(draft, out, form, force)
    if profile is None or source is None or out is None:
        raise click.UsageError("write PROFILE SOURCE --out DATASET, or --draft SOURCE")
    imported = import_dataset(profile, source, finance=finance, start=start, end=end).require()
    talk.findings(imported.findings)
    plan, _ = build(imported.plan, "plan.toml", out.stem)
    save(Dataset(out.stem, None, plan, imported.tables, imported.findings), out, force=force)
    deliver(page(imported), form)
    talk.say(f"wrote {out}")
    talk.advise(["check", out], "what is wrong or odd in it, by cell")
