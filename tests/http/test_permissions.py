"""Every role on every call, at its own site and another: the cases come from the table the server reads."""

from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from fastapi.routing import APIRoute
from httpx2 import Response

from api.http.action_ids import action_id
from api.http.app import ROUTERS
from api.http.examples import EXAMPLES
from api.http.permissions import PUBLIC, RULES
from engine.core.kept import Message
from engine.core.ownership import ActionKey
from engine.core.people import Post, Role
from engine.services.posting import tell
from tests.http.conftest import TODAY, Web, problem
from tests.services.staff import STAFF
from tests.stores.kit import writing

CALLS = {
    f"{method} {route.path}": route
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods or ())
}

BODIES: dict[str, Any] = {
    "POST /v1/patients": {},
    "POST /v1/patients/search": {"system": "urn:oid:1.2.3", "value": "7"},
    "POST /v1/patients/{patient}/events": EXAMPLES["obs"],
    "POST /v1/patients/{patient}/pathways/{pathway}/what-if": {"events": [EXAMPLES["obs"]]},
    "POST /v1/patients/{patient}/break-glass": {"reason": "Seen in our emergency department tonight."},
    "POST /v1/imports": "patient,date,drug,op\n",
    "POST /v1/tokens": {"label": "mine"},
    "POST /v1/worklists": {"name": "mine", "list": "overdue"},
    "PUT /v1/worklists/{worklist}": {"name": "mine", "list": "urgent", "filters": {"tier": "elevated"}},
    "PATCH /v1/webhooks/{webhook}": {"events": ["step.added"]},
    "PATCH /v1/me/channels/{channel}": {"digest_at": "08:00"},
    "PATCH /v1/people/{person}/channels/{channel}": {"digest_at": "08:00"},
}
"""What makes each call that takes a body a good one, where it can be the same each time."""

FORMS: dict[str, dict[str, Any]] = {
    "POST /patients/search": {"sought": "7"},
    "POST /lists/save": {"name": "mine", "list": "overdue"},
    "POST /lists/{worklist}/remove": {"back": "/"},
    "POST /imports": {"kind": "medicines", "act": "try"},
    "POST /settings/channels/{channel}": {"label": "mine", "digest_at": "08:00"},
    "POST /settings/channels/{channel}/remove": {"back": "/"},
    "POST /settings/calendars": {"back": "/"},
    "POST /settings/calendars/{calendar}/end": {"back": "/"},
    "POST /settings/tokens": {"label": "mine"},
    "POST /settings/tokens/{token}/rotate": {"grace": "0"},
    "POST /settings/tokens/{token}/end": {"back": "/"},
    "POST /settings/people/{person}/invitation": {"back": "/"},
    "POST /settings/people/{person}/absences/{absence}/cancel": {"back": "/"},
    "POST /settings/webhooks/{webhook}": {"label": "ours", "events": "step.added"},
    "POST /settings/webhooks/{webhook}/rotate": {"back": "/"},
    "POST /settings/webhooks/{webhook}/enable": {"back": "/"},
    "POST /settings/webhooks/{webhook}/remove": {"back": "/"},
    "POST /settings/webhooks/{webhook}/deliveries/{delivery}/resend": {"back": "/"},
    "POST /imports/{upload}/cancel": {"back": "/"},
}
"""The same of each form."""
FILES = {"POST /imports": {"file": ("a.csv", BODIES["POST /v1/imports"])}}
"""What is sent with a form."""

FILE = "/v1/imports?kind=medicines&origin=x"
CSV = {"Content-Type": "text/csv"}
PLACES = {"pathway": "pm-ild", "version": "1", "number": "1", "role": "viewer", "kind": "vax"}
ONCE = count(1)
"""Whatever can be there only once gets another number each time."""

Places = dict[str, str]
"""What the braces of a path stand for, and the staff by login."""


def hook(number: int) -> dict[str, str]:
    """Return the body of a webhook; the address is written as a number, so nobody looks up a name."""
    return {"url": f"https://93.184.216.34/{number}", "label": "registry"}


