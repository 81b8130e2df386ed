"""`careway site …`: the hospitals and practices served here."""

import json
from contextlib import closing
from typing import Annotated

import typer
from rich.text import Text

from api.clock import SystemClock
from api.commands.db import DATABASE
from api.commands.token import AS_JSON
from api.present.page import GOOD, HEAD, Page, console
from api.settings import read_settings
from api.storage import store_of, writer_on
from engine.core.kept import Site
from engine.services.access import OPERATOR
from engine.services.sites import add_site

app = typer.Typer(
    help="Say which hospitals and practices are served here.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.command("add")
def add(
    site: Annotated[str, typer.Argument(metavar="ID", help="Small letters, digits and hyphens.")],
    *,
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="What people call it.")],
    time_zone: Annotated[
        str, typer.Option("--time-zone", metavar="ZONE", help="In which it counts its days.")
    ],
    database: DATABASE = None,
    as_json: AS_JSON = False,
) -> None:
    """Add a site. Its time zone turns instants into dates, so it stays.

    Example: careway site add north --name "Northern Hospital" --time-zone Europe/Berlin
    """
    new = Site(site, name.strip(), time_zone)
    with store_of(read_settings(database)) as store, closing(writer_on(store)) as writer:
        writer.run(lambda uow: add_site(uow, new, by=OPERATOR, clock=SystemClock()))
    if as_json:
        typer.echo(json.dumps(_row(new), indent=2))
        return
    Page(console()).put(f"The site {new.id} is there: {new.name}, time zone {new.time_zone}.", style=GOOD)


@app.command("list")
def list_sites(*, database: DATABASE = None, as_json: AS_JSON = False) -> None:
    """List the sites, by id.

    Example: careway site list
    """
    with store_of(read_settings(database)) as store, store.reading() as uow:
        sites = uow.sites.all()
    if as_json:
        typer.echo(json.dumps([_row(each) for each in sites], indent=2))
        return
    page = Page(console())
    for each in sites:
        page.put(Text(each.id, style=HEAD).append(f"  {each.name} · {each.time_zone}", style=""))
    if not sites:
        page.put("There are no sites yet. `careway site add ID --name NAME --time-zone ZONE` makes one.")


def _row(site: Site) -> dict[str, str]:
    return {"id": site.id, "name": site.name, "time_zone": site.time_zone}
