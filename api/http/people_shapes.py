"""The shapes of bodies about people."""

from typing import Annotated

from pydantic import Field

from api.http.shapes import SHORT, Shape
from engine.core.notes import WhyNotDone
from engine.core.people import Role
from engine.core.values import Day, Frozen

LONGEST_REASON = 500

RoleName = Annotated[Role, Field(strict=False)]
"""A role by its name in text."""


class PersonBody(Frozen):
    """A person to add."""

    login: str = Field(max_length=SHORT)
    name: str = Field(max_length=SHORT)
    roles: tuple[RoleName, ...] = Field(min_length=1)


class PersonChange(Frozen):
    """What to change about a person; what is left out stays."""

    name: str | None = Field(default=None, max_length=SHORT)
    disabled: bool | None = None


class AbsenceBody(Frozen):
    """Days on which somebody stands in."""

    first: Day
    last: Day
    cover: str = Field(max_length=SHORT)


class TeamBody(Frozen):
    """A whole care team, by ids; null for a post that nobody is to hold."""

    coordinator: str | None = Field(max_length=SHORT)
    responsible_clinician: str | None = Field(max_length=SHORT)
    backup_clinician: str | None = Field(max_length=SHORT)
    clinical_lead: str | None = Field(max_length=SHORT)


class HandOverBody(Frozen):
    """A new owner, or null for the care team, and why."""

    person: str | None = Field(max_length=SHORT)
    reason: str = Field(min_length=1, max_length=LONGEST_REASON)


class SeenBody(Frozen):
    """Nothing more to say."""


class SnoozeBody(Frozen):
    """Until when nobody is to be reminded, and why."""

    until: Day
    reason: str = Field(min_length=1, max_length=LONGEST_REASON)


class NotDoneBody(Frozen):
    """Why something was not done, as a code."""

    reason: WhyNotDone


SOMEBODY = "019b9c5a-1f2b-7a40-8c7d-3e5f60718293"
PERSON = Shape(PersonBody, {"login": "ada.elm", "name": "Ada Elm", "roles": ["coordinator"]})
CHANGE = Shape(PersonChange, {"name": "Ada Fir"})
ABSENCE = Shape(AbsenceBody, {"first": "2024-02-05", "last": "2024-02-16", "cover": SOMEBODY})
TEAM = Shape(
    TeamBody,
    {
        "coordinator": SOMEBODY,
        "responsible_clinician": SOMEBODY,
        "backup_clinician": None,
        "clinical_lead": None,
    },
)
SEEN = Shape(SeenBody, {})
SNOOZE = Shape(SnoozeBody, {"until": "2024-02-05", "reason": "test booked for the 2nd"})
NOT_DONE = Shape(NotDoneBody, {"reason": "patient_not_reached"})
HAND_OVER = Shape(HandOverBody, {"person": SOMEBODY, "reason": "knows the patient"})