def body_of(call: str, places: Places) -> Any:
    """Return the body of a good call; None if it takes none."""
    number = next(ONCE)
    day = str(date(2030, 1, 1) + timedelta(days=number))
    mail = {"kind": "email", "address": f"p{number}@hospital.example", "label": "work"}
    row = {"id": places.get("action", ""), "kind": "action", "if_match": 1}
    about: dict[str, Any] = {
        "POST /v1/webhooks": hook(number),
        "POST /v1/me/channels": mail,
        "POST /v1/people/{person}/channels": mail,
        "POST /v1/patients/{patient}/channels": {**mail, "consented_on": str(TODAY)},
        "POST /v1/events/batch": {"events": [EXAMPLES["obs"] | {"patient": places["patient"]}]},
        "POST /v1/people": {"login": f"p{number}", "name": "P", "roles": ["viewer"]},
        "PATCH /v1/people/{person}": {"name": f"P {number}"},
        "POST /v1/people/{person}/absences": {"first": day, "last": day, "cover": places["dean"]},
        "PUT /v1/patients/{patient}/care-team": {**dict.fromkeys(Post), "coordinator": places["cora"]},
        **{
            f"POST /v1/{kind}s/{{{kind}}}/{act}": body
            for kind in ("action", "review")
            for act, body in (
                ("acknowledge", {}),
                ("snooze", {"until": str(TODAY + timedelta(days=1)), "reason": f"reason {number}"}),
                ("not-done", {"reason": "other"}),
            )
        },
        "POST /v1/bulk/acknowledge": {"items": [row]},
        "POST /v1/bulk/snooze": {"items": [row], "until": str(TODAY + timedelta(days=1)), "reason": "r"},
        "POST /v1/bulk/hand-over": {"items": [row], "person": places["cory"], "reason": f"reason {number}"},
        "POST /v1/actions/{action}/hand-over": {"person": places["cory"], "reason": f"reason {number}"},
    }
    return about.get(call, BODIES.get(call))


def form_for(web: Web, call: str, places: Places) -> dict[str, Any] | None:
    """Return the fields of a good form; None for a call that takes none."""
    number = next(ONCE)
    about: dict[str, Any] = {"subject": places.get("action", ""), "reason": f"reason {number}"}
    if call.startswith("POST /patients/{patient}"):
        with web.application.store.reading() as uow:
            patient = uow.patients.get(places["patient"])
        about["revision"] = 0 if patient is None else patient.revision
    vaccine = {"event": f"vax{number}", "effective": str(TODAY), "vaccine": "flu", "pathway": "pm-ild"}
    flu = action_id(ActionKey(places["patient"], "pm-ild", "vx.flu", TODAY))
    row = {"row": f"action.1.{places.get('action', '')}"}
    mail = {"kind": "email", "address": f"q{number}@hospital.example", "label": "work"}
    day = str(date(2040, 1, 1) + timedelta(days=number))
    tomorrow = str(TODAY + timedelta(days=1))
    forms: dict[str, dict[str, Any]] = {
        "POST /patients": {"system": "test", "value": number},
        "POST /patients/{patient}/record/{kind}": vaccine,
        "POST /patients/{patient}/suppose/{kind}": vaccine,
        "POST /patients/{patient}/decide": {**about, "subject": flu, "decision": "decline"},
        "POST /patients/{patient}/note": {**about, "kind": "action", "note": "acknowledge"},
        "POST /patients/{patient}/hand-over": {**about, "person": places["cory"]},
        "POST /patients/{patient}/care-team": {**about, "coordinator": places["cora"]},
        "POST /lists/acknowledge": row,
        "POST /lists/snooze": {**row, "until": tomorrow, "reason": "r"},
        "POST /settings/channels": mail,
        "POST /settings/people": {"login": f"p{number}", "name": "P", "roles": "viewer"},
        "POST /settings/people/{person}": {"name": f"P {number}", "roles": "clinician"},
        "POST /settings/people/{person}/absences": {"first": day, "last": day, "cover": places["dean"]},
        "POST /settings/webhooks": hook(number),
        "POST /lists/hand-over": {**row, "person": places["cory"], "why": f"reason {number}"},
    }
    return forms.get(call, FORMS.get(call))


