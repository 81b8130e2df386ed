"""The shapes of bodies about channels."""

from typing import Annotated

from pydantic import AfterValidator, Field

from api.http.shapes import SHORT, Shape
from engine.core.values import ClockTime, Day, Frozen
from engine.errors import UnknownTimeZone
from engine.services.sites import zone

LONGEST_ADDRESS = 2000


def zone_name(name: str) -> str:
    """Return the name of a time zone; raises ValueError for anything else."""
    try:
        return zone(name).key
    except UnknownTimeZone as error:
        raise ValueError(str(error).rstrip(".")) from None


Zone = Annotated[str, Field(max_length=SHORT), AfterValidator(zone_name)]
"""The IANA name of a time zone."""


class ChannelBody(Frozen):
    """A channel to open."""

    kind: str = Field(max_length=SHORT)
    address: str = Field(max_length=LONGEST_ADDRESS)
    label: str = Field(max_length=SHORT)
    time_zone: Zone | None = None
    quiet_from: ClockTime | None = None
    quiet_until: ClockTime | None = None
    digest_at: ClockTime | None = None


class ConsentBody(ChannelBody):
    """A channel of a patient, and the day on which the patient agreed to it."""

    consented_on: Day


class ChannelChange(Frozen):
    """What to change about a channel; what is left out stays."""

    label: str = Field(default="", max_length=SHORT)
    time_zone: Zone | None = None
    quiet_from: ClockTime | None = None
    quiet_until: ClockTime | None = None
    digest_at: ClockTime | None = None


MAIL = {"kind": "email", "address": "ada.elm@hospital.example", "label": "work"}
AT_NIGHT = {"time_zone": "Europe/Berlin", "quiet_from": "20:00", "quiet_until": "07:00"}
CHANNEL = Shape(ChannelBody, {**MAIL, **AT_NIGHT, "digest_at": None})
CONSENT = Shape(ConsentBody, {**MAIL, "address": "someone@home.example", "consented_on": "2024-01-15"})
CHANNEL_CHANGE = Shape(ChannelChange, {"digest_at": "08:00"}, partial=True)
