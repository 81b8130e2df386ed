"""`careway client …`: which systems may prove themselves by their own keys: register, list and revoke."""

import json
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from api.addresses import reachable
from api.clock import SystemClock
from api.commands.db import DATABASE
from api.commands.token import AS_JSON
from api.errors import BadInput
from api.present.page import ALARM, GOOD, HEAD, QUIET, Page, console
from api.randomness import SystemRandomness
from api.settings import read_settings
from api.storage import store_of, writer_on
from engine.core.people import Client, Role
from engine.services.access import MAIN, OPERATOR
from engine.services.clients import end, register

app = typer.Typer(
    help="Say which systems may prove themselves by their own keys: register, list and revoke them.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.command("add")
def add_client(
    *,
    label: Annotated[str, typer.Option("--label", metavar="TEXT", help="What system it is.")],
    scopes: Annotated[
        str, typer.Option("--scopes", metavar="SCOPES", help='At most, such as "system/*.rs system/*.cu".')
    ],
    role: Annotated[
        Role, typer.Option("--role", help="What it may do.", show_choices=True)
    ] = Role.INTEGRATOR,
    site: Annotated[str, typer.Option("--site", metavar="SITE", help="The site it belongs to.")] = MAIN,
    jwks: Annotated[
        Path | None, typer.Option("--jwks", metavar="FILE", help="Its public keys, a JSON Web Key Set.")
    ] = None,
    jwks_url: Annotated[
        str | None, typer.Option("--jwks-url", metavar="URL", help="Where its public keys are published.")
    ] = None,
    database: DATABASE = None,
    as_json: AS_JSON = False,
) -> None:
    """Register a system that gets its tokens by SMART Backend Services.

    It has no secret: it signs with its own key. Give its public keys, or where they are published.

    Example: careway client add --label lab --scopes "system/*.rs system/*.cu" --jwks lab.json
    """
    if (jwks is None) == (jwks_url is None):
        raise BadInput("Give either --jwks FILE or --jwks-url URL: one of them, and not both.")
    if jwks_url is not None and not reachable(jwks_url):
        raise BadInput(f"--jwks-url: {jwks_url!r} cannot be trusted with keys. It begins with https://.")
    keys, wanted = None if jwks is None else _keys(jwks), _scopes(scopes)
    now = SystemClock().now()
    with store_of(read_settings(database)) as store, closing(writer_on(store)) as writer:
        client = writer.run(
            lambda uow: register(
                uow,
                role,
                site,
                label,
                wanted,
                keys=keys,
                keys_url=jwks_url,
                by=OPERATOR,
                now=now,
                randomness=SystemRandomness(),
            )
        )
    if as_json:
        typer.echo(json.dumps(_row(client), indent=2))
        return
    page = Page(console())
    page.put(_line(client))
    page.put("It asks for tokens at /auth/token, under this id; /.well-known/smart-configuration says how.")


@app.command("list")
def list_clients(*, database: DATABASE = None, as_json: AS_JSON = False) -> None:
    """List the registered systems, oldest first.

    Example: careway client list
    """
    with store_of(read_settings(database)) as store, store.reading() as uow:
        clients = uow.clients.all()
    if as_json:
        typer.echo(json.dumps([_row(each) for each in clients], indent=2))
        return
    page = Page(console())
    for each in clients:
        page.put(_line(each))
    if not clients:
        page.put("There are no clients yet. `careway client add` registers one.")


@app.command("revoke")
def revoke_client(
    client: Annotated[str, typer.Argument(metavar="ID", help="As `careway client list` shows it.")],
    *,
    database: DATABASE = None,
) -> None:
    """End a system's use, and that of the tokens it has, at once and for good.

    Example: careway client revoke 019b9c5a-1f2b-7a40-8c7d-3e5f60718293
    """
    now = SystemClock().now()
    with store_of(read_settings(database)) as store, closing(writer_on(store)) as writer:
        ended = writer.run(lambda uow: end(uow, client, by=OPERATOR, now=now))
    page = Page(console())
    if ended.revoked == now:
        page.put(f"The client {ended.id} gets no more tokens, and those it has are ended.", style=GOOD)
    else:
        page.put(f"The client {ended.id} was revoked before, {_when(ended.revoked)}.")


def _keys(file: Path) -> str:
    """Return the public keys of a file; raises `BadInput`."""
    from api.issuers.keys import keys_in

    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        usable = keys_in(document)
    except OSError as error:
        raise BadInput(f"--jwks: {file} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise BadInput(f'--jwks: {file} is no JSON Web Key Set, {{"keys": [...]}}.') from None
    if any("d" in each or "k" in each for each in document["keys"] if isinstance(each, dict)):
        raise BadInput(
            f"--jwks: {file} holds a private key. Give the public ones only, and exchange that one."
        )
    if not usable:
        raise BadInput(
            f"--jwks: {file} has no key that could check a signature. One needs a `kid` and is RSA of 2048 "
            "bits or more, or EC on the curve P-384."
        )
    return json.dumps(document)


def _scopes(told: str) -> set[str]:
    """Return what scopes stand for; raises `BadInput`."""
    from api.http.smart import OFFERED, reach

    unknown = [scope for scope in told.split() if not reach(scope)]
    if unknown or not told.split():
        shown = ", ".join(unknown) or "nothing"
        raise BadInput(f"--scopes: some of {', '.join(OFFERED)}; got {shown}.")
    return {str(ours) for scope in told.split() for ours in reach(scope)}


def _row(client: Client) -> dict[str, object]:
    revoked = client.revoked
    return {
        "id": client.id,
        "role": client.role,
        "site": client.site,
        "label": client.label,
        "scopes": client.scopes.split(),
        "keys_url": client.keys_url,
        "created": client.created.isoformat(),
        "revoked": None if revoked is None else revoked.isoformat(),
    }


def _line(client: Client) -> Text:
    line = Text(client.id, style=HEAD).append(f"  {client.role} · site {client.site}", style="")
    line.append(f" · {client.label} · {client.scopes} · made {_when(client.created)}", style=QUIET)
    if client.revoked is not None:
        line.append(f" · revoked {_when(client.revoked)}", style=ALARM)
    return line


def _when(instant: datetime | None) -> str:
    assert instant is not None
    return f"{instant:%Y-%m-%d %H:%M} UTC"
