"""Reminders in the database: what is due, and what was told to whom."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    bindparam,
    exists,
    func,
    literal,
    select,
    tuple_,
)

from engine.core.ladder import HELD
from engine.core.reminders import Delivery, Tally, Topic, Waiting
from engine.store.mapping import plain_row, plain_value
from engine.store.people_tables import WorkNoteRow
from engine.store.statements import add_new
from engine.store.tables import ActionRow, DeliveryRow, EnrolmentRow, PatientRow, ReviewRow, table

ENROLMENT, REVIEW, ACTION = table(EnrolmentRow), table(ReviewRow), table(ActionRow)
PATIENT, DELIVERY, NOTE = table(PatientRow), table(DeliveryRow), table(WorkNoteRow)


def _waiting(of: Table, since: Column[Any], subject: Column[Any]) -> Select[Any]:
    """Return the query for what waits since a day or an instant, longest first, by the index on it."""
    key = tuple_(since, of.c.patient_id, of.c.pathway, subject)
    return (
        select(since.label("since"), of.c.patient_id, of.c.pathway, subject.label("subject"), PATIENT.c.site)
        .join(PATIENT, PATIENT.c.id == of.c.patient_id)
        .where(since <= bindparam("until"))
        .where(key > tuple_(*(bindparam(name) for name in ("since", "patient", "in_pathway", "about"))))
        .order_by(since, of.c.patient_id, of.c.pathway, subject)
        .limit(bindparam("limit"))
    )


STALE = _waiting(ENROLMENT, ENROLMENT.c.revisit_on, ENROLMENT.c.pathway)
REVIEWS_DUE = _waiting(REVIEW, REVIEW.c.next_step_on, REVIEW.c.review)
ACTIONS_DUE = _waiting(ACTION, ACTION.c.next_step_at, ACTION.c.action)
TOLD = select(DELIVERY.c.step).where(
    *(DELIVERY.c[name] == bindparam(name) for name in ("patient_id", "pathway", "kind", "subject", "due"))
)
DELIVERIES = (
    select(DELIVERY)
    .where(DELIVERY.c.patient_id == bindparam("patient"))
    .order_by(DELIVERY.c.created, *DELIVERY.primary_key)
)

CREATED = DELIVERY.c.created
NOTICE = (CREATED, DELIVERY.c.notice)

OF_SITE = PATIENT.c.site == bindparam("site")


def _counted(of: Table, *where: ColumnElement[bool]) -> Select[Any]:
    """Return the query that counts rows of a site's patients."""
    joined = of.join(PATIENT, PATIENT.c.id == of.c.patient_id)
    return select(func.count()).select_from(joined).where(OF_SITE, *where)


def _put_off(of: Table, kind: str, subject: Column[Any], due: Column[Any]) -> ColumnElement[bool]:
    """Return the condition that a subject is put off to a later day."""
    return exists().where(
        NOTE.c.patient_id == of.c.patient_id,
        NOTE.c.pathway == of.c.pathway,
        NOTE.c.kind == kind,
        NOTE.c.subject == subject,
        NOTE.c.opened_on == due,
        NOTE.c.until > bindparam("day"),
    )


