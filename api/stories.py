"""Stories from files: one story, or a file of many, read with the line of every defect.

A single story is a mapping with `events`, whose entries may be bare messages; a file of stories has
`vignettes`. The runner is the engine's; here are the reading, the choosing and the taking-in.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import Field

from api.errors import BadInput, FileUnusable
from api.wiring import parameter_problem
from engine.core.definition import PathwayDefinition
from engine.core.events import Record
from engine.core.ingest import Door
from engine.core.pathway import Pathway
from engine.core.result import Result, View
from engine.core.stories import Stories, Story, StoryEntry, receive
from engine.core.values import Frozen, Number
from engine.core.whynot import WhyNot
from engine.errors import Defect, DocumentRefused
from pathways.reader import Document, dotted, read_yaml, validated

FROM_INPUT = "-"
"""Stands for standard input where a file is asked for."""
LARGEST = 20_000_000
"""Bytes; a file larger than this is not a story."""


class _OneStory(Frozen):
    """A document that is one story; everything but the events may be left out."""

    format: int = 1
    pathway: str | None = None
    pathway_version: str | int | None = None
    id: str = ""
    title: str = ""
    covers: str = ""
    params: dict[str, bool | Number] = {}
    events: tuple[StoryEntry, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class StoryFile:
    """The stories of one document, and what it says they are for."""

    name: str
    pathway: str | None
    version: str | None
    stories: tuple[Story, ...]
    document: Document = field(repr=False)
    single: bool
    """Whether the document is one story, not a list of them."""

    def story(self, wanted: str | None) -> Story:
        """Return the story asked for, or the only one.

        Raises:
            BadInput: no such story, or several and none was named.
        """
        known = ", ".join(story.id for story in self.stories)
        if wanted is None:
            if len(self.stories) == 1:
                return self.stories[0]
            raise BadInput(
                f"{self.name} holds {len(self.stories)} stories; name one with --story. Known: {known}."
            )
        found = next((story for story in self.stories if story.id == wanted), None)
        if found is None:
            raise BadInput(f"There is no story {wanted!r} in {self.name}. Known: {known}.")
        return found

    def check_parameters(self, story: Story, definition: PathwayDefinition) -> None:
        """Make sure that a story's parameters can be set.

        Raises:
            DocumentRefused: with a defect for each that cannot.
        """
        defects = tuple(self._parameter_defects(story, definition))
        if defects:
            raise DocumentRefused(defects)

    def _parameter_defects(self, story: Story, definition: PathwayDefinition) -> Iterator[Defect]:
        path = () if self.single else ("vignettes", self.stories.index(story))
        for name, value in story.params.items():
            problem = parameter_problem(name, value, definition)
            if problem is not None:
                at = (*path, "params", name)
                yield Defect(self.name, self.document.line(at), dotted(at), problem)


class ProblemView(View):
    """One thing wrong with a message: where in it, which rule, and the sentence to show."""

    pointer: str
    code: str
    text: str


class Refused(View):
    """A message of a story that was refused."""

    entry: int
    """Place in the story, counted from 1."""
    id: str | None
    type: str | None
    received: date
    outcome: str
    problems: tuple[ProblemView, ...]


class StoryAnswer(View):
    """What `careway evaluate` answers: the result, and what became of the story's messages."""

    story: str
    title: str
    as_of: date
    known_at: date | None
    messages: int
    """Messages of the story received by `known_at`."""
    refused: tuple[Refused, ...]
    result: Result
    why_not: WhyNot | None = None
    """What does not come about; null if it was not asked for."""


def read_text(path: Path) -> tuple[str, str]:
    """Return the name to show and the text of a file; `-` is standard input.

    Raises:
        FileUnusable: it is missing, a directory, too large, not text, or may not be read.
    """
    name = str(path)
    if name == FROM_INPUT:
        return "standard input", _decoded(sys.stdin.buffer.read(LARGEST + 1), "standard input")
    try:
        with path.open("rb") as file:
            return name, _decoded(file.read(LARGEST + 1), name)
    except FileNotFoundError:
        near = [p.name for p in sorted(path.parent.glob("*.y*ml"))[:8]] if path.parent.is_dir() else []
        hint = f" In that folder: {', '.join(near)}." if near else ""
        raise FileUnusable(f"There is no file {name!r}.{hint}") from None
    except IsADirectoryError:
        raise FileUnusable(f"{name!r} is a directory; name a file in it.") from None
    except OSError as error:
        raise FileUnusable(f"{name!r} cannot be read: {error.strerror or error}.") from error


