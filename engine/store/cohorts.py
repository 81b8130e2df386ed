"""A cohort counted by the database: one query a figure, whatever the number of patients."""

from collections import Counter, defaultdict
from datetime import date

from sqlalchemy import ColumnElement, Connection, exists, func, select

from engine.core.cohorts import Figures
from engine.core.ladder import HELD
from engine.store.mapping import lacks_of
from engine.store.tables import (
    LIVING,
    ActionRow,
    EnrolmentRow,
    PatientRow,
    ReviewRow,
    TransitionRow,
    table,
)
from engine.store.worklist_tables import OverriddenRow

ENROLMENT, PATIENT = table(EnrolmentRow), table(PatientRow)
ACTION, REVIEW = table(ActionRow), table(ReviewRow)
TRANSITION, OVERRIDDEN = table(TransitionRow), table(OverriddenRow)


def figures(connection: Connection, site: str, pathway: str, day: date, since: date) -> Figures:
    """Return a cohort counted; see `WorklistStore.figures`."""
    living = (
        PATIENT.c.id == ENROLMENT.c.patient_id,
        PATIENT.c.site == site,
        ENROLMENT.c.pathway == pathway,
        ENROLMENT.c.status.in_(LIVING),
    )

    def patients(*where: ColumnElement[bool]) -> int:
        counted = select(func.count()).select_from(ENROLMENT.join(PATIENT, living[0]))
        return connection.execute(counted.where(*living[1:], *where)).scalar_one()

    states = (
        select(ENROLMENT.c.state, ENROLMENT.c.since, func.count().label("patients"))
        .join(PATIENT, living[0])
        .where(*living[1:])
        .group_by(ENROLMENT.c.state, ENROLMENT.c.since)
    )
    days = defaultdict[str, dict[int, int]](dict)
    for row in connection.execute(states):
        days[row.state][(day - row.since).days] = row.patients
    steps = (
        select(TRANSITION.c.target, func.count().label("steps"))
        .join(
            ENROLMENT, (ENROLMENT.c.patient_id == TRANSITION.c.patient_id) & (TRANSITION.c.pathway == pathway)
        )
        .join(PATIENT, living[0])
        .where(
            *living[1:],
            TRANSITION.c.superseded_by.is_(None),
            TRANSITION.c.effective > since,
        )
        .group_by(TRANSITION.c.target)
    )
    overdue = (
        (REVIEW.c.patient_id == ENROLMENT.c.patient_id)
        & (REVIEW.c.pathway == pathway)
        & (REVIEW.c.due < day)
        & REVIEW.c.step.is_distinct_from(HELD)
    )
    late = exists().where(overdue)
    escalated = (
        select(REVIEW.c.step, func.count().label("reviews"))
        .join(ENROLMENT, overdue)
        .join(PATIENT, living[0])
        .where(*living[1:], REVIEW.c.step.is_not(None))
        .group_by(REVIEW.c.step)
    )
    lacking = (ACTION.c.patient_id == ENROLMENT.c.patient_id) & (ACTION.c.pathway == pathway)
    short = ACTION.c.missing != "[]"
    lacks = Counter[str]()
    each = (
        select(ACTION.c.patient_id, ACTION.c.missing)
        .join(ENROLMENT, lacking)
        .join(PATIENT, living[0])
        .where(*living[1:], ACTION.c.closed_on.is_(None), short)
        .order_by(ACTION.c.patient_id)
    )
    of: str | None = None
    seen = set[str]()
    patients_lacking = 0
    for patient, missing in connection.execute(each):
        if patient != of:
            of, seen = patient, set()
            patients_lacking += 1
        new = {lack.item for lack in lacks_of(missing)} - seen
        lacks.update(new)
        seen |= new
    overrides = (
        select(OVERRIDDEN.c.reason, func.count().label("patients"))
        .join(
            ENROLMENT, (ENROLMENT.c.patient_id == OVERRIDDEN.c.patient_id) & (OVERRIDDEN.c.pathway == pathway)
        )
        .join(PATIENT, living[0])
        .where(*living[1:])
        .group_by(OVERRIDDEN.c.reason)
    )
    return Figures(
        days,
        patients(ENROLMENT.c.status == "paused"),
        patients(late),
        {row.step: row.reviews for row in connection.execute(escalated)},
        {row.target: row.steps for row in connection.execute(steps)},
        patients_lacking,
        lacks,
        {row.reason: row.patients for row in connection.execute(overrides)},
    )
