"""What services need of the store, part by part; a unit of work holds them all."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Protocol

from engine.core.channels import Calendar, Channel
from engine.core.dispatches import Attempt, Dispatch, Queue, Totals
from engine.core.events import Record
from engine.core.kept import (
    Appended,
    AuditEntry,
    AuditLink,
    Author,
    Enrolment,
    Head,
    Identifier,
    LiveReview,
    Message,
    NextAction,
    ParameterSet,
    Patient,
    Receipt,
    RecordedStep,
    Seal,
    Site,
)
from engine.core.ownership import ActionKey
from engine.core.people import (
    Absence,
    Client,
    Credential,
    GlassBroken,
    Invitation,
    Membership,
    Person,
    Session,
    TeamPost,
    WorkNote,
)
from engine.core.reminders import Delivery, Tally, Topic, Waiting
from engine.core.site_ladders import SiteLadder


class SiteStore(Protocol):
    """The sites."""

    def add(self, site: Site) -> None:
        """Keep a new site."""

    def get(self, site: str) -> Site | None:
        """Return a site, or None."""

    def all(self) -> tuple[Site, ...]:
        """Return every site, by id."""


class SiteLadderStore(Protocol):
    """What sites changed of the ladders of pathways. Only ever added to."""

    def add(self, row: SiteLadder) -> None:
        """Keep a change."""

    def of(self, site: str, pathway: str) -> tuple[SiteLadder, ...]:
        """Return a site's changes of a pathway's ladder, by number."""


class PatientStore(Protocol):
    """Patients and their identifiers."""

    def add(self, patient: Patient, identifiers: Sequence[Identifier] = ()) -> None:
        """Keep a new patient; raises `IdentifierInUse` when one of the identifiers is taken."""

    def get(self, patient: str) -> Patient | None:
        """Return a patient, or None."""

    def hold(self, patient: str) -> Patient | None:
        """Return a patient, or None, and let nobody else write to it until the transaction ends."""

    def claim(self, patient: str) -> Patient | None:
        """Do the same as `hold`, without waiting: None also when somebody else writes to it just now."""

    def identifiers(self, patient: str) -> tuple[Identifier, ...]:
        """Return a patient's identifiers, by system and value."""

    def identified(self, site: str, identifier: Identifier) -> Patient | None:
        """Return the patient of a site with an identifier, or None."""

    def page(self, site: str, *, after: str = "", limit: int = 50) -> tuple[Patient, ...]:
        """Return at most `limit` patients of a site with ids greater than `after`, by id."""

    def advance(self, patient: str, expected: int) -> int:
        """Raise the revision by one and return it; every write that appends no event calls this first.

        Raises:
            ConcurrencyConflict: the revision is no longer `expected`.
            NotFound: there is no such patient.
        """


class RecordStore(Protocol):
    """The patients' records. There is no way to change or remove an event."""

    def load(self, patient: str, pathway: str | None = None) -> Record:
        """Return a patient's record as a pathway sees it: its own events and those of the patient.

        Without a pathway every event is there. An unknown patient has an empty record.
        """

    def receipts(self, patient: str, *, after: int = 0, limit: int | None = None) -> tuple[Receipt, ...]:
        """Return events with who sent them, from the sequence number after `after` on, at most `limit`."""

    def senders(self, patient: str) -> tuple[tuple[str, datetime, Author], ...]:
        """Return id, instant of receipt and sender of every event, by sequence number; no bodies are read."""

    def find(self, patient: str, event_id: str) -> Receipt | None:
        """Return one event by its id, or None."""

    def append(self, patient: str, receipts: Sequence[Receipt], *, expected: int) -> Appended:
        """Add events in order and raise the revision by one.

        An event stored before with the same content is left out, so sending twice is harmless.

        Raises:
            EventIdReused: an id is known with other content; nothing is added.
            ConcurrencyConflict: the revision is no longer `expected`; nothing is added.
            NotFound: there is no such patient.
        """


class EnrolmentStore(Protocol):
    """Where patients stand."""

    def get(self, patient: str, pathway: str) -> Enrolment | None:
        """Return an enrolment, or None."""

    def of(self, patient: str) -> tuple[Enrolment, ...]:
        """Return a patient's enrolments, by pathway."""

    def page(self, *, after: tuple[str, str] = ("", ""), limit: int = 500) -> tuple[Enrolment, ...]:
        """Return at most `limit` enrolments after a (patient, pathway), in that order; for replay."""

    def save(self, enrolment: Enrolment) -> None:
        """Keep a new enrolment, or replace what is kept of it."""

    def look_again(self, site: str, pathway: str, day: date) -> None:
        """Have all enrolments of a site on a pathway that are not closed looked at again by a day."""


class HistoryStore(Protocol):
    """Steps as recorded. A step is never removed."""

    def of(self, patient: str, pathway: str, *, superseded: bool = False) -> tuple[RecordedStep, ...]:
        """Return the steps that hold, by number; with `superseded`, the others too."""

    def add(self, patient: str, pathway: str, steps: Sequence[RecordedStep]) -> None:
        """Keep new steps."""

    def supersede(self, patient: str, pathway: str, numbers: Iterable[int], sequence: int) -> None:
        """Mark steps as no longer holding since the event with this sequence number."""