def _decoded(content: bytes, name: str) -> str:
    if len(content) > LARGEST:
        raise FileUnusable(
            f"{name!r} is larger than {LARGEST // 1_000_000} MB; that is no YAML document of ours."
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileUnusable(f"{name!r} is not text in UTF-8; a YAML document is needed.") from None


def is_story(document: Document) -> bool:
    """Whether a document is a story or a file of stories."""
    return isinstance(document.value, dict) and not document.value.keys().isdisjoint(("events", "vignettes"))


def read_stories(text: str, name: str) -> StoryFile:
    """Return the stories of a document.

    Raises:
        DocumentRefused: with every defect found.
    """
    document = read_yaml(text, name)
    if not is_story(document):
        raise DocumentRefused(
            (Defect(name, 1, "(document)", "needs `events` (one story) or `vignettes` (a file of stories)"),)
        )
    single = "vignettes" not in document.value
    if single:
        one = validated(Document(_wrapped(document.value), document.lines), _OneStory, name)
        story = Story(
            id=one.id or "story", title=one.title, covers=one.covers, params=one.params, events=one.events
        )
        found = StoryFile(name, one.pathway, _version(one.pathway_version), (story,), document, single)
    else:
        many = validated(document, Stories, name)
        version = _version(many.pathway_version)
        found = StoryFile(name, many.pathway, version, many.vignettes, document, single)
    defects = tuple(_order_defects(found))
    if defects:
        raise DocumentRefused(defects)
    return found


def _version(value: str | int | None) -> str | None:
    return None if value is None else str(value)


def _wrapped(value: dict[str, Any]) -> dict[str, Any]:
    """Put bare messages of a single story under `in`, where a story's entries have them."""
    events = value.get("events")
    if not isinstance(events, list):
        return value
    return {**value, "events": [{"in": e} if isinstance(e, dict) and "in" not in e else e for e in events]}


def _order_defects(file: StoryFile) -> Iterator[Defect]:
    """Stories have ids of their own, and their entries come in the order of receipt."""
    ids: set[str] = set()
    for index, story in enumerate(file.stories):
        above: tuple[str | int, ...] = () if file.single else ("vignettes", index)
        if story.id in ids:
            yield _defect(file, (*above, "id"), f"the id {story.id} is used twice")
        ids.add(story.id)
        last = date.min
        for number, entry in enumerate(story.events):
            at = (*above, "events", number)
            if entry.received < last:
                says = f"received {entry.received}, before the entry above ({last}); list them as they came"
                yield _defect(file, at, says)
            last = max(last, entry.received)


def _defect(file: StoryFile, path: tuple[str | int, ...], text: str) -> Defect:
    return Defect(file.name, file.document.line(path), dotted(path), text)


def take_in(story: Story, pathway: Pathway) -> tuple[Record, tuple[Refused, ...]]:
    """Return the record after all messages of a story, and those that were refused, in order."""
    door, record = Door(pathway.vocabulary, {pathway.definition.id: pathway.definition}), Record()
    refused: list[Refused] = []
    for number, entry in enumerate(story.events, start=1):
        if entry.is_check:
            continue
        record, outcome, problems = receive(door, record, entry.message, number)
        if problems:
            refused.append(
                Refused(
                    entry=number,
                    id=_text(entry.message.get("id")),
                    type=_text(entry.message.get("type")),
                    received=entry.received,
                    outcome=outcome,
                    problems=tuple(
                        ProblemView(pointer=p.pointer, code=p.code, text=p.text) for p in problems
                    ),
                )
            )
    return record, tuple(refused)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
