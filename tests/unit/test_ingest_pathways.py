"""Which pathway a message concerns: named where several can be meant, and never guessed."""

from typing import Any

import pytest

from engine.core.events import Event, Record
from engine.core.ingest import Door
from engine.errors import MessageRefused
from tests.laws.world import pathway, vocabulary
from tests.unit.builders import enrolled

DEFINITION = pathway().definition
ONE = {"one": DEFINITION}
TWO = {"one": DEFINITION, "two": DEFINITION}
ENROL: dict[str, Any] = {
    "type": "enrol",
    "iim_dx": "PM",
    "ild_confirmed": True,
    "sex": "male",
    "birth_date": "1970-01-01",
}
PAUSE: dict[str, Any] = {"type": "admin", "op": "pause"}
MMF: dict[str, Any] = {"type": "med", "drug": "mmf", "op": "start"}
STAMP = next(iter(enrolled(0).record)).stamp


def taken(record: Record, served: dict[str, Any], event_id: str = "x", **message: Any) -> Record:
    sent = {"id": event_id, "effective": STAMP.day, **message}
    return Door(vocabulary(), served).admit(record, sent, STAMP, "clinician").record


def newest(record: Record) -> Event:
    return record.events[-1]


def refused(record: Record, served: dict[str, Any], **message: Any) -> tuple[str, str, str]:
    with pytest.raises(MessageRefused) as error:
        taken(record, served, **message)
    (problem,) = error.value.problems
    return problem.pointer, problem.code, problem.text


def test_where_one_pathway_is_served_it_is_meant() -> None:
    assert newest(taken(Record(), ONE, **ENROL)).pathway == "one"
    assert newest(taken(Record(), ONE, **PAUSE)).pathway == "one"


def test_what_belongs_to_the_patient_concerns_no_pathway() -> None:
    assert newest(taken(Record(), TWO, **MMF)).pathway is None
    assert refused(Record(), TWO, **MMF, pathway="one") == (
        "/pathway",
        "unexpected-pathway",
        "A `med` event belongs to the patient, not to a pathway; leave `pathway` out.",
    )


def test_an_enrolment_names_its_pathway_where_there_are_several() -> None:
    assert newest(taken(Record(), TWO, **ENROL, pathway="two")).pathway == "two"
    text = "`pathway` is needed: one of one, two."
    assert refused(Record(), TWO, **ENROL) == ("/pathway", "missing-pathway", text)


@pytest.mark.parametrize("sent", ["three", 3, ["one"]])
def test_a_pathway_that_is_not_served_is_refused(sent: object) -> None:
    text = f"`pathway` must be one or two; got {sent!r}."
    assert refused(Record(), TWO, **ENROL, pathway=sent) == ("/pathway", "unknown-pathway", text)


def test_what_a_clinician_says_concerns_the_only_pathway_the_patient_is_on() -> None:
    record = taken(Record(), TWO, "first", **ENROL, pathway="two")
    assert newest(taken(record, TWO, **PAUSE)).pathway == "two"
    assert newest(taken(record, TWO, **PAUSE, pathway="one")).pathway == "one"

    both = taken(record, TWO, "second", **ENROL, pathway="one")
    assert refused(both, TWO, **PAUSE)[1] == "missing-pathway"

    left = taken(both, TWO, "third", type="retract", target="first")
    assert newest(taken(left, TWO, **PAUSE)).pathway == "one"


def test_an_amendment_concerns_what_its_target_concerns() -> None:
    record = taken(Record(), TWO, "first", **ENROL, pathway="two")
    correction: dict[str, Any] = {**ENROL, "type": "correct", "target": "first", "sex": "female"}
    assert newest(taken(record, TWO, **correction)).pathway == "two"
    assert newest(taken(record, TWO, **correction, pathway="two")).pathway == "two"
    text = "`pathway` must be two; got 'one'."
    assert refused(record, TWO, **correction, pathway="one") == ("/pathway", "unknown-pathway", text)

    record = taken(record, TWO, "drug", **MMF)
    assert newest(taken(record, TWO, type="retract", target="drug")).pathway is None


def test_a_message_sent_again_concerns_what_it_did_the_first_time() -> None:
    record = taken(Record(), TWO, "first", **ENROL, pathway="two")
    record = taken(record, TWO, "pause", **PAUSE)
    record = taken(record, TWO, "second", **ENROL, pathway="one")
    assert taken(record, TWO, "pause", **PAUSE) is record


def test_the_same_id_for_two_pathways_is_not_the_same_event() -> None:
    record = taken(Record(), TWO, "first", **PAUSE, pathway="one")
    assert taken(record, TWO, "first", **PAUSE, pathway="one") is record
    with pytest.raises(Exception, match="already stored with other content"):
        taken(record, TWO, "first", **PAUSE, pathway="two")


@pytest.mark.parametrize("text", ["half \ud800", "nul \0"])
def test_text_no_database_can_keep_is_refused(text: str) -> None:
    assert refused(Record(), ONE, **PAUSE, reason=text) == (
        "/reason",
        "bad-text",
        "Text may not hold NUL characters or unpaired surrogates.",
    )
    inner: dict[str, Any] = {"type": "obs", "obs": [{"item": "fvc_l", "absent": text}]}
    assert refused(Record(), ONE, **inner)[:2] == ("/obs/0/absent", "bad-text")


@pytest.mark.parametrize("event_id", ["tab\t", "nul\0", "half \ud800", "\x7f"])
def test_an_id_is_printable(event_id: str) -> None:
    with pytest.raises(MessageRefused, match="printable"):
        taken(Record(), ONE, event_id, **MMF)
