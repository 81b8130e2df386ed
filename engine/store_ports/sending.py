"""What services need of the store for telling: reminders, channels, what is on its way."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from engine.core.channels import Calendar, Channel
from engine.core.dispatches import Attempt, Dispatch, Queue, Totals
from engine.core.kept import (
    Message,
)
from engine.core.reminders import Delivery, Tally, Topic, Waiting


class ReminderStore(Protocol):
    """What is due, and what was told to whom. Nothing told is ever changed or removed."""

    def stale(self, day: date, *, after: Waiting | None = None, limit: int = 200) -> tuple[Waiting, ...]:
        """Return at most `limit` enrolments to look at again by a day, after another; longest due first."""

    def reviews_due(
        self, day: date, *, after: Waiting | None = None, limit: int = 200
    ) -> tuple[Waiting, ...]:
        """Return at most `limit` reviews with a step due by a day, after another; longest due first."""

    def actions_due(
        self, now: datetime, *, after: Waiting | None = None, limit: int = 200
    ) -> tuple[Waiting, ...]:
        """Return at most `limit` actions with a step due by an instant, after another; longest due first."""

    def add(self, deliveries: Sequence[Delivery]) -> None:
        """Keep deliveries; one that is there already is left out."""

    def told(self, topic: Topic) -> frozenset[str]:
        """Return the steps about something that were told to anybody."""

    def notices(
        self, recipient: str, site: str, *, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> tuple[Delivery, ...]:
        """Return what a recipient was told of a site's patients in at most `limit` notices.

        The newest notice first, before another's creation and id; those of a notice by their keys.
        """

    def tally(self, site: str, day: date, instant: datetime, since: datetime) -> Tally:
        """Return how the reminders of a site stand.

        Args:
            site: of the patients, and of the channels.
            day: what was due before it is late.
            instant: what could be done before it is late.
            since: whether something was put on its way is asked of what was told from then on.
        """

    def of(self, patient: str) -> tuple[Delivery, ...]:
        """Return everything told about a patient, oldest first."""


class ChannelStore(Protocol):
    """How people, patients and other systems are reached; each list is the oldest first."""

    def add(self, channel: Channel) -> None:
        """Keep a new channel."""

    def get(self, channel: str) -> Channel | None:
        """Return a channel, shut or not, or None."""

    def hold(self, channel: str) -> Channel | None:
        """Return a channel that nobody else changes before this transaction ends, or None."""

    def save(self, channel: Channel) -> None:
        """Replace what is kept of a channel, which is held; raises `NotFound`."""

    def open_of_person(self, person: str) -> tuple[Channel, ...]:
        """Return a person's channels that are not shut."""

    def open_of_patient(self, patient: str) -> tuple[Channel, ...]:
        """Return a patient's channels that are not shut; to each of them the patient agreed."""

    def open_webhooks(self, site: str) -> tuple[Channel, ...]:
        """Return a site's webhooks that are not shut."""

    def of_person(self, person: str) -> tuple[Channel, ...]:
        """Return all of a person's channels."""

    def of_patient(self, patient: str) -> tuple[Channel, ...]:
        """Return all of a patient's channels."""

    def webhooks(self, site: str) -> tuple[Channel, ...]:
        """Return all of a site's webhooks."""


class DispatchStore(Protocol):
    """What is on its way on channels, and what came of it."""

    def add(self, dispatch: Dispatch, notices: Sequence[str] = ()) -> None:
        """Keep a dispatch unless it is there, and have it tell of notices."""

    def get(self, dispatch: str) -> Dispatch | None:
        """Return a dispatch, or None."""

    def claim(self, now: datetime, limit: int) -> tuple[Dispatch, ...]:
        """Return at most `limit` that may be tried, longest waiting first, each with one attempt more.

        Nobody else gets them until their lease ends; those somebody else is just taking are passed over.
        """

    def settle(self, dispatch: Dispatch, attempt: Attempt) -> bool:
        """Keep what came of an attempt, and when the next may be; False when it is no longer the newest."""

    def cancel(self, channel: str, instant: datetime, outcome: str) -> int:
        """Give up whatever waits on a channel; return how much that was."""

    def resend(self, dispatch: str, instant: datetime) -> bool:
        """Have something that was sent or given up tried again; False when it waits already."""

    def deliveries(self, dispatch: str) -> tuple[Delivery, ...]:
        """Return the deliveries a dispatch tells of."""

    def attempts(self, dispatch: str) -> tuple[Attempt, ...]:
        """Return the attempts of a dispatch of which it is known what came of them, oldest first."""

    def on(
        self, channel: str, *, before: tuple[datetime, str] | None = None, limit: int = 50
    ) -> tuple[Dispatch, ...]:
        """Return at most `limit` dispatches of a channel, newest first, before another's creation and id."""

    def undeliverable(self, site: str, *, after: str = "", limit: int = 50) -> tuple[Dispatch, ...]:
        """Return at most `limit` that were given up on channels that are open, by id."""

    def failing(self, channel: str) -> bool:
        """Whether something was given up on a channel that is open."""

    def queue(self, site: str | None = None) -> Queue:
        """Return how much is on its way, at one site or at all."""

    def totals(self, site: str) -> Totals:
        """Return what came of all attempts on a site's channels; reads each of them."""


class CalendarStore(Protocol):
    """Calendar feeds, revoked ones included."""

    def add(self, calendar: Calendar) -> None:
        """Keep a new feed."""

    def by_secret(self, secret_hash: str) -> Calendar | None:
        """Return the feed with this hash, or None."""

    def of(self, person: str) -> tuple[Calendar, ...]:
        """Return a person's feeds, oldest first."""

    def revoke(self, calendar: str, instant: datetime) -> bool:
        """Revoke a feed; False when it is revoked already, or not there."""


class Outbox(Protocol):
    """Messages waiting to be sent."""

    def add(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """Keep messages, numbered per patient, whom the transaction holds; return those whose key is new."""

    def get(self, key: str) -> Message | None:
        """Return a message by its key, or None."""
