"""`careway export …`: what is kept of patients, as files other programs read."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from api.clock import SystemClock
from api.commands.db import DATABASE
from api.exports.summary import summary
from api.exports.writing import json_lines, table
from api.own_files import opened
from api.present.progress import progress
from api.randomness import SystemRandomness
from api.settings import read_settings
from api.storage import store_of, writer_on
from api.wiring import Shelf
from engine.core.exported import COLUMNS, Line
from engine.core.people import Role
from engine.core.pseudonyms import Pseudonyms
from engine.errors import NotFound
from engine.ports import Store
from engine.services.access import MAIN, OPERATOR
from engine.services.cohorts import cohort
from engine.services.exporting import KEY_BYTES, log_of_site, note_export, of_patient, of_site, pseudonyms
from engine.services.patients import Sender

if TYPE_CHECKING:
    from engine.store.unit_of_work import SqlStore

app = typer.Typer(
    help="What is kept of patients, as files other programs read.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

SITE = Annotated[str, typer.Option("--site", metavar="SITE", help="Whose patients.")]
HIDDEN = Annotated[
    bool,
    typer.Option("--pseudonymised", help="Pseudonyms for ids, dates moved, free text left out."),
]
OUTPUT = Annotated[
    Path | None, typer.Option("--output", metavar="FILE", help="Where to write. Default: standard output.")
]


@app.callback()
def export() -> None:
    """What is kept of patients, as files other programs read."""


@app.command("patient")
def patient_command(
    patient: Annotated[str, typer.Argument(metavar="PATIENT", help="Careway's id of the patient.")],
    *,
    site: SITE = MAIN,
    pseudonymised: HIDDEN = False,
    output: OUTPUT = None,
    database: DATABASE = None,
) -> None:
    """Write everything kept of a patient, one JSON object a line.

    The first line is the patient; then comes every event as it came, in order
    of receipt, and every step ever recorded.

    The file can be read by its owner alone. That it was written is noted in the
    audit, here and below.

    Example: careway export patient 0198c0de-… --output patient.ndjson
    """
    with store_of(read_settings(database)) as store:
        sender, hidden = Sender(Role.CLINICAL_LEAD.value, site), _hidden(hidden=pseudonymised)
        with store.reading() as uow:
            found = of_patient(uow, patient, hidden, sender)
        _note(store, patient, "patient", hidden)
        with _opened(output) as out:
            out.writelines(json_lines(found))


@app.command("site")
def site_command(
    *,
    site: SITE = MAIN,
    pseudonymised: HIDDEN = False,
    output: OUTPUT = None,
    database: DATABASE = None,
) -> None:
    """Write the same of all patients of a site, one after the other.

    Example: careway export site --pseudonymised --output site.ndjson
    """
    with store_of(read_settings(database)) as store:
        hidden = _hidden(hidden=pseudonymised)
        _make_sure(store, site)
        _note(store, f"site:{site}", "site", hidden)
        lines = of_site(store, site, hidden)
        with _opened(output) as out:
            out.writelines(json_lines(_shown(lines, "Exporting", output)))


@app.command("log")
def log_command(
    *,
    site: SITE = MAIN,
    pseudonymised: HIDDEN = False,
    output: OUTPUT = None,
    database: DATABASE = None,
) -> None:
    """Write which patient of a site entered which state when, for process mining.

    A table in CSV, a row for each step that holds. Columns have the names XES
    gives them: a case is a patient on a pathway, an activity a state entered.

    Example: careway export log --pseudonymised --output log.csv
    """
    with store_of(read_settings(database)) as store:
        hidden = _hidden(hidden=pseudonymised)
        _make_sure(store, site)
        _note(store, f"site:{site}", "event log", hidden)
        rows = log_of_site(store, site, hidden)
        with _opened(output) as out:
            out.writelines(table(_shown(rows, "Exporting", output), COLUMNS))


@app.command("summary")
def summary_command(
    pathway: Annotated[str, typer.Argument(metavar="PATHWAY", help="Id of the pathway.")],
    *,
    site: SITE = MAIN,
    output: OUTPUT = None,
    database: DATABASE = None,
) -> None:
    """Write counts of the patients of a site that may be handed on, as JSON.

    Counts of one to four are null, and so is what they could be worked out
    from.

    Example: careway export summary pm-ild --output summary.json
    """
    with store_of(read_settings(database)) as store:
        _make_sure(store, site)
        sender = Sender(Role.CLINICAL_LEAD.value, site)
        with store.reading() as uow:
            found = cohort(uow, Shelf(), SystemClock(), pathway, sender)
        _note(store, f"site:{site}", "summary", None)
        with _opened(output) as out:
            out.write(summary(found).model_dump_json(indent=2) + "\n")


def _hidden(*, hidden: bool) -> Pseudonyms | None:
    return pseudonyms(Shelf(), SystemRandomness().draw(KEY_BYTES)) if hidden else None


def _make_sure(store: Store, site: str) -> None:
    with store.reading() as uow:
        if uow.sites.get(site) is None:
            raise NotFound("site", site)


def _note(store: "SqlStore", about: str, what: str, hidden: Pseudonyms | None) -> None:
    """Note that something is exported, before any of it is written."""
    now = SystemClock().now()
    with closing(writer_on(store)) as writer:
        writer.run(lambda uow: note_export(uow, about, what, hidden, OPERATOR, now))


def _opened(output: Path | None) -> AbstractContextManager[TextIO]:
    """Return where to write; raises `BadInput` when it cannot be written."""
    return nullcontext(sys.stdout) if output is None else opened(output)


def _shown(lines: Iterable[Line], doing: str, output: Path | None) -> Iterator[Line]:
    """Yield lines while telling how many there were; not when they go to the screen."""
    with progress(doing, None, shown=output is not None) as done:
        for line in lines:
            yield line
            done()
