"""`careway reminders …`: what reminders will say."""

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from api.clock import SystemClock
from api.commands.db import DATABASE
from api.commands.token import AS_JSON
from api.present.page import Page, console
from api.present.preview import view_of, write_preview
from api.present.progress import progress
from api.settings import read_settings
from api.storage import store_of
from api.wiring import Shelf
from engine.errors import NotFound
from engine.ports import UnitOfWork
from engine.services.access import MAIN
from engine.services.previewing import Previewer, previewed

LONGEST = 366
"""Days that can be looked ahead."""

app = typer.Typer(
    help="Look ahead at what reminders will say.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.command("preview")
def preview(
    *,
    days: Annotated[
        int, typer.Option("--days", metavar="N", min=0, max=LONGEST, help="How far beyond today.")
    ] = 90,
    site: Annotated[str, typer.Option("--site", metavar="SITE", help="Whose patients.")] = MAIN,
    pathway: Annotated[
        str | None, typer.Option("--pathway", metavar="ID", help="Only this one. Default: every pathway.")
    ] = None,
    database: DATABASE = None,
    as_json: AS_JSON = False,
) -> None:
    """Show what would be told and sent if nothing new came in.

    Each reminder with the day, to whom and about what, the messages by which
    it would go out, and how many reviews would fall due each month. Nothing
    is written. What is on its way already is not part of it.

    Example: careway reminders preview --days 14
    """
    shelf = Shelf()
    if pathway is not None:
        shelf.pathway(pathway)
    with store_of(read_settings(database)) as store:
        with store.reading() as uow:
            found = uow.sites.get(site)
            if found is None:
                raise NotFound("site", site, tuple(each.id for each in uow.sites.all()))
            names = {person.id: person.name for person in uow.people.all()}
            total = _size(uow, site)
        previewer = Previewer(shelf, found, SystemClock().now(), days, pathway)
        with progress("Looking ahead", total, shown=not as_json) as done:
            for _ in previewed(store, previewer):
                done()
    shown = view_of(previewer.preview())
    if as_json:
        typer.echo(shown.model_dump_json(indent=2))
    else:
        write_preview(Page(console()), shown, ZoneInfo(found.time_zone), names)


def _size(uow: UnitOfWork, site: str) -> int:
    """Return how many patients a site has."""
    total, after = 0, ""
    while page := uow.patients.page(site, after=after, limit=1000):
        total, after = total + len(page), page[-1].id
    return total
