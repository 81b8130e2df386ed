"""Rows to core values and back. The only place where rows are made; nothing here talks to a database.

A row to write is a mapping by column; a row read gives its columns as attributes.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import Row

from engine.core.events import BODIES, Body, Correct, Event, Stamp
from engine.core.kept import (
    AuditEntry,
    AuditLink,
    Author,
    Enrolment,
    LiveReview,
    Message,
    NextAction,
    ParameterSet,
    Patient,
    Receipt,
    RecordedStep,
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
from engine.store.canonical import dump, load

Columns = dict[str, Any]
Plain = TypeVar(
    "Plain",
    Absence,
    Client,
    Credential,
    Delivery,
    GlassBroken,
    Invitation,
    LiveReview,
    Membership,
    NextAction,
    Patient,
    Person,
    RecordedStep,
    Session,
    Site,
    TeamPost,
    Topic,
    Waiting,
    WorkNote,
)

NAMED = {field: f"{field}_id" for field in ("author", "client", "cover", "patient", "person")}
"""Columns that hold the id of what the field names."""


REPLACES = "replaces"
"""Key, in the document of a correction, of the type its body has."""


def plain_row(value: Plain, **keys: Any) -> Columns:
    """Return the row of a value whose fields are its columns, with the keys it does not know itself."""
    return keys | _columns(value)


def plain_value(kind: type[Plain], row: Row[Any]) -> Plain:
    """Return a value whose fields are columns of the row."""
    return kind(**{field.name: getattr(row, NAMED.get(field.name, field.name)) for field in fields(kind)})


def _columns(value: Any) -> Columns:
    return {NAMED.get(field.name, field.name): getattr(value, field.name) for field in fields(value)}


def _author_columns(author: Author) -> Columns:
    return {"role": author.role, "credential_id": author.credential, "person_id": author.person}


def _author(row: Row[Any]) -> Author:
    return Author(row.role, row.credential_id, row.person_id)


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
    return Receipt(event_value(row), _author(row))


def body_text(body: Body) -> str:
    """Return the canonical JSON of a body; fields that hold nothing are left out."""
    return dump(_document(body))


def body_value(kind: str, text: str) -> Body:
    """Return the body of an event of this type from its canonical JSON."""
    return _body(kind, load(text))


def _document(body: Body) -> Columns:
    if isinstance(body, Correct):
        (kind,) = (kind for kind, model in BODIES.items() if type(body.body) is model)
        rest = (
            {"target": body.target} if body.reason is None else {"target": body.target, "reason": body.reason}
        )
        return {**rest, REPLACES: kind, "body": _document(body.body)}
    return body.model_dump(exclude_defaults=True)


def _body(kind: str, document: Mapping[str, Any]) -> Body:
    if kind == "correct":
        rest = {k: v for k, v in document.items() if k not in (REPLACES, "body")}
        return Correct(**rest, body=_body(document[REPLACES], document["body"]))
    body: Body = BODIES[kind].model_validate(document)  # type: ignore[assignment]
    return body


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


def message_row(value: Message) -> Columns:
    """Return the row of a message."""
    return {
        "dedup_key": value.key,
        "patient_id": value.patient,
        "kind": value.kind,
        "body": dump(value.body),
        "created": value.created,
    }


def message_value(row: Row[Any]) -> Message:
    """Return the message of a row."""
    return Message(row.dedup_key, row.kind, load(row.body), row.created, row.patient_id)


def linked(chain: str, number: int, entry: AuditEntry, previous: str) -> AuditLink:
    """Return an entry with its place in a chain and the hash that seals both."""
    sealed = {
        "previous": previous,
        "chain": chain,
        "number": number,
        "instant": entry.instant.isoformat(timespec="microseconds"),
        "act": entry.act,
        "body": entry.body,
        **{name: value for name, value in _author_columns(entry.author).items() if value is not None},
    }
    return AuditLink(chain, number, entry, previous, hashlib.sha256(dump(sealed).encode()).hexdigest())


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
    """Return the link of a row, as stored; `broken_at` tells whether it still fits."""
    entry = AuditEntry(row.instant, _author(row), row.act, load(row.body))
    return AuditLink(row.chain, row.number, entry, row.previous_hash, row.hash)


def broken_at(chain: tuple[AuditLink, ...]) -> int | None:
    """Return the number of the first link whose place or content does not fit its hash; None if all fit."""
    previous = ""
    for number, link in enumerate(chain, start=1):
        if linked(link.chain, number, link.entry, previous) != link:
            return number
        previous = link.hash
    return None
