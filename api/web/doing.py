"""What may be done about an open action or a review on a patient's page, with what was typed before."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from api.web import words
from api.web.choices import Choice, choices, people_choices
from api.web.forms import NOTHING, Form
from engine.core import notes
from engine.core.ownership import Roster


@dataclass(frozen=True, slots=True)
class Doing:
    """The forms of one action or review."""

    name: str
    """Its `action_id` or `review_id`."""
    kind: Literal["action", "review"]
    latest: str
    """The last day to which it can be put off; nothing where it cannot be."""
    open: bool
    """Whether something was typed before."""
    declined: str
    """Why it is declined."""
    until: str
    put_off: str
    """Why it is put off."""
    not_done: tuple[Choice, ...]
    """Why it was not done."""
    people: tuple[Choice, ...]
    handed: str
    """Why it is handed over."""


def doing(
    name: str, kind: Literal["action", "review"], latest: date, today: date, typed: Form, working: Roster
) -> Doing:
    """Return the forms of an action or a review.

    Args:
        name: its `action_id` or `review_id`.
        kind: which of both.
        latest: the last day to which it can be put off.
        today: at the site.
        typed: a form about something, to be shown again; an empty one otherwise.
        working: who works at the site.
    """
    mine = typed if typed["subject"] == name else NOTHING
    note, reason = mine["note"], mine["reason"]
    return Doing(
        name,
        kind,
        str(latest) if latest > today else "",
        bool(mine.fields),
        reason if mine["decision"] else "",
        mine["until"],
        reason if note == notes.SNOOZE else "",
        choices(((each, words.plainly(each)) for each in get_args(notes.WhyNotDone)), reason),
        people_choices(working, mine["person"]),
        "" if note or mine["decision"] else reason,
    )
