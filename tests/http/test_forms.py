"""Forms of pages: what no page of ours would send is refused, and what was used before can be sent anew."""

import re

import pytest

from tests.http.conftest import TODAY, Web
from tests.http.test_permissions import Places, enrolled

__all__ = ["enrolled"]


@pytest.mark.parametrize("revision", ["1" * 40, "9" * 5000, "²", "-1", "x"])
def test_a_revision_that_is_none_is_told_so(web: Web, enrolled: Places, revision: str) -> None:
    about = {"subject": enrolled["action"], "kind": "action", "note": "acknowledge", "revision": revision}
    noted = web.post(f"/patients/{enrolled['patient']}/note", data=about)
    ticked = web.post("/lists/acknowledge", data={"row": f"action.{revision}.{enrolled['action']}"})

    assert (noted.status_code, ticked.status_code) == (422, 422)


def test_a_form_may_be_as_long_as_ours_are(web: Web, enrolled: Places) -> None:
    rows = {"row": [f"action.{n}.{enrolled['action']}" for n in range(200)]}
    ticked = web.post("/lists/acknowledge", data=rows)
    page = web.get(f"/patients/{enrolled['patient']}/record/obs").text
    empty = dict.fromkeys(re.findall(r'name="((?:value|absent|attribute)[^"]+)"', page), "")
    told = {"event": "long", "effective": str(TODAY), "source": "manual", **empty, "value.weight": "70"}
    path = f"/patients/{enrolled['patient']}/record/obs"
    sent = web.post(path, data=told, follow_redirects=False)

    assert ticked.status_code == 200
    assert len(empty) > 50
    assert sent.status_code == 303, sent.text


def test_what_is_no_text_is_no_form(web: Web) -> None:
    found = web.post("/patients/search", data={"sought": "a\0b"})
    assert (found.status_code, found.json()["code"]) == (400, "body-unreadable")


def test_a_form_whose_event_was_used_before_comes_back_with_another_one(web: Web, enrolled: Places) -> None:
    path = f"/patients/{enrolled['patient']}/record/vax"
    told = {"event": "used", "effective": str(TODAY), "vaccine": "flu"}
    assert web.post(path, data=told, follow_redirects=False).status_code == 303
    again = web.post(path, data={**told, "vaccine": "covid"})

    assert again.status_code == 409
    fresh = re.search(r'name="event" value="([^"]+)"', again.text)
    assert fresh is not None
    assert fresh[1] != "used"


def test_a_patient_who_is_added_is_enrolled_next(web: Web) -> None:
    added = web.post("/patients", data={"system": "ward", "value": "7"}, headers={"Accept": "text/html"})
    assert added.status_code == 200, added.text
    action = re.search(r'action="(/patients/[^"]+/record/enrol)"', added.text)
    assert action is not None
    told = {"event": "enrolled", "effective": str(TODAY), "source": "manual", "pathway": ["", "pm-ild"]}
    about = {"iim_dx": "PM", "ild_confirmed": "true", "sex": "female", "birth_date": "1970-05-04"}
    fields = told | {f"field.{name}": value for name, value in about.items()}
    sent = web.post(action[1], data=fields, headers={"Accept": "text/html"}, follow_redirects=False)
    assert sent.status_code == 303, sent.text
