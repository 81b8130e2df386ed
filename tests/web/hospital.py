"""A hospital: Careway on a real server, people who sign in at a real browser, patients who are treated."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from api.application import Application, application_on
from api.imports.uploaded import import_waiting
from api.settings import read_settings
from engine.core.channels import WEBHOOK
from engine.core.kept import Author, Identifier, Site
from engine.core.people import Membership, Person, Role
from engine.ports import UnitOfWork
from engine.services.access import MAIN, main_site
from engine.services.channels import Draft
from engine.services.patients import Sender, register
from engine.services.uploads import Wish, begin, complete
from engine.services.webhooks import open_webhook
from tests.serving import Served, serving

CHROMIUM = "/usr/bin/chromium"
PATIENCE = 20_000
"""Milliseconds a page may take, on a machine that does much else."""
PASSWORD = "correct horse battery staple"
STAFF = {
    "cora": (Role.COORDINATOR,),
    "dana": (Role.CLINICIAN,),
    "lena": (Role.CLINICAL_LEAD, Role.ADMIN),
    "adam": (Role.ADMIN,),
}
"""Who can sign in, and as what."""
OUTSIDE = {
    "CAREWAY_SMTP": "smtp://127.0.0.1:1",
    "CAREWAY_SENDER": "careway@hospital.example",
    "CAREWAY_WEBHOOK_NETWORKS": "127.0.0.1/32",
}
"""By what is sent: a mail server nobody needs to reach, and webhooks to this machine."""
expect.set_options(timeout=PATIENCE)
CLINICIAN = Sender(Role.CLINICIAN.value, MAIN)


@dataclass
class Hospital:
    """A running Careway with people and patients."""

    served: Served
    application: Application
    """On the same database, to look behind the page."""
    browser: Browser
    today: date
    contexts: list[BrowserContext] = field(default_factory=list)

    def visitor(self, *, dark: bool = False, phone: bool = False, script: bool = True) -> Page:
        """Return a page of somebody new, who sees no other address than ours."""
        context = self.browser.new_context(
            base_url=self.served.address,
            color_scheme="dark" if dark else "light",
            viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 900},
            locale="en-GB",
            java_script_enabled=script,
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", loud)
        page.on("pageerror", _failed)
        page.on("request", lambda request: _ours(request.url, self.served.address))
        return page

    def signed_in(self, login: str, **how: bool) -> Page:
        """Return a page of somebody who signed in."""
        page = self.visitor(**how)
        signs_in(page, login)
        return page

    def tell(self, patient: str, *messages: dict[str, Any]) -> None:
        """Record messages about a patient."""
        recorder = self.application.recorder

        def record(uow: UnitOfWork) -> None:
            for message in messages:
                recorder.record(uow, patient, [message], CLINICIAN)

        self.application.writer.run(record)

    def new(self, name: str, site: str = MAIN) -> str:
        """Return a new patient of a site, known by a name."""
        app, sender = self.application, Sender(Role.CLINICIAN.value, site)
        found = app.writer.run(
            lambda uow: register(uow, [Identifier("urn:test", name)], sender, app.clock, app.randomness)
        )
        return found.id

    def ago(self, days: int) -> str:
        return str(self.today - timedelta(days=days))

    def treated(self, name: str) -> str:
        """Return a patient monitored on mycophenolate, whose lung function is overdue."""
        made, begun = self.new(name), self.ago(300)
        enrol = {"pathway": "pm-ild", "iim_dx": "PM", "ild_confirmed": True}
        enrol |= {"sex": "female", "birth_date": "1970-05-04"}
        self.tell(
            made,
            {"id": "e1", "type": "enrol", "effective": begun, **enrol},
            {"id": "f1", "type": "obs", "effective": begun, "source": "manual", "obs": worked_up()},
            {"id": "m1", "type": "med", "effective": begun, "drug": "mmf", "op": "start"},
        )
        return made

    def webhook(self, url: str = "https://93.184.216.34/careway") -> str:
        """Return a new webhook of the main site; its address is a number, so nobody looks up a name."""
        app, draft = self.application, Draft(WEBHOOK, url, "registry")
        by, now = Author(Role.ADMIN.value), app.clock.now()
        made = app.writer.run(
            lambda uow: open_webhook(uow, draft, MAIN, by=by, now=now, randomness=app.randomness)
        )
        return made.id

    def sent(self, kind: str, content: bytes) -> str:
        """Return a file that was tried as an import, without keeping any of it."""
        app, sender = self.application, Sender(Role.COORDINATOR.value, MAIN)

        def send(uow: UnitOfWork) -> str:
            wish = Wish(kind, "pharmacy", None, trial=True)
            made = begin(uow, wish, sender, app.clock.now(), app.randomness)
            uow.uploads.put_part(made.id, 0, content)
            return complete(uow, made.id, sender, app.clock.now()).id

        made = app.writer.run(send)
        import_waiting(app)
        return made


def signs_in(page: Page, login: str) -> None:
    """Sign in on a page."""
    page.goto("/sign-in")
    page.get_by_label("Login").fill(login)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")


def worked_up() -> list[dict[str, Any]]:
    return [
        {"item": "fvc_l", "value": 3, "unit": "L"},
        {"item": "fvc_pp", "value": 72, "unit": "%"},
        {"item": "dlco_pp", "value": 61, "unit": "%"},
        {"item": "spo2_rest", "value": 96, "unit": "%", "o2_flow": 0},
        {"item": "hrct_change", "value": "baseline"},
        {"item": "clinical_course", "value": "stable"},
    ]


def loud(message: Any) -> None:
    """Let nothing be said on the console but that an answer had a status of refusal, which a page shows."""
    refused = message.text.startswith("Failed to load resource: the server responded with a status of 4")
    assert message.type not in ("error", "warning") or refused, message.text


def _failed(error: Any) -> None:
    raise AssertionError(error)


def _ours(url: str, address: str) -> None:
    assert url.startswith((address, "data:image/svg+xml")), f"{url} is on another host"


@contextmanager
def browsing() -> Iterator[Browser]:
    """Start the system's browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def hospital_on(url: str, browser: Browser) -> Iterator[Hospital]:
    """Run a server on a migrated database, with people who can sign in."""
    with application_on(read_settings(url)) as app:
        now, hashed = app.clock.now(), app.passwords.hashed(PASSWORD)
        with app.store.writing() as uow:
            site = main_site(uow, "UTC")
            uow.sites.add(Site("south", "South", "UTC"))
            for login, roles in STAFF.items():
                uow.people.add(Person(f"p-{login}", login, login.title(), now, password_hash=hashed))
                for role in roles:
                    uow.people.grant(Membership(f"p-{login}", site.id, role))
            uow.commit()
        with serving(url, **OUTSIDE) as served:
            made = Hospital(served, app, browser, app.clock.now().date())
            yield made
            for context in made.contexts:
                context.close()
