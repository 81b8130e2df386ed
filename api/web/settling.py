"""How forms of settings are taken: what was wrong is told on the same page, where what was typed stays."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from fastapi import Response
from fastapi.responses import RedirectResponse

from api.http.calls import Caller
from api.http.problems import status_of
from api.web.forms import Form, form_in
from api.web.frame import show
from api.web.refusals import says
from api.web.settings import Once, tabs
from engine.errors import CarewayError, NotFound
from engine.ports import UnitOfWork
from engine.services.patients import Sender


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that is shown again: where it was sent, what it holds, and what was wrong with it."""

    path: str = ""
    form: Form = field(default_factory=lambda: Form(()))
    error: CarewayError | None = None

    def to(self, path: str) -> Form | None:
        """Return what was typed into the form that is sent to an address; None if that was another one."""
        return self.form if path == self.path else None


Values = Callable[[Caller, UnitOfWork, Sender, Sent], Mapping[str, object]]
"""What a page shows by itself, with what was typed into one of its forms."""
Do = Callable[[Form], Awaitable[Once | None]]
"""Does what a form wishes; returns what is to be shown this once."""


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """A page of settings with its forms."""

    template: str
    href: str
    values: Values

    async def shown(self, by: Caller, sent: Sent | None = None, once: Once | None = None) -> Response:
        """Return the page, with a form as it was typed and what was wrong with it, or with a secret."""
        typed = sent or Sent()

        def ask(uow: UnitOfWork, sender: Sender) -> Mapping[str, object]:
            return {
                "tabs": tabs(sender, self.href),
                "problems": says(typed.error),
                "once": once,
                "patients": (),
                **self.values(by, uow, sender, typed),
            }

        status = HTTPStatus.OK if typed.error is None else status_of(typed.error)
        return await show(by, self.template, ask, status)

    async def taken(self, by: Caller, do: Do, back: str = "") -> Response:
        """Do what a form wishes and lead back to the page; what cannot be done is shown again with why.

        Args:
            by: who sent it.
            do: what it wishes.
            back: where to go afterwards; where it came from unless something else is said.

        Raises:
            NotFound: what it is about is not there.
            FormUnproven, MediaTypeUnsupported, BodyTooLarge, BodyTooSlow, BodyUnreadable: as `form_in`.
        """
        form, url = await form_in(by.request), by.request.url
        if form.again:
            return await self.shown(by, Sent(url.path, form))
        try:
            once = await do(form)
        except NotFound:
            raise
        except CarewayError as error:
            return await self.shown(by, Sent(url.path, form, error))
        if once is not None:
            return await self.shown(by, once=once)
        here = f"{self.href}?{url.query}" if url.query else self.href
        return RedirectResponse(back or here, HTTPStatus.SEE_OTHER)
