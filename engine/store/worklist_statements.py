"""The statements by which worklists are read: each in the order of an index, a page at a time.

What a page needs of other tables is joined to its rows alone, so no other plan is ever better.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
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

from engine.core.ladder import HELD
from engine.core.urgent import TOLD_OF
from engine.core.worklists import RECORDED, SUPERSEDED, ListName
from engine.store.among import among
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


def bound(values: Sequence[Any]) -> dict[str, Any]:
    """Return the values of a place by the names they are bound by."""
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
def actions(which: str, at: At) -> Select[Any]:
    """Return the statement of actions on a list; after a row its values are bound."""
    wanted = _open(which)
    if at == "beyond":
        wanted = wanted.where(_beyond(ACTIONS))
    return _of_page(wanted.order_by(*ACTIONS).limit(LIMIT), ACTIONS)


@cache
def reviews(at: At) -> Select[Any]:
    """Return the statement of reviews that are overdue and not held."""
    live = _live()
    if at == "from":
        live = live.where(REVIEW.c.due >= bindparam("k0", type_=DATE))
    elif at == "beyond":
        live = live.where(_beyond(REVIEWS))
    return _of_page(live.order_by(*REVIEWS).limit(LIMIT), REVIEWS)


@cache
def steps(rank: int, at: At) -> Select[Any]:
    """Return the statement of steps that were recorded, or superseded, since an instant; newest first."""
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
def doubts(at: At) -> Select[Any]:
    """Return the statement of readings that wait to be verified."""
    wanted = _waiting()
    if at == "beyond":
        wanted = wanted.where(_beyond(DOUBTS))
    return _of_page(wanted.order_by(*DOUBTS).limit(LIMIT), DOUBTS)


@cache
def overrides(at: At) -> Select[Any]:
    """Return the statement of overrides that put patients where they stand."""
    wanted = _moved_by_hand()
    if at == "beyond":
        wanted = wanted.where(_beyond(OVERRIDES))
    return _of_page(wanted.order_by(*OVERRIDES).limit(LIMIT), OVERRIDES)


@cache
def letters(at: At) -> Select[Any]:
    """Return the statement of messages that were given up."""
    wanted = _given_up().add_columns(CHANNEL.c.kind, CHANNEL.c.person_id, CHANNEL.c.patient_id)
    if at == "beyond":
        wanted = wanted.where(_beyond(LETTERS))
    return wanted.order_by(*LETTERS).limit(LIMIT)


TOLD = (
    select(CARRIED.c.dispatch_id, DELIVERY.c.patient_id)
    .join(DELIVERY, DELIVERY.c.notice == CARRIED.c.notice)
    .where(among(CARRIED.c.dispatch_id, "ids"))
    .distinct()
    .order_by(CARRIED.c.dispatch_id, DELIVERY.c.patient_id)
)


@cache
def lengths() -> Select[Any]:
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
