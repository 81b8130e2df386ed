"""The demonstration cohort: synthetic patients and their messages, by number and seed.

The same arguments give the same patients on every machine, and a patient does not depend on how
many others there are. All dates are days before `today`: another `today` moves every one of them by
the same number of days, birth dates included.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from api.demo.course import Course, Draft, Role
from api.demo.deck import Card, deck
from api.demo.person import body_of, drawn

SYSTEM = "urn:careway:demo"
"""The system of the patients' local identifiers."""
DEALER = 0
"""The number whose lots shuffle the deck; patients count from 1."""


@dataclass(frozen=True, slots=True)
class DemoMessage:
    """A message as it is sent, by whom, and the day on which it is received (site date)."""

    received: date
    role: Role
    message: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class SyntheticPatient:
    """A patient nobody ever was, with everything recorded about them, in order of receipt."""

    number: int
    system: str
    identifier: str
    messages: tuple[DemoMessage, ...]


def cohort(size: int, seed: int, today: date) -> Iterator[SyntheticPatient]:
    """Yield synthetic patients.

    Args:
        size: how many.
        seed: another one gives other patients.
        today: the day they are to be looked at (site date); nothing is dated later.
    """
    cards = deck()
    _lots(seed, DEALER).shuffle(cards)
    for number in range(1, size + 1):
        yield _patient(number, seed, today, cards[(number - 1) % len(cards)])


def _lots(seed: int, number: int) -> Random:
    return Random(f"{seed}:{number}")  # noqa: S311 - believable patients, no secrets


def _patient(number: int, seed: int, today: date, card: Card) -> SyntheticPatient:
    lots = _lots(seed, number)
    person = drawn(lots, severe=card.severe, mda5=card.mda5, fertile=card.fertile)
    course = Course(number, lots, person, body_of(lots, person))
    card.happens(course)
    start = today - timedelta(days=course.day)
    received = sorted((d for d in course.drafts if d.recorded <= course.day), key=lambda d: d.recorded)
    return SyntheticPatient(
        number, SYSTEM, f"DEMO-{number:04}", tuple(_sent(draft, start) for draft in received)
    )


def _sent(draft: Draft, start: date) -> DemoMessage:
    """Return a draft with its dates, when the course began on `start`."""
    days = {"effective": draft.effective, **draft.dated}
    dates = {name: str(start + timedelta(days=day)) for name, day in days.items()}
    message = {"id": draft.id, **draft.body, **dates}
    return DemoMessage(start + timedelta(days=draft.recorded), draft.role, message)
