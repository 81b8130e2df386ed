"""The HTTP face on a real database, with a clock moved by hand and a credential for every role."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from joserfc.jwk import OKPKey

from api.application import Application
from api.channels.configured import Gateway, MailServer, Outside
from api.channels.signing import secret_of
from api.http import create_app
from api.http.app import NOBODY
from api.http.rates import Rates
from api.issuers.configured import Elsewhere
from api.keys import SigningKey
from api.reachable import Reachable
from api.wiring import Shelf
from engine.core.kept import Site
from engine.core.people import Membership, Person, Role
from engine.services.access import OPERATOR, issue, main_site
from engine.store.database import Database
from engine.store.unit_of_work import SqlStore
from engine.store.writers import writer_for
from tests.conftest import PROVING
from tests.services.clinic import Counted, Moved
from tests.services.staff import hired
from tests.stores.kit import writing

TODAY = date(2024, 1, 20)
BOTH = (
    "test_every_call",
    "test_idempotency",
    "test_imports",
    "test_road",
    "test_trust",
    "test_webhooks",
    "test_what_if",
)
"""Modules whose calls are made on PostgreSQL as well each time."""


@cache
def shelf() -> Shelf:
    return Shelf()


OUTSIDE = Outside(
    mail=MailServer("127.0.0.1", 1, "careway@hospital.example", "none"),
    networks=(ip_network("127.0.0.1/32"),),
    gateways={
        "sms": Gateway(url="json://127.0.0.1:1/{address}", address=r"\+[0-9]{6,15}", hint="Write it with +.")
    },
)
"""What the settings of this installation make possible; nobody listens at port 1."""


@cache
def key() -> SigningKey:
    return SigningKey(OKPKey.generate_key("Ed25519"))


@dataclass
class Web:
    """Careway over HTTP."""

    application: Application
    client: TestClient
    secrets: dict[str, str]
    clock: Moved

    def call(
        self,
        method: str,
        path: str,
        *,
        role: str | None = "clinician",
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> Response:
        shown = {} if role is None else {"Authorization": f"Bearer {self.secrets.get(role, role)}"}
        found: Response = self.client.request(method, path, headers={**shown, **(headers or {})}, **more)
        return found

    def get(self, path: str, **more: Any) -> Response:
        return self.call("GET", path, **more)

    def post(self, path: str, **more: Any) -> Response:
        return self.call("POST", path, **more)

    def patient(self, **more: Any) -> str:
        made = self.post("/v1/patients", **more)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    def send(self, patient: str, message: Any, **more: Any) -> Response:
        """Post a message, its numbers as they are written."""
        told = json.dumps(message, default=lambda number: f"<{number}>")
        content = re.sub(r'"<([-+0-9.eE]+)>"', r"\1", told)
        headers = {"Content-Type": "application/json", **more.pop("headers", {})}
        return self.post(f"/v1/patients/{patient}/events", content=content, headers=headers, **more)

    def staff(self, site: str = "main") -> dict[str, str]:
        """Add the people a clinic needs; return their ids by login."""
        with writing(self.application.store) as uow:
            return {
                login: person.id for login, person in hired(uow, self.application.randomness, site).items()
            }

    def actions(self, patient: str, **more: Any) -> dict[str, Any]:
        """Return the open actions of a patient by their id on the pathway."""
        found = self.get(f"/v1/patients/{patient}/pathways/pm-ild/next-actions", **more)
        return {action["id"]: action for action in found.json()["open_actions"]}

    def people(self, site: str = "main", suffix: str = "") -> None:
        """Have the credentials of each role at a site belong to a person each, `p-` and the role."""
        app, now = self.application, self.clock.now()
        with writing(app.store) as uow:
            for role in Role:
                name = f"{role}{suffix}"
                uow.people.add(Person(f"p-{name}", f"p-{name}", name.title(), now))
                uow.people.grant(Membership(f"p-{name}", site, role))
                self.secrets[name], _ = issue(
                    uow,
                    role,
                    site,
                    "",
                    by=OPERATOR,
                    now=now,
                    randomness=app.randomness,
                    person=f"p-{name}",
                )

    def stored(self, patient: str) -> list[str]:
        with self.application.store.reading() as uow:
            return [event.id for event in uow.records.load(patient)]


@contextmanager
def face(
    database: Database,
    elsewhere: Elsewhere = NOBODY,
    base: str = "http://testserver",
    rates: Rates | None = None,
    every: Mapping[str, int] | None = None,
) -> Iterator[Web]:
    """Careway over HTTP on a database, with a token for every role."""
    store, clock = SqlStore(database), Moved()
    clock.to(TODAY)
    with closing(writer_for(store)) as writer:
        application = Application(
            store,
            writer,
            shelf(),
            clock,
            Counted(),
            addresses=Reachable(OUTSIDE),
            secret_of=partial(secret_of, key()),
        )
        with store.writing() as uow:
            main_site(uow, "UTC")
            uow.sites.add(Site("south", "South", "UTC"))
            made = {
                name: issue(
                    uow, role, site, "", by=OPERATOR, now=clock.now(), randomness=application.randomness
                )[0]
                for name, role, site in [
                    *((role.value, role, "main") for role in Role),
                    ("elsewhere", Role.CLINICIAN, "south"),
                ]
            }
            uow.commit()
        app = create_app(application, rates=rates, elsewhere=elsewhere, every=every)
        with TestClient(app, base_url=base, raise_server_exceptions=False) as client:
            yield Web(application, client, made, clock)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave PostgreSQL to the long proofs where `stores` and `services` show of it what there is to show."""
    for item in items:
        here = Path(__file__).parent in item.path.parents and item.path.stem not in BOTH
        if here and "[postgresql" in item.name:
            item.add_marker(pytest.mark.prove)
            if not PROVING:
                item.add_marker(pytest.mark.skip(reason="on PostgreSQL under `make prove`"))


@pytest.fixture
def web(database: Database) -> Iterator[Web]:
    with face(database) as served:
        yield served


def problem(response: Response, status: int, code: str) -> dict[str, Any]:
    """Check that an answer is a problem of this kind, and return it."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = response.json()
    assert (found["code"], found["status"]) == (code, status)
    assert found["type"] == f"/problems/{code}"
    assert found["trace_id"] == response.headers["trace-id"]
    assert "Traceback" not in response.text
    return found
