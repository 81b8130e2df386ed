"""What each error means to whoever called: exit codes of the command line.

The engine's errors carry codes and sentences; numbers for them are given here only. An error not in the
table takes the number of its nearest base.
"""

from engine.core.pathway import PathwayFlawed
from engine.errors import (
    AlreadyThere,
    AnsweredOnce,
    CalendarUnknown,
    CarewayError,
    ChannelShut,
    ClientRefused,
    ConcurrencyConflict,
    DatabaseUnusable,
    DocumentRefused,
    EventIdReused,
    GlassNotNeeded,
    IdentifierInUse,
    InvitationUnusable,
    KeyReused,
    MessageRefused,
    NotFound,
    NotYetKnown,
    PasswordWeak,
    PersonElsewhere,
    PersonNeeded,
    RevisionStale,
    SignInRefused,
    SignInTooOften,
    SiteUnclear,
    StoreFault,
    StoreUnavailable,
    TokenTooFar,
    UnknownTimeZone,
    UploadFinished,
    WriterClosed,
)

OK = 0
"""Done, and the answer, where there is one, is yes."""
NO = 1
"""Done, and the answer is no: defects were found, a story came out differently, a check failed."""
USAGE = 2
"""What was asked cannot be done as asked: a wrong option, a missing file, a document that is refused."""
FAILED = 3
"""Careway itself failed; the fault is not in what was asked."""
INTERRUPTED = 130
"""Stopped from the keyboard."""


class BadInput(CarewayError):
    """An argument or option of a command cannot be used."""

    code = "bad-input"


class FileUnusable(CarewayError):
    """A file named by the caller cannot be read as text."""

    code = "file-unusable"


class ProofRefused(CarewayError):
    """A proof from elsewhere, such as a token an issuer signed, cannot be believed."""

    code = "proof-refused"


class ProviderUnavailable(CarewayError):
    """Whoever vouches for callers elsewhere cannot be reached, or answers what cannot be used."""

    code = "provider-unavailable"


class KeyUnusable(CarewayError):
    """The key with which this installation signs is not there, or cannot be used."""

    code = "key-unusable"


class KeyPlaceMissing(KeyUnusable):
    """Nobody said where the key is to be kept, and there is no file beside which it could lie."""

    code = "key-place-missing"


class WebhooksUnavailable(CarewayError):
    """Webhooks cannot be made here; the message tells nothing of where the key should be."""

    code = "webhooks-unavailable"

    def __init__(self) -> None:
        super().__init__(
            "This installation has no signing key, so webhooks cannot be made. Ask whoever runs it; "
            "`careway doctor` and the log of `careway serve` tell what is missing."
        )


class AddressUnusable(CarewayError):
    """Nothing can be sent to an address; the message says why and does not repeat it."""

    code = "address-unusable"


class WebhookAddressUnusable(AddressUnusable):
    """A webhook's address is not one to which Careway may be made to send."""

    code = "webhook-address"


EXIT_CODES: dict[type[CarewayError], int] = {
    CarewayError: FAILED,
    AddressUnusable: USAGE,
    AlreadyThere: USAGE,
    AnsweredOnce: USAGE,
    BadInput: USAGE,
    CalendarUnknown: USAGE,
    ChannelShut: USAGE,
    ClientRefused: USAGE,
    ConcurrencyConflict: FAILED,
    DatabaseUnusable: USAGE,
    DocumentRefused: USAGE,
    EventIdReused: USAGE,
    FileUnusable: USAGE,
    GlassNotNeeded: USAGE,
    IdentifierInUse: USAGE,
    InvitationUnusable: USAGE,
    KeyPlaceMissing: USAGE,
    KeyReused: USAGE,
    KeyUnusable: USAGE,
    MessageRefused: USAGE,
    NotFound: USAGE,
    NotYetKnown: USAGE,
    PasswordWeak: USAGE,
    PathwayFlawed: USAGE,
    PersonNeeded: USAGE,
    PersonElsewhere: USAGE,
    ProofRefused: USAGE,
    ProviderUnavailable: FAILED,
    RevisionStale: USAGE,
    SignInRefused: USAGE,
    SignInTooOften: USAGE,
    SiteUnclear: USAGE,
    StoreFault: FAILED,
    StoreUnavailable: FAILED,
    TokenTooFar: USAGE,
    UnknownTimeZone: USAGE,
    UploadFinished: USAGE,
    WebhookAddressUnusable: USAGE,
    WebhooksUnavailable: FAILED,
    WriterClosed: FAILED,
}


def exit_code(error: CarewayError) -> int:
    """Return the exit code for an error."""
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)