class ActionStore(Protocol):
    """Next actions, open and closed."""

    def of(self, patient: str, pathway: str, *, closed: bool = False) -> tuple[NextAction, ...]:
        """Return the open actions, by id and day opened; with `closed`, the others too."""

    def open_at(self, site: str) -> tuple[ActionKey, ...]:
        """Return which actions are open at a site, by patient, pathway, id and day opened."""

    def save(self, patient: str, pathway: str, actions: Sequence[NextAction]) -> None:
        """Keep new actions, or replace what is kept of them; closing one is saving it with `closed_on`."""


class ReviewStore(Protocol):
    """Live reviews."""

    def of(self, patient: str, pathway: str) -> tuple[LiveReview, ...]:
        """Return the live reviews, by id."""

    def open_of(self, patients: Sequence[str]) -> tuple[Topic, ...]:
        """Return the live reviews of patients that are not on hold, by patient, pathway and id."""

    def save(self, patient: str, pathway: str, reviews: Sequence[LiveReview]) -> None:
        """Keep new reviews, or replace what is kept of them."""

    def remove(self, patient: str, pathway: str, reviews: Iterable[str]) -> None:
        """Forget reviews that are not wanted any more."""


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


class Audit(Protocol):
    """Chains of audit entries: one per patient, by the patient's id, and one per other subject."""

    def append(self, chain: str, entry: AuditEntry) -> AuditLink:
        """Add an entry to a chain; others who add to it wait until the transaction ends.

        Raises:
            ConcurrencyConflict: another writer took its place all the same; nothing is added.
        """

    def chain(self, chain: str, *, after: int = 0, limit: int | None = None) -> tuple[AuditLink, ...]:
        """Return a chain, oldest first: at most `limit` links with numbers greater than `after`."""

    def links(self, *, after: tuple[str, int] = ("", 0), limit: int) -> tuple[AuditLink, ...]:
        """Return at most `limit` links of all chains after a (chain, number), in that order."""

    def stored(self, heads: Sequence[Head]) -> frozenset[Head]:
        """Return those of some heads that are in their chains with that hash."""

    def missing(self) -> tuple[str, ...]:
        """Return the patients who have no chain, which everybody has who was registered, by id."""


class SealStore(Protocol):
    """Seals over the audit chains. There is no way to change or remove one."""

    def grown(self) -> tuple[Head, ...]:
        """Return the heads of all chains that grew since they were sealed, by chain.

        Nobody else seals them until the transaction ends; those another one is sealing are left out.
        """

    def waiting(self, chain: str) -> int:
        """Return the number of a chain's newest entry if it waits to be sealed; 0 if none does."""

    def add(self, seal: Seal) -> None:
        """Keep a seal; what it covers does not wait any more.

        Raises:
            ConcurrencyConflict: there is a seal with this number already.
        """

    def page(self, *, after: int = 0, limit: int) -> tuple[Seal, ...]:
        """Return at most `limit` seals with numbers greater than `after`, oldest first."""

    def newest(self, *, before: int | None = None, limit: int = 1) -> tuple[Seal, ...]:
        """Return at most `limit` seals with numbers less than `before`, newest first."""

    def covering(self, chain: str, number: int) -> Seal | None:
        """Return the first seal over an entry of a chain or a later one; None if it is not sealed yet."""


class CredentialStore(Protocol):
    """Credentials."""

    def add(self, credential: Credential) -> None:
        """Keep a new credential."""

    def by_secret(self, secret_hash: str) -> Credential | None:
        """Return the credential with this hash, revoked or not, or None."""

    def all(self) -> tuple[Credential, ...]:
        """Return every credential, oldest first."""

    def get(self, credential: str) -> Credential | None:
        """Return a credential by its id, in use or not, or None."""

    def expire(self, credential: str, instant: datetime) -> None:
        """Have a credential end at an instant."""

    def use(self, secret_hash: str, instant: datetime) -> None:
        """Note that a credential was used."""

    def revoke(self, credential: str, instant: datetime) -> None:
        """End a credential's use; a second time changes nothing. Raises `NotFound`."""


class PeopleStore(Protocol):
    """People and their roles."""

    def add(self, person: Person) -> bool:
        """Keep a new person; say whether it could be, for id, login and subject are each unique."""

    def get(self, person: str) -> Person | None:
        """Return a person by id, or None."""

    def hold(self, person: str) -> Person | None:
        """Return a person by id whom nobody else changes before this transaction ends, or None."""

    def by_login(self, login: str) -> Person | None:
        """Return a person by login, as it is written there, or None."""

    def by_subject(self, issuer: str, subject: str) -> Person | None:
        """Return the person whom an OpenID provider knows by this name, or None."""

    def save(self, person: Person) -> None:
        """Replace what is kept of a person, who is held; raises `NotFound`."""

    def all(self) -> tuple[Person, ...]:
        """Return everybody, oldest first."""

    def at(self, site: str, *, after: str = "", limit: int | None = None) -> tuple[Person, ...]:
        """Return at most `limit` people with a role at a site and ids greater than `after`, by id."""

    def memberships(self, *people: str) -> tuple[Membership, ...]:
        """Return the roles of people at all sites, by person, site and role."""

    def memberships_at(self, site: str) -> tuple[Membership, ...]:
        """Return everybody's roles at a site, by person and role."""

    def grant(self, membership: Membership) -> bool:
        """Give a role; say whether it is new."""

    def withdraw(self, membership: Membership) -> bool:
        """Take a role back; say whether it was there."""

    def can_sign_in(self) -> bool:
        """Whether there is anybody who can sign in."""


