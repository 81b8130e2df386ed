"""`careway user …`: who works where, and in which role."""

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Annotated, Any

import typer
from rich.text import Text

from api.addresses import reachable
from api.clock import SystemClock
from api.commands.db import DATABASE
from api.commands.token import AS_JSON
from api.errors import BadInput
from api.issuers.configured import LOCAL
from api.present.page import ALARM, GOOD, HEAD, QUIET, Page, console
from api.randomness import SystemRandomness
from api.settings import read_settings
from api.storage import store_of, writer_on
from engine.core.people import Membership, Person, Role
from engine.ports import UnitOfWork
from engine.services.access import MAIN, OPERATOR
from engine.services.links import link, unlink
from engine.services.people import (
    add_person,
    change_person,
    grant,
    person_called,
    withdraw,
)
from engine.services.signing_in import invite

app = typer.Typer(
    help="Say who works where, in which role, and who may no longer sign in.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

LOGIN = Annotated[str, typer.Argument(metavar="LOGIN", help="What the person types to sign in.")]
ROLE = Annotated[Role, typer.Option("--role", help="What the person may do there.", show_choices=True)]
SITE = Annotated[str, typer.Option("--site", metavar="SITE", help="Where.")]

Known = tuple[Person, tuple[Membership, ...]]


@app.command("add")
def add_user(
    login: LOGIN,
    *,
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="What others see.")],
    role: ROLE,
    site: SITE = MAIN,
    database: DATABASE = None,
    as_json: AS_JSON = False,
) -> None:
    """Add a person with a first role at a site.

    Example: careway user add ada.elm --name "Ada Elm" --role coordinator
    """

    def act(uow: UnitOfWork) -> Person:
        now, randomness = SystemClock().now(), SystemRandomness()
        return add_person(uow, login, name, [role], site, by=OPERATOR, now=now, randomness=randomness)

    _done(act, database, "is there.", as_json=as_json)


@app.command("list")
def list_users(
    *,
    site: Annotated[
        str | None, typer.Option("--site", metavar="SITE", help="Only who has a role there.")
    ] = None,
    database: DATABASE = None,
    as_json: AS_JSON = False,
) -> None:
    """List people, oldest first, with their roles.

    Example: careway user list --site main
    """
    with store_of(read_settings(database)) as store, store.reading() as uow:
        people = uow.people.all() if site is None else uow.people.at(site)
        held = uow.people.memberships(*(person.id for person in people))
    known = [(person, tuple(m for m in held if m.person == person.id)) for person in people]
    if as_json:
        typer.echo(json.dumps([_row(each) for each in known], indent=2))
        return
    page = Page(console())
    for each in known:
        page.put(_line(each))
    if not known:
        page.put("There is nobody yet. `careway user add LOGIN --name NAME --role ROLE` adds somebody.")


@app.command("grant")
def grant_role(
    login: LOGIN, *, role: ROLE, site: SITE = MAIN, database: DATABASE = None, as_json: AS_JSON = False
) -> None:
    """Give a person one more role at a site.

    Example: careway user grant ada.elm --role clinical_lead --site north
    """

    def act(uow: UnitOfWork) -> Person:
        person = person_called(uow, login)
        grant(uow, person, site, role, by=OPERATOR, now=SystemClock().now())
        return person

    _done(act, database, f"has the role {role} at {site}.", as_json=as_json)


@app.command("withdraw")
def withdraw_role(
    login: LOGIN, *, role: ROLE, site: SITE = MAIN, database: DATABASE = None, as_json: AS_JSON = False
) -> None:
    """Take a role at a site back from a person.

    Example: careway user withdraw ada.elm --role clinical_lead
    """

    def act(uow: UnitOfWork) -> Person:
        person = person_called(uow, login)
        withdraw(uow, person, site, role, by=OPERATOR, now=SystemClock().now())
        return person

    _done(act, database, f"does not have the role {role} at {site}.", as_json=as_json)


