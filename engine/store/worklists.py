"""Worklists in the database: each is read in the order of an index, a page at a time.

What a page needs of other tables is joined to its rows alone, so no other plan is ever better.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from heapq import merge
from typing import Any, Literal

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    Table,
    TextClause,
    bindparam,
    func,
    literal,
    select,
    text,
    tuple_,
)

from engine.core.cohorts import Figures
from engine.core.ladder import HELD
from engine.core.urgent import TOLD_OF
from engine.core.worklists import NO_PRIORITY, RECORDED, SUPERSEDED, ListName, Row, Spot, Standing
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
SITE: BindParameter[str] = bindparam("site")
DATE, INTEGER = ACTION.c.by_day.type, ACTION.c.priority.type


def _columns(of: Table, *names: str) -> Columns:
    return tuple(of.c[name] for name in names)


ACTIONS = _columns(ACTION, *BY_DAY)
REVIEWS = _columns(REVIEW, "due", "patient_id", "pathway", "review")
STEPS = _columns(TRANSITION, "recorded", "patient_id", "pathway", "number")
ENDED = _columns(TRANSITION, "superseded", "patient_id", "pathway", "number")
DOUBTS = _columns(DOUBT, "effective", "patient_id", "pathway", "event_id", "item")
OVERRIDES = _columns(OVERRIDDEN, "effective", "patient_id", "pathway")
LETTERS = _columns(DISPATCH, "gave_up", "id")


def _beyond(order: Columns, *, newest_first: bool = False) -> ColumnElement[bool]:
    """Return the condition that a row comes after the one whose values are bound by number."""
    here = tuple_(*order)
    there = tuple_(*(bindparam(f"k{n}", type_=column.type) for n, column in enumerate(order)))
    return here < there if newest_first else here > there


def _bound(values: Sequence[Any]) -> dict[str, Any]:
    return {f"k{n}": value for n, value in enumerate(values)}


def _of_page(page: Select[Any], order: Columns, *, newest_first: bool = False) -> Select[Any]:
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


WAITS = ACTION.c.disposition.in_(TOLD_OF)
DAY, LIMIT = bindparam("day", type_=DATE), bindparam("limit", type_=INTEGER)
ONLY: Mapping[str, tuple[ColumnElement[bool] | TextClause, ...]] = {
    "urgent": (text(URGENT), WAITS),
    "open": (text(OPEN),),
    "needs_data": (text(NEEDS_DATA),),
    "overdue": (text(OPEN), WAITS, ACTION.c.by_day < DAY),
}
"""Which actions are on which list."""

At = Literal["begin", "beyond", "from", "before"]
"""Where a page begins: at the beginning, after a row, or with, or after, all that share its day."""


def _open(which: str) -> Select[Any]:
    return select(ACTION).where(*ONLY[which], ACTION.c.site == SITE)


def _live() -> Select[Any]:
    return select(REVIEW).where(
        REVIEW.c.site == SITE, REVIEW.c.due < DAY, REVIEW.c.step.is_distinct_from(HELD)
    )


def _taken(rank: int) -> Select[Any]:
    begun = bindparam("begun", type_=TRANSITION.c.recorded.type)
    mine = select(TRANSITION).where(TRANSITION.c.site == SITE)
    if rank == RECORDED:
        return mine.where(TRANSITION.c.recorded >= begun)
    return mine.where(TRANSITION.c.superseded >= begun, text(IS_SUPERSEDED))


def _waiting() -> Select[Any]:
    return select(DOUBT).where(DOUBT.c.site == SITE, DOUBT.c.effective <= DAY)


def _moved_by_hand() -> Select[Any]:
    return select(OVERRIDDEN).where(OVERRIDDEN.c.site == SITE)


def _given_up() -> Select[Any]:
    joined = DISPATCH.join(CHANNEL, CHANNEL.c.id == DISPATCH.c.channel_id)
    return select(DISPATCH).select_from(joined).where(CHANNEL.c.site == SITE, FAILED)


@cache
def _actions(which: str, at: At) -> Select[Any]:
    wanted = _open(which)
    if at == "beyond":
        wanted = wanted.where(_beyond(ACTIONS))
    return _of_page(wanted.order_by(*ACTIONS).limit(LIMIT), ACTIONS)


@cache
def _reviews(at: At) -> Select[Any]:
    live = _live()
    if at == "from":
        live = live.where(REVIEW.c.due >= bindparam("k0", type_=DATE))
    elif at == "beyond":
        live = live.where(_beyond(REVIEWS))
    return _of_page(live.order_by(*REVIEWS).limit(LIMIT), REVIEWS)


@cache
def _steps(rank: int, at: At) -> Select[Any]:
    order = STEPS if rank == RECORDED else ENDED
    instant, wanted = order[0], _taken(rank)
    there = bindparam("k0", type_=instant.type)
    if at == "beyond":
        wanted = wanted.where(_beyond(order, newest_first=True))
    elif at != "begin":
        wanted = wanted.where(instant <= there if at == "from" else instant < there)
    page = wanted.order_by(*(column.desc() for column in order)).limit(LIMIT)
    return _of_page(page, order, newest_first=True)


@cache
def _doubts(at: At) -> Select[Any]:
    wanted = _waiting()
    if at == "beyond":
        wanted = wanted.where(_beyond(DOUBTS))
    return _of_page(wanted.order_by(*DOUBTS).limit(LIMIT), DOUBTS)


@cache
def _overrides(at: At) -> Select[Any]:
    wanted = _moved_by_hand()
    if at == "beyond":
        wanted = wanted.where(_beyond(OVERRIDES))
    return _of_page(wanted.order_by(*OVERRIDES).limit(LIMIT), OVERRIDES)


@cache
def _letters(at: At) -> Select[Any]:
    wanted = _given_up().add_columns(CHANNEL.c.kind, CHANNEL.c.person_id, CHANNEL.c.patient_id)
    if at == "beyond":
        wanted = wanted.where(_beyond(LETTERS))
    return wanted.order_by(*LETTERS).limit(LIMIT)


TOLD = (
    select(CARRIED.c.dispatch_id, DELIVERY.c.patient_id)
    .join(DELIVERY, DELIVERY.c.notice == CARRIED.c.notice)
    .where(CARRIED.c.dispatch_id.in_(bindparam("ids", expanding=True)))
    .distinct()
    .order_by(CARRIED.c.dispatch_id, DELIVERY.c.patient_id)
)


@cache
def _lengths() -> Select[Any]:
    """Return the statement that counts the lists, each part of one up to the limit."""
    parts: dict[ListName, tuple[Select[Any], ...]] = {
        "overdue": (_open("overdue"), _live()),
        "moved": (_taken(RECORDED), _taken(SUPERSEDED)),
        "needs-data": (_open("needs_data"),),
        "quarantined": (_waiting(),),
        "overridden": (_moved_by_hand(),),
        "undeliverable": (_given_up(),),
    }

    def counted(part: Select[Any]) -> ScalarSelect[int]:
        rows = part.with_only_columns(literal(1).label("row")).limit(LIMIT).subquery()
        return select(func.count()).select_from(rows).scalar_subquery()

    columns: list[ColumnElement[int]] = [
        sum((counted(part) for part in each[1:]), start=counted(each[0])).label(name)
        for name, each in parts.items()
    ]
    return select().add_columns(*columns)


class SqlWorklists:
    """Rows of worklists."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def urgent(self, site: str, after: Spot | None, limit: int) -> tuple[Row, ...]:
        return self._of_actions("urgent", after, {"site": site, "limit": limit})

    def open(self, site: str, after: Spot | None, limit: int) -> tuple[Row, ...]:
        return self._of_actions("open", after, {"site": site, "limit": limit})

    def needs_data(self, site: str, after: Spot | None, limit: int) -> tuple[Row, ...]:
        return self._of_actions("needs_data", after, {"site": site, "limit": limit})

    def overdue(self, site: str, day: date, after: Spot | None, limit: int) -> tuple[Row, ...]:
        asked = {"site": site, "limit": limit, "day": day}
        actions = self._of_actions("overdue", after, asked)
        at: At = "begin"
        if after is not None and after.rank < NO_PRIORITY:  # of its day all reviews are still to come
            at, asked = "from", asked | _bound((date.fromisoformat(after.day),))
        elif after is not None:
            there = (date.fromisoformat(after.day), after.patient, after.pathway, after.subject)
            at, asked = "beyond", asked | _bound(there)
        reviews = map(_review, self.connection.execute(_reviews(at), asked))
        return _first(limit, actions, reviews)

    def moved(self, site: str, since: datetime, after: Spot | None, limit: int) -> tuple[Row, ...]:
        asked: dict[str, Any] = {"site": site, "begun": since, "limit": limit}

        def rows(rank: int) -> Iterable[Any]:
            if after is None:
                return self.connection.execute(_steps(rank, "begin"), asked)
            then = datetime.fromisoformat(after.day)
            if rank == after.rank:
                there = _bound((then, after.patient, after.pathway, int(after.subject)))
                return self.connection.execute(_steps(rank, "beyond"), asked | there)
            at: At = "from" if rank < after.rank else "before"
            return self.connection.execute(_steps(rank, at), asked | _bound((then,)))

        recorded, ended = map(_recorded, rows(RECORDED)), map(_ended, rows(SUPERSEDED))
        return _first(limit, recorded, ended, newest_first=True)

    def doubted(self, site: str, day: date, after: Spot | None, limit: int) -> tuple[Row, ...]:
        asked = {"site": site, "day": day, "limit": limit}
        if after is None:
            return tuple(map(_doubt, self.connection.execute(_doubts("begin"), asked)))
        there = (date.fromisoformat(after.day), after.patient, after.pathway, after.subject, after.on)
        return tuple(map(_doubt, self.connection.execute(_doubts("beyond"), asked | _bound(there))))

    def overridden(self, site: str, after: Spot | None, limit: int) -> tuple[Row, ...]:
        asked = {"site": site, "limit": limit}
        if after is None:
            return tuple(map(_override, self.connection.execute(_overrides("begin"), asked)))
        there = (date.fromisoformat(after.day), after.patient, after.pathway)
        return tuple(map(_override, self.connection.execute(_overrides("beyond"), asked | _bound(there))))

    def undeliverable(self, site: str, after: Spot | None, limit: int) -> tuple[Row, ...]:
        at: At = "begin"
        asked: dict[str, Any] = {"site": site, "limit": limit}
        if after is not None:
            at, asked = "beyond", asked | _bound((datetime.fromisoformat(after.day), after.subject))
        found = list(self.connection.execute(_letters(at), asked))
        about: dict[str, list[str]] = {}
        for letter, patient in self.connection.execute(TOLD, {"ids": [row.id for row in found]}):
            about.setdefault(letter, []).append(patient)
        return tuple(_letter(row, tuple(about.get(row.id, ()))) for row in found)

    def _of_actions(self, which: str, after: Spot | None, asked: dict[str, Any]) -> tuple[Row, ...]:
        if after is None:
            return tuple(map(_action, self.connection.execute(_actions(which, "begin"), asked)))
        day, rank, patient, pathway, action, on = after
        there = (date.fromisoformat(day), rank, patient, pathway, action, date.fromisoformat(on))
        rows = self.connection.execute(_actions(which, "beyond"), asked | _bound(there))
        return tuple(map(_action, rows))

    def lengths(self, site: str, day: date, since: datetime, most: int) -> Mapping[ListName, int]:
        asked = {"site": site, "day": day, "begun": since, "limit": most}
        found = self.connection.execute(_lengths(), asked).one()
        return {name: min(most, rows) for name, rows in found._mapping.items()}

    def figures(self, site: str, pathway: str, day: date, since: date) -> Figures:
        return figures(self.connection, site, pathway, day, since)


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
