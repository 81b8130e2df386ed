"""People of the caller's site: who there is, in which roles, and who is absent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.application import Application
from api.http.body import json_of
from api.http.calls import Ask, By
from api.http.pages import Page, cursor_of, link_to
from api.http.people_shapes import ABSENCE, CHANGE, PERSON
from api.http.people_views import (
    AbsenceView,
    MeView,
    PersonRef,
    PersonView,
    SiteView,
    absence_view,
    person_view,
)
from api.http.responses import made, sent
from api.http.shapes import shaped
from engine.core.people import Absence, Person, Role
from engine.core.result import View
from engine.ports import UnitOfWork
from engine.services.absences import add_absence, cancel_absence
from engine.services.patients import Sender
from engine.services.people import (
    add_person,
    change_person,
    grant,
    own_person,
    person_at,
    roles_at,
    withdraw,
)
from engine.services.signing_in import INVITED_FOR, invite

router = APIRouter(prefix="/v1", tags=["people"])


def shown(uow: UnitOfWork, person: Person, sender: Sender) -> PersonView:
    """Return a person as the sender's site sees them."""
    return person_view(person, uow.people.memberships(person.id), sender.site)


@router.get("/me", response_model=MeView)
async def show_me(by: By) -> Response:
    """Who is asking: the person if it is one, the roles, and the site."""

    def ask(uow: UnitOfWork, sender: Sender) -> MeView:
        site = uow.sites.get(sender.site)
        assert site is not None  # credentials refer to it
        person = None if sender.person is None else uow.people.get(sender.person)
        role = Role(sender.role)
        held = {role} if person is None else roles_at(uow, person.id, site.id) | {role}
        return MeView(
            person=None if person is None else PersonRef(id=person.id, name=person.name),
            credential=sender.credential,
            role=role,
            roles=tuple(each for each in Role if each in held),
            site=SiteView(id=site.id, name=site.name, time_zone=site.time_zone),
        )

    return sent(await by.read(ask))


class InvitationView(View):
    """A link by which a person chooses a password, once."""

    path: str
    """After the address of this installation."""
    expires: datetime


@router.post("/people/{person}/invitation", status_code=201, response_model=InvitationView)
async def invite_person(person: str, by: By) -> Response:
    """Make a link by which a person chooses a password, once and within two days; hand it over in person.

    Somebody who works at other sites too is invited by `careway user invite` alone.
    """
    return await by.answer(inviting(by.application, person), lambda found: made(found.shown), secret=True)


@dataclass(frozen=True, slots=True)
class Invited:
    """A person with the link by which they choose a password."""

    person: Person
    shown: InvitationView


def inviting(app: Application, person: str) -> Ask[Invited]:
    """Return the command that makes an invitation of a person who works at the sender's site alone."""

    def ask(uow: UnitOfWork, sender: Sender) -> Invited:
        now = app.clock.now()
        invited = own_person(uow, person_at(uow, person, sender.site), sender.site)
        secret = invite(uow, invited.id, by=sender.author, now=now, randomness=app.randomness)
        path = f"/welcome?invitation={secret}"
        return Invited(invited, InvitationView(path=path, expires=now + INVITED_FOR))

    return ask


