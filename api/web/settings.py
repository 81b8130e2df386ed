"""What pages of settings show: a secret, once; how somebody is told; a token; and the pages there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

from api.http.channel_views import ChannelView, channel_view
from api.http.permissions import RULES
from api.web import words
from api.web.forms import Form
from api.web.frame import Place, may
from engine.core.channels import Channel
from engine.core.people import Credential
from engine.services.patients import Sender

HERE = "/settings"
PAGES = (
    ("Yourself", HERE, "GET /settings"),
    ("People", f"{HERE}/people", "GET /settings/people"),
    ("Webhooks", f"{HERE}/webhooks", "GET /settings/webhooks"),
)
TIMES = ("quiet_from", "quiet_until", "digest_at")


@dataclass(frozen=True, slots=True)
class Once:
    """A secret that is shown this once."""

    title: str
    value: str
    says: str


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """A channel that is open."""

    id: str
    label: str
    kind: str
    address: str
    times: str
    wishes: Mapping[str, str]
    """What can be changed, by the name of its field: as it is, or as it was typed."""
    opened: bool
    """Whether somebody is about to change it."""


@dataclass(frozen=True, slots=True)
class TokenLine:
    """A token that works."""

    id: str
    label: str
    about: str
    used: str
    may_rotate: bool


def tabs(sender: Sender, here: str) -> tuple[Place, ...]:
    """Return the pages of settings the sender may see."""
    return tuple(
        Place(title, href, href == here) for title, href, call in PAGES if may(sender, RULES[call].roles)
    )


def channel_line(channel: Channel, typed: Form | None) -> ChannelLine:
    """Return a channel as shown, with what was typed to change it."""
    view: ChannelView = channel_view(channel)
    told = []
    if view.quiet_from is not None and view.quiet_until is not None:
        told.append(f"quiet from {view.quiet_from} to {view.quiet_until}, but for what is urgent")
    told.append("as it comes" if view.digest_at is None else f"the rest once a day at {view.digest_at}")
    names = ("label", *TIMES, "time_zone")
    return ChannelLine(
        view.id,
        view.label,
        view.kind,
        view.address,
        f"{'; '.join(told)} ({view.time_zone})",
        {name: getattr(view, name) or "" if typed is None else typed[name] for name in names},
        typed is not None,
    )


def token_line(token: Credential, sender: Sender, names: Mapping[str, str], zone: tzinfo) -> TokenLine:
    """Return a token as shown."""
    own = token.person is not None and token.person == sender.person
    whose = "yours" if own else "of a service" if token.person is None else names.get(token.person, "")
    reach = "everything this role may do" if token.scopes is None else token.scopes.replace(" ", ", ")
    until = "" if token.expires is None else f", until {words.moment(token.expires, zone)}"
    return TokenLine(
        token.id,
        token.label or "without a name",
        f"{whose}, as {words.plainly(token.role)}: {reach}{until}",
        "never used" if token.used is None else f"last used {words.moment(token.used, zone)}",
        own or token.person is None,
    )
