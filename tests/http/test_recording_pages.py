"""Forms by which events are recorded and put right: each offers what is possible, to whom it is possible."""

import re
from datetime import date, timedelta
from html import escape, unescape
from typing import Any

import pytest

from api.http.action_ids import action_id
from engine.core.ownership import ActionKey
from tests.http.conftest import TODAY, Web
from tests.http.test_permissions import Places, enrolled

__all__ = ["enrolled"]

PAGE = {"Accept": "text/html"}
FVC = {"type": "obs", "effective": str(TODAY), "obs": [{"item": "fvc_l", "value": 3, "unit": "L"}]}
AGAIN = {"typed_before": "1"}


def page(web: Web, path: str, **more: Any) -> str:
    answer = web.get(path, headers=PAGE, **more)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def part(text: str, event: str) -> str:
    """Return the form by which an event of a timeline is put right; nothing where there is none."""
    found = [each for each in text.split("<form")[1:] if f'name="target" value="{event}"' in each]
    return found[0].partition("</form>")[0] if found else ""


def offered(text: str, event: str) -> list[str]:
    return re.findall(r"<button[^>]*>([^<]+)</button>", part(text, event))


def options(text: str, name: str) -> list[str]:
    """Return what can be chosen in a field."""
    found = re.search(rf'<select[^>]* name="{name}".*?</select>', text, re.DOTALL)
    assert found is not None, name
    return re.findall(r'<option value="([^"]*)"', found[0])


@pytest.mark.parametrize("kind", ["obs", "med", "cond", "vax", "enrol"])
def test_every_form_of_a_patient_on_no_pathway_can_be_opened(web: Web, kind: str) -> None:
    page(web, f"/patients/{web.patient()}/record/{kind}")


def test_a_patient_on_no_pathway_is_enrolled_by_the_form(web: Web) -> None:
    patient = web.patient()
    shown = page(web, f"/patients/{patient}/record")
    assert f'href="/patients/{patient}/record/enrol' in shown
    form = page(web, f"/patients/{patient}/record/enrol")
    assert 'name="pathway" value="pm-ild"' in form
    told = {
        "event": "e",
        "effective": str(TODAY),
        "pathway": "pm-ild",
        "field.iim_dx": "PM",
        "field.ild_confirmed": "true",
        "field.sex": "female",
        "field.birth_date": "1970-05-04",
    }
    supposed = web.post(f"/patients/{patient}/suppose/enrol", data=told)
    sent = web.post(f"/patients/{patient}/record/enrol", data=told, follow_redirects=False)

    assert supposed.status_code == 200
    assert "alert" not in supposed.text
    assert sent.status_code == 303, sent.text
    assert "Assessment" in page(web, sent.headers["location"])


def test_what_it_would_change_for_a_patient_on_no_pathway_is_told(web: Web) -> None:
    patient, told = web.patient(), {"event": "v", "effective": str(TODAY), "vaccine": "flu", "pathway": ""}
    supposed = web.post(f"/patients/{patient}/suppose/vax", data=told)
    wrong = web.post(f"/patients/{patient}/suppose/vax", data={**told, "vaccine": ""})

    assert supposed.status_code == 200
    assert "on no pathway yet" in supposed.text
    assert "is not known" in wrong.text


def test_the_newest_version_of_an_event_is_what_can_be_put_right(web: Web, enrolled: Places) -> None:
    patient = enrolled["patient"]
    corrected = {**FVC, "obs": [{"item": "fvc_l", "value": 2, "unit": "L"}]}
    web.send(patient, {"id": "f", **FVC, "source": "manual"})
    web.send(patient, {"id": "c", **corrected, "type": "correct", "target": "f"})
    timeline = page(web, f"/patients/{patient}/timeline")
    assert offered(timeline, "f") == []
    assert offered(timeline, "c") == ["Correct", "Withdraw"]
    again = web.post(f"/patients/{patient}/record/correct", data={"target": "c", **AGAIN}).text
    assert 'name="value.fvc_l" value="2"' in again

    web.send(patient, {"id": "r", "type": "retract", "effective": str(TODAY), "target": "c"})
    timeline = page(web, f"/patients/{patient}/timeline")
    assert [offered(timeline, each) for each in ("f", "c", "r")] == [[], [], []]


