"""Who carries what is said outside, by kind of channel, as the settings tell."""

from collections.abc import Mapping

from api.channels.email import Email
from api.issuers.configured import LOCAL
from api.settings import Settings
from engine.core.channels import EMAIL
from engine.ports import Carrier, Clock


def carriers(settings: Settings, clock: Clock) -> Mapping[str, Carrier]:
    """Return the carriers of an installation; what is not set up is carried by nobody, and waits."""
    found: dict[str, Carrier] = {}
    if settings.outside.mail is not None:
        found[EMAIL] = Email(settings.outside.mail, settings.address or LOCAL, clock)
    return found
