"""Every error Careway raises on purpose: a stable code and a message a person can act on.

Messages say what was received, why it cannot be used and what would work. HTTP statuses
and exit codes are the business of `api`; nothing here knows them.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta


class CarewayError(Exception):
    """Base of all errors raised on purpose.

    `code` is stable and documented; `str(error)` is for people and never holds a stack trace.
    """

    code = "careway-error"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a message: where (JSON pointer), which rule, and the sentence to show."""

    pointer: str
    code: str
    text: str


class MessageRefused(CarewayError):
    """A message was refused and nothing of it was stored; every problem found is listed."""

    code = "message-refused"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{p.pointer}: {p.text}" if p.pointer else p.text for p in problems))


class EventIdReused(CarewayError):
    """An event id came again with other content; the first stays, a correction would replace it."""

    code = "event-id-reused"

    def __init__(self, event_id: str) -> None:
        self.event_id = event_id
        super().__init__(
            f"Event id {event_id!r} is already stored with other content. "
            "Send a `correct` event that names it as target, or use a new id."
        )


@dataclass(frozen=True, slots=True)
class Defect:
    """One defect of a document: file, 1-based line, dotted path inside it, and the sentence to show."""

    file: str
    line: int
    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.path}: {self.text}"


class DocumentRefused(CarewayError):
    """A document (pathway, vocabulary, story) cannot be used; every defect found is listed."""

    code = "document-refused"

    def __init__(self, defects: tuple[Defect, ...]) -> None:
        self.defects = defects
        super().__init__("\n".join(str(d) for d in defects))


class NotFound(CarewayError):
    """Something was asked for by a name that does not exist."""

    code = "not-found"

    def __init__(self, kind: str, name: str, known: tuple[str, ...] = ()) -> None:
        self.kind, self.name = kind, name
        hint = f" Known: {', '.join(known)}." if known else ""
        super().__init__(f"There is no {kind} {name!r}.{hint}")


class NotYetKnown(CarewayError):
    """What was known is asked for at a time that has not come."""

    code = "not-yet-known"

    def __init__(self, known_at: date | datetime, today: date) -> None:
        self.known_at = known_at
        super().__init__(
            f"What will be known at {known_at.isoformat()} nobody can tell: today is {today}. Ask with a "
            "time that has come, or leave it out for all that is known now. A date asked about (`as_of`) "
            "may lie in the future."
        )


class CalendarUnknown(CarewayError):
    """There is no calendar feed at an address; nobody learns whether there was one."""

    code = "calendar-unknown"

    def __init__(self) -> None:
        super().__init__(
            "There is no calendar at this address. It may have been revoked, or cut off when it was copied; "
            "`POST /v1/me/calendars` makes a new one."
        )


class KeyReused(CarewayError):
    """A caller used the same key for two different calls."""

    code = "idempotency-key-reused"

    def __init__(self) -> None:
        super().__init__(
            "This `Idempotency-Key` was used for another call within the last 24 hours: its method, path, "
            "query or body differ. Use a new key for a new call."
        )


class AnsweredOnce(CarewayError):
    """A call whose answer held a secret came again under its key."""

    code = "answered-once"

    def __init__(self) -> None:
        super().__init__(
            "This call was made before under this `Idempotency-Key`, and it was done. Its answer held a "
            "secret, which is shown once and not kept. If it was lost, remove what was made and make another."
        )


class ConcurrencyConflict(CarewayError):
    """Somebody else wrote first; what was read is out of date and nothing was stored."""

    code = "concurrency-conflict"

    def __init__(self, subject: str, expected: int, found: int | None = None) -> None:
        self.subject, self.expected, self.found = subject, expected, found
        now = "" if found is None else f" and is now {found}"
        super().__init__(
            f"{subject} has changed since it was read: its revision was {expected}{now}. "
            "Read it again, then repeat."
        )


class RevisionStale(CarewayError):
    """A caller named a revision, and it is not the present one; trying the same again cannot help."""

    code = "revision-stale"

    def __init__(self, subject: str, expected: int, found: int) -> None:
        self.subject, self.expected, self.found = subject, expected, found
        super().__init__(
            f"{subject} is not as you saw it: you named revision {expected}, and it is now {found}. "
            "Look at it again, then decide anew."
        )


class IdentifierInUse(CarewayError):
    """An identifier belongs to another patient of the site already."""

    code = "identifier-in-use"

    def __init__(self, system: str) -> None:
        self.system = system
        super().__init__(
            f"The identifier sent for {system!r} belongs to another patient of this site. "
            "Search for that patient, or check the number."
        )


