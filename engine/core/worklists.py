"""Worklists: what is to be done at a site, or has happened there, in the order in which to look at it.

A row is read from what is kept, and has a place; a page goes on after the place of the row before it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple, get_args

from engine.core.kept import Lack
from engine.core.values import iso_instant

ListName = Literal[
    "urgent",
    "overdue",
    "moved",
    "needs-data",
    "quarantined",
    "overridden",
    "undeliverable",
    "unowned",
]
"""The worklists there are."""
LISTS: tuple[ListName, ...] = get_args(ListName)

RowKind = Literal["action", "review", "step", "reading", "override", "message"]
"""What a row is about."""

MOVED_DAYS = 7
"""For how long a step is listed as new, in days."""

NO_PRIORITY = 1000
"""The rank of what has none, a review: after every action of the same day."""
RECORDED, SUPERSEDED = 0, 1
"""The ranks of what happened to a step."""


BY_INSTANT: tuple[ListName, ...] = ("moved", "undeliverable")
BY_OPENING: tuple[ListName, ...] = ("urgent", "overdue", "needs-data", "unowned")
"""Lists whose rows are ordered by an instant; and by a date, and last by another one."""
LONGEST = 1000


class Spot(NamedTuple):
    """A place in a worklist, by which its rows are ordered; all plain, so that it can be a cursor."""

    day: str
    """Date or instant, in ISO form of one length."""
    rank: int = 0
    patient: str = ""
    pathway: str = ""
    subject: str = ""
    on: str = ""


def spot_in(name: ListName, parts: object) -> Spot:
    """Return the place in a list that somebody sent back; raises `ValueError` for what is none."""
    if not isinstance(parts, list) or len(parts) != len(Spot._fields):
        raise ValueError("a place has another number of parts")
    day, rank, *texts = parts
    if type(rank) is not int or not 0 <= rank <= NO_PRIORITY:
        raise ValueError("a rank is another number")
    for text in (day, *texts):
        if not isinstance(text, str) or len(text) > LONGEST or "\0" in text:
            raise ValueError("a part is no text")
        text.encode()  # what cannot be written cannot have come from us
    spot = Spot(day, rank, *texts)
    if name not in BY_INSTANT:
        date.fromisoformat(day)
    else:
        iso_instant(day)
    if name in BY_OPENING:
        date.fromisoformat(spot.on)
    if name == "moved" and not (spot.subject.isdecimal() and len(spot.subject) < 10):
        raise ValueError("a step has no number")
    return spot


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a patient stands on a pathway, as kept, and the patient's revision."""

    version: str
    state: str | None
    since: date | None
    tier: str | None
    revision: int


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a worklist, as kept."""

    kind: RowKind
    spot: Spot
    subject: str
    """Id of the action, review, transition or item; event id of an override; id of a message."""
    patient: str | None = None
    """None for a message about several patients, or none."""
    pathway: str | None = None
    standing: Standing | None = None
    """None where there is no pathway."""
    on: date | None = None
    """The day an action opened, from which a review was dated, of a step, a reading or an override."""
    due: date | None = None
    priority: int | None = None
    at: datetime | None = None
    """Of an urgent action hour 0; of a step or message when it happened, in UTC."""
    missing: tuple[Lack, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)
    """What else is to be told of it, by name."""
    about: tuple[str, ...] = ()
    """Ids of the patients a message is about."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which rows of a worklist are wanted; None for any."""

    pathway: str | None = None
    state: str | None = None
    """A whole state, or a family with all its states."""
    tier: str | None = None
    owner: str | None = None
    """Id of a person, `me`, or `nobody`."""
    subject: str | None = None
    kind: str | None = None
    """What the row is about, such as `review`."""
    because: str | None = None
    """What the row lacks, the reminder step it reached, or the reason of an override."""


def stands(row: Row, wanted: Filters) -> bool:
    """Whether a row is one that is wanted, whoever owns it."""
    at = row.standing
    state = "" if at is None or at.state is None else at.state
    return (
        wanted.pathway in (None, row.pathway)
        and wanted.state in (None, state, state.partition(".")[0])
        and wanted.tier in (None, None if at is None else at.tier)
        and wanted.subject in (None, row.subject)
        and wanted.kind in (None, row.kind)
    )


@dataclass(frozen=True, slots=True)
class SavedWorklist:
    """A filter of a worklist under a name; it belongs to the person who saved it, or to a credential."""

    id: str
    site: str
    name: str
    list: ListName
    filters: Filters
    shared_with: tuple[str, ...]
    """Roles that see it too."""
    created: datetime
    person: str | None = None
    credential: str | None = None
    """None for one of a person."""
