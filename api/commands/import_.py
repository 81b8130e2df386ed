"""`careway import`: bring in what other systems have, with every row that cannot be used named."""

import json
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from api.application import application_on
from api.commands.db import DATABASE
from api.commands.token import AS_JSON
from api.errors import NO
from api.imports.cells import MARKS
from api.imports.files import KINDS, file_at, origin_of, read
from api.imports.importing import Summary, run
from api.imports.reports import report, told
from api.present.page import ALARM, GOOD, Page, console, count
from api.present.progress import progress
from api.settings import read_settings
from engine.core.people import Role
from engine.errors import NotFound
from engine.services.access import MAIN
from engine.services.importing import Imported
from engine.services.patients import Sender

SHOWN = 20
"""Rows told on the screen; the report has them all."""

Mark = Enum("Mark", {name: name for name in MARKS})  # type: ignore[misc]
Kind = Enum("Kind", {kind: kind for kind in KINDS})  # type: ignore[misc]


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What to read.", exists=True, dir_okay=False)],
    *,
    kind: Annotated[Kind, typer.Option("--kind", help="What its rows are.", show_choices=True)],
    site: Annotated[str, typer.Option("--site", metavar="SITE", help="Whose patients they are.")] = MAIN,
    origin: Annotated[
        str | None,
        typer.Option("--origin", metavar="NAME", help="Where rows come from. Default: the file's name."),
    ] = None,
    decimal_mark: Annotated[
        Mark | None,
        typer.Option("--decimal-mark", help="Of its numbers; 1.000 needs it.", show_choices=True),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do everything and keep nothing.")] = False,
    report_to: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Write every refused row there: .csv or .ndjson."),
    ] = None,
    database: DATABASE = None,
    as_json: AS_JSON = False,
) -> None:
    """Record the rows of a file, as if they had been sent one by one.

    Rows that can be used are recorded, the others are told with what is wrong
    and what would work. Importing the same file again records nothing twice,
    so what was broken off is simply begun again. With --dry-run the answer is
    that of the real run, and nothing is kept.

    Kinds: register (patients with their enrolment), visits (one visit a row,
    one item a column), results (one result a row), medicines, and ndjson (one
    message a line). Columns: docs/reference/import.md.

    Exit code 1 when a row was refused.

    Example: careway import lungfunction.csv --kind visits --dry-run
    """
    summary = Summary(dry_run)
    page = Page(console())
    first = list[Imported]()
    with (
        application_on(read_settings(database)) as application,
        file_at(file) as source,
        report(report_to) as tell,
    ):
        with application.store.reading() as uow:
            if uow.sites.get(site) is None:
                raise NotFound("site", site)
        sender = Sender(Role.INTEGRATOR.value, site)

        def heard(imported: Imported) -> None:
            summary.rows[imported.result] += 1
            tell(imported)
            if imported.result == "refused" and len(first) < SHOWN:
                first.append(imported)

        mark = None if decimal_mark is None else MARKS[decimal_mark.value]
        rows = read(source, kind.value, application.shelf.vocabulary, origin_of(file, origin), mark)
        pieces = run(application, sender, rows, heard, trial=dry_run)
        with progress("Importing", next(pieces).rows, shown=not as_json) as done:
            for piece in pieces:
                for _ in range(piece.rows):
                    done()
    if as_json:
        answer = {"dry_run": dry_run, "rows": dict(sorted(summary.rows.items()))}
        typer.echo(json.dumps(answer | {"refused": [row for each in first for row in told(each)]}, indent=2))
    else:
        for each in first:
            for row in told(each):
                where = f", {row['column']}" if row["column"] else ""
                page.put(f"line {row['row']}{where}: {row['says']}", style=ALARM)
        page.put(_said(summary, report_to), style=GOOD if summary.clean else ALARM)
    if not summary.clean:
        raise typer.Exit(NO)


def _said(summary: Summary, report_to: Path | None) -> str:
    rows = summary.rows
    says = (
        f"{count(rows.total(), 'row')}: {rows['accepted']} recorded, {rows['duplicate']} known already, "
        f"{rows['quarantined']} recorded and to be verified, {rows['refused']} refused."
    )
    if summary.trial:
        says += " This was a trial: nothing was kept."
    if rows["refused"] > SHOWN and report_to is None:
        says += f" The first {SHOWN} are shown; --report FILE writes them all."
    return says
