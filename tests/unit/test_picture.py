"""The picture of a pathway: the way a patient went has no gap."""

from api.web.picture import Picture, picture
from engine.core.answer import result_of
from tests.unit.builders import LIBRARY, Patient, enrolled, pathway


def of(patient: Patient, day: int) -> Picture:
    evaluation = patient.at(day).evaluation
    position = evaluation.position
    assert position is not None
    result = result_of(evaluation, LIBRARY.sources("pm-ild"))
    return picture(evaluation.pathway.definition, position.state, result.history, result.edges)


def test_a_step_a_clinician_made_is_an_arrow_that_moves_no_state() -> None:
    definition = pathway().definition
    plain = picture(definition)
    drawn = of(enrolled().moved("recurrent.late", on=5), 6)

    (added,) = (arrow for arrow in drawn.arrows if arrow.label not in {each.label for each in plain.arrows})
    assert added.how == "taken"
    assert added.says.endswith("to Late recurrence: the patient went this way")
    assert [state.lines for state in drawn.states if state.how == "current"] == [("Late recurrence",)]
    assert [state.x for state in drawn.states] == [state.x for state in plain.states]


def test_a_way_by_transitions_adds_no_arrow() -> None:
    definition = pathway().definition
    drawn = of(enrolled().assessed(3), 4)
    assert len(drawn.arrows) == len(picture(definition).arrows)
    assert [arrow.how for arrow in drawn.arrows].count("taken") == 1
