"""Whose a row is: however patients are named, one is one, two are two, and who it cannot be it is not."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from api.application import Application
from engine.core.kept import Identifier
from engine.errors import CarewayError, IdentifierInUse, StoreFault, StoreUnavailable, WriterClosed
from engine.services.access import MAIN
from engine.services.importing import Imported, Importer
from engine.services.patients import register
from tests.imports.kit import INTEGRATOR, REGISTER, imported, lines, patient

ENROL: dict[str, Any] = {
    "type": "enrol",
    "effective": "2026-01-01",
    "iim_dx": "PM",
    "ild_confirmed": True,
    "sex": "male",
    "birth_date": "1970-01-02",
}
VAX: dict[str, Any] = {"type": "vax", "effective": "2026-02-10", "vaccine": "flu"}
ONE, TWO = {"system": "h", "identifier": "1"}, {"system": "h", "identifier": "2"}
ROW = "h,{},2026-01-01,PM,yes,male,1970-01-02\n"


def both(application: Application, file: Path, kind: str = "ndjson") -> list[str]:
    """Return what became of rows, in their order, after making sure that a trial says the same."""
    said = imported(application, file, kind, trial=True)
    done = imported(application, file, kind)
    assert said == done
    return [one.result for one in sorted(done, key=lambda one: one.number)]


def checked(name: str, **check: str) -> dict[str, Any]:
    return {**ONE, "id": name, **VAX, "check": check}


def events(application: Application, number: str) -> list[str]:
    """Return the ids of what is recorded of the patient with a number."""
    with application.store.reading() as uow:
        return [event.id for event in uow.records.load(patient(application, number))]


def registered(application: Application, folder: Path, *numbers: str) -> Path:
    """Import a register; return its file."""
    file = folder / "register.csv"
    file.write_text(REGISTER + "".join(map(ROW.format, numbers)))
    assert {one.result for one in imported(application, file, "register")} == {"accepted"}
    return file


def test_who_has_another_birth_date_or_sex_is_somebody_else(application: Application, tmp_path: Path) -> None:
    registered(application, tmp_path, "1")
    rows = [
        checked("0", sex="female"),
        checked("1", birth_date="1970-02-01"),
        checked("2", sex="male", birth_date="1970-01-02"),
        checked("3"),
    ]

    told = imported(application, lines(tmp_path, rows), "ndjson")

    assert [one.result for one in told] == ["refused", "refused", "accepted", "accepted"]
    assert [(p.pointer, p.code) for one in told for p in one.problems] == [
        ("sex", "other-patient"),
        ("birth_date", "other-patient"),
    ]
    assert "1970" not in told[1].problems[0].text


def test_what_was_corrected_is_what_rows_are_compared_with(application: Application, tmp_path: Path) -> None:
    assert both(application, lines(tmp_path, [{**ONE, "id": "e", **ENROL}])) == ["accepted"]
    right, wrong = (checked(f"v{year}", birth_date=f"{year}-01-02") for year in (1971, 1970))
    assert both(application, lines(tmp_path, [right])) == ["refused"]

    corrected = {**ONE, "id": "c", **ENROL, "type": "correct", "target": "e", "birth_date": "1971-01-02"}
    assert both(application, lines(tmp_path, [corrected])) == ["accepted"]

    assert both(application, lines(tmp_path, [right, wrong])) == ["accepted", "refused"]


def test_an_enrolment_that_was_taken_back_tells_nothing(application: Application, tmp_path: Path) -> None:
    retract = {"id": "r", "type": "retract", "effective": "2026-01-02", "target": "e", "reason": "not theirs"}
    rows = [{**ONE, "id": "e", **ENROL}, {**ONE, **retract}]
    assert both(application, lines(tmp_path, rows)) == ["accepted", "accepted"]
    assert both(application, lines(tmp_path, [checked("v", birth_date="1999-01-02")])) == ["accepted"]


def test_who_is_new_is_who_the_first_enrolment_of_the_file_says(
    application: Application, tmp_path: Path
) -> None:
    """As when the same file comes again, when that enrolment is known."""
    rows = [
        {**ONE, "id": "bad", **ENROL, "birth_date": "1999-01-02", "iim_dx": "nothing"},
        checked("v1", birth_date="1999-01-02"),
        {**ONE, "id": "e", **ENROL},
        checked("v2", birth_date="1970-01-02"),
        checked("v3", sex="female"),
    ]
    file = lines(tmp_path, rows)
    assert both(application, file) == ["refused", "refused", "accepted", "accepted", "refused"]
    assert both(application, file) == ["refused", "refused", "duplicate", "duplicate", "refused"]


def test_somebody_named_in_two_ways_is_one_patient(application: Application, tmp_path: Path) -> None:
    registered(application, tmp_path, "1", "2")
    one = patient(application, "1")
    vax = {"id": "v", **VAX}
    rows = [{**ONE, **vax}, {**TWO, **vax}, {"patient": one, **vax}]
    assert both(application, lines(tmp_path, rows)) == ["accepted"] * 3
    assert [events(application, number)[1:] for number in ("1", "2")] == [["v"], ["v"]]

    visits = tmp_path / "visits.csv"
    row = "2026-02-10,70\n"
    visits.write_text(f"patient,system,identifier,date,fvc_pp [%]\n{one},,,{row},h,1,{row},h,2,{row}")
    assert both(application, visits, "visits") == ["accepted"] * 3
    assert [len(events(application, number)) for number in ("1", "2")] == [3, 3]
    assert both(application, visits, "visits") == ["duplicate"] * 3


def test_somebody_with_two_numbers_is_one_patient(application: Application, tmp_path: Path) -> None:
    numbers = (Identifier("h", "1"), Identifier("lab", "9"))
    application.writer.run(
        lambda uow: register(uow, numbers, INTEGRATOR, application.clock, application.randomness)
    )
    lab = {"system": "lab", "identifier": "9"}
    rows = [
        {**ONE, "id": "e", **ENROL},
        {**TWO, "id": "e", **ENROL},
        {**lab, "id": "e", **ENROL},
        {**lab, "id": "v", **VAX, "check": {"sex": "female"}},
    ]
    assert both(application, lines(tmp_path, rows)) == ["accepted", "accepted", "accepted", "refused"]
    assert events(application, "1") == ["e"]


def test_two_imports_of_one_register_at_once_make_each_patient_once(
    application: Application, tmp_path: Path
) -> None:
    file = tmp_path / "register.csv"
    file.write_text(REGISTER + "".join(ROW.format(number) for number in range(24)))
    begin = Barrier(2)

    def once(_: int) -> list[Imported]:
        begin.wait()
        return imported(application, file, "register")

    with ThreadPoolExecutor(2) as hands:
        told = [one for part in hands.map(once, range(2)) for one in part]

    results = sorted(one.result for one in told)
    assert results == ["accepted"] * 24 + ["duplicate"] * 24, [one for one in told if one.problems]
    with application.store.reading() as uow:
        assert len(uow.patients.page(MAIN)) == 24


@pytest.mark.parametrize("error", [StoreFault("x"), IdentifierInUse("h"), StoreUnavailable(), WriterClosed()])
def test_what_stops_the_rows_of_one_patient_stops_no_others(
    application: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: CarewayError
) -> None:
    """But when nothing can be written at all, no row is to blame."""
    file = tmp_path / "register.csv"
    file.write_text(REGISTER + "".join(map(ROW.format, range(3))))
    take = Importer.take

    def broken(self: Importer, uow: Any, rows: Any, **more: Any) -> tuple[Imported, ...]:
        if more["identifier"].value == "1":
            raise error
        return take(self, uow, rows, **more)

    monkeypatch.setattr(Importer, "take", broken)
    if isinstance(error, StoreUnavailable | WriterClosed):
        with pytest.raises(type(error)):
            imported(application, file, "register")
        return
    told = imported(application, file, "register")
    assert [one.result for one in told] == ["accepted", "refused", "accepted"]
    assert [problem.code for problem in told[1].problems] == [error.code]
