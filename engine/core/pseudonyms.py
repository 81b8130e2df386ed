"""Pseudonyms: what an export tells of patients when nobody shall know whose it is.

What may be told is listed: numbers, truths, and words of the vocabulary and the pathways. All other text is
left out, whoever wrote it. Ids become pseudonyms, and a patient's dates move together by up to half a year,
so that what lies between them stays. All depends on a key: whoever has it not can join nothing by ids and
dates, and neither can two exports with two keys be joined. By equal values and intervals they can.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from hmac import digest
from typing import Any

from pydantic import BaseModel

from engine.core.events import BODIES, Body, Correct, Event
from engine.core.values import plain

IDS = ("target",)
"""Fields of an event that hold the id of another one."""
YEAR = ("birth_date",)
"""Dates of which nothing but the year is told."""
WIDEST = 182
"""Days by which the dates of a patient move at most, to either side."""


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """What stands for what in one export."""

    key: bytes
    words: frozenset[str]
    """Text that may be told."""

    def of(self, text: str) -> str:
        """Return what stands for an id: 32 hexadecimal digits, always the same for the same id."""
        return digest(self.key, f"id {text}".encode(), sha256).hex()[:32]

    def moved(self, patient: str, day: date) -> date:
        """Return what stands for a date of a patient."""
        drawn = int.from_bytes(digest(self.key, f"days {patient}".encode(), sha256)[:8])
        return day + timedelta(days=drawn % (2 * WIDEST + 1) - WIDEST)

    def message(self, patient: str, event: Event) -> dict[str, Any]:
        """Return an event as a message, with nothing in it that could tell whose it is."""
        message: dict[str, Any] = {
            "id": self.of(event.id),
            "type": event.type,
            "effective": self.moved(patient, event.effective).isoformat(),
            "source": event.source,
        }
        if event.pathway is not None:
            message["pathway"] = event.pathway
        return message | self._body(patient, event.body)

    def _body(self, patient: str, body: Body) -> dict[str, Any]:
        if isinstance(body, Correct):
            return {"target": self.of(body.target)} | self._body(patient, body.body)
        told = self._told(patient, body.model_dump(exclude_defaults=True))
        found: dict[str, Any] = {} if told is None else told
        return found

    def _told(self, patient: str, value: Any, name: str = "") -> Any:
        """Return what is told of a value; None for nothing."""
        match value:
            case Mapping():
                parts = {key: self._told(patient, part, key) for key, part in value.items()}
                return {key: part for key, part in parts.items() if part is not None}
            case list() | tuple():
                return [self._told(patient, part) for part in value]
            case bool():
                return value
            case Decimal() | int():
                return plain(Decimal(value))
            case date():
                return str(value.year) if name in YEAR else self.moved(patient, value).isoformat()
            case str():
                return self.of(value) if name in IDS else value if value in self.words else None
            case _:
                return None


def words(*documents: BaseModel) -> frozenset[str]:
    """Return every word of some documents, such as the vocabulary and pathways, and of the events' forms."""
    found = {word for document in documents for word in _strings(document.model_dump(mode="json"))}
    return frozenset(found.union(*(_strings(body.model_json_schema()) for body in BODIES.values())))


def _strings(value: object) -> Iterable[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for key, part in value.items():
                yield from (str(key), *_strings(part))
        case list() | tuple():
            for part in value:
                yield from _strings(part)
