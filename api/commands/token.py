"""`careway token …`: who may call: make, list and revoke credentials."""

import json
from contextlib import closing
from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.text import Text

from api.clock import SystemClock
from api.commands.db import DATABASE
from api.errors import BadInput
from api.present.page import ALARM, GOOD, HEAD, QUIET, Page, console
from api.randomness import SystemRandomness
from api.settings import read_settings
from api.storage import store_of, writer_on
from engine.core.people import Credential, Role, Scope
from engine.ports import UnitOfWork
from engine.services.access import MAIN, OPERATOR, issue, main_site, revoke, rotate
from engine.services.sites import zone

app = typer.Typer(
    help="Say who may call: make, list and revoke credentials.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

AS_JSON = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


@app.command("create")
def create_token(
    *,
    role: Annotated[Role, typer.Option("--role", help="What its holder may do.", show_choices=True)],
    site: Annotated[
        str, typer.Option("--site", metavar="SITE", help="The site its holder belongs to.")
    ] = MAIN,
    time_zone: Annotated[
        str | None,
        typer.Option("--time-zone", metavar="ZONE", help="Of the site main, when it is made. Default: UTC."),
    ] = None,
    label: Annotated[str, typer.Option("--label", metavar="TEXT", help="What it is for.")] = "",
    scopes: Annotated[
        list[Scope] | None,
        typer.Option(
            "--scope", metavar="SCOPE", help="Limits it; may be given several times. Default: no limit."
        ),
    ] = None,
    days: Annotated[
        int | None, typer.Option("--days", metavar="N", min=1, max=3650, help="It ends then. Default: never.")
    ] = None,
    database: DATABASE = None,
    as_json: AS_JSON = False,
) -> None:
    """Make a credential and show its secret, once.

    The first one also makes the site main.

    Example: careway token create --role clinician --label "ward 3"
    """
    if time_zone is not None:
        zone(time_zone)

    def command(uow: UnitOfWork) -> tuple[str, Credential]:
        if site == MAIN:
            has = main_site(uow, time_zone or "UTC").time_zone
            if time_zone not in (None, has):
                raise BadInput(f"--time-zone: the site {MAIN} has the time zone {has} already.")
        now = SystemClock().now()
        return issue(
            uow,
            role,
            site,
            label,
            by=OPERATOR,
            now=now,
            randomness=SystemRandomness(),
            scopes=scopes,
            expires=None if days is None else now + timedelta(days=days),
        )

    with store_of(read_settings(database)) as store, closing(writer_on(store)) as writer:
        secret, credential = writer.run(command)
    _show(secret, credential, as_json=as_json)


@app.command("rotate")
def rotate_token(
    token: Annotated[str, typer.Argument(metavar="ID", help="As `careway token list` shows it.")],
    *,
    grace: Annotated[
        int,
        typer.Option("--grace", metavar="MINUTES", min=0, max=1440, help="The old one still works as long."),
    ] = 0,
    database: DATABASE = None,
    as_json: AS_JSON = False,
) -> None:
    """Exchange a credential for a new one, and show its secret, once.

    Example: careway token rotate 019b9c5a-1f2b-7a40-8c7d-3e5f60718293 --grace 60
    """
    now, randomness, kept = SystemClock().now(), SystemRandomness(), timedelta(minutes=grace)
    with store_of(read_settings(database)) as store, closing(writer_on(store)) as writer:
        secret, credential = writer.run(
            lambda uow: rotate(uow, token, by=OPERATOR, now=now, randomness=randomness, grace=kept)
        )
    _show(secret, credential, as_json=as_json)


@app.command("list")
def list_tokens(*, database: DATABASE = None, as_json: AS_JSON = False) -> None:
    """List the credentials, oldest first; without their secrets.

    Example: careway token list
    """
    with store_of(read_settings(database)) as store, store.reading() as uow:
        credentials = uow.credentials.all()
    if as_json:
        typer.echo(json.dumps([_row(each) for each in credentials], indent=2))
        return
    page = Page(console())
    for each in credentials:
        page.put(_line(each))
    if not credentials:
        page.put("There are no credentials yet. `careway token create --role ROLE` makes one.")


@app.command("revoke")
def revoke_token(
    token: Annotated[str, typer.Argument(metavar="ID", help="As `careway token list` shows it.")],
    *,
    database: DATABASE = None,
) -> None:
    """End a credential's use, at once and for good.

    Example: careway token revoke 019b9c5a-1f2b-7a40-8c7d-3e5f60718293
    """
    now = SystemClock().now()
    with store_of(read_settings(database)) as store, closing(writer_on(store)) as writer:
        credential = writer.run(lambda uow: revoke(uow, token, by=OPERATOR, now=now))
    page = Page(console())
    if credential.revoked == now:
        page.put(f"The credential {credential.id} may not be used any more.", style=GOOD)
    else:
        page.put(f"The credential {credential.id} was revoked before, {_when(credential.revoked)}.")


def _show(secret: str, credential: Credential, *, as_json: bool) -> None:
    """Show a new credential with its secret."""
    if as_json:
        typer.echo(json.dumps({**_row(credential), "secret": secret}, indent=2))
        return
    page = Page(console())
    page.put(_line(credential))
    page.blank()
    typer.echo(secret)
    page.blank()
    page.put("This secret cannot be shown again. Keep it where only its holder can read it.", style=HEAD)


def _row(credential: Credential) -> dict[str, str | None]:
    def told(instant: datetime | None) -> str | None:
        return None if instant is None else instant.isoformat()

    return {
        "id": credential.id,
        "role": credential.role,
        "site": credential.site,
        "label": credential.label,
        "person": credential.person,
        "scopes": credential.scopes,
        "created": told(credential.created),
        "expires": told(credential.expires),
        "used": told(credential.used),
        "revoked": told(credential.revoked),
        "replaces": credential.replaces,
    }


def _line(credential: Credential) -> Text:
    line = Text(credential.id, style=HEAD).append(f"  {credential.role} · site {credential.site}", style="")
    if credential.label:
        line.append(f" · {credential.label}")
    if credential.scopes is not None:
        line.append(f" · only {credential.scopes}")
    line.append(f" · made {_when(credential.created)}", style=QUIET)
    if credential.used is not None:
        line.append(f" · used {_when(credential.used)}", style=QUIET)
    if credential.expires is not None:
        line.append(f" · ends {_when(credential.expires)}", style=QUIET)
    if credential.revoked is not None:
        line.append(f" · revoked {_when(credential.revoked)}", style=ALARM)
    return line


def _when(instant: datetime | None) -> str:
    assert instant is not None
    return f"{instant:%Y-%m-%d %H:%M} UTC"
