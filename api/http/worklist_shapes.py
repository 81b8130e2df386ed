"""The shapes of bodies about worklists: filters to save, and acts on many rows at once."""

from typing import Annotated, Literal

from pydantic import Field

from api.http.people_shapes import LONGEST_REASON, RoleName
from api.http.shapes import SHORT, Shape
from engine.core.values import Day, Frozen
from engine.core.worklists import ListName

MOST_AT_ONCE = 200


class FiltersBody(Frozen):
    """Which rows are wanted; what is left out may be anything."""

    pathway: str | None = Field(default=None, max_length=SHORT)
    state: str | None = Field(default=None, max_length=SHORT)
    tier: str | None = Field(default=None, max_length=SHORT)
    owner: str | None = Field(default=None, max_length=SHORT)
    subject: str | None = Field(default=None, max_length=SHORT)
    kind: str | None = Field(default=None, max_length=SHORT)
    because: str | None = Field(default=None, max_length=SHORT)


class WorklistBody(Frozen):
    """A worklist to save."""

    name: str = Field(min_length=1, max_length=SHORT)
    list: ListName
    filters: FiltersBody = FiltersBody()
    shared_with: tuple[RoleName, ...] = ()


class RowBody(Frozen):
    """A row of a worklist, and the revision of the patient with which it was seen."""

    id: str = Field(max_length=1000)
    kind: Literal["action", "review"]
    if_match: Annotated[int, Field(ge=0, le=10**17)]


class ActionBody(RowBody):
    """An action on a worklist."""

    kind: Literal["action"]


class SeenEachBody(Frozen):
    """What was seen."""

    items: tuple[RowBody, ...] = Field(min_length=1, max_length=MOST_AT_ONCE)


class SnoozeEachBody(SeenEachBody):
    """What is put off, until when, and why."""

    until: Day
    reason: str = Field(min_length=1, max_length=LONGEST_REASON)


class HandEachOverBody(Frozen):
    """What is handed over, to whom (null for the care team), and why."""

    items: tuple[ActionBody, ...] = Field(min_length=1, max_length=MOST_AT_ONCE)
    person: str | None = Field(max_length=SHORT)
    reason: str = Field(min_length=1, max_length=LONGEST_REASON)


ROW = {"id": "MDE5OGMwZGUvcG0taWxkL29yZC5wZnQvMjAyNC0wMS0yMA", "kind": "action", "if_match": 7}
WORKLIST = Shape(
    WorklistBody,
    {
        "name": "Late, of elevated risk",
        "list": "overdue",
        "filters": {"tier": "elevated", "owner": "me"},
        "shared_with": ["coordinator"],
    },
)
SEEN_EACH = Shape(SeenEachBody, {"items": [ROW]})
SNOOZE_EACH = Shape(SnoozeEachBody, {"items": [ROW], "until": "2024-02-05", "reason": "laboratory shut"})
HAND_EACH_OVER = Shape(HandEachOverBody, {"items": [ROW], "person": None, "reason": "back to the teams"})
