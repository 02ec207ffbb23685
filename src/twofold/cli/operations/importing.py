"""Import files of work, and write the file to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.opening import opened
from twofold.cli.parameters import ActorName, AsJson, Misused, actor_name
from twofold.journey.system import System
from twofold.operations.entries.formats.own import write_template
from twofold.operations.entries.formats.recognise import read_export
from twofold.operations.entries.formats.records import EntryClass, Export
from twofold.operations.entries.formats.rejects import write_rejects
from twofold.operations.entries.import_entries import ImportResult, import_entries

REFUSED = 1


def import_file(
    file: Annotated[Path, Parameter(help="A report of Toggl Track, Clockify or Harvest, or ours.")],
    /,
    *,
    date_format: Annotated[
        str | None, Parameter(help="How the file writes its dates, such as DD/MM/YYYY.")
    ] = None,
    accept_good: Annotated[
        bool, Parameter(negative=(), help="Import the good rows and leave out the bad ones.")
    ] = False,
    rejects: Annotated[
        Path | None,
        Parameter(help="Where --accept-good writes the bad rows, to correct and import again."),
    ] = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> int:
    """Import a file of time, expenses, material or fees as submitted entries."""
    if rejects is not None and not accept_good:
        raise Misused("--rejects goes with --accept-good")
    if rejects is not None and rejects.exists():
        raise Misused(f"{rejects} exists already: it may hold corrections; name another file")
    with printing.working(f"Reading {file.name}"):
        export = read_export(file, date_format=date_format)
    with opened(alone="operations") as system:
        result = record(
            system,
            export,
            actor=actor_name(actor),
            on_bad_row="leave_out" if accept_good else "refuse_file",
        )
    target = rejects or _rejects_beside(file)
    if result.refusals:
        count = write_rejects(export, target, refusals=result.refusals)
        printing.say(
            f"{printing.counted(count, 'row')} left out: correct {target} and import that file."
        )
    printing.show(result, import_table([(export, result)]), as_json=as_json)
    printing.tell_refusals(result.refusals, title="Left out")
    if result.added and not as_json:
        printing.say("Next: `twofold entries approve`.")
    return REFUSED if result.refusals else 0


def template(
    file: Annotated[Path, Parameter(help="The file to write; its ending says .csv or .xlsx.")],
    /,
    *,
    kind: Annotated[EntryClass, Parameter(help="What the example row shows.")] = "time",
) -> None:
    """Write an empty import file to fill in."""
    write_template(file, kind)
    printing.say(f"Written: {file}. Fill it in and `twofold import {file}`.")


def record(
    system: System, export: Export, *, actor: str, on_bad_row: Literal["refuse_file", "leave_out"]
) -> ImportResult:
    """Record the rows of a file that was read."""
    with (
        printing.working(f"Importing {len(export.rows)} rows of {export.file}"),
        system.operations.transaction() as transaction,
    ):
        return import_entries(
            transaction, export=export, actor=actor, at=system.now(), on_bad_row=on_bad_row
        )


def import_table(results: list[tuple[Export, ImportResult]]) -> printing.RenderableType:
    """Show what became of files."""
    return printing.table(
        ("File", "Format", "Added", "Had before", "Left out", "Companies"),
        [
            (
                result.file, export.format, result.added, result.already_there,
                len({refusal.record for refusal in result.refusals}),
                ", ".join(f"{one.company} {one.entry_count}" for one in result.companies),
            )
            for export, result in results
        ],
        title="Imported",
    )  # fmt: skip


def _rejects_beside(file: Path) -> Path:
    """Name a file beside the source that does not exist yet."""
    number = 1
    while True:
        mark = "rejects" if number == 1 else f"rejects-{number}"
        target = file.with_name(f"{file.stem}-{mark}{file.suffix}")
        if not target.exists():
            return target
        number += 1
