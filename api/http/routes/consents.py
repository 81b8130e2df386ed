"""How patients are told, on channels to which they agreed."""

from fastapi import APIRouter, Request, Response

from api.http.body import json_of
from api.http.calls import By
from api.http.channel_shapes import CONSENT
from api.http.channel_views import ConsentedView, consented_view
from api.http.etags import AT_WILL, etag, expected_revision
from api.http.pages import Page
from api.http.responses import as_it_is, sent
from api.http.routes.channels import draft_of
from api.http.shapes import shaped
from engine.core.channels import Channel
from engine.core.kept import Patient
from engine.ports import UnitOfWork
from engine.services.consents import open_for_patient, revoke_for_patient
from engine.services.patients import Sender, patient_of

router = APIRouter(prefix="/v1/patients/{patient}/channels", tags=["telling"])


def answer(found: tuple[Channel, Patient], status: int = 200) -> Response:
    """Return a channel as a response with the patient's ETag."""
    channel, patient = found
    return sent(consented_view(channel), status, tag=etag(patient.revision))


@router.get("", response_model=Page[ConsentedView])
async def list_channels(patient: str, by: By) -> Response:
    """List the channels to which a patient agreed, revoked ones included."""

    def ask(uow: UnitOfWork, sender: Sender) -> Response:
        found = patient_of(uow, patient, sender)
        items = tuple(map(consented_view, uow.channels.of_patient(found.id)))
        return sent(Page[ConsentedView](items=items), tag=etag(found.revision))

    return await by.read(ask)


@router.post("", status_code=201, response_model=ConsentedView, openapi_extra=CONSENT.body | AT_WILL)
async def record_consent(patient: str, request: Request, by: By) -> Response:
    """Open a channel to which the patient agreed on a day; messages name no patient and nothing clinical.

    Who recorded it stands in the patient's audit. `If-Match` is taken, and not needed.
    """
    body = shaped(await json_of(request), CONSENT)
    consented, expected = body.pop("consented_on"), expected_revision(request, needed=False)
    draft, app = await draft_of(by, body), by.application

    def ask(uow: UnitOfWork, sender: Sender) -> Response:
        found = open_for_patient(
            uow, draft, patient, consented, sender, app.clock, app.randomness, expected=expected
        )
        return answer(found, 201)

    return await by.answer(ask, as_it_is)


@router.delete("/{channel}", response_model=ConsentedView, openapi_extra=AT_WILL)
async def revoke_consent(patient: str, channel: str, request: Request, by: By) -> Response:
    """Shut a channel because the patient took the consent back; what waits on it is not sent any more."""
    expected, clock = expected_revision(request, needed=False), by.application.clock

    def ask(uow: UnitOfWork, sender: Sender) -> Response:
        return answer(revoke_for_patient(uow, patient, channel, sender, clock, expected=expected))

    return await by.answer(ask, as_it_is)
