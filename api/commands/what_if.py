"""`careway what-if`: what events would make of the patient of a story, and why."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import Field

from api.commands.told import AS_JSON, PATHWAY, STORY_FILE, STORY_ID, VERSION, asked_day, told
from api.errors import BadInput
from api.present.contrast import what_if_page
from api.present.page import Page, console
from api.stories import FROM_INPUT, read_text
from engine.core.admitting import Admitted, admitted
from engine.core.events import Record, Stamp
from engine.core.ingest import Door
from engine.core.pathway import Pathway
from engine.core.stories import RECEIVED_AT
from engine.core.values import Frozen
from engine.core.what_if import what_if, what_if_view
from engine.errors import Defect, DocumentRefused, MessageRefused, Problem
from pathways.reader import Document, dotted, read_yaml, validated

MOST = 50
"""Events that may be supposed together."""


def command(
    story_file: STORY_FILE,
    events_file: Annotated[
        Path,
        typer.Option("--with", metavar="EVENTS.yaml", help="Events to suppose; - is standard input."),
    ],
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="Day asked about. Default: the last day of receipt."),
    ] = None,
    story_id: STORY_ID = None,
    pathway: PATHWAY = None,
    version: VERSION = None,
    *,
    as_json: AS_JSON = False,
) -> None:
    """Show what events would make of a patient, and why; what would be refused is refused.

    Example: careway what-if patient.yaml --with events.yaml
    """
    if str(story_file) == str(events_file) == FROM_INPUT:
        raise BadInput("Only one of the story and --with can be read from standard input.")
    found = told(story_file, story_id, pathway, version)
    asked = asked_day("--as-of", as_of) or found.last_day
    messages = read_events(events_file)
    day = max(found.last_day, asked)
    let_in = supposed(found.pathway, found.record, messages, day)
    would_be = what_if(found.pathway, found.record, let_in, asked)
    view = what_if_view(would_be, found.shelf.sources(found.published.id))
    if as_json:
        typer.echo(view.model_dump_json(indent=2))
    else:
        page = Page(console())
        page.put(f"{found.story.id}  {found.story.title}".rstrip())
        page.put(f"Supposed to be received on {day}; nothing of it is recorded")
        what_if_page(page, view)


@dataclass(frozen=True, slots=True)
class Messages:
    """Messages of a file, and where in it they stand."""

    file: str
    document: Document
    bodies: tuple[dict[str, Any], ...]

    def defect(self, problem: Problem) -> Defect:
        """Return a problem of a message as a defect of the file."""
        parts = problem.pointer.strip("/").split("/")
        path = tuple(int(part) if part.isdecimal() else part for part in parts)
        return Defect(self.file, self.document.line(path), dotted(path), problem.text)


class _Events(Frozen):
    """A document with events to suppose."""

    events: tuple[dict[str, Any], ...] = Field(min_length=1, max_length=MOST)


def read_events(path: Path) -> Messages:
    """Return the messages of a file.

    Raises:
        DocumentRefused: with every defect of the file.
        FileUnusable: the file cannot be read as text.
    """
    file, text = read_text(path)
    document = read_yaml(text, file)
    return Messages(file, document, validated(document, _Events, file).events)


def supposed(pathway: Pathway, record: Record, messages: Messages, day: date) -> Admitted:
    """Return what becomes of a record when messages are received on a day, from a clinician.

    Raises:
        DocumentRefused: with every problem of every message.
    """
    door = Door(pathway.vocabulary, {pathway.definition.id: pathway.definition})
    newest = max((event.stamp.sequence for event in record), default=0)
    stamp = Stamp(datetime.combine(day, RECEIVED_AT), newest, day)
    try:
        return admitted(door, record, messages.bodies, stamp, "clinician", "/events")
    except MessageRefused as refused:
        raise DocumentRefused(tuple(map(messages.defect, refused.problems))) from None
