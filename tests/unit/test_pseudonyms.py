"""Pseudonyms: nothing that could tell whose it is, and what lies between dates and ids as it was."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.core.events import (
    Condition,
    Correct,
    Decision,
    Enrol,
    Event,
    Medication,
    Observations,
    Observed,
    Override,
    Retract,
    Stamp,
)
from engine.core.pseudonyms import WIDEST, Pseudonyms

WORDS = frozenset({"fvc_l", "L", "mmf", "start", "active", "severe_infection", "monitor", "female", "a.x"})
ONE, OTHER = Pseudonyms(b"1" * 32, WORDS), Pseudonyms(b"2" * 32, WORDS)
DAYS = st.dates(date(1990, 1, 1), date(2040, 1, 1))


def event(body: object, day: date = date(2025, 3, 1)) -> Event:
    stamp = Stamp(datetime(2025, 3, 2, tzinfo=timezone.utc), 1, date(2025, 3, 2))  # noqa: UP017
    return Event("order 4711 of Ann", "obs", day, "lab", body, stamp)  # type: ignore[arg-type]


@given(days=st.lists(DAYS, min_size=2), patient=st.text(min_size=1))
def test_dates_of_a_patient_move_together_and_not_far(days: list[date], patient: str) -> None:
    moved = [ONE.moved(patient, day) for day in days]
    shift = moved[0] - days[0]
    assert abs(shift) <= timedelta(days=WIDEST)
    assert [day - shift for day in moved] == days


def test_patients_move_by_days_of_their_own_and_so_does_each_export() -> None:
    day = date(2025, 3, 1)
    assert len({ONE.moved(str(patient), day) for patient in range(9000)}) == 2 * WIDEST + 1
    assert [ONE.moved(str(p), day) for p in range(9)] != [OTHER.moved(str(p), day) for p in range(9)]


@given(one=st.text(), other=st.text())
def test_an_id_has_one_pseudonym_in_an_export_and_another_one_elsewhere(one: str, other: str) -> None:
    assert (ONE.of(one) == ONE.of(other)) == (one == other)
    assert ONE.of(one) != OTHER.of(one)


def test_numbers_and_words_are_told_and_free_text_is_not() -> None:
    body = Observations(
        obs=(
            Observed(item="fvc_l", value=Decimal("2.50"), unit="L"),
            Observed(item="fvc_l", absent="Ann Alder was too ill"),
        ),
        grade="called by Dr Birch",
    )
    told = ONE.message("p1", event(body))
    assert told["obs"] == [{"item": "fvc_l", "value": "2.5", "unit": "L"}, {"item": "fvc_l"}]
    assert "grade" not in told
    assert told["id"] == ONE.of("order 4711 of Ann")


def test_of_a_date_of_birth_the_year_is_told_and_other_dates_move() -> None:
    enrol = Enrol.model_validate({"birth_date": date(1970, 5, 4), "sex": "female", "onset": date(2024, 1, 1)})
    told = ONE.message("p1", event(enrol))
    assert (told["birth_date"], told["sex"]) == ("1970", "female")
    assert told["onset"] == ONE.moved("p1", date(2024, 1, 1)).isoformat()


def test_what_amends_another_event_names_its_pseudonym() -> None:
    corrected = Correct(target="x", body=Medication(drug="mmf", op="start"), reason="wrong Ann")
    assert ONE.message("p1", event(corrected)).items() >= {
        ("target", ONE.of("x")), ("drug", "mmf"), ("op", "start"),
    }  # fmt: skip
    for body in (
        corrected,
        Retract(target="x", reason="wrong Ann"),
        Decision(action="a.x", decision="accept", reason="wrong Ann"),
        Override(to="monitor", reason="wrong Ann"),
        Condition(code="severe_infection", status="active"),
    ):
        assert "Ann" not in str(ONE.message("p1", event(body)))
