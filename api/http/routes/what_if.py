"""What if: what events would make of a patient if they were recorded now. Nothing is written of it."""

from fastapi import APIRouter, Request, Response

from api.http.body import json_of
from api.http.calls import By
from api.http.etags import etag
from api.http.examples import WHAT_IF_BODY
from api.http.parameters import AS_OF, day_of
from api.http.responses import sent
from api.http.routes.events import listed
from api.http.shapes import object_in
from engine.core.what_if import WhatIfView, what_if_view
from engine.ports import UnitOfWork
from engine.services.patients import Sender
from engine.services.supposing import Supposed, what_if

router = APIRouter(prefix="/v1/patients/{patient}/pathways/{pathway}", tags=["state"])

TOGETHER = 50


@router.post("/what-if", response_model=WhatIfView, openapi_extra=WHAT_IF_BODY)
async def suppose(patient: str, pathway: str, request: Request, by: By, as_of: AS_OF = None) -> Response:
    """What events would make of the patient if they were recorded now, and why. Nothing of them is stored.

    Events are sent as they would be recorded, and refused as they would be. Recording them makes exactly this
    difference on the same day, as long as the patient has the revision of the ETag.
    """
    on = day_of(as_of)
    messages = listed(object_in(await json_of(request), ""), TOGETHER)
    recorder = by.application.recorder

    def ask(uow: UnitOfWork, sender: Sender) -> Supposed:
        return what_if(uow, recorder, patient, pathway, messages, sender, as_of=on, at="/events")

    supposed = await by.read(ask)
    view = what_if_view(supposed.found, by.application.shelf.sources(pathway))
    tag = etag(supposed.patient.revision, view.difference.after.as_of)
    return sent(view, tag=tag)
