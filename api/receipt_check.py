"""Checking a receipt: is it as it was signed, does its record follow from its audit, does it decide the same?

Nothing of the database is needed: the rules are the packaged ones, and must be those of the receipt.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from api.keys import KeyRing, PublicKey, key_of
from api.receipts import (
    FORMAT,
    PARTS,
    SIGNATURE,
    event_from,
    link_from,
    parts_of,
    rendered,
    result_document,
    signed_text,
)
from api.wiring import Shelf
from engine.core.evaluate import evaluate
from engine.core.events import Record
from engine.core.kept import AuditLink, Head
from engine.core.sealing import RECORDED, broken_at, leaf, seal_hash
from engine.errors import NotFound

MOST = 20
"""Differences of a result that are told one by one."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a receipt that does not hold."""

    place: str
    """JSON pointer, or a line of the file."""
    says: str

    def __str__(self) -> str:
        return f"{self.place}: {self.says}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What checking a receipt found."""

    findings: tuple[Finding, ...]
    document: Mapping[str, Any]
    """Empty when it cannot be read."""
    fingerprint: str | None
    """Of the key it says it was signed with; None when it cannot be read."""


def check(text: str, shelf: Shelf, fingerprint: str | None, others: tuple[PublicKey, ...] = ()) -> Verdict:
    """Return what is found in the text of a receipt.

    Args:
        text: of the file.
        shelf: the packaged pathways.
        fingerprint: of the key it has to be signed with; any key will do if None.
        others: further keys that may have made the seal.
    """
    try:
        document = _read(text)
    except ValueError as error:
        return Verdict((Finding("/", f"is no receipt of ours: {error}"),), {}, None)
    found = tuple(_layout(text, document))
    try:
        key = key_of(document.get("key", {}))
    except ValueError:
        return Verdict((*found, Finding("/key", "is no key")), document, None)
    found += tuple(_signed(document, key))
    if fingerprint not in (None, key.fingerprint):
        found += (Finding("/key", f"is {key.fingerprint}, not the key you named, {fingerprint}"),)
    if not found:  # what follows rests on a document that is as it was signed
        try:
            found = tuple(_holding(document, shelf, KeyRing((key, *others))))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            found = (Finding("/", f"does not have the shape of a receipt ({type(error).__name__})"),)
    return Verdict(found, document, key.fingerprint)


def _read(text: str) -> Json:
    try:
        document = json.loads(text, parse_float=_refuse, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("it nests too deep") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f"`format` must be {FORMAT}")
    return document


def _refuse(text: str) -> None:
    raise ValueError(f"{text} is not written exactly")


def _layout(text: str, document: Json) -> Iterator[Finding]:
    """Yield the first line that is not written as we write it: a repeated key, another order, a blank."""
    written = rendered(document)
    if text != written:
        pairs = enumerate(zip(text.split("\n"), written.split("\n"), strict=False), start=1)
        line = next((number for number, (is_, should) in pairs if is_ != should), 1)
        yield Finding(f"line {line}", "the layout of the file was changed")


def _signed(document: Json, key: PublicKey) -> Iterator[Finding]:
    """Yield the parts that are not as they were signed."""
    parts, told = parts_of(document), document.get(PARTS)
    known = told if isinstance(told, dict) else {}
    changed = [place for place in (*parts, *known) if parts.get(place) != known.get(place)]
    for place in dict.fromkeys(changed):
        yield Finding(place, "was changed, put in or taken out")
    signature = document.get(SIGNATURE)
    genuine = isinstance(signature, str) and key.genuine(signed_text(document), signature)
    if not genuine and not changed:
        yield Finding(f"/{SIGNATURE}", f"is no signature of /{PARTS} by /key")


def _holding(document: Json, shelf: Shelf, ring: KeyRing) -> Iterator[Finding]:
    """Yield what does not hold in a document that is as it was signed."""
    record = Record(tuple(map(event_from, document["record"])))
    links = [link_from(document["patient"], each) for each in document["audit"]]
    broken = broken_at(links)
    if broken is not None:
        yield Finding(f"/audit/{broken - 1}", "does not fit its hash, or does not follow the entry before it")
    yield from _named(record, links)
    yield from _sealed(document, links, ring)
    yield from _decided(document, record, shelf)


def _named(record: Record, links: list[AuditLink]) -> Iterator[Finding]:
    named = {
        (event, link.entry.instant)
        for link in links
        if link.entry.act == RECORDED
        for event in link.entry.body["events"]  # type: ignore[attr-defined]
    }
    for place, event in enumerate(record):
        if (event.id, event.stamp.instant) not in named:
            yield Finding(f"/record/{place}", "no entry of the audit names this event and when it came")


def _sealed(document: Json, links: list[AuditLink], ring: KeyRing) -> Iterator[Finding]:
    seal = document["seal"]
    if seal is None:
        return
    head = Head(document["patient"], seal["head"]["number"], seal["head"]["hash"])
    if not (0 < head.number <= len(links) and links[head.number - 1].hash == head.hash):
        yield Finding("/seal/head", "is not the entry of the audit with this number")
    if leaf(head) not in seal["leaves"]:
        yield Finding("/seal/leaves", "do not cover the head")
    instant = datetime.fromisoformat(seal["instant"])
    if seal["hash"] != seal_hash(seal["number"], instant, seal["leaves"], seal["previous_hash"]):
        yield Finding("/seal/hash", "is not that of the seal")
    elif not ring.genuine(seal["hash"], seal["signature"]):
        yield Finding("/seal/signature", "is not by the key of the receipt; name the key that made the seal")


def _decided(document: Json, record: Record, shelf: Shelf) -> Iterator[Finding]:
    """Yield where the decision comes out differently."""
    question = document["question"]
    try:
        rules = shelf.pathway(question["pathway"], question["version"])
    except NotFound as unknown:
        yield Finding("/question", f"cannot be decided again here. {unknown}")
        return
    if rules.digest != question["digest"]:
        yield Finding(
            "/question/digest",
            f"cannot be decided again here: this Careway has other rules for {question['pathway']} version "
            f"{question['version']}, with the digest {rules.digest}. Use the Careway that has those.",
        )
        return
    again = result_document(evaluate(rules, record, date.fromisoformat(question["as_of"])), shelf)
    places = list(differences("/result", document["result"], again))
    for place in places[:MOST]:
        yield Finding(place, "comes out differently when it is decided again")
    if len(places) > MOST:
        yield Finding("/result", f"and {len(places) - MOST} further differences")


def differences(place: str, one: Any, other: Any) -> Iterator[str]:
    """Yield the JSON pointers at which two values differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            inner = f"{place}/" + name.replace("~", "~0").replace("/", "~1")
            if name in one and name in other:
                yield from differences(inner, one[name], other[name])
            else:
                yield inner
    elif isinstance(one, list) and isinstance(other, list):
        for index in range(max(len(one), len(other))):
            if index < min(len(one), len(other)):
                yield from differences(f"{place}/{index}", one[index], other[index])
            else:
                yield f"{place}/{index}"
    elif type(one) is not type(other) or one != other:
        yield place
