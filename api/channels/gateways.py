"""Gateways to chat and text messages, through Apprise.

The operator names them, with their secrets. Whoever uses one chooses an address behind it and nothing else.
Apprise takes two seconds to load, so it is imported here, when it is needed.
"""

import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from api.channels.configured import GATEWAYS, PLACE, Gateway
from api.channels.letters import words
from api.channels.outcomes import silenced, within
from api.errors import AddressUnusable, BadInput
from engine.core.dispatches import Letter, Outcome

if TYPE_CHECKING:
    from apprise import AppriseAsset

PATIENCE = 15
"""Seconds an attempt may take in all."""
LONGEST = 200
"""Characters an address may have."""
APART = frozenset(",;|/\\?&%[]{}<>\"'` ")
"""What services take for the end of an address, or of the path it stands in."""


class GatewayCarrier:
    """Carries notices through one gateway."""

    def __init__(self, name: str, gateway: Gateway, link: str, patience: int = PATIENCE) -> None:
        """Send through a gateway.

        Args:
            name: what the operator calls it.
            gateway: what the operator says about it.
            link: where people sign in.
            patience: seconds an attempt may take in all.

        Raises:
            BadInput: Apprise has no such service.
        """
        make_known(gateway.url, f"{GATEWAYS}: {name}/url")
        self._gateway, self._link, self._patience = gateway, link, patience

    def carry(self, letter: Letter) -> Outcome:
        """Try once; it is sent when the service says so, and nothing tells it of an earlier attempt."""
        assert letter.told is not None, "gateways are for people"
        try:
            url = reaching(self._gateway, letter.channel.address)
        except AddressUnusable as error:
            return Outcome("failed", error.code)
        said = words(letter.told, None if letter.channel.patient else self._link)
        return sent_through(url, said.line, self._patience)


def reaching(gateway: Gateway, address: str) -> str:
    """Return the Apprise URL that reaches an address through a gateway.

    Raises:
        AddressUnusable: it is no address of this gateway, or could be taken for more than one.
    """
    single = 0 < len(address) <= LONGEST and address.isprintable() and not APART.intersection(address)
    if not single or not address.strip(".") or not re.fullmatch(gateway.address, address):
        raise AddressUnusable(f"This is no address that this gateway takes. {gateway.hint}")
    return gateway.url.replace(PLACE, quote(address, safe=""))


def sent_through(url: str, text: str, patience: int = PATIENCE, title: str = "") -> Outcome:
    """Return what came of sending a text to an Apprise URL, once."""
    try:
        taken = within(patience, lambda: _notify(url, text, title))
    except TimeoutError:
        return Outcome("failed", "timeout")
    except Exception:  # services of a hundred authors raise whatever they like
        return Outcome("failed", "gateway-fault")
    if taken is None:
        return Outcome("failed", "gateway-unusable")
    return Outcome("sent", "gateway-took") if taken else Outcome("failed", "gateway-refused")


def make_known(url: str, where: str) -> None:
    """Make sure that Apprise has the service a URL names; raises `BadInput`, which says where it stands."""
    from apprise import NotificationManager

    _asset()
    if url.partition("://")[0] not in NotificationManager():  # type: ignore[no-untyped-call]
        raise BadInput(f"{where}: Apprise has no service of that name. See its list of services.")


def _notify(url: str, text: str, title: str) -> bool | None:
    """Return whether a service took a text; None when it cannot be called like this."""
    from apprise import Apprise, NotifyFormat

    service = Apprise.instantiate(url, asset=_asset())
    if service is None:
        return None
    return bool(service.notify(body=text, title=title, body_format=NotifyFormat.TEXT))


@cache
def _asset() -> "AppriseAsset":
    """Return how Apprise behaves: nothing kept, nothing followed, nothing told to its log, no pictures."""
    from apprise import AppriseAsset

    silenced("apprise", "urllib3", "requests_oauthlib", "oauthlib")
    return AppriseAsset(
        app_id="Careway",
        app_desc="Careway",
        app_url="",
        async_mode=False,
        http_redirects=False,
        image_path_mask="",
        image_url_logo="",
        image_url_mask="",
        interpret_escapes=False,
        language="en",
        pem_autogen=False,
        pgp_autogen=False,
        storage_mode="memory",
    )
