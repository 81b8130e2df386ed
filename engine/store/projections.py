"""What the record comes to, kept for quick answers: enrolments, steps, actions, reviews."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, bindparam, delete, func, or_, select, update

from engine.core.kept import Doubt, Enrolment, LiveReview, NextAction, Overridden, RecordedStep
from engine.core.ladder import HELD
from engine.core.ownership import ActionKey
from engine.core.reminders import Topic
from engine.store.among import among
from engine.store.mapping import (
    action_row,
    action_value,
    enrolment_row,
    enrolment_value,
    plain_row,
    plain_value,
)
from engine.store.statements import SITE_OF, add_at_site, save
from engine.store.tables import (
    LIVING,
    ActionRow,
    EnrolmentRow,
    PatientRow,
    ReviewRow,
    TransitionRow,
    table,
)
from engine.store.worklist_tables import DoubtRow, OverriddenRow

ENROLMENT, TRANSITION = table(EnrolmentRow), table(TransitionRow)
ACTION, REVIEW, PATIENT = table(ActionRow), table(ReviewRow), table(PatientRow)
DOUBT, OVERRIDDEN = table(DoubtRow), table(OverriddenRow)

ENROLMENTS = (
    select(ENROLMENT).where(ENROLMENT.c.patient_id == bindparam("patient")).order_by(ENROLMENT.c.pathway)
)
THEIRS = select(ENROLMENT).where(among(ENROLMENT.c.patient_id, "patients")).order_by(ENROLMENT.c.pathway)
ENROLMENTS_AFTER = (
    select(ENROLMENT)
    .where(
        or_(
            ENROLMENT.c.patient_id > bindparam("patient"),
            and_(ENROLMENT.c.patient_id == bindparam("patient"), ENROLMENT.c.pathway > bindparam("pathway")),
        )
    )
    .order_by(ENROLMENT.c.patient_id, ENROLMENT.c.pathway)
    .limit(bindparam("limit"))
)


LOOK_AGAIN = (
    update(ENROLMENT)
    .where(
        ENROLMENT.c.patient_id.in_(select(PATIENT.c.id).where(PATIENT.c.site == bindparam("site"))),
        ENROLMENT.c.pathway == bindparam("in_pathway"),
        ENROLMENT.c.status.in_(LIVING),
        or_(ENROLMENT.c.revisit_on.is_(None), ENROLMENT.c.revisit_on > bindparam("day")),
    )
    .values(revisit_on=bindparam("day"))
)


def _of_enrolment(of: Table) -> Select[Any]:
    """Return the query for all rows of one enrolment, by the rest of the key."""
    mine = and_(of.c.patient_id == bindparam("patient"), of.c.pathway == bindparam("pathway"))
    return select(of).where(mine).order_by(*list(of.primary_key)[2:])


ENROLMENT_BY_KEY = _of_enrolment(ENROLMENT)
STEPS = _of_enrolment(TRANSITION)
STEPS_HOLDING = STEPS.where(TRANSITION.c.superseded_by.is_(None))
SUPERSEDE = (
    update(TRANSITION)
    .where(
        TRANSITION.c.patient_id == bindparam("patient"),
        TRANSITION.c.pathway == bindparam("in_pathway"),
        among(TRANSITION.c.number, "numbers"),
        TRANSITION.c.superseded_by.is_(None),
    )
    .values(superseded_by=bindparam("sequence"), superseded=bindparam("instant"))
)
ACTIONS = _of_enrolment(ACTION)
ACTIONS_OPEN = ACTIONS.where(ACTION.c.closed_on.is_(None))
OPEN_AT = (
    select(ACTION.c.patient_id, ACTION.c.pathway, ACTION.c.action, ACTION.c.opened_on)
    .join(PATIENT, PATIENT.c.id == ACTION.c.patient_id)
    .where(PATIENT.c.site == bindparam("site"), ACTION.c.closed_on.is_(None))
    .order_by(*ACTION.primary_key)
)
REVIEWS = _of_enrolment(REVIEW)
FORGET_REVIEWS = delete(REVIEW).where(
    REVIEW.c.patient_id == bindparam("patient"),
    REVIEW.c.pathway == bindparam("pathway"),
    among(REVIEW.c.review, "reviews"),
)


class SqlEnrolments:
    """Where patients stand."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def get(self, patient: str, pathway: str) -> Enrolment | None:
        asked = {"patient": patient, "pathway": pathway}
        row = self.connection.execute(ENROLMENT_BY_KEY, asked).one_or_none()
        return None if row is None else enrolment_value(row)

    def of(self, patient: str) -> tuple[Enrolment, ...]:
        rows = self.connection.execute(ENROLMENTS, {"patient": patient})
        return tuple(enrolment_value(row) for row in rows)

    def of_each(self, patients: Collection[str]) -> Mapping[str, tuple[Enrolment, ...]]:
        found = dict[str, tuple[Enrolment, ...]]()
        for row in self.connection.execute(THEIRS, {"patients": list(patients)}) if patients else ():
            found[row.patient_id] = (*found.get(row.patient_id, ()), enrolment_value(row))
        return found

    def page(self, *, after: tuple[str, str] = ("", ""), limit: int = 500) -> tuple[Enrolment, ...]:
        asked = {"patient": after[0], "pathway": after[1], "limit": limit}
        return tuple(enrolment_value(row) for row in self.connection.execute(ENROLMENTS_AFTER, asked))

    def save(self, enrolment: Enrolment) -> None:
        save(self.connection, ENROLMENT, [enrolment_row(enrolment)])

    def look_again(self, site: str, pathway: str, day: date) -> None:
        self.connection.execute(LOOK_AGAIN, {"site": site, "in_pathway": pathway, "day": day})


