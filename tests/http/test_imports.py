"""Imports over HTTP: a file is sent, imported by a job, told row by row; and everything bad about a file."""

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from api.imports.importing import AT_ONCE
from api.imports.uploaded import import_waiting
from engine.core.uploads import LEASE, MOST_ATTEMPTS
from engine.services.patients import Sender
from engine.services.uploads import Wish, begin
from tests.http.conftest import Web, problem
from tests.services.beats import Beats
from tests.stores.kit import writing

REGISTER = "system,identifier,date,iim_dx,ild_confirmed,sex,birth_date\n"
GOOD = "h,{},2024-01-01,PM,yes,male,1970-01-02\n"
BAD = "h,9,2024-01-01,PM,yes,robot,=1+1\n"
FILE = REGISTER + GOOD.format(1) + BAD + GOOD.format(2)


def put(web: Web, content: str | bytes = FILE, **more: Any) -> Response:
    asked = {"kind": "register", "origin": "clinic", **more.pop("params", {})}
    headers = {"Content-Type": "text/csv", **more.pop("headers", {})}
    more.setdefault("role", "integrator")
    return web.post("/v1/imports", params=asked, content=content, headers=headers, **more)


def shown(web: Web, made: Response) -> dict[str, Any]:
    found = web.get(made.headers["location"], role="integrator")
    assert found.status_code == 200, found.text
    return dict(found.json())


def counted(web: Web, made: Response) -> dict[str, int]:
    return {name: number for name, number in shown(web, made)["results"].items() if number}


def people(web: Web) -> int:
    with web.application.store.reading() as uow:
        return len(uow.patients.page("main"))


def parts(web: Web, upload: str) -> bytes | None:
    with web.application.store.reading() as uow:
        return uow.uploads.part(upload, 0)


def test_a_file_is_imported_and_every_row_that_was_refused_is_told(web: Web) -> None:
    made = put(web)
    assert made.status_code == 202
    assert (made.json()["status"], made.json()["rows"]) == ("waiting", None)
    assert made.headers["location"] == f"/v1/imports/{made.json()['id']}"

    assert import_waiting(web.application) == 1

    done = shown(web, made)
    assert (done["status"], done["done"], done["rows"]) == ("done", 3, 3)
    assert counted(web, made) == {"accepted": 2, "refused": 1}
    report = web.get(f"{made.headers['location']}/report", role="coordinator").json()["items"]
    assert {(each["row"], each["column"]) for each in report} >= {(3, "birth_date")}
    assert parts(web, made.json()["id"]) is None
    again = put(web)
    import_waiting(web.application)
    assert counted(web, again) == {"duplicate": 2, "refused": 1}
    assert [one["id"] for one in web.get("/v1/imports", role="integrator").json()["items"]] == [
        again.json()["id"],
        made.json()["id"],
    ]


def test_a_dry_run_says_the_same_and_keeps_nothing(web: Web) -> None:
    trial = put(web, params={"dry_run": "true"})
    import_waiting(web.application)
    assert (shown(web, trial)["dry_run"], people(web)) == (True, 0)
    real = put(web)
    import_waiting(web.application)
    assert counted(web, trial) == counted(web, real)
    one, two = (web.get(f"{m.headers['location']}/report", role="integrator").json() for m in (trial, real))
    assert one == two


def test_a_report_comes_in_pages_and_as_a_table_no_spreadsheet_calculates_with(web: Web) -> None:
    made = put(web, REGISTER + "h,1,=1+1,PM,yes,male,=1\n" * 3)
    import_waiting(web.application)
    address, rows = f"{made.headers['location']}/report?limit=2", list[dict[str, str]]()
    while address:
        page = web.get(address, role="integrator", headers={"Accept": "text/csv"})
        assert page.headers["content-type"].startswith("text/csv")
        rows += list(csv.DictReader(StringIO(page.text)))
        address = page.links["next"]["url"] if "next" in page.links else ""
    whole = web.get(f"{made.headers['location']}/report", role="integrator").json()["items"]
    assert [{name: str(value) for name, value in row.items()} for row in whole] == rows
    assert len(rows) == 6
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_a_file_that_cannot_be_used_at_all_is_refused_with_the_reason(web: Web) -> None:
    made = put(web, "patient,mood\np,good\n")
    import_waiting(web.application)
    found = shown(web, made)
    assert found["status"] == "refused"
    assert "column" in found["why"]
    assert "/tmp" not in found["why"]
    assert parts(web, found["id"]) is None


