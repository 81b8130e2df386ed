"""`careway site …`: the hospitals and practices served here."""

import json
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from api.clock import SystemClock
from api.commands.db import DATABASE
from api.commands.token import AS_JSON
from api.errors import BadInput
from api.present.ladder import ladder_page, ladder_view
from api.present.page import GOOD, HEAD, Page, console
from api.settings import read_settings
from api.storage import store_of, writer_on
from api.stories import read_text
from api.wiring import Shelf
from engine.core.kept import Site
from engine.core.site_ladders import LadderChange
from engine.services.access import OPERATOR
from engine.services.ladders import at_site, change_ladder
from engine.services.sites import add_site
from pathways.reader import read_yaml, validated

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


@app.command("ladder")
def ladder(
    site: Annotated[str, typer.Argument(metavar="SITE", help="Id of the site.")],
    *,
    pathway: Annotated[str, typer.Option("--pathway", metavar="ID", help="Of which pathway.")] = "pm-ild",
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="What is to differ, as YAML; - is standard input."),
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Remind as published again.")] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it is changed.")] = "",
    database: DATABASE = None,
    as_json: AS_JSON = False,
) -> None:
    """Show a site's reminder ladder, or change it from tomorrow on.

    A file names every number that is to differ from the published ladder; the others are as published.

    Example: careway site ladder north --file north.yaml --reason "reviews are booked six weeks ahead"
    """
    if file is not None and reset:
        raise BadInput("--file and --reset cannot be given together.")
    change = LadderChange() if reset else None
    if file is not None:
        name, text = read_text(file)
        change = validated(read_yaml(text, name), LadderChange, name)
    rules, clock = Shelf().library.definition(pathway), SystemClock()
    with store_of(read_settings(database)) as store:
        if change is not None:
            with closing(writer_on(store)) as writer:
                writer.run(
                    lambda uow: change_ladder(uow, site, rules, change, reason, by=OPERATOR, clock=clock)
                )
        with store.reading() as uow:
            found = at_site(uow, site, rules, clock)
    if as_json:
        typer.echo(ladder_view(rules, found).model_dump_json(indent=2))
        return
    ladder_page(Page(console()), rules, found)


def _row(site: Site) -> dict[str, str]:
    return {"id": site.id, "name": site.name, "time_zone": site.time_zone}
