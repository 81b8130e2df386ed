"""Patients: register, list, show, and find by an identifier of another system."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.http.body import json_if_any, json_of
from api.http.calls import By
from api.http.etags import etag
from api.http.pages import Page, cursor_of, link_to
from api.http.responses import sent
from api.http.shapes import PATIENT, SEARCH, shaped
from api.http.views import PatientView, patient_view
from engine.core.kept import Identifier
from engine.ports import UnitOfWork
from engine.services.patients import Sender, patient_of, register

router = APIRouter(prefix="/v1/patients", tags=["patients"])


def answer(view: PatientView, status: int = 200, **headers: str) -> Response:
    """Return a patient as a response with its ETag."""
    return sent(view, status, headers, tag=etag(view.revision))


@router.post("", status_code=201, response_model=PatientView, openapi_extra=PATIENT.body)
async def register_patient(request: Request, by: By) -> Response:
    """Register a patient of the caller's site, with identifiers of other systems if there are any."""
    body = shaped(await json_if_any(request), PATIENT)
    identifiers = [Identifier(i["system"], i["value"]) for i in body["identifiers"]]
    app = by.application

    def ask(uow: UnitOfWork, sender: Sender) -> PatientView:
        patient = register(uow, identifiers, sender, app.clock, app.randomness)
        return patient_view(patient, tuple(identifiers))

    return await by.answer(ask, lambda view: answer(view, 201, Location=f"/v1/patients/{view.id}"))


@router.get("", response_model=Page[PatientView])
async def list_patients(
    request: Request,
    by: By,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> Response:
    """List the patients of the caller's site, oldest first; the header `Link` leads to the next page."""
    after = cursor_of(cursor)

    def ask(uow: UnitOfWork, sender: Sender) -> list[PatientView]:
        found = uow.patients.page(sender.site, after=after, limit=limit + 1)
        return [patient_view(p, uow.patients.identifiers(p.id), uow.enrolments.of(p.id)) for p in found]

    found = await by.read(ask, lambda found: [patient.id for patient in found[:limit]])
    following = found[limit - 1].id if len(found) > limit else None
    page = Page[PatientView](items=tuple(found[:limit]))
    headers = link_to(request, following, limit)
    return sent(page, 200, headers)


@router.post("/search", response_model=Page[PatientView], openapi_extra=SEARCH.body)
async def search_patients(request: Request, by: By) -> Response:
    """Find the patient with an identifier; a POST, so that identifiers stay out of addresses and logs."""
    body: dict[str, Any] = shaped(await json_of(request), SEARCH)
    wanted = Identifier(body["system"], body["value"])

    def ask(uow: UnitOfWork, sender: Sender) -> tuple[PatientView, ...]:
        found = uow.patients.identified(sender.site, wanted)
        if found is None:
            return ()
        return (patient_view(found, uow.patients.identifiers(found.id), uow.enrolments.of(found.id)),)

    found = await by.read(ask, lambda found: [patient.id for patient in found])
    page = Page[PatientView](items=found)
    return sent(page)


@router.get("/{patient}", response_model=PatientView)
async def show_patient(patient: str, request: Request, by: By) -> Response:
    """Show a patient with its enrolments, as they were last evaluated."""

    def ask(uow: UnitOfWork, sender: Sender) -> PatientView:
        found = patient_of(uow, patient, sender)
        return patient_view(found, uow.patients.identifiers(found.id), uow.enrolments.of(found.id))

    view = await by.read(ask)
    return answer(view)
