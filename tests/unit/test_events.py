"""The record: an append-only list of events, and what was known when."""

from datetime import UTC, date, datetime

from engine.core.events import Enrol, Observations, Record
from tests.unit.builders import Patient, a_value, enrolled


def ids(record: Record) -> list[str]:
    return [event.id for event in record]


def told() -> Patient:
    """Three messages, received on days 0, 5 and 9."""
    return enrolled(0, id="a").fvc("2.5", on=2, id="b", received=5).vaccinated("flu", on=9)


def test_appending_leaves_the_record_as_it_was() -> None:
    before = enrolled(0, id="a").record
    after = told().record
    assert ids(before) == ["a"]
    assert len(after) == 3


def test_an_event_is_found_by_its_id() -> None:
    record = told().record
    found = record.find("b")
    assert found is not None
    assert found.effective == date(2024, 1, 3)
    assert record.find("z") is None


def test_what_was_known_at_the_end_of_a_day() -> None:
    record = told().record
    assert ids(record.known_at(date(2024, 1, 5))) == ["a"]
    assert ids(record.known_at(date(2024, 1, 6))) == ["a", "b"]


def test_what_was_known_at_an_instant() -> None:
    record = told().record
    noon = datetime(2024, 1, 6, 12, tzinfo=UTC)
    assert ids(record.known_at(noon)) == ["a", "b"]
    assert ids(record.known_at(noon.replace(hour=11))) == ["a"]


def test_what_was_known_after_a_sequence_number() -> None:
    record = told().record
    assert ids(record.through(2)) == ["a", "b"]
    assert ids(record.through(0)) == []


def test_the_root_of_a_chain_is_its_first_event() -> None:
    patient = told().corrected("b", on=2, id="c", obs=[a_value("fvc_l", "2.6")])
    patient = patient.corrected("c", on=2, id="d", obs=[a_value("fvc_l", "2.7")])
    assert [getattr(patient.record.root(i), "id", None) for i in ("b", "c", "d", "z")] == [
        "b",
        "b",
        "b",
        None,
    ]


def test_stamps_are_ordered_by_instant_then_sequence() -> None:
    stamps = [event.stamp for event in told().record]
    assert stamps == sorted(stamps)


def test_an_enrolment_and_an_observation_keep_their_further_fields() -> None:
    record = told().saw("resp_change", "worse", on=9, onset_days=14).record
    first, last = record.events[0].body, record.events[-1].body
    assert isinstance(first, Enrol)
    assert first.fields["birth_date"] == date(1970, 1, 1)
    assert isinstance(last, Observations)
    assert last.obs[0].attributes == {"onset_days": 14}