TOLD_OF = exists().where(
    DELIVERY.c.patient_id == REVIEW.c.patient_id,
    DELIVERY.c.pathway == REVIEW.c.pathway,
    DELIVERY.c.kind == "review",
    DELIVERY.c.subject == REVIEW.c.review,
    DELIVERY.c.due == REVIEW.c.due,
)
STEP = tuple(DELIVERY.c[name] for name in ("patient_id", "pathway", "kind", "subject", "due", "step"))
TWICE = (
    select(DELIVERY.c.patient_id)
    .join(PATIENT, PATIENT.c.id == DELIVERY.c.patient_id)
    .where(OF_SITE)
    .group_by(*STEP)
    .having(func.count(DELIVERY.c.created.distinct()) > 1)
    .subquery()
)
COUNTS = (
    _counted(REVIEW),
    _counted(REVIEW, REVIEW.c.next_step.is_not(None)),
    _counted(ACTION, ACTION.c.next_step.is_not(None)),
    _counted(REVIEW, REVIEW.c.next_step.is_(None), REVIEW.c.step.is_distinct_from(HELD), ~TOLD_OF),
    select(func.count()).select_from(TWICE),
    _counted(
        REVIEW,
        REVIEW.c.next_step_on < bindparam("day"),
        ~_put_off(REVIEW, "review", REVIEW.c.review, REVIEW.c.due),
    ),
    _counted(
        ACTION,
        ACTION.c.next_step_at < bindparam("instant"),
        ~_put_off(ACTION, "action", ACTION.c.action, ACTION.c.opened_on),
    ),
)
"""Open reviews, those with a next step, actions with one, orphaned, doubled, late reviews, late actions."""


class SqlReminders:
    """What is due, and what was told to whom."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def stale(self, day: date, *, after: Waiting | None = None, limit: int = 200) -> tuple[Waiting, ...]:
        return self._waiting(STALE, day, after, date.min, limit)

    def reviews_due(
        self, day: date, *, after: Waiting | None = None, limit: int = 200
    ) -> tuple[Waiting, ...]:
        return self._waiting(REVIEWS_DUE, day, after, date.min, limit)

    def actions_due(
        self, now: datetime, *, after: Waiting | None = None, limit: int = 200
    ) -> tuple[Waiting, ...]:
        return self._waiting(ACTIONS_DUE, now, after, datetime.min.replace(tzinfo=UTC), limit)

    def add(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            add_new(self.connection, DELIVERY, plain_row(delivery))

    def told(self, topic: Topic) -> frozenset[str]:
        return frozenset(self.connection.execute(TOLD, plain_row(topic)).scalars())

    def of(self, patient: str) -> tuple[Delivery, ...]:
        rows = self.connection.execute(DELIVERIES, {"patient": patient})
        return tuple(plain_value(Delivery, row) for row in rows)

    def notices(
        self, recipient: str, site: str, *, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> tuple[Delivery, ...]:
        wanted = (
            select(*NOTICE)
            .distinct()
            .join(PATIENT, PATIENT.c.id == DELIVERY.c.patient_id)
            .where(DELIVERY.c.recipient == recipient, PATIENT.c.site == site)
            .order_by(*(column.desc() for column in NOTICE))
            .limit(limit)
        )
        if before is not None:
            instant, last = before
            wanted = wanted.where(tuple_(*NOTICE) < tuple_(literal(instant, CREATED.type), literal(last)))
        page = wanted.subquery()
        found = (
            select(DELIVERY)
            .join(page, (page.c.created == CREATED) & (page.c.notice == DELIVERY.c.notice))
            .where(DELIVERY.c.recipient == recipient)
            .order_by(*(column.desc() for column in NOTICE), *DELIVERY.primary_key)
        )
        return tuple(plain_value(Delivery, row) for row in self.connection.execute(found))

    def tally(self, site: str, day: date, instant: datetime) -> Tally:
        asked = {"site": site, "day": day, "instant": instant}
        counts = (self.connection.execute(query, asked).scalar_one() for query in COUNTS)
        reviews, live, urgent, orphaned, doubled, late_reviews, late_actions = counts
        return Tally(reviews, live, urgent, orphaned, doubled, late_reviews + late_actions)

    def _waiting(
        self,
        query: Select[Any],
        until: date | datetime,
        after: Waiting | None,
        beginning: date | datetime,
        limit: int,
    ) -> tuple[Waiting, ...]:
        last = after or Waiting(beginning, "", "", "", "")
        asked = {
            "until": until,
            "since": last.since,
            "patient": last.patient,
            "in_pathway": last.pathway,
            "about": last.subject,
            "limit": limit,
        }
        return tuple(plain_value(Waiting, row) for row in self.connection.execute(query, asked))