@router.get("/people", response_model=Page[PersonView])
async def list_people(
    request: Request,
    by: By,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> Response:
    """List who has a role at the caller's site, oldest first; `Link` leads to the next page."""
    after = cursor_of(cursor)

    def ask(uow: UnitOfWork, sender: Sender) -> list[PersonView]:
        found = uow.people.at(sender.site, after=after, limit=limit + 1)
        held = uow.people.memberships(*(person.id for person in found))
        return [person_view(person, held, sender.site) for person in found]

    found = await by.read(ask)
    following = found[limit - 1].id if len(found) > limit else None
    return sent(Page[PersonView](items=tuple(found[:limit])), 200, link_to(request, following, limit))


@router.post("/people", status_code=201, response_model=PersonView, openapi_extra=PERSON.body)
async def add_colleague(request: Request, by: By) -> Response:
    """Add a person to the caller's site, with at least one role there."""
    add = adding(by.application, shaped(await json_of(request), PERSON))
    return await by.answer(
        lambda uow, sender: shown(uow, add(uow, sender), sender),
        lambda view: sent(view, 201, {"Location": f"/v1/people/{view.id}"}),
    )


def adding(app: Application, body: dict[str, Any]) -> Ask[Person]:
    """Return the command that adds a person to the sender's site, as a body of the shape wishes."""

    def ask(uow: UnitOfWork, sender: Sender) -> Person:
        return add_person(
            uow,
            body["login"],
            body["name"],
            body["roles"],
            sender.site,
            by=sender.author,
            now=app.clock.now(),
            randomness=app.randomness,
        )

    return ask


@router.get("/people/{person}", response_model=PersonView)
async def show_person(person: str, by: By) -> Response:
    """Show a person who has a role at the caller's site."""
    return sent(await by.read(one(person)))


def one(person: str) -> Ask[PersonView]:
    """Return the question after a person at the caller's site."""
    return lambda uow, sender: shown(uow, person_at(uow, person, sender.site), sender)


@router.patch("/people/{person}", response_model=PersonView, openapi_extra=CHANGE.body)
async def alter_person(person: str, request: Request, by: By) -> Response:
    """Give a person another name, shut the person out, or let the person in again."""
    body, clock = shaped(await json_of(request), CHANGE), by.application.clock

    def ask(uow: UnitOfWork, sender: Sender) -> PersonView:
        found = person_at(uow, person, sender.site)
        changed = change_person(
            uow, found, **body, within=sender.site, by=sender.author, now=clock.now()
        )  # fmt: skip
        return shown(uow, changed, sender)

    return await by.answer(ask, sent, of=one(person))


@router.put("/people/{person}/roles/{role}", response_model=PersonView)
async def give_role(person: str, role: Role, by: By) -> Response:
    """Give a person a role at the caller's site; one that is there already stays."""
    clock = by.application.clock

    def ask(uow: UnitOfWork, sender: Sender) -> PersonView:
        found = person_at(uow, person, sender.site)
        grant(uow, found, sender.site, role, by=sender.author, now=clock.now())
        return shown(uow, found, sender)

    return await by.answer(ask, sent)


@router.delete("/people/{person}/roles/{role}", response_model=PersonView)
async def take_role(person: str, role: Role, by: By) -> Response:
    """Take a role at the caller's site back; who has none left does not belong to the site any more."""
    clock = by.application.clock

    def ask(uow: UnitOfWork, sender: Sender) -> PersonView:
        found = person_at(uow, person, sender.site)
        withdraw(uow, found, sender.site, role, by=sender.author, now=clock.now())
        return shown(uow, found, sender)

    return await by.answer(ask, sent)


@router.get("/people/{person}/absences", response_model=Page[AbsenceView])
async def list_absences(person: str, by: By) -> Response:
    """List a person's absences by first day, cancelled ones included."""

    def ask(uow: UnitOfWork, sender: Sender) -> tuple[AbsenceView, ...]:
        found = person_at(uow, person, sender.site)
        return tuple(map(absence_view, uow.absences.of(found.id)))

    return sent(Page[AbsenceView](items=await by.read(ask)))


@router.post(
    "/people/{person}/absences", status_code=201, response_model=AbsenceView, openapi_extra=ABSENCE.body
)
async def enter_absence(person: str, request: Request, by: By) -> Response:
    """Enter days on which somebody stands in for a person; both days are included."""
    enter = entering(by.application, person, shaped(await json_of(request), ABSENCE))
    return await by.answer(lambda uow, sender: absence_view(enter(uow, sender)), made)


def entering(app: Application, person: str, body: dict[str, Any]) -> Ask[Absence]:
    """Return the command that enters an absence of a person, as a body of the shape wishes."""

    def ask(uow: UnitOfWork, sender: Sender) -> Absence:
        return add_absence(
            uow,
            person_at(uow, person, sender.site),
            body["first"],
            body["last"],
            body["cover"],
            sender.site,
            by=sender.author,
            now=app.clock.now(),
            randomness=app.randomness,
        )

    return ask


@router.delete("/people/{person}/absences/{absence}", response_model=AbsenceView)
async def end_absence(person: str, absence: str, by: By) -> Response:
    """Cancel an absence as if it had never been; it stays in the list and says when."""
    cancel = cancelling(by.application, person, absence)
    return await by.answer(lambda uow, sender: absence_view(cancel(uow, sender)), sent)


def cancelling(app: Application, person: str, absence: str) -> Ask[Absence]:
    """Return the command that cancels an absence of a person."""

    def ask(uow: UnitOfWork, sender: Sender) -> Absence:
        found = person_at(uow, person, sender.site)
        return cancel_absence(uow, found, absence, by=sender.author, now=app.clock.now())

    return ask