class AlreadyThere(CarewayError):
    """Something new was to get a name that is taken."""

    code = "already-there"

    def __init__(self, kind: str, name: str) -> None:
        self.kind, self.name = kind, name
        super().__init__(f"There is a {kind} {name!r} already. Choose another name, or change that one.")


class PersonElsewhere(CarewayError):
    """A site wants to decide about a person who works at other sites as well."""

    code = "person-elsewhere"

    def __init__(self, person: str) -> None:
        self.person = person
        super().__init__(
            f"The person {person!r} works at other sites as well, so this site cannot change the name or the "
            "access. Withdraw the roles here instead, or ask whoever runs Careway."
        )


class UnknownTimeZone(CarewayError):
    """A time zone was named that the time zone database does not have."""

    code = "unknown-time-zone"

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"There is no time zone {name!r}. Use a name such as Europe/Berlin.")


class DatabaseUnusable(CarewayError):
    """The database cannot be used as it is; the message says what would help."""

    code = "database-unusable"


class StoreUnavailable(CarewayError):
    """The database did not answer or could not commit; nothing was stored. Sending again later is safe."""

    code = "store-unavailable"

    def __init__(self) -> None:
        super().__init__(
            "The database cannot be reached or is too busy; nothing was stored. Try again in a moment."
        )


class WriterClosed(CarewayError):
    """Careway is stopping and takes no more writes; nothing was stored. Sending again later is safe."""

    code = "writer-closed"

    def __init__(self) -> None:
        super().__init__(
            "Careway is stopping and takes no more writes; nothing was stored. Send it again when it runs."
        )


class StoreFault(CarewayError):
    """The database refused what Careway gave it; a fault in Careway, named without any patient's values."""

    code = "store-fault"

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(
            f"The database refused a statement ({what}); nothing was stored. Please report this."
        )


class SignInRefused(CarewayError):
    """Login and password do not belong together; whether the login exists is not told."""

    code = "sign-in-refused"

    def __init__(self) -> None:
        super().__init__("Login and password do not belong together. Check both, or ask for an invitation.")


class SignInTooOften(CarewayError):
    """Too many wrong passwords came for this login; the next may come later."""

    code = "sign-in-too-often"

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        seconds = max(1, round(wait.total_seconds()))
        super().__init__(f"Too many wrong passwords. Wait {seconds} seconds, then try again.")


class InvitationUnusable(CarewayError):
    """An invitation is unknown, was used, or has expired."""

    code = "invitation-unusable"

    def __init__(self) -> None:
        super().__init__("This link was used already or is too old. Ask for a new one.")


class PasswordWeak(CarewayError):
    """A password is too short, too long, or holds the login."""

    code = "password-weak"


class PersonNeeded(CarewayError):
    """Only a person can do this, not another system."""

    code = "person-needed"

    def __init__(self) -> None:
        super().__init__(
            "A person has to do this: sign in, or use a personal token. This one is a service's."
        )


class GlassNotNeeded(CarewayError):
    """The glass is broken for patients of other sites only."""

    code = "glass-not-needed"

    def __init__(self) -> None:
        super().__init__("The patient belongs to your own site, so you can see everything as it is.")


class TokenTooFar(CarewayError):
    """A token was asked for that would reach further than whoever asks may go."""

    code = "token-too-far"


class ChannelShut(CarewayError):
    """Nothing is sent any more on a channel that was to be changed or used."""

    code = "channel-shut"

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(
            f"This channel was shut ({why}), so nothing is sent on it any more. A webhook that failed can be "
            "enabled again; otherwise set up another channel."
        )


class UploadFinished(CarewayError):
    """An import that was to be cancelled is over already."""

    code = "upload-finished"

    def __init__(self, status: str) -> None:
        self.status = status
        super().__init__(
            f"This import is over already ({status}), so there is nothing to cancel. "
            "What it recorded is corrected by amendments."
        )


class SiteUnclear(CarewayError):
    """An issuer vouches for a person with roles at several sites and does not say which one is meant."""

    code = "site-unclear"

    def __init__(self, named: str | None, sites: tuple[str, ...]) -> None:
        wrong = "names no site" if named is None else f"names the site {named!r}, where you have no role"
        super().__init__(
            f"The token {wrong}. Send one with the claim `careway_site`; yours: {', '.join(sites)}."
        )


class ClientRefused(CarewayError):
    """A system that proves itself by its key is not known here, was revoked, or showed a proof again."""

    code = "client-refused"