class SessionStore(Protocol):
    """Sessions of browsers."""

    def add(self, session: Session) -> None:
        """Keep a new session."""

    def by_secret(self, secret_hash: str) -> Session | None:
        """Return the session with this hash, ended or not, or None."""

    def saw(self, secret_hash: str, instant: datetime) -> None:
        """Note that a session was used."""

    def move(self, secret_hash: str, site: str) -> None:
        """Have a session go on at another site."""

    def end(self, instant: datetime, *, secret_hash: str | None = None, person: str | None = None) -> None:
        """End one session, or all of a person; those that have ended stay as they are."""


class InvitationStore(Protocol):
    """Links by which people choose a password."""

    def add(self, invitation: Invitation) -> None:
        """Keep a new invitation."""

    def by_secret(self, secret_hash: str) -> Invitation | None:
        """Return the invitation with this hash, used or not, or None."""

    def use(self, person: str, instant: datetime) -> None:
        """Mark all invitations of a person as used."""


class GlassStore(Protocol):
    """Patients of other sites that people let themselves in to."""

    def add(self, broken: GlassBroken) -> None:
        """Keep that a person let herself in."""

    def opened(self, person: str, now: datetime) -> frozenset[str]:
        """Return the ids of the patients that are open to a person at an instant."""

    def of_site(self, site: str, limit: int) -> tuple[GlassBroken, ...]:
        """Return who was let in to patients of a site, newest first, at most `limit`."""


class ClientStore(Protocol):
    """Systems that prove themselves by their own keys."""

    def add(self, client: Client) -> None:
        """Keep a new client."""

    def get(self, client: str) -> Client | None:
        """Return a client by its id, revoked or not, or None."""

    def all(self) -> tuple[Client, ...]:
        """Return every client, oldest first."""

    def revoke(self, client: str, instant: datetime) -> None:
        """End a client's use; a second time changes nothing. Raises `NotFound`."""


class AssertionStore(Protocol):
    """Assertions of clients that were used, until they expire."""

    def use(self, client: str, jti_hash: str, expires: datetime) -> bool:
        """Keep that an assertion was used; return whether it was the first time."""

    def purge(self, now: datetime) -> None:
        """Forget those that have expired."""


class AbsenceStore(Protocol):
    """Absences. None is ever removed; a cancelled one says when it was."""

    def add(self, absence: Absence) -> None:
        """Keep a new absence."""

    def of(self, person: str) -> tuple[Absence, ...]:
        """Return a person's absences, cancelled ones included, by first day."""

    def on(self, site: str, day: date) -> tuple[Absence, ...]:
        """Return the absences that hold on a day, of people with a role at a site."""

    def cancel(self, absence: str, instant: datetime) -> None:
        """Cancel an absence; a second time changes nothing. Raises `NotFound`."""


class TeamStore(Protocol):
    """Care teams. There is no way to change or remove who was given a post."""

    def add(self, posts: Sequence[TeamPost]) -> None:
        """Keep who was given posts, or gave them up."""

    def of(self, patient: str) -> tuple[TeamPost, ...]:
        """Return everything about a patient's care team, by number."""

    def held_by(self, site: str, people: Sequence[str]) -> tuple[TeamPost, ...]:
        """Return the posts that people hold in care teams of a site, each the newest of its kind."""

    def at(self, site: str) -> tuple[TeamPost, ...]:
        """Return the newest of each post of each patient of a site, by patient and number."""


class NoteStore(Protocol):
    """Work notes. There is no way to change or remove one."""

    def add(self, note: WorkNote) -> None:
        """Keep a note."""

    def of(self, patient: str) -> tuple[WorkNote, ...]:
        """Return all notes of a patient, by number."""

    def at(self, site: str, note: str) -> tuple[WorkNote, ...]:
        """Return the newest note of one sort about each action and review of a site's patients."""


class ParameterSetStore(Protocol):
    """Sites' parameters."""

    def add(self, parameters: ParameterSet) -> None:
        """Keep a new set."""

    def get(self, parameters: str) -> ParameterSet | None:
        """Return a set by its id, or None."""


class SettingStore(Protocol):
    """Settings kept with the data."""

    def get(self, key: str) -> str | None:
        """Return a setting, or None."""

    def beginning(self, prefix: str) -> dict[str, str]:
        """Return the settings whose keys begin with a text, by key."""

    def put(self, key: str, value: str) -> None:
        """Set a setting."""

    def swap(self, key: str, seen: str | None, value: str | None) -> bool:
        """Set a setting, or remove it with None, if it still is what was seen; say whether it was."""
