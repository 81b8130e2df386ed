"""`careway evaluate`: where the patient of a story stands, and why."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from api.errors import BadInput
from api.present.evaluation import foot, result_page
from api.present.page import WARN, Page, console, count
from api.stories import StoryAnswer, read_stories, read_text, take_in
from api.wiring import Shelf
from engine.core.answer import result_of
from engine.core.evaluate import evaluate
from engine.core.stories import day


def command(
    story_file: Annotated[
        Path,
        typer.Argument(metavar="STORY.yaml", help="One story, or a file of stories; - is standard input."),
    ],
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="Day asked about. Default: the last day of receipt."),
    ] = None,
    known_at: Annotated[
        str | None,
        typer.Option("--known-at", metavar="DATE", help="Leave out what was received after this day."),
    ] = None,
    story_id: Annotated[
        str | None, typer.Option("--story", metavar="ID", help="Which story, when the file holds several.")
    ] = None,
    pathway: Annotated[
        str | None, typer.Option("--pathway", metavar="ID", help="Default: what the file says, or the first.")
    ] = None,
    version: Annotated[
        str | None, typer.Option("--version", metavar="V", help="Default: what the file says, or 1.")
    ] = None,
    *,
    why_not: Annotated[
        bool, typer.Option("--why-not", help="Tell in full why each way out of the state is not taken.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Show where a patient stands, why, and what comes next.

    Example: careway evaluate patient.yaml --as-of 2024-06-03
    """
    shelf = Shelf()
    file, text = read_text(story_file)
    found = read_stories(text, file)
    story = found.story(story_id)
    name = pathway or found.pathway or default_pathway(shelf)
    # the version a file names is one of the pathway it names
    base = shelf.pathway(name, version or (found.version if name == found.pathway else None))
    found.check_parameters(story, base.definition)
    used = shelf.adjusted(base, story.params)
    known = asked_day("--known-at", known_at)
    asked = asked_day("--as-of", as_of) or known or story.events[-1].received

    record, refused = take_in(story, used)
    if known is not None:
        record = record.known_at(known)
        refused = tuple(r for r in refused if r.received <= known)
    evaluation = evaluate(used, record, asked)
    received = [e for e in story.events if not e.is_check and (known is None or e.received <= known)]
    answer = StoryAnswer(
        story=story.id,
        title=story.title,
        as_of=asked,
        known_at=known,
        messages=len(received),
        refused=refused,
        result=result_of(evaluation, shelf.sources(base.definition.id), base.definition),
    )
    if as_json:
        typer.echo(answer.model_dump_json(indent=2))
    else:
        _show(answer, chosen=as_of is not None, why_not=why_not)


def default_pathway(shelf: Shelf) -> str:
    """Return the pathway that is meant when none is named: the first one packaged."""
    return shelf.library.available()[0][0]


def asked_day(option: str, text: str | None) -> date | None:
    """Return the date of an option, or None when it was not given.

    Raises:
        BadInput: it is not a date.
    """
    if text is None:
        return None
    try:
        return day(text)
    except ValueError as error:
        raise BadInput(f"{option}: {error}. Write a date as YYYY-MM-DD, for example 2024-06-03.") from None


def _show(answer: StoryAnswer, *, chosen: bool, why_not: bool) -> None:
    page = Page(console())
    page.put(f"{answer.story}  {answer.title}".rstrip())
    known = "" if answer.known_at is None else f", as it was known on {answer.known_at}"
    default = "" if chosen or answer.known_at else " (the last day of receipt; choose another with --as-of)"
    page.put(f"As of {answer.as_of}{known}{default}")
    result_page(page, answer.result, why_not=why_not)
    if answer.refused:
        page.heading("Refused messages", f"{len(answer.refused)} of {count(answer.messages, 'message')}")
        for r in answer.refused:
            page.put(
                f"Entry {r.entry}, {r.id or 'no id'} ({r.type}), received {r.received}", indent=2, style=WARN
            )
            for problem in r.problems:
                at = f"{problem.pointer}: " if problem.pointer else ""
                page.put(f"{at}{problem.text}", indent=4, mark="- ")
    foot(page, answer.result)
