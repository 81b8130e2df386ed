"""The pages of imports: a file is tried or imported by a form; what is wrong is told, and nothing is kept."""

import re
from typing import Any

import pytest
from httpx2 import Response

from api.imports.uploaded import import_waiting
from api.web import forms
from tests.http.conftest import Web
from tests.http.test_imports import BAD, FILE, GOOD, REGISTER, people

SCRIPT = "<script>alert(1)</script>"
PAGE = {"Accept": "text/html"}


def send(web: Web, content: bytes | str = FILE, name: str = "clinic.csv", **more: Any) -> Response:
    told = {"kind": "register", "act": "import", **more.pop("fields", {})}
    more.setdefault("role", "coordinator")
    file = {"file": (name, content)}
    return web.post("/imports", data=told, files=file, headers=PAGE, follow_redirects=False, **more)


def shown(web: Web, sent: Response, role: str = "coordinator") -> str:
    assert sent.status_code == 303, sent.text
    return web.get(sent.headers["location"], role=role, headers=PAGE).text


def kept(web: Web) -> int:
    with web.application.store.reading() as uow:
        return len(uow.uploads.of("main", before=None, limit=50))


def test_a_file_is_tried_then_imported_and_what_is_wrong_is_told_by_row(web: Web) -> None:
    tried = send(web, fields={"act": "try"})
    assert "waits for its turn" in shown(web, tried).lower()
    assert import_waiting(web.application) == 1
    page = shown(web, tried)
    assert "2 would be taken" in page
    assert "1 row was refused" in page
    assert "Nothing of this was kept" in page
    assert people(web) == 0

    done = send(web)
    assert import_waiting(web.application) == 1
    page = shown(web, done)
    assert "2 taken" in page
    assert re.search(r'<th scope="row">3</th><td>birth_date</td><td>&#39;=1\+1&#39; is no date', page)
    assert page.count("is no date") == 1
    assert people(web) == 2
    listed = web.get("/imports", role="coordinator").text
    assert listed.index(done.headers["location"]) < listed.index(tried.headers["location"])


def test_trying_is_what_happens_unless_somebody_says_import(web: Web) -> None:
    sent = send(web, fields={"act": ""})
    import_waiting(web.application)
    assert "Nothing of this was kept" in shown(web, sent)


def test_script_in_a_file_its_name_and_its_origin_is_text(web: Web) -> None:
    row = BAD.replace("=1+1", SCRIPT)
    sent = send(web, REGISTER + row, f"{SCRIPT}.csv", fields={"origin": SCRIPT})
    column = send(web, REGISTER.replace("\n", f",{SCRIPT}\n") + GOOD.format(1).replace("\n", ",x\n"))
    import_waiting(web.application)
    import_waiting(web.application)
    for page in (shown(web, sent), shown(web, column), web.get("/imports", role="coordinator").text):
        assert SCRIPT not in page
        assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("content", "fields", "status", "says"),
    [
        ("", {}, 422, "This file is empty"),
        (b"PK\x03\x04\0\0", {}, 400, "no text"),
        (FILE, {"kind": "x"}, 422, "Choose what a row of the file is"),
        (FILE, {"origin": "x" * 81}, 422, "1 to 80 printable letters"),
        (FILE, {"origin": "a\tb"}, 422, "1 to 80 printable letters"),
        (FILE, {"mark": "a\0"}, 400, "no text"),
    ],
)
def test_what_cannot_be_used_is_told_and_nothing_is_kept(
    web: Web, content: bytes | str, fields: dict[str, str], status: int, says: str
) -> None:
    sent = send(web, content, fields=fields)
    assert (sent.status_code, says in sent.text) == (status, True), sent.text
    assert kept(web) == 0


def test_a_form_without_a_file_keeps_what_was_typed(web: Web) -> None:
    told = {"kind": "visits", "origin": "spirometer", "mark": "comma"}
    for more in ({}, {"files": {"file": ("", b"")}}):
        sent = web.post("/imports", role="coordinator", data=told, headers=PAGE, **more)
        assert sent.status_code == 422
        assert "Choose the file to send" in sent.text
        assert 'value="spirometer"' in sent.text
        assert '<option value="visits" selected>' in sent.text
        assert '<option value="comma" selected>' in sent.text
    assert kept(web) == 0


def test_a_file_that_is_too_large_is_refused(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "LARGEST", 3 << 20)
    sent = send(web, b"x" * (3 << 20))
    assert (sent.status_code, "3 MiB at most" in sent.text) == (413, True)
    assert kept(web) == 0


def test_other_forms_take_no_file_of_any_size(web: Web) -> None:
    sent = web.post("/patients/search", data={"sought": "1"}, files={"file": ("a", b"x" * (1 << 20))})
    assert (sent.status_code, sent.json()["code"]) == (413, "body-too-large")


def test_what_is_no_form_is_told_so(web: Web) -> None:
    headers = {"Content-Type": "multipart/form-data"}
    sent = web.post("/imports", role="coordinator", content=b"x", headers=headers)
    assert (sent.status_code, sent.json()["code"]) == (400, "body-unreadable")


def test_an_import_is_cancelled_once(web: Web) -> None:
    sent = send(web)
    path, form = f"{sent.headers['location']}/cancel", {"data": {"back": "/"}, "follow_redirects": False}
    assert web.post(path, role="coordinator", headers=PAGE, **form).status_code == 303
    again = web.post(path, role="coordinator", headers=PAGE, **form)
    assert (again.status_code, "is over" in again.text or "cancelled" in again.text) == (409, True)
    assert import_waiting(web.application) == 0
    assert people(web) == 0


def test_imports_of_another_site_are_not_there(web: Web) -> None:
    web.people("south", " elsewhere")
    path = send(web).headers["location"]
    for role in ("coordinator elsewhere", "integrator elsewhere"):
        assert web.get(path, role=role, headers=PAGE).status_code == 404
        assert path not in web.get("/imports", role=role).text