def test_amendments_on_the_timeline_name_what_they_amend(web: Web, enrolled: Places) -> None:
    patient = enrolled["patient"]
    web.send(patient, {"id": "f", **FVC})
    web.send(patient, {"id": "c", **FVC, "type": "correct", "target": "f"})
    web.send(patient, {"id": "r", "type": "retract", "effective": str(TODAY), "target": "c"})
    timeline = page(web, f"/patients/{patient}/timeline")
    assert "FVC 3 L of 20 Jan 2024 corrected to: FVC 3 L" in timeline
    assert "FVC 3 L of 20 Jan 2024 withdrawn" in timeline


def decided(web: Web, patient: str) -> None:
    decide = {"type": "decision", "pathway": "pm-ild", "action": "vx.flu", "decision": "accept"}
    override = {"type": "override", "pathway": "pm-ild", "to": "monitor", "reason": "seen elsewhere"}
    for name, message in (("d", decide), ("o", override)):
        revision = web.get(f"/v1/patients/{patient}").headers["etag"]
        answer = web.send(
            patient, {"id": name, "effective": str(TODAY), **message}, headers={"If-Match": revision}
        )
        assert answer.status_code == 201, answer.text


def test_who_cannot_correct_something_is_not_offered_to(web: Web, enrolled: Places) -> None:
    patient = enrolled["patient"]
    decided(web, patient)
    clinician = page(web, f"/patients/{patient}/timeline")
    coordinator = page(web, f"/patients/{patient}/timeline", role="coordinator")

    assert [offered(clinician, each) for each in ("d", "o")] == [["Withdraw"], ["Correct", "Withdraw"]]
    assert [offered(coordinator, each) for each in ("d", "o")] == [["Withdraw"], ["Withdraw"]]


def test_closing_and_reopening_is_offered_to_clinicians(web: Web, enrolled: Places) -> None:
    path = f"/patients/{enrolled['patient']}/record/admin"
    assert options(page(web, path), "op") == ["pause", "resume", "close", "reopen"]
    coordinators = page(web, path, role="coordinator")
    assert options(coordinators, "op") == ["pause", "resume"]
    assert 'name="close_reason"' not in coordinators


@pytest.mark.parametrize("kind", ["verify", "correct", "retract"])
def test_an_amendment_comes_from_where_its_target_came_from(web: Web, enrolled: Places, kind: str) -> None:
    patient, odd = enrolled["patient"], {"obs": [{"item": "fvc_l", "value": 1, "unit": "L"}]}
    web.send(patient, {"id": "f", **FVC, **odd, "source": "lab"})
    path = f"/patients/{patient}/record/{kind}"
    form = web.post(path, data={"target": "f", **AGAIN}, role="coordinator").text
    assert options(form, "source") == ["lab"]
    told = {"event": "a", "target": "f", "type": "obs", "effective": str(TODAY), "source": "lab"}
    told |= {"value.fvc_l": "2.9", "unit.fvc_l": "L"} if kind == "correct" else {}
    sent = web.post(path, data=told, role="coordinator", follow_redirects=False)
    assert sent.status_code == 303, sent.text

    clinicians = web.post(path, data={"target": "f", **AGAIN}).text
    assert 'value="lab" selected' in clinicians
    assert len(options(clinicians, "source")) > 1


def test_what_is_confirmed_or_withdrawn_is_named(web: Web, enrolled: Places) -> None:
    patient = enrolled["patient"]
    web.send(patient, {"id": "f", **FVC})
    form = web.post(f"/patients/{patient}/record/retract", data={"target": "f", **AGAIN}).text
    assert "FVC 3 L of 20 Jan 2024" in form


@pytest.mark.parametrize("seen", [f"as_of={TODAY - timedelta(days=1)}", f"known_at={TODAY}"])
def test_what_was_is_looked_at_and_not_acted_on(web: Web, enrolled: Places, seen: str) -> None:
    path, acts = (
        f"/patients/{enrolled['patient']}",
        ("Do something about it", "Record something", "Put it right"),
    )
    now = page(web, path) + page(web, f"{path}/timeline")
    before = page(web, f"{path}?{seen}") + page(web, f"{path}/timeline?{seen}")
    assert [each for each in acts if each not in now] == []
    assert [each for each in acts if each in before] == []


def test_the_browser_refuses_what_would_be_refused(web: Web, enrolled: Places) -> None:
    shown = page(web, f"/patients/{enrolled['patient']}")
    ends = {
        (date.fromisoformat(each) - TODAY).days
        for each in re.findall(r'type="date" name="until"[^>]* max="([^"]+)"', shown)
    }
    deciding = re.findall(r'action="/patients/[^"]+/decide".*?</form>', shown, re.DOTALL)
    assert ends == {14}
    assert deciding
    for form in deciding:
        assert re.search(r'name="reason"[^>]* required', form)
        assert re.search(r'value="accept"[^>]* formnovalidate', form)