def test_nothing_of_a_file_lies_where_a_killed_process_would_leave_it(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    put(web)
    seen = list[Path]()

    def beat() -> bool:
        seen.extend(folder.iterdir())
        return False

    assert import_waiting(web.application, beat) == 1
    assert seen == []


def test_the_same_call_under_its_key_is_one_import(web: Web) -> None:
    one, two = (put(web, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert one.json() == two.json()
    assert len(web.get("/v1/imports", role="integrator").json()["items"]) == 1
    problem(put(web, FILE + "\n", headers={"Idempotency-Key": "k"}), 422, "idempotency-key-reused")
    assert import_waiting(web.application) == 1


def test_what_one_process_left_another_goes_on_with(web: Web) -> None:
    made = put(web, REGISTER + BAD + "".join(GOOD.format(number) for number in range(40)))

    class Died(BaseException):
        """As if the process were killed."""

    heard = 0

    def beat() -> bool:
        nonlocal heard
        heard += 1
        if heard == 4:
            raise Died
        return False

    with pytest.raises(Died):
        import_waiting(web.application, beat)
    half = shown(web, made)
    assert (half["status"], half["rows"]) == ("running", 41)
    assert 0 < half["done"] < 41
    assert import_waiting(web.application) == 0, "somebody else has it"

    web.clock.instant += LEASE

    assert import_waiting(web.application) == 1
    assert shown(web, made)["done"] == 41
    assert counted(web, made) == {"accepted": 40, "refused": 1}
    assert people(web) == 40


def test_a_file_that_stops_one_process_after_the_other_is_given_up(web: Web) -> None:
    made = put(web, REGISTER + "".join(GOOD.format(number) for number in range(40)))

    beats = 0

    def beat() -> bool:
        nonlocal beats
        beats += 1
        if beats % 2 == 0:  # the first is before the file is taken
            raise ZeroDivisionError
        return False

    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(ZeroDivisionError):
            import_waiting(web.application, beat)
        assert shown(web, made)["status"] == "running"
        web.clock.instant += LEASE
    assert import_waiting(web.application) == 1
    told = shown(web, made)
    assert told["status"] == "refused"
    assert told["why"].startswith("The import was begun 5 times and came no further")
    assert parts(web, told["id"]) is None
    assert import_waiting(web.application) == 0


def test_a_file_that_comes_further_each_time_is_never_given_up(web: Web) -> None:
    patients = AT_ONCE * (MOST_ATTEMPTS + 2)
    made = put(web, REGISTER + "".join(GOOD.format(number) for number in range(patients)))
    for number in range(1, MOST_ATTEMPTS + 2):

        def beat(there: int = number * AT_ONCE) -> bool:
            if shown(web, made)["done"] == there:
                raise ZeroDivisionError
            return False

        with pytest.raises(ZeroDivisionError):
            import_waiting(web.application, beat)
        web.clock.instant += LEASE
    assert import_waiting(web.application) == 1
    assert shown(web, made)["status"] == "done"
    assert counted(web, made) == {"accepted": patients}


def test_who_lost_a_file_to_another_hears_so_however_far_that_one_came(web: Web) -> None:
    made = put(web, REGISTER + "".join(GOOD.format(number) for number in range(60)))
    there = list[int]()

    def dying() -> bool:
        if shown(web, made)["done"] > there[0]:
            raise ZeroDivisionError
        return False

    def beat() -> bool:
        if not there and shown(web, made)["done"]:
            there.append(shown(web, made)["done"])
            web.clock.instant += LEASE
            with pytest.raises(ZeroDivisionError):
                import_waiting(web.application, dying)
            there.append(shown(web, made)["done"])
        return False

    import_waiting(web.application, beat)
    assert there == [AT_ONCE, 2 * AT_ONCE]
    assert (shown(web, made)["status"], shown(web, made)["done"]) == ("running", 2 * AT_ONCE)


@pytest.mark.parametrize("last", [1, 2, 3, 4, 5])
def test_what_was_left_at_the_end_of_a_process_is_gone_on_with_at_once(
    web: Web, monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    """At any of the beats: before it was taken, while its rows are read, and between patients."""
    monkeypatch.setattr("api.imports.uploaded.NOTED", 25)
    made = put(web, REGISTER + BAD + "".join(GOOD.format(number) for number in range(40)))

    assert import_waiting(web.application, Beats(last=last)) == (0 if last == 1 else 1)

    half = shown(web, made)
    assert (half["status"], half["done"] < 41) == ("waiting", True)
    assert (last < 4) == (half["done"] < AT_ONCE)
    assert import_waiting(web.application) == 1
    assert shown(web, made)["done"] == 41
    assert counted(web, made) == {"accepted": 40, "refused": 1}, "nothing was done twice"


def test_what_is_cancelled_is_not_gone_on_with_and_what_is_over_cannot_be(web: Web) -> None:
    made = put(web, REGISTER + "".join(GOOD.format(number) for number in range(40)))
    address = made.headers["location"]
    cancelled = list[Response]()

    def beat() -> bool:
        if shown(web, made)["done"] and not cancelled:
            cancelled.append(web.call("DELETE", address, role="integrator"))
        return False

    import_waiting(web.application, beat)

    assert cancelled[0].json()["status"] == shown(web, made)["status"] == "cancelled"
    assert people(web) < 40
    assert parts(web, made.json()["id"]) is None
    problem(web.call("DELETE", address, role="integrator"), 409, "upload-finished")
    whole = put(web)
    import_waiting(web.application)
    problem(web.call("DELETE", whole.headers["location"], role="integrator"), 409, "upload-finished")


def test_nothing_is_kept_of_a_file_that_never_arrived(web: Web) -> None:
    sender, wish = Sender("integrator", "main"), Wish("register", "x", None, trial=False)
    with writing(web.application.store) as uow:
        lost = begin(uow, wish, sender, web.clock.now(), web.application.randomness)
        uow.uploads.put_part(lost.id, 0, b"x")
    address = f"/v1/imports/{lost.id}"
    problem(web.get(address, role="integrator"), 404, "not-found")
    problem(web.call("DELETE", address, role="integrator"), 404, "not-found")
    assert import_waiting(web.application) == 0
    web.clock.instant += 13 * LEASE
    put(web)
    assert parts(web, lost.id) is None


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"params": {"kind": "poems"}}, 400, "parameter-unreadable"),
        ({"params": {"origin": ""}}, 400, "parameter-unreadable"),
        ({"params": {"origin": "x\n"}}, 400, "parameter-unreadable"),
        ({"params": {"dry_run": "perhaps"}}, 400, "parameter-unreadable"),
        ({"params": {"decimal_mark": "dot"}}, 400, "parameter-unreadable"),
        ({"headers": {"Content-Type": "application/json"}}, 415, "media-type-unsupported"),
        ({"content": b""}, 400, "body-unreadable"),
        ({"content": b"PK\0\0\1"}, 400, "body-unreadable"),
        ({"role": "viewer"}, 403, "role-forbidden"),
        ({"role": "clinician"}, 403, "role-forbidden"),
    ],
)
def test_what_cannot_be_taken_is_refused_and_leaves_nothing(
    web: Web, changed: dict[str, Any], status: int, code: str
) -> None:
    problem(put(web, **changed), status, code)
    assert import_waiting(web.application) == 0
    assert web.get("/v1/imports", role="integrator").json()["items"] == []


def test_a_file_that_is_too_large_is_refused_before_it_is_whole(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.routes.imports.LARGEST", 3 << 20)
    problem(put(web, b"x" * ((3 << 20) + 1)), 413, "body-too-large")
    assert import_waiting(web.application) == 0


def test_an_import_of_another_site_is_not_there(web: Web) -> None:
    web.people("south", " elsewhere")
    made = put(web, role="integrator elsewhere")
    address = made.headers["location"]
    for method, path in (("GET", ""), ("GET", "/report"), ("DELETE", "")):
        problem(web.call(method, address + path, role="integrator"), 404, "not-found")
        problem(web.call(method, f"/v1/imports/none{path}", role="integrator"), 404, "not-found")
    import_waiting(web.application)
    assert people(web) == 0
    problem(web.get("/v1/imports?cursor=x", role="integrator"), 400, "parameter-unreadable")
    problem(
        web.get(f"{address}/report?cursor=YWE=", role="integrator elsewhere"), 400, "parameter-unreadable"
    )
