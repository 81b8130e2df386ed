"""How reminders stand, counted: what is open against what is to come, was told, and was sent."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
)

from engine.core.ladder import HELD
from engine.core.reminders import NOBODY, OPTIONS, PATIENT, Tally
from engine.store.people_tables import WorkNoteRow
from engine.store.sending import FAILED
from engine.store.sending_tables import ChannelRow, DispatchNoticeRow, DispatchRow
from engine.store.tables import ActionRow, DeliveryRow, EnrolmentRow, PatientRow, ReviewRow, table

ENROLMENT, REVIEW, ACTION = table(EnrolmentRow), table(ReviewRow), table(ActionRow)
WHOSE, DELIVERY, NOTE = table(PatientRow), table(DeliveryRow), table(WorkNoteRow)
CHANNEL, DISPATCH, CARRIED = table(ChannelRow), table(DispatchRow), table(DispatchNoticeRow)

OF_SITE = WHOSE.c.site == bindparam("site")


def _counted(of: Table, *where: ColumnElement[bool]) -> Select[Any]:
    """Return the query that counts rows of a site's patients."""
    joined = of.join(WHOSE, WHOSE.c.id == of.c.patient_id)
    return select(func.count()).select_from(joined).where(OF_SITE, *where)


def _on_its_way(*where: ColumnElement[bool]) -> Select[Any]:
    """Return the query that counts what is or was to go out on a site's channels."""
    joined = DISPATCH.join(CHANNEL, CHANNEL.c.id == DISPATCH.c.channel_id)
    return select(func.count()).select_from(joined).where(CHANNEL.c.site == bindparam("site"), *where)


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


def _about(of: Table, kind: str, subject: Column[Any], due: Column[Any]) -> ColumnElement[bool]:
    """Return the condition that a delivery is about a row."""
    return and_(
        DELIVERY.c.patient_id == of.c.patient_id,
        DELIVERY.c.pathway == of.c.pathway,
        DELIVERY.c.kind == kind,
        DELIVERY.c.subject == subject,
        DELIVERY.c.due == due,
    )


ABOUT_REVIEW = _about(REVIEW, "review", REVIEW.c.review, REVIEW.c.due)
ABOUT_ACTION = _about(ACTION, "action", ACTION.c.action, ACTION.c.opened_on)
ABOUT_OPTIONS = and_(
    DELIVERY.c.patient_id == ENROLMENT.c.patient_id,
    DELIVERY.c.pathway == ENROLMENT.c.pathway,
    DELIVERY.c.kind == "action",
    DELIVERY.c.due == ENROLMENT.c.since,
    ENROLMENT.c.status != "closed",
)
"""The options of a state are told as one, by the day the state was entered."""

STEP = tuple(DELIVERY.c[name] for name in ("patient_id", "pathway", "kind", "subject", "due", "step"))
TWICE = (
    select(DELIVERY.c.patient_id)
    .join(WHOSE, WHOSE.c.id == DELIVERY.c.patient_id)
    .where(OF_SITE)
    .group_by(*STEP)
    .having(func.count(DELIVERY.c.created.distinct()) > 1)
    .subquery()
)

PUT = exists().where(
    CARRIED.c.notice == DELIVERY.c.notice,
    DISPATCH.c.id == CARRIED.c.dispatch_id,
    DISPATCH.c.channel_id == CHANNEL.c.id,
)


def _not_put(whose: ColumnElement[bool]) -> Select[Any]:
    """Return the query that counts what was told to whoever had an open channel, and not put on it."""
    found = DELIVERY.join(CHANNEL, whose).join(WHOSE, WHOSE.c.id == DELIVERY.c.patient_id)
    return (
        select(func.count())
        .select_from(found)
        .where(OF_SITE, DELIVERY.c.created >= bindparam("since"), DELIVERY.c.created > CHANNEL.c.created)
        .where(CHANNEL.c.disabled.is_(None), ~PUT)
        .where(or_(DELIVERY.c.kind != "channel", DELIVERY.c.subject != CHANNEL.c.id))
    )  # that a channel failed is not told on it


NOT_PUT = (
    _not_put(CHANNEL.c.person_id == DELIVERY.c.recipient),
    _not_put(and_(DELIVERY.c.recipient == PATIENT, CHANNEL.c.patient_id == DELIVERY.c.patient_id)),
)

COUNTS: Mapping[str, tuple[Select[Any], ...]] = {
    "reviews": (_counted(REVIEW),),
    "live": (_counted(REVIEW, REVIEW.c.next_step.is_not(None)),),
    "urgent": (_counted(ACTION, ACTION.c.next_step.is_not(None)),),
    "orphaned": (
        _counted(
            REVIEW,
            REVIEW.c.next_step.is_(None),
            REVIEW.c.step.is_distinct_from(HELD),
            ~exists().where(ABOUT_REVIEW),
        ),
        *NOT_PUT,
    ),
    "doubled": (select(func.count()).select_from(TWICE),),
    "late": (
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
    ),
    "unsent": (_on_its_way(DISPATCH.c.next_at < bindparam("instant")),),
    "undeliverable": (
        _on_its_way(FAILED),
        _counted(
            DELIVERY,
            DELIVERY.c.recipient == NOBODY,
            or_(
                exists().where(ABOUT_REVIEW),
                exists().where(ABOUT_ACTION, ACTION.c.closed_on.is_(None)),
                exists().where(ABOUT_OPTIONS, DELIVERY.c.subject == OPTIONS),
            ),
        ),
    ),
}
"""The queries whose counts each figure of a tally is the sum of."""


def tally(connection: Connection, site: str, day: date, instant: datetime, since: datetime) -> Tally:
    """Return how the reminders of a site stand; see `ReminderStore.tally`."""
    asked = {"site": site, "day": day, "instant": instant, "since": since}
    figures = {
        name: sum(connection.execute(query, asked).scalar_one() for query in queries)
        for name, queries in COUNTS.items()
    }
    return Tally(**figures)
