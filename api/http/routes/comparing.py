"""Comparing: how a patient seen from one standpoint differs from the same patient seen from another."""

from fastapi import APIRouter, Response

from api.http.calls import By
from api.http.etags import etag
from api.http.parameters import AS_OF, KNOWN_AT, day_of, moment_of
from api.http.responses import sent
from engine.core.comparison import ComparisonView, comparison
from engine.ports import UnitOfWork
from engine.services.asking import Compared
from engine.services.patients import Sender

router = APIRouter(prefix="/v1/patients/{patient}/pathways/{pathway}", tags=["state"])


@router.get("/compare", response_model=ComparisonView)
async def compare(
    patient: str,
    pathway: str,
    by: By,
    as_of: AS_OF = None,
    known_at: KNOWN_AT = None,
    other_as_of: AS_OF = None,
    other_known_at: KNOWN_AT = None,
) -> Response:
    """How the patient seen from one standpoint differs from the same patient seen from another, and why.

    `responsible` are the events that make the difference: without them there is none but that of time, and
    with any one of them back there is. What is left out means today, and all that is known now.
    """
    before = day_of(as_of), moment_of(known_at)
    after = day_of(other_as_of, "other_as_of"), moment_of(other_known_at, "other_known_at")

    def ask(uow: UnitOfWork, sender: Sender) -> Compared:
        return by.application.asker.compare(uow, patient, pathway, sender, before, after)

    found = await by.read(ask)
    sources = by.application.shelf.sources(found.enrolment.pathway)
    view = comparison(found.comparison, found.before, found.after, sources)
    tag = etag(found.patient.revision, found.after.as_of)
    return sent(view, tag=tag)
