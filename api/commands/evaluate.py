"""`careway evaluate`: where the patient of a story stands, and why."""

from typing import Annotated

import typer

from api.commands.told import AS_JSON, PATHWAY, STORY_FILE, STORY_ID, VERSION, asked_day, told
from api.present.evaluation import foot, result_page
from api.present.page import WARN, Page, console, count
from api.stories import StoryAnswer
from engine.core.answer import result_of
from engine.core.evaluate import evaluate
from engine.core.whynot import why_not as tell_why_not


def command(
    story_file: STORY_FILE,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="Day asked about. Default: the last day of receipt."),
    ] = None,
    known_at: Annotated[
        str | None,
        typer.Option("--known-at", metavar="DATE", help="Leave out what was received after this day."),
    ] = None,
    story_id: STORY_ID = None,
    pathway: PATHWAY = None,
    version: VERSION = None,
    *,
    why_not: Annotated[
        bool,
        typer.Option(
            "--why-not",
            help="Tell why no way out is taken and no other option offered, and what would do it.",
        ),
    ] = False,
    as_json: AS_JSON = False,
) -> None:
    """Show where a patient stands, why, and what comes next.

    Example: careway evaluate patient.yaml --as-of 2024-06-03
    """
    found = told(story_file, story_id, pathway, version)
    known = asked_day("--known-at", known_at)
    asked = asked_day("--as-of", as_of) or known or found.last_day
    record, refused = found.record, found.refused
    if known is not None:
        record = record.known_at(known)
        refused = tuple(r for r in refused if r.received <= known)
    evaluation = evaluate(found.pathway, record, asked)
    received = [e for e in found.story.events if not e.is_check and (known is None or e.received <= known)]
    sources = found.shelf.sources(found.published.id)
    answer = StoryAnswer(
        story=found.story.id,
        title=found.story.title,
        as_of=asked,
        known_at=known,
        messages=len(received),
        refused=refused,
        result=result_of(evaluation, sources, found.published),
        why_not=tell_why_not(evaluation, sources) if why_not else None,
    )
    if as_json:
        typer.echo(answer.model_dump_json(indent=2))
    else:
        _show(answer, chosen=as_of is not None)


def _show(answer: StoryAnswer, *, chosen: bool) -> None:
    page = Page(console())
    page.put(f"{answer.story}  {answer.title}".rstrip())
    known = "" if answer.known_at is None else f", as it was known on {answer.known_at}"
    default = "" if chosen or answer.known_at else " (the last day of receipt; choose another with --as-of)"
    page.put(f"As of {answer.as_of}{known}{default}")
    result_page(page, answer.result, answer.why_not)
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
