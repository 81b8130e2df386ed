"""People of the site, for those who say who works there: roles, invitations, absences."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Response

from api.http.calls import By, Caller
from api.http.pages import cursor_of, link_of
from api.http.people_shapes import ABSENCE, CHANGE, PERSON
from api.http.routes.people import Invited, adding, cancelling, entering, inviting
from api.http.shapes import shaped
from api.web import words
from api.web.choices import Choice, people_choices
from api.web.forms import Form
from api.web.settings import Once
from api.web.settling import Sent, SettingsPage
from engine.core.ownership import Roster
from engine.core.people import Absence, Person, Role
from engine.ports import UnitOfWork
from engine.services.patients import Sender
from engine.services.people import (
    change_person,
    grant,
    person_at,
    roles_at,
    withdraw,
)
from engine.services.rosters import roster_on
from engine.services.signing_in import INVITED_FOR

router = APIRouter(prefix="/settings/people", include_in_schema=False)

HERE = "/settings/people"
PAGE = 50


@dataclass(frozen=True, slots=True)
class AbsenceLine:
    """Days on which somebody stands in."""

    id: str
    says: str


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody who works at the site."""

    path: str
    """To which what is done about the person is sent."""
    name: str
    login: str
    held: str
    """The roles in words."""
    shut_out: bool
    absences: tuple[AbsenceLine, ...]
    change: Form
    """What can be changed, as it is or as it was typed."""
    roles: tuple[Choice, ...]
    """Every role, with those chosen that the form holds."""
    away: Form
    """An absence as it was typed."""
    covers: tuple[Choice, ...]
    """Who can stand in."""
    opened: bool
    """Whether somebody is about to do something about the person."""


def _values(by: Caller, uow: UnitOfWork, sender: Sender, sent: Sent) -> Mapping[str, object]:
    request = by.request
    found = uow.people.at(sender.site, after=cursor_of(request.query_params.get("cursor")), limit=PAGE + 1)
    shown, typed = found[:PAGE], sent.to(HERE)
    working = roster_on(uow, sender.site, by.application.asker.today(uow, sender.site))
    new = typed or Form(())
    return {
        "filled": new,
        "opened": typed is not None,
        "people": [_line(uow, person, sender, working, sent) for person in shown],
        "roles": _roles(new),
        "here": f"?{request.url.query}" if request.url.query else "",
        "following": link_of(request, shown[-1].id) if len(found) > PAGE else "",
    }


SHEET = SettingsPage("people", HERE, _values)


@router.get("")
async def list_people(by: By) -> Response:
    """Show who works at the site, and the form by which somebody is added."""
    return await SHEET.shown(by)


def _line(uow: UnitOfWork, person: Person, sender: Sender, working: Roster, sent: Sent) -> PersonLine:
    path, held = f"{HERE}/{person.id}", roles_at(uow, person.id, sender.site)
    change, absence = sent.to(path), sent.to(f"{path}/absences")
    shown, away = change or _kept(person, held), absence or Form(())
    return PersonLine(
        path,
        person.name,
        person.login,
        ", ".join(words.plainly(role) for role in Role if role in held),
        person.disabled is not None,
        tuple(_absence(uow, each) for each in uow.absences.of(person.id) if each.cancelled is None),
        shown,
        _roles(shown),
        away,
        tuple(c for c in people_choices(working, away["cover"]) if c.value != person.id),
        change is not None or absence is not None,
    )


def _kept(person: Person, held: Collection[Role]) -> Form:
    """Return a person as the form by which they are changed."""
    shut_out = (("shut_out", "1"),) if person.disabled is not None else ()
    return Form((("name", person.name), *(("roles", role) for role in held), *shut_out))


def _roles(form: Form) -> tuple[Choice, ...]:
    return tuple(Choice(role, words.plainly(role), role in form.all("roles")) for role in Role)


def _absence(uow: UnitOfWork, absence: Absence) -> AbsenceLine:
    cover = _name(uow, absence.cover)
    return AbsenceLine(
        absence.id, f"{words.day(absence.first)} to {words.day(absence.last)}: {cover} stands in"
    )


def _name(uow: UnitOfWork, person: str) -> str:
    found = uow.people.get(person)
    return "somebody" if found is None else found.name


@router.post("")
async def add_somebody(by: By) -> Response:
    """Add a person to the site, and show the link by which they choose a password, this once."""
    app = by.application

    async def do(form: Form) -> Once:
        told = {"login": form["login"], "name": form["name"], "roles": list(form.all("roles"))}
        add = adding(app, shaped(told, PERSON))

        def ask(uow: UnitOfWork, sender: Sender) -> Invited:
            return inviting(app, add(uow, sender).id)(uow, sender)

        return _invitation(by, await by.write(ask))

    return await SHEET.taken(by, do)


def _invitation(by: Caller, invited: Invited) -> Once:
    base = by.request.app.state.elsewhere.address
    hours = int(INVITED_FOR.total_seconds()) // 3600
    told = f"Hand it over in person. It works once, within {hours} hours, and cannot be shown again."
    return Once(f"Invitation of {invited.person.name}", f"{base}{invited.shown.path}", told)


@router.post("/{person}")
async def change_somebody(person: str, by: By) -> Response:
    """Give a person another name or other roles at the site, shut the person out, or let the person in."""
    clock = by.application.clock

    async def do(form: Form) -> None:
        body = shaped({"name": form["name"], "disabled": bool(form["shut_out"])}, CHANGE)
        wanted = {role for role in Role if role in form.all("roles")}

        def ask(uow: UnitOfWork, sender: Sender) -> None:
            found, now = person_at(uow, person, sender.site), clock.now()
            had = roles_at(uow, person, sender.site)
            change_person(uow, found, **body, within=sender.site, by=sender.author, now=now)
            for role in sorted(wanted - had):
                grant(uow, found, sender.site, role, by=sender.author, now=now)
            for role in sorted(had - wanted):
                withdraw(uow, found, sender.site, role, by=sender.author, now=now)

        await by.write(ask)

    return await SHEET.taken(by, do)


@router.post("/{person}/invitation")
async def invite_somebody(person: str, by: By) -> Response:
    """Show a link by which a person chooses a password, this once."""

    async def do(_: Form) -> Once:
        return _invitation(by, await by.write(inviting(by.application, person)))

    return await SHEET.taken(by, do)


@router.post("/{person}/absences")
async def enter_absence(person: str, by: By) -> Response:
    """Enter days on which somebody stands in for a person; both days are included."""

    async def do(form: Form) -> None:
        body = shaped({name: form[name] for name in ("first", "last", "cover")}, ABSENCE)
        await by.write(entering(by.application, person, body))

    return await SHEET.taken(by, do)


@router.post("/{person}/absences/{absence}/cancel")
async def cancel_days(person: str, absence: str, by: By) -> Response:
    """Cancel an absence as if it had never been."""

    async def do(_: Form) -> None:
        await by.write(cancelling(by.application, person, absence))

    return await SHEET.taken(by, do)
