"""Receipts: a decision as one JSON file that can be made again and checked on a machine without the database.

Every part of the document has its digest in `parts`, and the signature covers those: a change anywhere breaks
the signature, and the digests tell where it was made. Numbers are text throughout.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from api.keys import SigningKey
from api.wiring import Shelf
from engine.core.answer import result_of
from engine.core.canonical import dump, load
from engine.core.documents import body_text, body_value
from engine.core.evaluate import Evaluation
from engine.core.events import Event, Stamp
from engine.core.kept import AuditEntry, AuditLink, Author
from engine.core.sealing import leaf
from engine.services.attesting import Attested

FORMAT = "careway-receipt-1"
PARTS, SIGNATURE = "parts", "signature"

Json = dict[str, Any]


def receipt_of(
    attested: Attested, shelf: Shelf, key: SigningKey, made: datetime, *, question: Mapping[str, object]
) -> Json:
    """Return the signed document of a decision.

    Args:
        attested: the decision.
        shelf: the pathways, for names and sources.
        key: whose signature it bears.
        made: when.
        question: what was asked, as plain JSON: `step` and `known_at`, None where nothing was.
    """
    asked = attested.asked
    evaluation, patient = asked.evaluation, asked.patient.id
    document: Json = {
        "format": FORMAT,
        "made": made.isoformat(),
        "patient": patient,
        "question": {
            **question,
            "pathway": asked.enrolment.pathway,
            "version": evaluation.pathway.definition.version,
            "digest": evaluation.pathway.digest,
            "as_of": evaluation.as_of.isoformat(),
        },
        "record": [event_document(event) for event in asked.record],
        "result": result_document(evaluation, shelf),
        "audit": [link_document(link) for link in attested.links],
        "seal": _seal_document(attested, patient),
        "key": key.shown,
    }
    document[PARTS] = parts_of(document)
    return {**document, SIGNATURE: key.sign(signed_text(document))}


def rendered(document: Mapping[str, Any]) -> str:
    """Return the text of a receipt, in the one layout it may have."""
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def parts_of(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the digest of every part of a document, by JSON pointer, one or two levels deep."""
    return {pointer: _digest(part) for pointer, part in _parts(document)}


def signed_text(document: Mapping[str, Any]) -> str:
    """Return what the signature of a receipt covers: the digest of the digests of its parts."""
    return _digest(document.get(PARTS))


def event_document(event: Event) -> Json:
    """Return an event as plain JSON, from which `event_from` makes the same one."""
    stamp = event.stamp
    return {
        "id": event.id,
        "type": event.type,
        "effective": event.effective.isoformat(),
        "source": event.source,
        "pathway": event.pathway,
        "body": json.loads(body_text(event.body)),
        "recorded": stamp.instant.isoformat(),
        "sequence": stamp.sequence,
        "received_on": stamp.day.isoformat(),
    }


def event_from(document: Mapping[str, Any]) -> Event:
    """Return the event of a document; raises KeyError, TypeError or ValueError for one of another shape."""
    stamp = Stamp(
        datetime.fromisoformat(document["recorded"]),
        document["sequence"],
        date.fromisoformat(document["received_on"]),
    )
    body = body_value(document["type"], json.dumps(document["body"]))
    effective = date.fromisoformat(document["effective"])
    source, pathway = document["source"], document["pathway"]
    return Event(document["id"], document["type"], effective, source, body, stamp, pathway)


def link_document(link: AuditLink) -> Json:
    """Return an entry of the audit as plain JSON, from which `link_from` makes the same one."""
    entry, author = link.entry, link.entry.author
    return {
        "number": link.number,
        "instant": entry.instant.isoformat(),
        "role": author.role,
        "credential": author.credential,
        "person": author.person,
        "act": entry.act,
        "body": json.loads(dump(entry.body)),
        "previous_hash": link.previous_hash,
        "hash": link.hash,
    }


def link_from(chain: str, document: Mapping[str, Any]) -> AuditLink:
    """Return the link of a document; raises KeyError, TypeError or ValueError for one of another shape."""
    author = Author(document["role"], document["credential"], document["person"])
    body = load(json.dumps(document["body"]))
    entry = AuditEntry(datetime.fromisoformat(document["instant"]), author, document["act"], body)
    return AuditLink(chain, document["number"], entry, document["previous_hash"], document["hash"])


def result_document(evaluation: Evaluation, shelf: Shelf) -> Json:
    """Return an evaluation with its reasons, as the state call over HTTP answers."""
    definition = evaluation.pathway.definition
    published = shelf.library.definition(definition.id, definition.version)
    result = result_of(evaluation, shelf.sources(definition.id), published)
    document: Json = result.model_dump(mode="json", by_alias=True)
    return document


def _seal_document(attested: Attested, patient: str) -> Json | None:
    """Return the seal without the chains of other patients: a digest stands for each."""
    seal = attested.seal
    if seal is None:
        return None
    (head,) = (head for head in seal.heads if head.chain == patient)
    return {
        "number": seal.number,
        "instant": seal.instant.isoformat(),
        "head": {"number": head.number, "hash": head.hash},
        "leaves": [leaf(head) for head in seal.heads],
        "previous_hash": seal.previous_hash,
        "hash": seal.hash,
        "signature": seal.signature,
    }


def _parts(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, part in document.items():
        if name in (PARTS, SIGNATURE):
            continue
        inner: Iterator[tuple[object, Any]] = iter(())
        if isinstance(part, dict):
            inner = iter(part.items())
        elif isinstance(part, list):
            inner = iter(enumerate(part))
        yield _pointer(name), [type(part).__name__] if isinstance(part, dict | list) else part
        for key, value in inner:
            yield _pointer(name, key), value


def _pointer(*names: object) -> str:
    return "".join("/" + str(name).replace("~", "~0").replace("/", "~1") for name in names)


def _digest(part: object) -> str:
    text = json.dumps(part, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
