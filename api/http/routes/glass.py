"""Breaking the glass: seeing a patient of another site in an emergency, and who did."""

from datetime import datetime

from fastapi import APIRouter, Request, Response

from api.http.body import json_of
from api.http.calls import By
from api.http.pages import Page
from api.http.responses import made, sent
from api.http.shapes import REASON, shaped
from engine.core.people import GlassBroken
from engine.core.result import View
from engine.ports import UnitOfWork
from engine.services.glass import break_glass
from engine.services.patients import Sender

router = APIRouter(prefix="/v1", tags=["access"])

SHOWN = 500


class GlassView(View):
    """A person let in to a patient of another site."""

    id: str
    patient: str
    person: str
    reason: str
    since: datetime
    until: datetime


def glass_view(broken: GlassBroken) -> GlassView:
    """Return it as shown."""
    return GlassView(**{name: getattr(broken, name) for name in GlassView.model_fields})


@router.post(
    "/patients/{patient}/break-glass", status_code=201, response_model=GlassView, openapi_extra=REASON.body
)
async def break_the_glass(patient: str, request: Request, by: By) -> Response:
    """See a patient of another site for an hour. It is reported to those in charge there, with the reason."""
    reason, app = shaped(await json_of(request), REASON)["reason"], by.application

    def ask(uow: UnitOfWork, sender: Sender) -> GlassView:
        now = app.clock.now()
        return glass_view(break_glass(uow, patient, reason, sender, now=now, randomness=app.randomness))

    return await by.answer(ask, made)


@router.get("/break-glass", response_model=Page[GlassView])
async def list_let_in(by: By) -> Response:
    """Who of other sites was let in to patients of this one, newest first, at most 500."""

    def ask(uow: UnitOfWork, sender: Sender) -> tuple[GlassView, ...]:
        return tuple(map(glass_view, uow.glass.of_site(sender.site, SHOWN)))

    found = await by.read(ask, lambda found: [each.patient for each in found])
    page = Page[GlassView](items=found)
    return sent(page)
