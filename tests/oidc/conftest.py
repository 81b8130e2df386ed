"""Careway beside a certified OpenID provider, with people that the provider knows."""

from collections.abc import Iterator

import pytest

from api.clock import SystemClock
from api.issuers.configured import LOCAL, Elsewhere, Issuer
from engine.core.people import Membership, Person, Role
from engine.store.database import Database
from tests.http.conftest import Web, face
from tests.oidc.provider import AUDIENCE, CLIENTS, Provider, running

PEOPLE = {
    "may": [("main", Role.COORDINATOR)],
    "kim@south": [("main", Role.COORDINATOR), ("south", Role.VIEWER)],
    "lee": [("main", Role.COORDINATOR), ("south", Role.VIEWER)],
    "sam@north": [("main", Role.COORDINATOR), ("south", Role.VIEWER)],
    "roleless": [],
    "gone": [("main", Role.COORDINATOR)],
}
"""Who is known here, by the name the provider knows them by, and what they may do."""


@pytest.fixture(scope="session")
def provider() -> Iterator[Provider]:
    """A provider that lives as long as the session; tests that change it start one of their own."""
    with running(Provider()) as started:
        yield started


def trusted(provider: Provider) -> Issuer:
    return Issuer(
        issuer=provider.issuer,
        audience=AUDIENCE,
        client_id="careway",
        client_secret=CLIENTS[0]["client_secret"],
    )


def furnish(web: Web, provider: Provider) -> None:
    """Add the people, and let it be now: the provider looks at its own clock."""
    web.clock.instant = now = SystemClock().now()
    with web.application.store.writing() as uow:
        for name, roles in PEOPLE.items():
            ended = now if name == "gone" else None
            person = f"p-{name}"
            uow.people.add(
                Person(person, name, name.title(), now, None, provider.issuer, name, disabled=ended)
            )
            for site, role in roles:
                uow.people.grant(Membership(person, site, role))
        uow.commit()


@pytest.fixture
def web(database: Database, provider: Provider) -> Iterator[Web]:
    """Careway, which trusts the provider."""
    with face(database, Elsewhere(LOCAL, (trusted(provider),)), LOCAL) as served:
        furnish(served, provider)
        yield served