def token_of(web: Web, role: str | None) -> str:
    """Return the id of a token of this role's person; of nobody's for no role."""
    answer = web.post("/v1/tokens", role=role, json={"label": "to be dealt with"})
    return str(answer.json()["token"]["id"]) if answer.status_code == 201 else "none"


def opened(web: Web, path: str, places: Places, role: str | None) -> str:
    """Return the id of a new channel on the list that a path begins with."""
    for old in web.get(path.format(**places), role=role).json().get("items", ()):
        if old["disabled"] is None:  # or there would be too many
            web.call("DELETE", f"{path.format(**places)}/{old['id']}", role=role)
    answer = web.post(path.format(**places), role=role, json=body_of(f"POST {path}", places))
    assert answer.status_code in (201, 401), answer.text
    return str(answer.json().get("id"))


def saved(web: Web, role: str | None) -> str:
    """Return the id of a new worklist this role saved; of nothing for one that may not."""
    answer = web.post("/v1/worklists", role=role, json=BODIES["POST /v1/worklists"])
    return str(answer.json()["id"]) if answer.status_code == 201 else "none"


def listening(web: Web) -> Places:
    """Return the ids of a new webhook and of a message on its way there."""
    for old in web.get("/v1/webhooks", role="admin").json()["items"]:
        web.call("DELETE", f"/v1/webhooks/{old['id']}", role="admin")  # or there would be too many
    answer = web.post("/v1/webhooks", role="admin", json=hook(next(ONCE)))
    webhook = str(answer.json()["webhook"]["id"])
    now = web.clock.now()
    with writing(web.application.store) as uow:
        tell(uow, "main", [Message(f"about {webhook}", "step.added", {}, now)], now)
        (dispatch,) = uow.dispatches.on(webhook)
    return {"webhook": webhook, "delivery": dispatch.id}


def sent_file(web: Web) -> str:
    """Return the id of an import that waits."""
    answer = web.post(FILE, role="integrator", content=BODIES["POST /v1/imports"], headers=CSV)
    return str(answer.json()["id"])


def there_for(web: Web, call: str, places: Places, role: str | None) -> Places:
    """Return what the braces of a call stand for, with something new in place of what it may do away with."""
    method, _, path = call.partition(" ")
    places = {**PLACES, **places}
    if "{token}" in path:
        places |= {"token": token_of(web, role)}
    if "{calendar}" in path:
        answer = web.post("/v1/me/calendars", role=role)
        places |= {"calendar": str(answer.json().get("calendar", {}).get("id"))}
    elif "{worklist}" in path:
        places |= {"worklist": "overdue" if method == "GET" else saved(web, role)}
    elif path.startswith(("/v1/me/channels/", "/settings/channels/")):
        places |= {"channel": opened(web, "/v1/me/channels", places, role)}
    elif "{upload}" in path:
        places |= {"upload": sent_file(web)}
    elif "{webhook}" in path:
        places |= listening(web)
    elif path.startswith("/v1/people/{person}/channels/"):
        places |= {"channel": opened(web, "/v1/people/{person}/channels", places, "admin")}
    return places


def made(web: Web, call: str, places: Places, role: str | None) -> Response:
    """Make a good call about a patient or a person."""
    method, _, path = call.partition(" ")
    body = body_of(call, places)
    places = there_for(web, call, places, role)
    more: dict[str, Any] = {} if body is None else {"json": body}
    if (form := form_for(web, call, places)) is not None:
        more = {"data": form, "files": FILES.get(call), "follow_redirects": False}
    if call == "POST /v1/imports":
        return web.call(method, FILE, role=role, headers=CSV, content=body)
    return web.call(method, path.format(**places), role=role, headers={"If-Match": "*"}, **more)