REFUSED = {
    "decide": {"decision": "decline", "reason": ""},
    "note": {"note": "snooze", "kind": "action", "until": "2030-01-01", "reason": "laboratory <b>shut"},
    "hand-over": {"reason": "while <b>away"},
}


@pytest.mark.parametrize("act", REFUSED)
def test_what_was_typed_is_shown_again_after_a_refusal(web: Web, enrolled: Places, act: str) -> None:
    path = f"/patients/{enrolled['patient']}/{act}"
    told = {
        **REFUSED[act],
        "person": enrolled["cory"],
        "subject": enrolled["action"],
        "revision": "1",
        "pathway": "pm-ild",
    }
    refused = web.post(path, data={**told, "typed_before": ""}, headers=PAGE)
    assert refused.status_code in (412, 422), refused.text
    assert "Show what I typed" in refused.text
    sent = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', refused.text))
    again = web.post(path, data={name: unescape(value) for name, value in sent.items()}, headers=PAGE)

    assert again.status_code == 200, again.text
    assert len(re.findall(r'<details class="do" open>', again.text)) == 1
    for name in ("reason", "until"):
        assert escape(told.get(name, "")) in again.text


def test_a_number_that_belongs_to_somebody_is_told_and_what_was_typed_is_kept(web: Web) -> None:
    told = {"system": "register", "value": "<b>77", "typed_before": ""}
    assert web.post("/patients", data=told, headers=PAGE, follow_redirects=False).status_code == 303
    refused = web.post("/patients", data=told, headers=PAGE)
    assert refused.status_code == 409
    assert "Show what I typed" in refused.text
    again = web.post("/patients", data={**told, **AGAIN}, headers=PAGE)
    assert again.status_code == 200
    assert 'value="&lt;b&gt;77"' in again.text
    assert '<details class="keep" id="add" open>' in again.text


def test_what_is_no_longer_open_is_told_so(web: Web, enrolled: Places) -> None:
    gone = action_id(ActionKey(enrolled["patient"], "pm-ild", "vx.flu", TODAY - timedelta(days=9)))
    told = {"subject": gone, "kind": "action", "note": "acknowledge", "revision": "1", "typed_before": ""}
    found = web.post(f"/patients/{enrolled['patient']}/note", data=told, headers=PAGE)
    assert found.status_code == 404
    assert "There is no such page" not in found.text
    assert "no longer" in found.text


FLAWS = {
    "nothing was typed": ("obs", {}, "The form must not be empty."),
    "no date": ("vax", {"vaccine": "flu", "effective": "soon"}, "The date it was true must be a date as"),
    "no reason": ("override", {"to": "monitor"}, "An override needs a reason."),
    "a dose of what has none": ("med", {"drug": "ivig", "op": "give", "dose": "7"}, "leave dose out."),
    "no lung disease": (
        "enrol",
        {"field.iim_dx": "PM", "field.ild_confirmed": "false", "field.sex": "male"},
        "Interstitial lung disease is confirmed must be true to enrol",
    ),
    "no date of birth": ("enrol", {"field.iim_dx": "PM"}, "Date of birth is needed to enrol a patient."),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_what_is_wrong_is_said_in_words_of_the_page(web: Web, flaw: str) -> None:
    kind, told, says = FLAWS[flaw]
    path = f"/patients/{web.patient()}/record/{kind}"
    about = {"event": "e", "effective": str(TODAY), "pathway": "pm-ild"}
    answer = web.post(path, data={**about, **told}, headers=PAGE)
    assert answer.status_code == 422, answer.text
    assert says in unescape(answer.text)
    assert "`" not in answer.text


def test_why_something_is_not_put_off_is_said_in_words_of_the_page(web: Web, enrolled: Places) -> None:
    path = f"/patients/{enrolled['patient']}/note"
    told = {"subject": enrolled["action"], "kind": "action", "note": "snooze", "until": "2030-01-01"}
    revision = re.search(r'name="revision" value="(\d+)"', page(web, f"/patients/{enrolled['patient']}"))
    assert revision is not None
    answer = web.post(path, data={**told, "reason": "shut", "revision": revision[1]}, headers=PAGE)
    assert "The day it is put off to must lie after today, 2024-01-20" in answer.text
    assert "`" not in answer.text
