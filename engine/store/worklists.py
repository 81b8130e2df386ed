"""Worklists in the database: each is read in the order of an index, a page at a time.

What a page needs of other tables is joined to its rows alone, so no other plan is ever better.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from heapq import merge
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, literal, select, text, tuple_

from engine.core.cohorts import Figures
from engine.core.ladder import HELD
from engine.core.urgent import TOLD_OF
from engine.core.worklists import NO_PRIORITY, RECORDED, SUPERSEDED, Row, Spot, Standing
from engine.store.cohorts import figures
from engine.store.mapping import lacks_of
from engine.store.sending import CARRIED, CHANNEL, DELIVERY, DISPATCH, FAILED
from engine.store.tables import (
    BY_DAY,
    NEEDS_DATA,
    OPEN,
    URGENT,
    ActionRow,
    EnrolmentRow,
    PatientRow,
    ReviewRow,
    TransitionRow,
    table,
)
from engine.store.tables import SUPERSEDED as IS_SUPERSEDED
from engine.store.worklist_tables import DoubtRow, OverriddenRow

ACTION, REVIEW, TRANSITION = table(ActionRow), table(ReviewRow), table(TransitionRow)
DOUBT, OVERRIDDEN = table(DoubtRow), table(OverriddenRow)
ENROLMENT, PATIENT = table(EnrolmentRow), table(PatientRow)

Columns = Sequence[Column[Any]]


def _columns(of: Table, *names: str) -> Columns:
    return tuple(of.c[name] for name in names)


ACTIONS = _columns(ACTION, *BY_DAY)
REVIEWS = _columns(REVIEW, "due", "patient_id", "pathway", "review")
STEPS = _columns(TRANSITION, "recorded", "patient_id", "pathway", "number")
ENDED = _columns(TRANSITION, "superseded", "patient_id", "pathway", "number")
DOUBTS = _columns(DOUBT, "effective", "patient_id", "pathway", "event_id", "item")
OVERRIDES = _columns(OVERRIDDEN, "effective", "patient_id", "pathway")
LETTERS = _columns(DISPATCH, "gave_up", "id")


def _beyond(order: Columns, values: Sequence[Any], *, newest_first: bool = False) -> ColumnElement[bool]:
    """Return the condition that a row comes after the one with these values."""
    here = tuple_(*order[: len(values)])
    there = tuple_(*(literal(value, column.type) for value, column in zip(values, order, strict=False)))
    return here < there if newest_first else here > there


def _of_page(page: Select[Any], order: Columns, of: Table, *, newest_first: bool = False) -> Select[Any]:
    """Return the rows of a page with where their patients stand, in the same order."""
    part = page.subquery()
    mine = tuple(part.c[column.name] for column in order)
    whose = ENROLMENT.c.patient_id == part.c.patient_id
    return (
        select(
            part,
            ENROLMENT.c.version.label("rules"),
            ENROLMENT.c.state,
            ENROLMENT.c.since,
            ENROLMENT.c.tier,
            PATIENT.c.revision,
        )
        .join(ENROLMENT, whose & (ENROLMENT.c.pathway == part.c.pathway))
        .join(PATIENT, PATIENT.c.id == part.c.patient_id)
        .order_by(*(column.desc() if newest_first else column for column in mine))
    )


def _standing(row: Any) -> Standing:
    return Standing(row.rules, row.state, row.since, row.tier, row.revision)


def _action(row: Any) -> Row:
    return Row(
        "action",
        Spot(str(row.by_day), row.priority, row.patient_id, row.pathway, row.action, str(row.opened_on)),
        row.action,
        row.patient_id,
        row.pathway,
        _standing(row),
        row.opened_on,
        row.due,
        row.priority,
        row.began,
        lacks_of(row.missing),
        {"disposition": row.disposition},
    )


def _review(row: Any) -> Row:
    return Row(
        "review",
        Spot(str(row.due), NO_PRIORITY, row.patient_id, row.pathway, row.review, str(row.due)),
        row.review,
        row.patient_id,
        row.pathway,
        _standing(row),
        row.base,
        row.due,
    )


def _step(row: Any, at: datetime, rank: int) -> Row:
    return Row(
        "step",
        Spot(at.isoformat(timespec="microseconds"), rank, row.patient_id, row.pathway, str(row.number)),
        row.transition,
        row.patient_id,
        row.pathway,
        _standing(row),
        row.effective,
        at=at,
        named={
            "happened": "superseded" if rank == SUPERSEDED else "recorded",
            "number": str(row.number),
            "from": row.source,
            "to": row.target,
        },
    )


def _recorded(row: Any) -> Row:
    return _step(row, row.recorded, RECORDED)


def _ended(row: Any) -> Row:
    return _step(row, row.superseded, SUPERSEDED)


def _doubt(row: Any) -> Row:
    return Row(
        "reading",
        Spot(str(row.effective), 0, row.patient_id, row.pathway, row.event_id, row.item),
        row.item,
        row.patient_id,
        row.pathway,
        _standing(row),
        row.effective,
        named={"event_id": row.event_id},
    )


def _override(row: Any) -> Row:
    return Row(
        "override",
        Spot(str(row.effective), 0, row.patient_id, row.pathway),
        row.event_id,
        row.patient_id,
        row.pathway,
        _standing(row),
        row.effective,
        named={"reason": row.reason},
    )


class SqlWorklists:
    """Rows of worklists."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def urgent(self, site: str, after: Spot | None, limit: int) -> tuple[Row, ...]:
        waits = ACTION.c.disposition.in_(TOLD_OF)
        return self._actions(select(ACTION).where(text(URGENT), waits), site, after, limit)

    def open(self, site: str, after: Spot | None, limit: int) -> tuple[Row, ...]:
        return self._actions(select(ACTION).where(text(OPEN)), site, after, limit)

    def needs_data(self, site: str, after: Spot | None, limit: int) -> tuple[Row, ...]:
        return self._actions(select(ACTION).where(text(NEEDS_DATA)), site, after, limit)

    def overdue(self, site: str, day: date, after: Spot | None, limit: int) -> tuple[Row, ...]:
        waits = ACTION.c.disposition.in_(TOLD_OF), ACTION.c.by_day < day
        actions = self._actions(select(ACTION).where(text(OPEN), *waits), site, after, limit)
        live = select(REVIEW).where(
            REVIEW.c.site == site, REVIEW.c.due < day, REVIEW.c.step.is_distinct_from(HELD)
        )
        if after is not None and after.rank < NO_PRIORITY:  # of its day all reviews are still to come
            live = live.where(REVIEW.c.due >= date.fromisoformat(after.day))
        elif after is not None:
            there = (date.fromisoformat(after.day), after.patient, after.pathway, after.subject)
            live = live.where(_beyond(REVIEWS, there))
        page = live.order_by(*REVIEWS).limit(limit)
        reviews = map(_review, self.connection.execute(_of_page(page, REVIEWS, REVIEW)))
        return _first(limit, actions, reviews)

    def moved(self, site: str, since: datetime, after: Spot | None, limit: int) -> tuple[Row, ...]:
        def part(order: Columns, rank: int, *where: ColumnElement[bool]) -> Select[Any]:
            at = order[0]
            wanted = select(TRANSITION).where(TRANSITION.c.site == site, at >= since, *where)
            if after is not None:
                then = datetime.fromisoformat(after.day)
                if rank == after.rank:
                    there = (then, after.patient, after.pathway, int(after.subject))
                    wanted = wanted.where(_beyond(order, there, newest_first=True))
                else:
                    wanted = wanted.where(at <= then if rank < after.rank else at < then)
            page = wanted.order_by(*(column.desc() for column in order)).limit(limit)
            return _of_page(page, order, TRANSITION, newest_first=True)

        recorded = map(_recorded, self.connection.execute(part(STEPS, RECORDED)))
        ended = self.connection.execute(part(ENDED, SUPERSEDED, text(IS_SUPERSEDED)))  # type: ignore[arg-type]
        return _first(limit, recorded, map(_ended, ended), newest_first=True)

    def doubted(self, site: str, day: date, after: Spot | None, limit: int) -> tuple[Row, ...]:
        wanted = select(DOUBT).where(DOUBT.c.site == site, DOUBT.c.effective <= day)
        if after is not None:
            there = (date.fromisoformat(after.day), after.patient, after.pathway, after.subject, after.on)
            wanted = wanted.where(_beyond(DOUBTS, there))
        page = wanted.order_by(*DOUBTS).limit(limit)
        return tuple(map(_doubt, self.connection.execute(_of_page(page, DOUBTS, DOUBT))))

    def overridden(self, site: str, after: Spot | None, limit: int) -> tuple[Row, ...]:
        wanted = select(OVERRIDDEN).where(OVERRIDDEN.c.site == site)
        if after is not None:
            there = (date.fromisoformat(after.day), after.patient, after.pathway)
            wanted = wanted.where(_beyond(OVERRIDES, there))
        page = wanted.order_by(*OVERRIDES).limit(limit)
        return tuple(map(_override, self.connection.execute(_of_page(page, OVERRIDES, OVERRIDDEN))))

    def undeliverable(self, site: str, after: Spot | None, limit: int) -> tuple[Row, ...]:
        wanted = (
            select(DISPATCH, CHANNEL.c.kind, CHANNEL.c.person_id, CHANNEL.c.patient_id)
            .join(CHANNEL, CHANNEL.c.id == DISPATCH.c.channel_id)
            .where(CHANNEL.c.site == site, FAILED)
        )
        if after is not None:
            wanted = wanted.where(_beyond(LETTERS, (datetime.fromisoformat(after.day), after.subject)))
        found = list(self.connection.execute(wanted.order_by(*LETTERS).limit(limit)))
        told = (
            select(CARRIED.c.dispatch_id, DELIVERY.c.patient_id, DELIVERY.c.pathway)
            .join(DELIVERY, DELIVERY.c.notice == CARRIED.c.notice)
            .where(CARRIED.c.dispatch_id.in_([row.id for row in found]))
            .distinct()
            .order_by(CARRIED.c.dispatch_id, DELIVERY.c.patient_id, DELIVERY.c.pathway)
        )
        about: dict[str, list[str]] = {}
        for letter, patient, _ in self.connection.execute(told):
            about.setdefault(letter, []).append(patient)
        return tuple(_letter(row, tuple(dict.fromkeys(about.get(row.id, ())))) for row in found)

    def figures(self, site: str, pathway: str, day: date, since: date) -> Figures:
        return figures(self.connection, site, pathway, day, since)

    def _actions(self, wanted: Select[Any], site: str, after: Spot | None, limit: int) -> tuple[Row, ...]:
        wanted = wanted.where(ACTION.c.site == site)
        if after is not None:
            day, rank, patient, pathway, action, on = after
            there = (date.fromisoformat(day), rank, patient, pathway, action, date.fromisoformat(on))
            wanted = wanted.where(_beyond(ACTIONS, there))
        page = wanted.order_by(*ACTIONS).limit(limit)
        return tuple(map(_action, self.connection.execute(_of_page(page, ACTIONS, ACTION))))


def _letter(row: Any, about: tuple[str, ...]) -> Row:
    """Return a message that was given up; whose it is who has the channel."""
    named = {"outcome": row.outcome or "", "channel": row.channel_id, "channel_kind": row.kind}
    if row.person_id is not None:
        named["person"] = row.person_id
    return Row(
        "message",
        Spot(row.gave_up.isoformat(timespec="microseconds"), subject=row.id),
        row.id,
        about[0] if len(about) == 1 else row.patient_id,
        at=row.gave_up,
        named=named,
        about=about,
    )


def _first(limit: int, *streams: Iterable[Row], newest_first: bool = False) -> tuple[Row, ...]:
    """Return the first rows of several ordered streams; no two share day and rank, so ties need no more."""
    together = merge(*streams, key=lambda row: row.spot[:2], reverse=newest_first)
    return tuple(row for row, _ in zip(together, range(limit), strict=False))
