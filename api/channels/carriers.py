"""Who carries what: each kind of channel that the settings make possible, and the addresses it takes."""

from collections.abc import Mapping

from api.channels.addresses import email_address
from api.channels.configured import Outside
from api.channels.email import Email
from api.channels.gateways import GatewayCarrier, reaching
from api.channels.guard import Resolve, check_url, looked_up
from api.channels.webhooks import Webhooks
from api.issuers.configured import LOCAL
from api.keys import SigningKey
from api.settings import Settings
from engine.core.channels import EMAIL, WEBHOOK
from engine.errors import NotFound
from engine.ports import Carrier, Clock


def carriers(settings: Settings, key: SigningKey | None, clock: Clock) -> Mapping[str, Carrier]:
    """Return who carries letters, by kind of channel.

    Args:
        settings: of the installation; without a mail server nobody carries e-mail.
        key: the installation's; None when it has none, and then nobody carries webhooks.
        clock: the true time, by which receivers judge how old a message is.

    Raises:
        BadInput: Apprise has no such service as a gateway names.
    """
    outside, link = settings.outside, settings.address or LOCAL
    found: dict[str, Carrier] = {
        name: GatewayCarrier(name, gateway, link) for name, gateway in outside.gateways.items()
    }
    if outside.mail is not None:
        found[EMAIL] = Email(outside.mail, link, clock)
    if key is not None:
        found[WEBHOOK] = Webhooks(key, clock, outside.networks)
    return found


def check_address(kind: str, address: str, outside: Outside, resolve: Resolve = looked_up) -> None:
    """Make sure that a channel can be set up.

    Args:
        kind: of the channel.
        address: as it was entered.
        outside: what the settings make possible.
        resolve: looks up the host of a webhook.

    Raises:
        NotFound: there is no such kind of channel here.
        AddressUnusable: nothing can be sent there; of its kind `WebhookAddressUnusable`.
    """
    if kind == WEBHOOK:
        check_url(address, outside.networks, resolve)
    elif kind == EMAIL and outside.mail is not None:
        email_address(address)
    elif kind in outside.gateways:
        reaching(outside.gateways[kind], address)
    else:
        mail = (EMAIL,) if outside.mail else ()
        raise NotFound("kind of channel", kind, tuple(sorted((*mail, WEBHOOK, *outside.gateways))))
