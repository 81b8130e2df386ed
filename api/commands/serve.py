"""`careway serve`: answer requests, on this machine."""

from contextlib import closing
from functools import partial
from pathlib import Path
from socket import socket
from typing import Annotated

import typer

from api.addresses import loopback
from api.application import Application, application_on
from api.commands.db import DATABASE
from api.commands.demo import SEED, SIZE, show_loaded
from api.demo.loading import ZONE, empty, loaded
from api.errors import FAILED, BadInput, KeyPlaceMissing
from api.issuers.configured import ADDRESS
from api.jobs import noted, sealing, sending
from api.keys import signing_key
from api.present.page import GOOD, HEAD, QUIET, WARN, Page, console
from api.serving import Reach, address_of, bound, serve
from api.settings import Settings, read_settings
from api.storage import upgrade
from api.ticking import Job, ticking
from engine.core.people import Role
from engine.ports import UnitOfWork
from engine.services.access import MAIN, OPERATOR, issue, main_site
from engine.services.first_person import invite_first


def command(
    *,
    host: Annotated[str, typer.Option("--host", metavar="HOST", help="Of this machine.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", min=0, max=65535, help="0 takes any free one.")
    ] = 8000,
    certificate: Annotated[
        Path | None, typer.Option("--tls-certificate", metavar="FILE", help="PEM, for https.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--tls-key", metavar="FILE", help="Its private key, PEM.")
    ] = None,
    proxy: Annotated[
        str | None,
        typer.Option("--proxy", metavar="ADDRESS", help="Of a proxy that encrypts and passes requests on."),
    ] = None,
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
    """Serve Careway until stopped with Ctrl-C.

    Every call needs a credential. The first start prints a link by which the
    first person chooses a password; `careway token create` makes a token.
    What was answered is stored; requests under way are finished when it is
    stopped. What falls due is done by itself, as by `careway worker`. Other
    machines are served only encrypted, and once somebody can sign in.

    Example: careway serve --port 8001
    """
    settings = read_settings(database)
    reach = _reach(certificate, key, proxy, settings)
    with closing(bound(host, port, reach)) as taken:
        if migrate:
            upgrade(settings)
        page = Page(console())
        with application_on(settings) as application:
            secrets = _furnished(application, page) if demo else {}
            invitation = _first(application, taken)
            jobs = _jobs(application, settings, page)
            with ticking(jobs, partial(noted, application)):
                _tell(page, address_of(taken, reach), secrets, invitation)
                every = {job.name: job.seconds for job in jobs}
                begun = serve(application, taken, reach, settings, every)
        page.put("Careway has stopped.")
    if not begun:
        raise typer.Exit(FAILED)


def _reach(certificate: Path | None, key: Path | None, proxy: str | None, settings: Settings) -> Reach:
    """Return how others reach the server; raises `BadInput`."""
    if proxy is not None and not (settings.address or "").startswith("https://"):
        raise BadInput(f"--proxy: set {ADDRESS} to the https:// address at which others reach the proxy.")
    if (certificate is None) != (key is None):
        raise BadInput("--tls-certificate and --tls-key go together: name both files, or neither.")
    for option, file in (("--tls-certificate", certificate), ("--tls-key", key)):
        if file is not None and not file.is_file():
            raise BadInput(f"{option}: there is no file {str(file)!r}.")
    return Reach(certificate, key, proxy)


def _jobs(application: Application, settings: Settings, page: Page) -> list[Job]:
    """Return what is done by itself while Careway serves."""
    try:
        key = signing_key(settings)
    except KeyPlaceMissing as missing:
        page.put(f"The audit is not sealed, and no webhook is sent. {missing}", style=WARN)
        return sending(application, settings, None)
    return [sealing(application, key), *sending(application, settings, key)]


def _first(application: Application, taken: socket) -> str | None:
    """Return the secret of an invitation for the first person, if nobody can sign in yet.

    Raises:
        BadInput: other machines could reach the server, so the first person has to begin on this one.
    """
    if loopback(taken.getsockname()[0]):
        now, randomness = application.clock.now(), application.randomness
        return application.writer.run(
            lambda uow: invite_first(uow, time_zone=ZONE, now=now, randomness=randomness)
        )
    with application.store.reading() as uow:
        if not uow.people.can_sign_in():
            raise BadInput(
                "--host: nobody can sign in yet, so other machines are not served. Start once without --host "
                "and follow the link it prints."
            )
    return None


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


def _tell(page: Page, address: str, secrets: dict[Role, str], invitation: str | None) -> None:
    """Say where it is served, how to sign in first, and how a call looks."""
    if secrets:
        page.blank()
        page.put("One credential per role. These secrets cannot be shown again:", style=HEAD)
        for role, secret in secrets.items():
            typer.echo(f"  {role:<14}{secret}")
        page.put("Lost them? `careway token create --role clinician` makes a new one.", style=QUIET)
        page.blank()
    if invitation:
        page.put("Nobody can sign in yet. This link lets you choose the first password, once:", style=HEAD)
        typer.echo(f"  {address}/welcome?invitation={invitation}")
        page.blank()
    page.put(f"Careway serves {address} – Ctrl-C stops it. A call looks like this:", style=GOOD)
    secret = secrets.get(Role.CLINICIAN, "SECRET")
    typer.echo(f"  curl -H 'Authorization: Bearer {secret}' {address}/v1/patients")