@pytest.fixture
def enrolled(web: Web) -> Places:
    """A patient of the site main with a first step and an open action, and staff one of whom is absent."""
    web.people()
    web.people("south", " elsewhere")
    patient, staff = web.patient(), web.staff()
    for message in (EXAMPLES["enrol"], EXAMPLES["admin"]):
        sent = web.send(patient, message, headers={"If-Match": "*"})
        assert sent.status_code == 201, sent.text
    day = {"first": str(TODAY), "last": str(TODAY), "cover": staff["dean"]}
    absence = web.post(f"/v1/people/{staff['dora']}/absences", role="admin", json=day).json()["id"]
    action = next(iter(web.actions(patient).values()))["action_id"]
    reviews = web.get(f"/v1/patients/{patient}/pathways/pm-ild/reviews").json()["items"]
    consented = opened(web, "/v1/patients/{patient}/channels", {**staff, "patient": patient}, "clinician")
    return {
        **staff,
        "channel": consented,
        "patient": patient,
        "person": staff["dora"],
        "absence": absence,
        "action": action,
        "review": next(r["review_id"] for r in reviews if r["id"] == "exertion"),
    }


def test_every_call_has_one_rule_or_is_public() -> None:
    assert CALLS.keys() == (RULES.keys() | PUBLIC) - {"GET /openapi.json"}
    assert not RULES.keys() & PUBLIC


def refused(answer: Response, status: int, code: str) -> bool:
    return (answer.status_code, answer.json().get("code")) == (status, code)


def test_each_role_may_make_its_calls_and_no_others(web: Web, enrolled: Places) -> None:
    deviations, stranger = [], enrolled | {"patient": web.patient(role="elsewhere")}
    for call, rule in RULES.items():
        for role in Role:
            answer = made(web, call, stranger if rule.elsewhere else enrolled, role.value)
            good = answer.status_code in (200, 201, 202, 204, 303)
            if not (good if role in rule.roles else refused(answer, 403, "role-forbidden")):
                deviations.append(f"{role} {call}: {answer.status_code} {answer.text[:200]}")

    assert deviations == []


def test_without_a_credential_only_the_public_list_answers(web: Web, enrolled: Places) -> None:
    for call in RULES:
        problem(made(web, call, enrolled, None), 401, "credential-needed")
        problem(made(web, call, enrolled, "cw_unknown"), 401, "credential-needed")
    for call in sorted(PUBLIC):
        assert made(web, call, enrolled, None).status_code not in (401, 403, 500), call


def test_nobody_and_nothing_of_another_site_is_there(web: Web, enrolled: Places) -> None:
    deviations = []
    for call, rule in RULES.items():
        for role in Role if not rule.elsewhere else ():
            answer = made(web, call, enrolled, f"{role} elsewhere")
            if role not in rule.roles:
                good = refused(answer, 403, "role-forbidden")
            elif any(brace in call for brace in ("{patient}", "{person}", "{action}", "{review}")):
                good = refused(answer, 404, "not-found") and "There is no p" in answer.text
            elif call.removeprefix("POST /lists/") in ("acknowledge", "snooze", "hand-over"):
                good = ", 1 not</h1>" in answer.text
            elif call == "POST /v1/events/batch" or call.startswith("POST /v1/bulk/"):
                good = [item["status"] for item in answer.json()["items"]] == [404]
            else:
                known = (enrolled["patient"], *(enrolled[login] for login in STAFF))
                good = not any(one in answer.text for one in known)
            if not good:
                deviations.append(f"{role} {call}: {answer.status_code} {answer.text[:200]}")

    theirs = token_of(web, "clinician")
    for call in ("POST /v1/tokens/{token}/rotate", "DELETE /v1/tokens/{token}"):
        method, _, path = call.partition(" ")
        for stranger in ("admin elsewhere", "coordinator"):
            problem(web.call(method, path.format(token=theirs), role=stranger), 404, "not-found")
    assert deviations == []
    assert web.stored(enrolled["patient"]) == ["e1", "a1"]
    assert web.get(f"/v1/patients/{enrolled['patient']}").json()["revision"] == 3
