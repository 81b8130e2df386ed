"""What surrounds every page of somebody who is signed in: who, where, and where one can go from here."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from http import HTTPStatus

from fastapi.responses import HTMLResponse

from api.http.calls import Ask, Caller
from api.http.permissions import RULES
from api.web import words
from api.web.forms import token_of
from api.web.pages import page
from engine.core.kept import Site
from engine.ports import UnitOfWork
from engine.services.patients import Sender

PLACES = (
    ("Today", "/", "GET /"),
    ("Lists", "/lists/overdue", "GET /lists/{worklist}"),
    ("Patients", "/patients", "GET /patients"),
    ("Cohort", "/cohorts", "GET /cohorts"),
    ("Import", "/imports", "GET /imports"),
    ("Pathway", "/pathways", "GET /pathways"),
    ("Settings", "/settings", "GET /settings"),
)
"""What the bar at the top leads to, and the call each is."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to go."""

    title: str
    href: str
    here: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds a page."""

    person: str
    site: Place
    roles: str
    others: tuple[Place, ...]
    """Sites at which the person works as well; the address is the site's id."""
    places: tuple[Place, ...]
    token: str
    """Proves that a form of ours was sent from a page of ours."""


def may(sender: Sender, roles: Set[str]) -> bool:
    """Return whether a sender has one of some roles."""
    return not roles.isdisjoint(sender.roles | {sender.role})


def frame_of(by: Caller, uow: UnitOfWork, sender: Sender) -> Frame:
    """Return what surrounds the page that is asked for."""
    person = None if sender.person is None else uow.people.get(sender.person)
    memberships = () if person is None else uow.people.memberships(person.id)
    sites = {
        site: uow.sites.get(site) for site in dict.fromkeys((sender.site, *(m.site for m in memberships)))
    }
    path = by.request.url.path
    return Frame(
        person="A service" if person is None else person.name,
        site=Place(_name(sites[sender.site], sender.site), sender.site),
        roles=", ".join(sorted(words.plainly(role) for role in sender.roles | {sender.role})),
        others=tuple(Place(_name(site, name), name) for name, site in sites.items() if name != sender.site),
        places=tuple(
            Place(title, href, _within(path, href))
            for title, href, call in PLACES
            if may(sender, RULES[call].roles)
        ),
        token=token_of(by.request, sender.person, sender.site),
    )


def _name(site: Site | None, otherwise: str) -> str:
    return otherwise if site is None else site.name


def _within(path: str, href: str) -> bool:
    """Whether a page belongs to a place; the first part of its address says so."""
    return path.split("/")[1] == href.split("/")[1]


async def show(
    by: Caller,
    template: str,
    ask: Ask[Mapping[str, object]],
    status: HTTPStatus = HTTPStatus.OK,
) -> HTMLResponse:
    """Return a page of somebody who is signed in.

    Args:
        by: who asks.
        template: which page.
        ask: what it shows, read with what surrounds it in one transaction; of a page that shows several
            patients, `patients` are their ids.
        status: with which it is answered.
    """

    def both(uow: UnitOfWork, sender: Sender) -> tuple[Frame, Mapping[str, object]]:
        return frame_of(by, uow, sender), ask(uow, sender)

    def seen(found: tuple[Frame, Mapping[str, object]]) -> Iterable[str]:
        patients = found[1].get("patients", ())
        assert isinstance(patients, Iterable)
        return patients

    frame, values = await by.read(both, seen)
    return page(template, status, frame=frame, **values)