class SqlHistories:
    """Steps as recorded."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def of(self, patient: str, pathway: str, *, superseded: bool = False) -> tuple[RecordedStep, ...]:
        asked = {"patient": patient, "pathway": pathway}
        rows = self.connection.execute(STEPS if superseded else STEPS_HOLDING, asked)
        return tuple(plain_value(RecordedStep, row) for row in rows)

    def add(self, patient: str, pathway: str, steps: Sequence[RecordedStep]) -> None:
        if steps:
            rows = [plain_row(step, patient_id=patient, pathway=pathway) for step in steps]
            add_at_site(self.connection, TRANSITION, patient, rows)

    def supersede(
        self, patient: str, pathway: str, numbers: Iterable[int], sequence: int, instant: datetime
    ) -> None:
        asked = {
            "patient": patient,
            "in_pathway": pathway,
            "numbers": list(numbers),
            "sequence": sequence,
            "instant": instant,
        }
        self.connection.execute(SUPERSEDE, asked)


class SqlActions:
    """Next actions, open and closed."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def of(self, patient: str, pathway: str, *, closed: bool = False) -> tuple[NextAction, ...]:
        asked = {"patient": patient, "pathway": pathway}
        rows = self.connection.execute(ACTIONS if closed else ACTIONS_OPEN, asked)
        return tuple(action_value(row) for row in rows)

    def open_at(self, site: str) -> tuple[ActionKey, ...]:
        rows = self.connection.execute(OPEN_AT, {"site": site})
        return tuple(ActionKey(row.patient_id, row.pathway, row.action, row.opened_on) for row in rows)

    def save(self, patient: str, pathway: str, actions: Sequence[NextAction]) -> None:
        rows = [action_row(patient, pathway, action) | {SITE_OF: patient} for action in actions]
        save(self.connection, ACTION, rows)


OPEN_REVIEWS = (
    select(REVIEW)
    .where(among(REVIEW.c.patient_id, "patients"), REVIEW.c.step.is_distinct_from(HELD))
    .order_by(*REVIEW.primary_key)
)


class SqlReviews:
    """Live reviews."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def of(self, patient: str, pathway: str) -> tuple[LiveReview, ...]:
        rows = self.connection.execute(REVIEWS, {"patient": patient, "pathway": pathway})
        return tuple(plain_value(LiveReview, row) for row in rows)

    def open_of(self, patients: Sequence[str]) -> tuple[Topic, ...]:
        rows = self.connection.execute(OPEN_REVIEWS, {"patients": list(patients)})
        return tuple(Topic(row.patient_id, row.pathway, "review", row.review, row.due) for row in rows)

    def save(self, patient: str, pathway: str, reviews: Sequence[LiveReview]) -> None:
        keys = {"patient_id": patient, "pathway": pathway, SITE_OF: patient}
        save(self.connection, REVIEW, [plain_row(review, **keys) for review in reviews])

    def remove(self, patient: str, pathway: str, reviews: Iterable[str]) -> None:
        asked = {"patient": patient, "pathway": pathway, "reviews": list(reviews)}
        self.connection.execute(FORGET_REVIEWS, asked)


DOUBTS = _of_enrolment(DOUBT)
SETTLE = delete(DOUBT).where(
    *(DOUBT.c[name] == bindparam(f"of_{name}") for name in ("patient_id", "pathway", "event_id", "item"))
)
OVERRIDE = _of_enrolment(OVERRIDDEN)
LIFT = delete(OVERRIDDEN).where(
    OVERRIDDEN.c.patient_id == bindparam("patient"), OVERRIDDEN.c.pathway == bindparam("pathway")
)


class SqlDoubts:
    """Readings that wait for verification."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def of(self, patient: str, pathway: str) -> tuple[Doubt, ...]:
        rows = self.connection.execute(DOUBTS, {"patient": patient, "pathway": pathway})
        return tuple(plain_value(Doubt, row) for row in rows)

    def waiting(self, site: str) -> int:
        counted = select(func.count()).select_from(DOUBT).where(DOUBT.c.site == site)
        return int(self.connection.scalar(counted) or 0)

    def add(self, patient: str, pathway: str, doubts: Sequence[Doubt]) -> None:
        keys = {"patient_id": patient, "pathway": pathway, SITE_OF: patient}
        save(self.connection, DOUBT, [plain_row(doubt, **keys) for doubt in doubts])

    def remove(self, patient: str, pathway: str, doubts: Sequence[Doubt]) -> None:
        for doubt in doubts:
            mine = {"of_patient_id": patient, "of_pathway": pathway}
            self.connection.execute(SETTLE, {**mine, "of_event_id": doubt.event_id, "of_item": doubt.item})


class SqlOverrides:
    """Overrides by which patients stand where they do."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def get(self, patient: str, pathway: str) -> Overridden | None:
        row = self.connection.execute(OVERRIDE, {"patient": patient, "pathway": pathway}).one_or_none()
        return None if row is None else plain_value(Overridden, row)

    def put(self, patient: str, pathway: str, override: Overridden | None) -> None:
        if override is None:
            self.connection.execute(LIFT, {"patient": patient, "pathway": pathway})
        else:
            keys = {"patient_id": patient, "pathway": pathway, SITE_OF: patient}
            save(self.connection, OVERRIDDEN, [plain_row(override, **keys)])
