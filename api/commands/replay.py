"""`careway replay --verify`: is everything kept what the records come to?"""

import json
from typing import Annotated

import typer

from api.commands.db import DATABASE
from api.errors import NO, BadInput
from api.present.page import ALARM, GOOD, Page, console, count
from api.present.progress import progress
from api.settings import read_settings
from api.storage import store_of
from api.wiring import Shelf
from engine.services.verifying import Verified, enrolments, verified


def command(
    *,
    verify: Annotated[bool, typer.Option("--verify", help="Compare and tell; change nothing.")] = False,
    database: DATABASE = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Work out every enrolment anew from its record, and compare.

    Careway keeps where patients stand, so that lists are quick. With --verify
    each enrolment is evaluated again from its events alone; whatever is kept
    and does not agree is told as `patient pathway: what`. Nothing is changed.
    Others may go on writing meanwhile.

    Exit code 1 when there is a difference.

    Example: careway replay --verify
    """
    if not verify:
        raise BadInput(
            "Say `careway replay --verify`: what is kept is compared with a fresh replay. "
            "A replay that changes what is kept does not exist."
        )
    shelf = Shelf()
    replayed = list[Verified]()
    with store_of(read_settings(database)) as store:
        with store.reading() as uow:
            total = sum(1 for _ in enrolments(uow))
        with progress("Replaying", total, shown=not as_json) as done:
            for one in verified(store, shelf):
                replayed.append(one)
                done()
    events = sum(one.events for one in replayed)
    found = [(one, what) for one in replayed for what in one.differences]
    if as_json:
        rows = [{"patient": one.patient, "pathway": one.pathway, "what": what} for one, what in found]
        answer = {"ok": not found, "enrolments": len(replayed), "events": events, "differences": rows}
        typer.echo(json.dumps(answer, indent=2))
    else:
        page = Page(console())
        for one, what in found:
            page.put(f"{one.patient} {one.pathway}: {what}", style=ALARM)
        summary = f"{count(len(replayed), 'enrolment')} and {count(events, 'event')} replayed, "
        page.put(summary + count(len(found), "difference"), style=ALARM if found else GOOD)
    if found:
        raise typer.Exit(NO)
