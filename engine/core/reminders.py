"""Reminders: what is to be told to whom about a review or an action, once for each step.

Who gets one follows from the care team on the day it is written; what was written is never changed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256

from engine.core.climbs import Climb
from engine.core.kept import LiveReview
from engine.core.ladder import DatedStep
from engine.core.ownership import ARRANGING, DECIDING, Roster, owner_of
from engine.core.people import Post, TeamPost

ADDRESSED: Mapping[str, Sequence[Post]] = {
    "coordinator": ARRANGING,
    "clinician": DECIDING,
    "backup_clinician": (
        Post.BACKUP_CLINICIAN,
        Post.CLINICAL_LEAD,
        Post.RESPONSIBLE_CLINICIAN,
        Post.COORDINATOR,
    ),
    "clinical_lead": (
        Post.CLINICAL_LEAD,
        Post.RESPONSIBLE_CLINICIAN,
        Post.BACKUP_CLINICIAN,
        Post.COORDINATOR,
    ),
}
"""Posts to which a step of the ladder falls, by whom it names."""

PATIENT = "patient"
"""Whom the ladder names, and the recipient that stands for the patient's own channels."""

NOBODY = "nobody"
"""The recipient where no post of a care team comes to somebody active: it is told to nobody, and shown."""

OPTIONS = "options"
"""What the treatment options of a state are told as: one entry, by the day the state was entered."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What a reminder is about: a review by its due date, an action by the day it opened."""

    patient: str
    pathway: str
    kind: str
    """`review` or `action`."""
    subject: str
    due: date


@dataclass(frozen=True, slots=True)
class Delivery:
    """One step told to one recipient; never changed."""

    patient: str
    pathway: str
    kind: str
    subject: str
    due: date
    step: str
    recipient: str
    """Id of the person, `nobody`, or `patient`."""
    created: datetime
    notice: str
    """Id shared by all that the recipient is told of the patient at once: that is one message."""

    @property
    def topic(self) -> Topic:
        """What it is about."""
        return Topic(self.patient, self.pathway, self.kind, self.subject, self.due)


@dataclass(frozen=True, slots=True)
class Tally:
    """Whether the reminders of a site are as they should be: all from `orphaned` on are 0 then."""

    reviews: int
    """Open reviews."""
    live: int
    """Those of them that have a next step; the others are paused, or their last step was told."""
    urgent: int
    """Open actions that have a next step."""
    orphaned: int
    """Open reviews without a next step of which nothing was told, though they are not paused; and reminders
    of the last days that were not put on their way on an open channel of their recipient."""
    doubled: int
    """Steps that were told more than once."""
    late: int
    """Steps whose day has passed, or whose hour lies minutes back, and which nobody has put off."""
    unsent: int
    """Messages to people and systems that could have been sent minutes ago, and nobody tried."""
    undeliverable: int
    """Messages given up on channels that are open, and steps told to nobody of what is still open."""

    @property
    def sound(self) -> bool:
        """Whether nothing was lost or doubled; what is late is told when somebody looks."""
        return not self.orphaned and not self.doubled


@dataclass(frozen=True, slots=True)
class Waiting:
    """An enrolment that something has to be done about, and since when."""

    since: date | datetime
    patient: str
    pathway: str
    subject: str
    site: str


def recipients(
    to: Iterable[str], team: Mapping[Post, TeamPost], working: Roster, *, patient_reachable: bool = False
) -> tuple[str, ...]:
    """Return who gets a step: each person once, or `nobody`; and the patient, where the ladder says so.

    Args:
        to: whom the ladder names.
        team: the patient's care team.
        working: who works at the patient's site that day.
        patient_reachable: the patient has agreed to be told, and there is a way to do so.
    """
    named = tuple(to)
    posts = [ADDRESSED[name] for name in named if name in ADDRESSED]
    found = (owner_of(None, team, order, working) for order in posts)
    people = tuple(dict.fromkeys(owner.person for owner in found if owner is not None))
    told = people or ((NOBODY,) if posts else ())
    return (*told, PATIENT) if patient_reachable and PATIENT in named else told


def notice_of(topic: Topic, recipient: str, occasion: str) -> str:
    """Return the id of what a recipient is told of a patient on one occasion."""
    return sha256(f"{topic.patient}\n{topic.pathway}\n{recipient}\n{occasion}".encode()).hexdigest()[:32]


def deliveries(
    topic: Topic, step: str, to: Iterable[str], now: datetime, occasion: str
) -> tuple[Delivery, ...]:
    """Return the deliveries of a step.

    Args:
        topic: what it is about.
        step: the step.
        to: ids of the recipients.
        now: the present instant.
        occasion: names what made it be told; all told on one occasion is one notice per recipient.
    """
    return tuple(
        Delivery(
            topic.patient,
            topic.pathway,
            topic.kind,
            topic.subject,
            topic.due,
            step,
            recipient,
            now,
            notice_of(topic, recipient, occasion),
        )
        for recipient in to
    )


def climbed(
    climb: Climb, review: LiveReview, day: date, put_off: date | None = None
) -> tuple[tuple[DatedStep, ...], LiveReview]:
    """Return the steps of a review to send on a day, and the review as it is to be kept then.

    Of the steps that came while it was put off only the newest is sent.

    Args:
        climb: the days of its steps.
        review: as it is kept.
        day: the present day, in the site's time zone.
        put_off: the first day on which something may be sent; None if it was not put off.
    """
    if review.next_step is None or review.next_step_on is None or (put_off is not None and put_off > day):
        return (), review
    coming = climb.coming(review.next_step, review.next_step_on)
    come = tuple(step for step in coming if step.day <= day)
    if not come:
        return (), review
    late = tuple(s for s in come if put_off is not None and s.day < put_off)
    sent = (*late[-1:], *come[len(late) :])
    following = next(iter(coming[len(come) :]), None)
    if following is None:
        return sent, replace(review, next_step=None, next_step_on=None)
    return sent, replace(review, next_step=following.step, next_step_on=following.day)
