"""`careway serve`: answer requests, on this machine."""

from contextlib import closing
from typing import Annotated

import typer

from api.application import Application, application_on
from api.commands.db import DATABASE
from api.commands.demo import SEED, SIZE, show_loaded
from api.demo.loading import ZONE, empty, loaded
from api.errors import FAILED, KeyPlaceMissing
from api.jobs import sealing
from api.keys import signing_key
from api.present.page import GOOD, HEAD, QUIET, WARN, Page, console
from api.serving import address_of, bound, serve
from api.settings import Settings, read_settings
from api.storage import upgrade
from api.ticking import Job, ticking
from engine.core.people import Role
from engine.ports import UnitOfWork
from engine.services.access import MAIN, OPERATOR, issue, main_site


def command(
    *,
    host: Annotated[str, typer.Option("--host", metavar="HOST", help="Of this machine.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", min=0, max=65535, help="0 takes any free one.")
    ] = 8000,
    database: DATABASE = None,
    migrate: Annotated[
        bool, typer.Option("--migrate", help="Bring the database to the newest schema first.")
    ] = False,
    demo: Annotated[
        bool,
        typer.Option(
            "--demo",
            help="Load synthetic patients if there are none, and make credentials if there are none.",
        ),
    ] = False,
) -> None:
    """Serve Careway on this machine until stopped with Ctrl-C.

    Every call needs a credential: `careway token create` makes one. What was
    answered is stored; requests under way are finished when it is stopped.

    Example: careway serve --port 8001
    """
    settings = read_settings(database)
    with closing(bound(host, port)) as taken:
        if migrate:
            upgrade(settings)
        page = Page(console())
        with application_on(settings) as application:
            secrets = _furnished(application, page) if demo else {}
            with ticking(_jobs(application, settings, page)):
                _tell(page, address_of(taken), secrets)
                begun = serve(application, taken)
        page.put("Careway has stopped.")
    if not begun:
        raise typer.Exit(FAILED)


def _jobs(application: Application, settings: Settings, page: Page) -> list[Job]:
    """Return what is done by itself while Careway serves."""
    try:
        return [sealing(application, signing_key(settings))]
    except KeyPlaceMissing as missing:
        page.put(f"The audit is not sealed. {missing}", style=WARN)
        return []


def _furnished(application: Application, page: Page) -> dict[Role, str]:
    """Put in what somebody needs to look around, unless it is there; return the secrets that were made."""
    with application.store.reading() as uow:
        there, bare = loaded(uow), empty(uow)
    if there is None and bare:
        page.put(f"Making {SIZE} synthetic patients; this takes about a minute, this once.")
        show_loaded(application, SIZE, SEED, None)
    elif there is not None:
        wanted, _ = there
        show_loaded(application, wanted.size, wanted.seed, wanted.today)
    return application.writer.run(lambda uow: _credentials(application, uow))


def _credentials(application: Application, uow: UnitOfWork) -> dict[Role, str]:
    """Return the secrets of new credentials, one per role; none if there are credentials already."""
    if uow.credentials.all():
        return {}
    main_site(uow, ZONE)
    now, randomness = application.clock.now(), application.randomness
    return {
        role: issue(uow, role, MAIN, "first start", by=OPERATOR, now=now, randomness=randomness)[0]
        for role in Role
    }


def _tell(page: Page, address: str, secrets: dict[Role, str]) -> None:
    """Say where it is served, and how a call looks."""
    if secrets:
        page.blank()
        page.put("One credential per role. These secrets cannot be shown again:", style=HEAD)
        for role, secret in secrets.items():
            typer.echo(f"  {role:<14}{secret}")
        page.put("Lost them? `careway token create --role clinician` makes a new one.", style=QUIET)
        page.blank()
    page.put(f"Careway serves {address} – Ctrl-C stops it. A call looks like this:", style=GOOD)
    secret = secrets.get(Role.CLINICIAN, "SECRET")
    typer.echo(f"  curl -H 'Authorization: Bearer {secret}' {address}/v1/patients")
