"""`careway compare`: how the patient of a story differs from one standpoint to another, and why."""

from datetime import date
from typing import Annotated

import typer

from api.commands.told import AS_JSON, PATHWAY, STORY_FILE, STORY_ID, VERSION, asked_day, told
from api.errors import BadInput
from api.present.contrast import comparison_page
from api.present.page import Page, console
from engine.core.comparison import comparison
from engine.core.standpoints import Standpoint, compare


def command(
    story_file: STORY_FILE,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Day asked about. Default: --known-at.")
    ] = None,
    known_at: Annotated[
        str | None, typer.Option("--known-at", metavar="DATE", help="Leave out what came after this day.")
    ] = None,
    other_as_of: Annotated[
        str | None,
        typer.Option(
            "--other-as-of", metavar="DATE", help="Day to compare with. Default: the last day of receipt."
        ),
    ] = None,
    other_known_at: Annotated[
        str | None, typer.Option("--other-known-at", metavar="DATE", help="What was known there.")
    ] = None,
    story_id: STORY_ID = None,
    pathway: PATHWAY = None,
    version: VERSION = None,
    *,
    as_json: AS_JSON = False,
) -> None:
    """Show how a patient differs between two days or two states of knowledge, and which events make it so.

    Example: careway compare patient.yaml --as-of 2024-03-01 --known-at 2024-03-01
    """
    found = told(story_file, story_id, pathway, version)
    if as_of is None and known_at is None:
        raise BadInput("Name what to compare: --as-of DATE, --known-at DATE, or both.")
    before = _standpoint("", as_of, known_at, found.last_day)
    after = _standpoint("other-", other_as_of, other_known_at, found.last_day)
    compared = compare(found.pathway, found.record, before, after)
    view = comparison(compared, before, after, found.shelf.sources(found.published.id))
    if as_json:
        typer.echo(view.model_dump_json(indent=2))
    else:
        page = Page(console())
        page.put(f"{found.story.id}  {found.story.title}".rstrip())
        comparison_page(page, view)


def _standpoint(prefix: str, as_of: str | None, known_at: str | None, last_day: date) -> Standpoint:
    known = asked_day(f"--{prefix}known-at", known_at)
    return Standpoint(asked_day(f"--{prefix}as-of", as_of) or known or last_day, known)
