"""The id of one open action or review in addresses: opaque to callers, made from what identifies it.

A review is named by its due date, as an action by the day it opened.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from engine.core.ownership import ActionKey
from engine.core.reminders import Topic
from engine.core.values import iso_date
from engine.errors import NotFound


def action_id(key: ActionKey) -> str:
    """Return the id by which callers name an action of a patient."""
    text = "/".join((key.patient, key.pathway, key.action, str(key.opened_on)))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def action_key(text: str) -> ActionKey:
    """Return the action an id names, which need not be open; raises `NotFound` for one we never gave out."""
    try:
        decoded = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        patient, pathway, action, opened_on = decoded.split("/")
        key = ActionKey(patient, pathway, action, iso_date(opened_on))
    except ValueError:
        raise NotFound("action", text) from None
    if action_id(key) != text:
        raise NotFound("action", text)
    return key


def topic_of(kind: str, key: ActionKey) -> Topic:
    """Return what notes and reminders of an `action` or `review` are about."""
    return Topic(key.patient, key.pathway, kind, key.action, key.opened_on)
