"""How things stand of which somebody was told: open or settled, seen, put off or not done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from engine.core import ladder
from engine.core.kept import NextAction
from engine.core.notes import done
from engine.core.ownership import ActionKey
from engine.core.pathway import Pathway
from engine.core.people import WorkNote
from engine.core.reminders import OPTIONS, Delivery
from engine.ports import Pathways, UnitOfWork
from engine.services.delivering import CHANNEL
from engine.services.recording import enrolment_of

TITLES = {CHANNEL: "Messages that could not be delivered", OPTIONS: "Treatment options"}
"""Of what no pathway gives a title."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A treatment option that is open."""

    key: ActionKey
    title: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing somebody was told of, and how it stands now."""

    told: Delivery
    title: str
    urgent: bool
    """It was told at any hour."""
    open: bool
    acknowledged: datetime | None = None
    snoozed_until: date | None = None
    """The first day on which it is told of again; None when that has come."""
    not_done: str | None = None
    """Why it was not done, as a code."""
    choices: tuple[Choice, ...] = ()
    """For treatment options, those that are open."""

    @property
    def key(self) -> ActionKey | None:
        """By which other calls name the review or action; None for what is neither."""
        told = self.told
        if told.kind == CHANNEL or told.subject == OPTIONS:
            return None
        return ActionKey(told.patient, told.pathway, told.subject, told.due)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an enrolment stands, as kept."""

    rules: Pathway
    since: date | None
    """When the patient came to the present state."""
    reviews: frozenset[tuple[str, date]]
    actions: tuple[NextAction, ...]
    notes: Sequence[WorkNote]


class Standings:
    """Tells how things stand in one transaction; each enrolment is read once."""

    def __init__(self, uow: UnitOfWork, pathways: Pathways, today: date) -> None:
        """Ask in a transaction, on a day of the site whose patients it is about."""
        self._uow, self._pathways, self._today = uow, pathways, today
        self._places = dict[tuple[str, str], Place]()

    def entry(self, told: Delivery) -> Entry:
        """Return how something stands of which somebody was told."""
        if told.kind == CHANNEL:
            failing = self._uow.dispatches.failing(told.subject)
            return Entry(told, TITLES[CHANNEL], urgent=False, open=failing)
        place = self._place(told.patient, told.pathway)
        if told.subject == OPTIONS:
            choices = _choices(told, place)
            return Entry(told, TITLES[OPTIONS], urgent=True, open=bool(choices), choices=choices)
        if told.kind == "review":
            open_ = (told.subject, told.due) in place.reviews
            rules = place.rules.reviews.get(told.subject)
            title = None if rules is None else rules.title
            climb = ladder.steps(place.rules.definition.ladder, told.subject, told.due, 0)
            urgent = any(step.urgent for step in climb if step.step == told.step)
        else:
            open_ = any(action.key == (told.subject, told.due) for action in place.actions)
            action = place.rules.actions.get(told.subject)
            title = None if action is None else action.definition.title
            urgent = True
        noted = done(place.notes, told.topic, self._today)
        return Entry(
            told,
            title or told.subject,  # what the present version does not know goes by its id
            urgent,
            open_,
            None if noted.acknowledged is None else noted.acknowledged.instant,
            None if noted.snoozed is None else noted.snoozed.until,
            None if noted.not_done is None else noted.not_done.reason,
        )

    def _place(self, patient: str, pathway: str) -> Place:
        key = (patient, pathway)
        if key not in self._places:
            enrolment = enrolment_of(self._uow, patient, pathway)
            self._places[key] = Place(
                self._pathways.pathway(pathway, enrolment.version),
                enrolment.since,
                frozenset((review.review, review.due) for review in self._uow.reviews.of(*key)),
                self._uow.actions.of(*key),
                self._uow.notes.of(patient),
            )
        return self._places[key]


def _choices(told: Delivery, place: Place) -> tuple[Choice, ...]:
    """Return the open treatment options of the state in which they were told of; none after it was left."""
    if place.since != told.due:
        return ()
    rules = place.rules.actions
    return tuple(
        Choice(ActionKey(told.patient, told.pathway, action.action, action.opened_on), found.definition.title)
        for action in place.actions
        if (found := rules.get(action.action)) is not None and found.definition.kind == "treatment"
    )
