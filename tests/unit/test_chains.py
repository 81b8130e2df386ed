"""Corrections, retractions and verifications: which version of an event stands."""

from decimal import Decimal

from engine.core.chains import standing
from tests.unit.builders import Patient, a_value, enrolled

DOUBTFUL = "6.8"
"""Litres inside what is possible and outside what is plausible."""


def stands(patient: Patient) -> dict[str, str]:
    """Return the effective date of every event that stands, by the id of its version."""
    return {s.id: str(s.effective) for s in standing(patient.record.events)}


def fvc(value: str) -> list[dict[str, object]]:
    return [a_value("fvc_l", value)]


def three_versions() -> Patient:
    """An FVC of day 1, corrected, and its correction corrected."""
    return (
        enrolled(0, id="enrol")
        .fvc("2.5", on=1, id="a")
        .corrected("a", on=2, id="b", obs=fvc("2.6"))
        .corrected("b", on=3, id="c", obs=fvc("2.7"))
    )


def test_a_correction_replaces_value_and_date() -> None:
    patient = enrolled(0, id="enrol").fvc("2.5", on=1, id="a").corrected("a", on=2, id="b", obs=fvc("2.6"))
    assert stands(patient) == {"enrol": "2024-01-01", "b": "2024-01-03"}
    assert patient.at(1).kept("fvc_l") is None
    assert patient.at(2).kept("fvc_l") == "2.6"


def test_the_type_that_stands_is_that_of_the_first_version() -> None:
    assert [s.type for s in standing(three_versions().record.events)] == ["enrol", "obs"]


def test_a_correction_of_a_correction_replaces_the_whole_chain() -> None:
    assert stands(three_versions()) == {"enrol": "2024-01-01", "c": "2024-01-04"}


def test_of_two_corrections_of_one_event_the_one_received_last_stands() -> None:
    patient = (
        enrolled(0)
        .fvc("2.5", on=1, id="a")
        .corrected("a", on=5, id="b", obs=fvc("2.6"), received=5)
        .corrected("a", on=2, id="c", obs=fvc("2.7"), received=6)
    )
    assert patient.at(6).kept("fvc_l") == "2.7"
    assert list(stands(patient))[1:] == ["c"]


def test_a_retraction_naming_any_version_removes_the_chain() -> None:
    for version in ("a", "b", "c"):
        patient = three_versions().retracted(version, on=4, id="r")
        assert stands(patient) == {"enrol": "2024-01-01", "r": "2024-01-05"}
        assert patient.at(4).kept("fvc_l") is None


def test_a_correction_after_the_retraction_changes_nothing() -> None:
    patient = three_versions().retracted("b", on=4, id="r").corrected("a", on=5, id="d", obs=fvc("2.8"))
    assert stands(patient) == {"enrol": "2024-01-01", "r": "2024-01-05"}


def test_what_was_known_before_the_correction_is_still_known_then() -> None:
    patient = three_versions()
    before = Patient(patient.pathway, patient.record.through(3))
    assert before.at(9).kept("fvc_l") == "2.6"


def test_verifying_releases_every_value_of_the_event() -> None:
    patient = enrolled().fvc(DOUBTFUL, pp="151", on=1, id="a")
    assert patient.at(2).number("quarantined_n") == 2
    verified = patient.verified("a", on=2).at(2)
    assert verified.number("quarantined_n") == 0
    assert (verified.kept("fvc_l"), verified.kept("fvc_pp")) == (DOUBTFUL, "151")


def test_verifying_does_not_make_a_bad_grade_usable() -> None:
    assert enrolled().fvc("2.5", on=1, id="a", grade="D").verified("a", on=2).at(2).kept("fvc_l") is None


def test_a_correction_after_the_verification_must_be_verified_again() -> None:
    patient = (
        enrolled()
        .fvc(DOUBTFUL, on=1, id="a")
        .verified("a", on=2)
        .corrected("a", on=1, id="b", obs=fvc("6.9"))
    )
    assert patient.at(3).kept("fvc_l") is None
    assert patient.verified("a", on=3).at(3).kept("fvc_l") == "6.9"
    assert patient.verified("b", on=3).at(3).kept("fvc_l") == "6.9"


def test_retracting_a_verification_puts_the_value_back_in_quarantine() -> None:
    patient = enrolled().fvc(DOUBTFUL, on=1, id="a").verified("a", on=2, id="v")
    assert patient.at(2).kept("fvc_l") == DOUBTFUL
    assert patient.retracted("v", on=3).at(3).kept("fvc_l") is None


def test_of_two_verifications_one_is_enough() -> None:
    patient = enrolled().fvc(DOUBTFUL, on=1, id="a").verified("a", on=2, id="v").verified("a", on=2, id="w")
    assert patient.retracted("v", on=3).at(3).kept("fvc_l") == DOUBTFUL


def test_the_effective_date_of_a_retraction_stands_and_can_move_nothing_else() -> None:
    patient = enrolled(0).fvc("2.5", on=1, id="a").retracted("a", on=9, received=10)
    assert [str(d) for d in patient.at(10).evaluation.fold.chart.dates.days] == ["2024-01-01", "2024-01-10"]


def test_of_two_statuses_of_one_day_the_one_recorded_last_counts_corrections_too() -> None:
    patient = enrolled().has("diabetes", on=1, id="a").resolved("diabetes", on=1, id="b")
    assert patient.at(1).asked("cond('diabetes')") is False
    again = patient.corrected("a", on=1, code="diabetes", status="active")
    assert again.at(1).asked("cond('diabetes')") is True


def test_a_corrected_prescription_is_judged_as_if_it_had_always_been_so() -> None:
    patient = enrolled().started("gc_oral", on=1, dose=60, id="a")
    corrected = patient.corrected("a", on=3, drug="gc_oral", op="start", dose=Decimal("7.5"))
    assert corrected.at(2).number("gc_dose") == 0
    assert corrected.at(3).number("gc_dose") == Decimal("7.5")
