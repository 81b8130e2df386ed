"""`careway db …`: the schema of the database: bring it up to date, and look at it."""

import json
from typing import Annotated

import typer

from api.errors import NO
from api.present.page import ALARM, GOOD, Page, console
from api.settings import read_settings
from api.storage import schema_of, upgrade

app = typer.Typer(
    help="Make the database, bring it up to date, look at it.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

DATABASE = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="sqlite:///FILE or postgresql://USER@HOST/NAME. "
        "Default: CAREWAY_DATABASE, else the file careway.db here.",
    ),
]


@app.command("upgrade")
def upgrade_database(*, database: DATABASE = None) -> None:
    """Bring the database to the newest schema.

    A SQLite file is made if it is not there. All of it happens, or nothing;
    doing it again changes nothing. Make a backup first.

    Example: careway db upgrade
    """
    before = upgrade(read_settings(database))
    said = f"The database {before.place} has schema {before.needs}"
    page = Page(console())
    if before.has == before.needs:
        page.put(f"{said}; it was up to date.", style=GOOD)
    else:
        page.put(f"{said}; before, {f'it had {before.has}' if before.has else 'it was empty'}.", style=GOOD)


@app.command("check")
def check_database(
    *,
    database: DATABASE = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Say whether the database has the schema needed.

    Nothing is changed, and no file is made.

    Exit code 1 when it has another, or none.

    Example: careway db check
    """
    schema = schema_of(read_settings(database))
    if as_json:
        found = {"database": schema.place, "has": schema.has, "needs": schema.needs, "says": schema.defect}
        typer.echo(json.dumps({"ok": schema.defect is None, **found}, indent=2))
    elif schema.defect is None:
        Page(console()).put(f"The database {schema.place} has schema {schema.has}, as needed.", style=GOOD)
    else:
        Page(console()).put(schema.defect, style=ALARM)
    if schema.defect is not None:
        raise typer.Exit(NO)