@app.command("invite")
def invite_user(login: LOGIN, *, database: DATABASE = None, as_json: AS_JSON = False) -> None:
    """Make a link by which a person chooses a password, once, within two days.

    A password there was stays until then. Whoever has the link can sign in as
    this person, so hand it over in person.

    Example: careway user invite ada.elm
    """
    settings, now, randomness = read_settings(database), SystemClock().now(), SystemRandomness()
    with store_of(settings) as store, closing(writer_on(store)) as writer:
        secret = writer.run(
            lambda uow: invite(uow, person_called(uow, login).id, by=OPERATOR, now=now, randomness=randomness)
        )
    address = f"{settings.address or LOCAL}/welcome?invitation={secret}"
    if as_json:
        typer.echo(json.dumps({"login": login.lower(), "link": address}, indent=2))
        return
    page = Page(console())
    page.put("This link works once, for two days:", style=HEAD)
    typer.echo(address)


@app.command("link")
def link_user(
    login: LOGIN,
    *,
    issuer: Annotated[str, typer.Option("--issuer", metavar="URL", help="The provider, as it names itself.")],
    subject: Annotated[
        str, typer.Option("--subject", metavar="TEXT", help="What it calls the person (`sub`).")
    ],
    database: DATABASE = None,
    as_json: AS_JSON = False,
) -> None:
    """Have an OpenID provider vouch for a person, who then signs in there.

    Example: careway user link ada.elm --issuer https://login.example --subject 4711
    """
    if not reachable(issuer) or not subject.strip():
        raise BadInput(
            "--issuer takes the URL of a provider, beginning with https://, and --subject what it calls the "
            "person."
        )

    def act(uow: UnitOfWork) -> Person:
        person = person_called(uow, login)
        return link(uow, person, issuer, subject, by=OPERATOR, now=SystemClock().now())

    _done(act, database, f"is {subject} at {issuer}.", as_json=as_json)


@app.command("unlink")
def unlink_user(login: LOGIN, *, database: DATABASE = None, as_json: AS_JSON = False) -> None:
    """Have no provider vouch for a person any more, and end the person's sessions.

    Example: careway user unlink ada.elm
    """

    def act(uow: UnitOfWork) -> Person:
        return unlink(uow, person_called(uow, login), by=OPERATOR, now=SystemClock().now())

    _done(act, database, "is known to no provider.", as_json=as_json)


@app.command("disable")
def disable_user(login: LOGIN, *, database: DATABASE = None, as_json: AS_JSON = False) -> None:
    """Shut a person out everywhere; what was theirs goes to the rest of the care team.

    Example: careway user disable ada.elm
    """
    _done(_switched(login, disabled=True), database, "is disabled.", as_json=as_json)


@app.command("enable")
def enable_user(login: LOGIN, *, database: DATABASE = None, as_json: AS_JSON = False) -> None:
    """Let a person in again.

    Example: careway user enable ada.elm
    """
    _done(_switched(login, disabled=False), database, "is enabled.", as_json=as_json)


def _switched(login: str, *, disabled: bool) -> Callable[[UnitOfWork], Person]:
    def act(uow: UnitOfWork) -> Person:
        person, now = person_called(uow, login), SystemClock().now()
        return change_person(uow, person, disabled=disabled, by=OPERATOR, now=now)

    return act


def _done(act: Callable[[UnitOfWork], Person], database: str | None, says: str, *, as_json: bool) -> None:
    """Do something with a person, and show what there is then."""

    def command(uow: UnitOfWork) -> Known:
        person = act(uow)
        return person, uow.people.memberships(person.id)

    with store_of(read_settings(database)) as store, closing(writer_on(store)) as writer:
        known = writer.run(command)
    if as_json:
        typer.echo(json.dumps(_row(known), indent=2))
        return
    page = Page(console())
    page.put(_line(known))
    page.put(f"{known[0].login} {says}", style=GOOD)


def _row(known: Known) -> dict[str, Any]:
    person, held = known
    return {
        "id": person.id,
        "login": person.login,
        "name": person.name,
        "created": person.created.isoformat(),
        "disabled": None if person.disabled is None else person.disabled.isoformat(),
        "issuer": person.issuer,
        "subject": person.subject,
        "password": person.password_hash is not None,
        "roles": [{"site": m.site, "role": m.role} for m in held],
    }


def _line(known: Known) -> Text:
    person, held = known
    line = Text(person.login, style=HEAD).append(f"  {person.name}", style="")
    line.append(f" · {_told(held)} · {person.id}", style=QUIET)
    if person.disabled is not None:
        line.append(f" · disabled {person.disabled:%Y-%m-%d %H:%M} UTC", style=ALARM)
    return line


def _told(held: Sequence[Membership]) -> str:
    return ", ".join(f"{m.role} at {m.site}" for m in held) or "no role anywhere"
