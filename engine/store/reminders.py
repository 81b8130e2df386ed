"""Reminders in the database: what is due, and what was told to whom."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, bindparam, literal, select, tuple_

from engine.core.reminders import Delivery, Tally, Topic, Waiting
from engine.store.mapping import plain_row, plain_value
from engine.store.statements import add_new
from engine.store.tables import ActionRow, DeliveryRow, EnrolmentRow, PatientRow, ReviewRow, table
from engine.store.tallies import tally

ENROLMENT, REVIEW, ACTION = table(EnrolmentRow), table(ReviewRow), table(ActionRow)
PATIENT, DELIVERY = table(PatientRow), table(DeliveryRow)


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

    def tally(self, site: str, day: date, instant: datetime, since: datetime) -> Tally:
        return tally(self.connection, site, day, instant, since)

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
