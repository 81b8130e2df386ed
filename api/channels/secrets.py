"""Secrets of webhooks as this installation derives them, where it has a key."""

from api.channels.signing import secret_of
from api.errors import KeyUnusable, WebhooksUnavailable
from api.keys import signing_key
from api.settings import Settings


def derived(settings: Settings, channel: str, number: int) -> str:
    """Return a secret of a webhook; raises `WebhooksUnavailable` where there is no signing key."""
    try:
        return secret_of(signing_key(settings), channel, number)
    except KeyUnusable:
        raise WebhooksUnavailable from None


def unsigned(channel: str, number: int) -> str:
    """Refuse: an application that was put together without settings signs nothing."""
    raise WebhooksUnavailable
