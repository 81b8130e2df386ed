"""Signatures of webhooks (Standard Webhooks 1.0), with secrets that are derived and never stored.

Each secret follows from the installation's signing key, the channel and a number. So the database holds none
of them, they need no care of their own, and rotating one counts up.
"""

from base64 import b64encode
from datetime import datetime, timedelta

from standardwebhooks import Webhook

from api.keys import SigningKey
from engine.core.channels import Channel

OVERLAP = timedelta(days=1)
"""How long the secret before goes on signing."""


def secret_of(key: SigningKey, channel: str, number: int) -> str:
    """Return a secret of a webhook, as its receiver is told it: 32 bytes as `whsec_…`.

    Args:
        key: the installation's.
        channel: id of the channel.
        number: which of its secrets; the first is 1.
    """
    return "whsec_" + b64encode(key.derived(f"careway webhook {channel} {number}")).decode()


def signature(key: SigningKey, channel: Channel, message: str, body: str, now: datetime) -> str:
    """Return the signatures of a message at an instant, in UTC, with a space between them.

    There are two on the day after the channel's secret was rotated, so that its receiver has a day to follow.
    """
    numbers = [channel.secret]
    if channel.rotated is not None and now < channel.rotated + OVERLAP:
        numbers.append(channel.secret - 1)
    secrets = [secret_of(key, channel.id, number) for number in numbers]
    return " ".join(Webhook(secret).sign(message, now, body) for secret in secrets)
