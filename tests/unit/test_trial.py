"""Trials: what one more datum would make of a patient, with nothing kept."""

from engine.core.evaluate import evaluate
from engine.core.events import Condition, Medication, Observations, Observed, Vaccination
from engine.core.trial import Trial
from tests.laws.world import projection
from tests.unit.builders import Patient, enrolled, when

PATIENT = (
    enrolled()
    .fvc("3.00", pp="90", on=0)
    .treated(on=1)
    .has("pregnancy", on=2)
    .vaccinated("flu", on=3)
    .declined("ord.pft", on=4)
    .fvc("2.95", on=30)
    .fvc("1.20", on=31)
    .started("gc_oral", on=32, dose=20)
)
WORSE = Observations(obs=(Observed.model_validate({"item": "clinical_course", "value": "progressive"}),))


def test_what_would_be_is_what_is_once_it_is_recorded() -> None:
    bodies: dict[str, Observations | Medication | Condition | Vaccination] = {
        "obs": Observations(
            obs=(Observed.model_validate({"item": "clinical_course", "value": "progressive"}),)
        ),
        "med": Medication(drug="cyc", op="give"),
        "cond": Condition(code="active_infection", status="active"),
        "vax": Vaccination(vaccine="pneumo"),
    }
    evaluation = PATIENT.at(40).evaluation
    assert evaluation.moment is not None
    trial = Trial(evaluation, evaluation.moment)
    before = projection(evaluation)
    for kind, body in bodies.items():
        tried = trial.of(body, kind)
        really = (
            PATIENT.tell(kind, 40, source="lab", **body.model_dump(exclude_defaults=True)).at(40).evaluation
        )
        assert really.moment is not None
        assert tried.moment.position == really.moment.position
        assert tried.steps == {s.transition for s in really.history} - {
            s.transition for s in evaluation.history
        }
        for action in PATIENT.pathway.actions.values():
            assert action.when.value(tried.moment) is action.when.value(really.moment), action.definition.id
        assert trial.of(body, kind) is tried
    assert projection(evaluate(PATIENT.pathway, PATIENT.record, when(40))) == before
    assert projection(evaluation) == before


def test_a_day_is_tried_as_it_stands_whatever_came_later() -> None:
    patient: Patient = PATIENT.saw("clinical_course", "progressive", on=60)
    evaluation = patient.at(40).evaluation
    assert evaluation.moment is not None
    assert Trial(evaluation, evaluation.moment).of(WORSE, 1).steps == {"T08"}
