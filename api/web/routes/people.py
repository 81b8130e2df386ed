"""People of the site, for those who say who works there: roles, invitations, absences."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.http.calls import By, Caller
from api.http.pages import cursor_of, link_of
from api.http.people_shapes import ABSENCE, CHANGE, PERSON
from api.http.routes.people import Invited, adding, cancelling, entering, inviting
from api.http.shapes import shaped
from api.web import words
from api.web.choices import Choice, choices
from api.web.forms import Form, form_in
from api.web.frame import show
from api.web.refusals import says
from api.web.settings import Once, tabs
from engine.core.people import Absence, Person, Role
from engine.errors import CarewayError
from engine.ports import UnitOfWork
from engine.services.patients import Sender
from engine.services.people import (
    change_person,
    grant,
    person_at,
    roles_at,
    withdraw,
)
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

    id: str
    name: str
    login: str
    roles: tuple[Choice, ...]
    """Every role, with those the person has chosen."""
    shut_out: bool
    absences: tuple[AbsenceLine, ...]


@router.get("")
async def list_people(request: Request, by: By, cursor: str | None = None) -> Response:
    """Show who works at the site, and the form by which somebody is added."""
    return await _shown(request, by, cursor=cursor)


async def _shown(
    request: Request,
    by: Caller,
    filled: Form | None = None,
    error: CarewayError | None = None,
    once: Once | None = None,
    cursor: str | None = None,
) -> Response:
    after = cursor_of(cursor)

    def ask(uow: UnitOfWork, sender: Sender) -> Mapping[str, object]:
        found = uow.people.at(sender.site, after=after, limit=PAGE + 1)
        shown = found[:PAGE]
        form = filled or Form(())
        return {
            "tabs": tabs(sender, HERE),
            "problems": says(error),
            "once": once,
            "filled": form,
            "opened": filled is not None,
            "people": [_line(uow, person, sender) for person in shown],
            "roles": tuple(Choice(r, words.plainly(r), r in form.all("roles")) for r in Role),
            "covers": choices(((person.id, person.name) for person in found if person.disabled is None), ""),
            "following": link_of(request, shown[-1].id) if len(found) > PAGE else "",
            "patients": (),
        }

    status = HTTPStatus.OK if error is None else HTTPStatus.UNPROCESSABLE_ENTITY
    return await show(by, "people", ask, status)


def _line(uow: UnitOfWork, person: Person, sender: Sender) -> PersonLine:
    held = roles_at(uow, person.id, sender.site)
    return PersonLine(
        person.id,
        person.name,
        person.login,
        tuple(Choice(role, words.plainly(role), role in held) for role in Role),
        person.disabled is not None,
        tuple(_absence(uow, each) for each in uow.absences.of(person.id) if each.cancelled is None),
    )


def _absence(uow: UnitOfWork, absence: Absence) -> AbsenceLine:
    cover = _name(uow, absence.cover)
    return AbsenceLine(
        absence.id, f"{words.day(absence.first)} to {words.day(absence.last)}: {cover} stands in"
    )


def _name(uow: UnitOfWork, person: str) -> str:
    found = uow.people.get(person)
    return "somebody" if found is None else found.name


def back() -> Response:
    """Lead back to the people."""
    return RedirectResponse(HERE, HTTPStatus.SEE_OTHER)


@router.post("")
async def add_somebody(request: Request, by: By) -> Response:
    """Add a person to the site, and show the link by which they choose a password, this once."""
    form, app = await form_in(request), by.application
    if form.again:
        return await _shown(request, by, form)
    told = {"login": form["login"], "name": form["name"], "roles": list(form.all("roles"))}
    try:
        add = adding(app, shaped(told, PERSON))

        def ask(uow: UnitOfWork, sender: Sender) -> Invited:
            return inviting(app, add(uow, sender).id)(uow, sender)

        invited = await by.write(ask)
    except CarewayError as error:
        return await _shown(request, by, form, error)
    return await _shown(request, by, once=_invitation(request, invited))


def _invitation(request: Request, invited: Invited) -> Once:
    base = request.app.state.elsewhere.address
    hours = int(INVITED_FOR.total_seconds()) // 3600
    told = f"Hand it over in person. It works once, within {hours} hours, and cannot be shown again."
    return Once(f"Invitation of {invited.person.name}", f"{base}{invited.shown.path}", told)


@router.post("/{person}")
async def change_somebody(person: str, request: Request, by: By) -> Response:
    """Give a person another name or other roles at the site, shut the person out, or let the person in."""
    form, clock = await form_in(request), by.application.clock
    body = shaped({"name": form["name"] or None, "disabled": bool(form["shut_out"])}, CHANGE)
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
    return back()


@router.post("/{person}/invitation")
async def invite_somebody(person: str, request: Request, by: By) -> Response:
    """Show a link by which a person chooses a password, this once."""
    await form_in(request)
    invited = await by.write(inviting(by.application, person))
    return await _shown(request, by, once=_invitation(request, invited))


@router.post("/{person}/absences")
async def enter_absence(person: str, request: Request, by: By) -> Response:
    """Enter days on which somebody stands in for a person; both days are included."""
    form = await form_in(request)
    body = shaped({name: form[name] for name in ("first", "last", "cover")}, ABSENCE)
    await by.write(entering(by.application, person, body))
    return back()


@router.post("/{person}/absences/{absence}/cancel")
async def cancel_days(person: str, absence: str, request: Request, by: By) -> Response:
    """Cancel an absence as if it had never been."""
    await form_in(request)
    await by.write(cancelling(by.application, person, absence))
    return back()
