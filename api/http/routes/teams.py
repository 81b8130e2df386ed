"""Who looks after a patient, and whose an open action is."""

from fastapi import APIRouter, Request, Response

from api.http.action_ids import action_id, action_key
from api.http.body import json_of
from api.http.calls import By
from api.http.etags import REVISION, etag, expected_revision
from api.http.people_shapes import HAND_OVER, TEAM
from api.http.people_views import HandedOverView, TeamView, owner_view, team_view
from api.http.responses import as_it_is, sent
from api.http.shapes import shaped
from engine.core.kept import Patient
from engine.core.ownership import Roster, holders
from engine.core.people import Post
from engine.ports import UnitOfWork
from engine.services.ownership import hand_over
from engine.services.patients import Sender, patient_of
from engine.services.rosters import roster_on
from engine.services.teams import fill_posts

router = APIRouter(prefix="/v1", tags=["working"])


def team_of(uow: UnitOfWork, patient: str, working: Roster) -> TeamView:
    """Return a patient's care team as shown; `working` is who works at the patient's site today."""
    team = holders(uow.teams.of(patient))
    held = {given.person for given in team.values()}
    people = (uow.people.get(person) for person in held if person is not None)
    names = {person.id: person.name for person in people if person is not None}
    return team_view(patient, team, names, working)


def told(uow: UnitOfWork, patient: Patient, by: By) -> Response:
    """Return a care team as a response with the patient's ETag."""
    today = by.application.asker.today(uow, patient.site)
    view = team_of(uow, patient.id, roster_on(uow, patient.site, today))
    return sent(view, tag=etag(patient.revision))


@router.get("/patients/{patient}/care-team", response_model=TeamView)
async def show_team(patient: str, by: By) -> Response:
    """Who holds which post in a patient's care team, and who acts for them today."""
    return await by.read(lambda uow, sender: told(uow, patient_of(uow, patient, sender), by))


@router.put("/patients/{patient}/care-team", response_model=TeamView, openapi_extra=TEAM.body | REVISION)
async def change_team(patient: str, request: Request, by: By) -> Response:
    """Say who holds which post; every post is named, null for nobody. Needs `If-Match`.

    A post needs somebody with a fitting role at the patient's site: a coordinator, a clinician or clinical
    lead, or a clinical lead. The same team again changes nothing, and the ETag stays.
    """
    body, expected = shaped(await json_of(request), TEAM), expected_revision(request, needed=True)
    wanted = {Post(name): person for name, person in body.items()}
    clock = by.application.clock

    def ask(uow: UnitOfWork, sender: Sender) -> Response:
        return told(uow, fill_posts(uow, patient, wanted, sender, clock, expected=expected), by)

    return await by.answer(ask, as_it_is)


@router.post(
    "/actions/{action}/hand-over", response_model=HandedOverView, openapi_extra=HAND_OVER.body | REVISION
)
async def hand_action_over(action: str, request: Request, by: By) -> Response:
    """Hand an open action to a person, or with null back to the care team. Needs `If-Match`.

    `action` is the `action_id` of a call of next actions. While the new owner is absent, whoever stands in
    for them owns it. The same again changes nothing.
    """
    body, expected = shaped(await json_of(request), HAND_OVER), expected_revision(request, needed=True)
    asker = by.application.asker

    def ask(uow: UnitOfWork, sender: Sender) -> HandedOverView:
        key = action_key(action)
        found = hand_over(uow, asker, key, body["person"], body["reason"], sender, expected=expected)
        return HandedOverView(
            action_id=action_id(key),
            patient=key.patient,
            revision=found.revision,
            owner=owner_view(found.of[key], found.working),
        )

    return await by.answer(ask, lambda view: sent(view, tag=etag(view.revision)))
