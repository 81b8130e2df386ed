"""Rows to core values and back. The only place where rows are made; nothing here talks to a database.

A row to write is a mapping by column; a row read gives its columns as attributes.
"""

from dataclasses import fields
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Row

from engine.core.answered import Answered
from engine.core.canonical import dump, load
from engine.core.channels import Calendar, Channel
from engine.core.dispatches import Attempt, Dispatch
from engine.core.documents import body_text, body_value
from engine.core.events import Event, Stamp
from engine.core.kept import (
    AuditEntry,
    AuditLink,
    Author,
    Doubt,
    Enrolment,
    Head,
    Lack,
    LiveReview,
    Message,
    NextAction,
    Overridden,
    ParameterSet,
    Patient,
    Receipt,
    RecordedStep,
    Seal,
    Site,
)
from engine.core.people import (
    Absence,
    Client,
    Credential,
    GlassBroken,
    Invitation,
    Membership,
    Person,
    Session,
    TeamPost,
    WorkNote,
)
from engine.core.reminders import Delivery, Topic, Waiting
from engine.core.site_ladders import LadderChange, SiteLadder
from engine.core.uploads import RowProblem, Upload

Columns = dict[str, Any]
Plain = TypeVar(
    "Plain",
    Absence,
    Answered,
    Attempt,
    Calendar,
    Client,
    Credential,
    Delivery,
    Dispatch,
    Doubt,
    GlassBroken,
    Invitation,
    LiveReview,
    Membership,
    Overridden,
    Patient,
    Person,
    RecordedStep,
    RowProblem,
    Session,
    Site,
    TeamPost,
    Topic,
    Upload,
    Waiting,
    WorkNote,
)

NAMED = {
    field: f"{field}_id"
    for field in ("author", "channel", "client", "cover", "dispatch", "patient", "person")
}
"""Columns that hold the id of what the field names."""


def plain_row(value: Plain, **keys: Any) -> Columns:
    """Return the row of a value whose fields are its columns, with the keys it does not know itself."""
    return keys | _columns(value)


def plain_value(kind: type[Plain], row: Row[Any]) -> Plain:
    """Return a value whose fields are columns of the row."""
    return kind(**{name: getattr(row, column) for name, column in _named(kind)})


def _named(kind: type[Any]) -> tuple[tuple[str, str], ...]:
    """Return the fields of a kind of values, each with its column; worked out once."""
    if kind not in _NAMES:
        _NAMES[kind] = tuple((field.name, NAMED.get(field.name, field.name)) for field in fields(kind))
    return _NAMES[kind]


_NAMES: dict[type[Any], tuple[tuple[str, str], ...]] = {}


def _columns(value: Any) -> Columns:
    return {NAMED.get(field.name, field.name): getattr(value, field.name) for field in fields(value)}


def _author_columns(author: Author) -> Columns:
    return {"role": author.role, "credential_id": author.credential, "person_id": author.person}


def author_of(row: Any) -> Author:
    """Return who wrote a row."""
    return Author(row.role, row.credential_id, row.person_id)


def action_row(patient: str, pathway: str, value: NextAction) -> Columns:
    """Return the row of an action of a patient."""
    lacks = [_columns(lack) for lack in value.missing]
    derived = {"missing": dump(lacks), "by_day": value.due or date.max}
    return {"patient_id": patient, "pathway": pathway, **_columns(value), **derived}


def action_value(row: Row[Any]) -> NextAction:
    """Return the action of a row."""
    columns = {field.name: getattr(row, field.name) for field in fields(NextAction)}
    return NextAction(**columns | {"missing": lacks_of(row.missing)})


@lru_cache(1024)
def lacks_of(text: str | None) -> tuple[Lack, ...]:
    """Return what an action lacks, as kept; nothing for one that was kept before that was."""
    return tuple(
        Lack(
            lack["item"],
            None if lack["last"] is None else date.fromisoformat(str(lack["last"])),
            None if lack["within"] is None else int(lack["within"]),
        )
        for lack in (load(text) if text else ())
    )


def event_row(patient: str, receipt: Receipt) -> Columns:
    """Return the row of an event of a patient."""
    event, stamp = receipt.event, receipt.event.stamp
    return {
        "patient_id": patient,
        "sequence": stamp.sequence,
        "event_id": event.id,
        "type": event.type,
        "pathway": event.pathway,
        "effective": event.effective,
        "source": event.source,
        "recorded": stamp.instant,
        "received_on": stamp.day,
        "body": body_text(event.body),
        **_author_columns(receipt.author),
    }


