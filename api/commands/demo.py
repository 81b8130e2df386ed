"""`careway demo`: a database with synthetic patients, to look around in."""

from datetime import date
from typing import Annotated

import typer

from api.application import Application, application_on
from api.commands.db import DATABASE
from api.commands.told import asked_day
from api.demo.loading import Demonstration, begin, load, loaded
from api.present.page import GOOD, Page, console
from api.present.progress import progress
from api.settings import read_settings

SIZE, SEED = 200, 1
"""What is loaded when nobody says."""


def command(
    *,
    patients: Annotated[int, typer.Option("--patients", metavar="N", min=1, help="How many.")] = SIZE,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Another gives other patients.")] = SEED,
    today: Annotated[
        str | None,
        typer.Option("--today", metavar="DATE", help="The day they are looked at. Default: today."),
    ] = None,
    database: DATABASE = None,
) -> None:
    """Load synthetic patients: all made up, nobody real.

    They are registered and their messages recorded as if they had been sent
    over the years, so everything is there that use would have left. The same
    arguments give the same database. A load that was broken off goes on where
    it stopped; a database that holds other patients is refused.

    Example: careway demo --patients 20
    """
    day = asked_day("--today", today)
    with application_on(read_settings(database)) as application:
        show_loaded(application, patients, seed, day)


def show_loaded(application: Application, size: int, seed: int, today: date | None) -> Demonstration:
    """Load the demonstration with a bar, say what is there, and return it.

    Raises:
        BadInput: there are other patients.
    """
    page = Page(console())
    wanted = begin(application.writer, application.clock, size, seed, today)
    with application.store.reading() as uow:
        if loaded(uow) == (wanted, True):
            page.put(f"The demonstration is there already: {wanted}.", style=GOOD)
            return wanted
    with progress("Loading the demonstration", wanted.size) as done:
        for _ in load(application.writer, application.shelf, wanted):
            done()
    page.put(f"The demonstration is loaded: {wanted}.", style=GOOD)
    return wanted