def event_value(row: Row[Any]) -> Event:
    """Return the event of a row."""
    stamp = Stamp(row.recorded, row.sequence, row.received_on)
    body = body_value(row.type, row.body)
    return Event(row.event_id, row.type, row.effective, row.source, body, stamp, row.pathway)


def receipt_value(row: Row[Any]) -> Receipt:
    """Return the event of a row with who sent it."""
    return Receipt(event_value(row), author_of(row))


def enrolment_row(value: Enrolment) -> Columns:
    """Return the row of an enrolment."""
    return _columns(value) | {"context": dump(value.context)}


def enrolment_value(row: Row[Any]) -> Enrolment:
    """Return the enrolment of a row."""
    columns = dict(row._mapping)
    return Enrolment(patient=columns.pop("patient_id"), **columns | {"context": load(row.context)})


def parameter_set_row(value: ParameterSet) -> Columns:
    """Return the row of a parameter set."""
    return {
        "id": value.id,
        "pathway": value.pathway,
        "digest": value.digest,
        "parameters": dump(value.values),
        "author": value.author,
        "reason": value.reason,
        "created": value.created,
    }


def parameter_set_value(row: Row[Any]) -> ParameterSet:
    """Return the parameter set of a row."""
    values = load(row.parameters)
    return ParameterSet(row.id, row.pathway, row.digest, values, row.author, row.reason, row.created)


def site_ladder_row(value: SiteLadder) -> Columns:
    """Return the row of a change of a ladder."""
    return _columns(value) | {"change": dump(value.change.model_dump(exclude_defaults=True))}


def site_ladder_value(row: Row[Any]) -> SiteLadder:
    """Return the change of a ladder of a row."""
    columns = dict(row._mapping)
    author = columns.pop("author_id")
    return SiteLadder(**columns | {"author": author, "change": LadderChange.model_validate(load(row.change))})


def message_row(value: Message) -> Columns:
    """Return the row of a message."""
    return {
        "dedup_key": value.key,
        "patient_id": value.patient,
        "kind": value.kind,
        "body": dump(value.body),
        "created": value.created,
        "sequence": value.sequence,
    }


def message_value(row: Row[Any]) -> Message:
    """Return the message of a row."""
    return Message(row.dedup_key, row.kind, load(row.body), row.created, row.patient_id, row.sequence)


def channel_row(value: Channel) -> Columns:
    """Return the row of a channel."""
    return _columns(value) | {"events": dump(value.events)}


def channel_value(row: Row[Any]) -> Channel:
    """Return the channel of a row."""
    columns = {field.name: getattr(row, NAMED.get(field.name, field.name)) for field in fields(Channel)}
    return Channel(**columns | {"events": tuple(load(row.events))})


def audit_row(link: AuditLink) -> Columns:
    """Return the row of a link of an audit chain."""
    entry = link.entry
    return {
        "chain": link.chain,
        "number": link.number,
        "instant": entry.instant,
        "act": entry.act,
        "body": dump(entry.body),
        "previous_hash": link.previous_hash,
        "hash": link.hash,
        **_author_columns(entry.author),
    }


def audit_value(row: Row[Any]) -> AuditLink:
    """Return the link of a row, as stored; `sealing.linked` tells whether it still fits."""
    entry = AuditEntry(row.instant, author_of(row), row.act, _audit_body(row.body))
    return AuditLink(row.chain, row.number, entry, row.previous_hash, row.hash)


def _audit_body(text: str) -> Any:
    """Return the body of an entry; one that somebody made unreadable fits no hash, and says so."""
    try:
        body = load(text)
        if dump(body) == text:
            return body
    except (ValueError, ArithmeticError):
        pass
    return {"unreadable": True}


def seal_row(value: Seal) -> Columns:
    """Return the row of a seal."""
    return _columns(value) | {"heads": dump([(h.chain, h.number, h.hash) for h in value.heads])}


def seal_value(row: Row[Any]) -> Seal:
    """Return the seal of a row, as stored; `sealing.fits` tells whether it still does."""
    try:
        heads = tuple(Head(*head) for head in load(row.heads))
    except (TypeError, ValueError):
        heads = ()
    return Seal(row.number, row.instant, heads, row.previous_hash, row.hash, row.signature)
