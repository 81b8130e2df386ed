"""Strict reading of YAML documents: nothing is guessed, every defect names its line.

A plain scalar is null, true, false or a number only where JSON would write it so; a number keeps
its digits as int or Decimal; everything else, and everything in quotes, is text. Duplicate keys,
tags, anchors, merge keys and further documents are refused. This is the only module that knows a
YAML library; what documents mean is the business of the models they are validated against.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import import_module
from itertools import islice
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from engine.core.definition import ContentStatus, PathwayDefinition
from engine.core.values import Frozen
from engine.errors import Defect, DocumentRefused
from pathways.wording import Path, close, place, sentence, shown

FAST_PARSER: Any = None
"""The parser in C where it is installed: the stories of a pathway take 0.2 s instead of 2.3 s."""
with suppress(ImportError):
    FAST_PARSER = import_module("ruamel.yaml.cyaml").CParser

M = TypeVar("M", bound=BaseModel)

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORDS = {"null": None, "true": True, "false": False}
_LONGEST_NUMBER = 40
_LARGEST_EXPONENT = 40
_DEEPEST = 40
# The two parsers differ in how they take other line separators, and tabs: neither is let through.
_REFUSED_CHARACTER = re.compile(
    "[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_REFUSAL = "{} may not stand in a document; use spaces and printable characters"
_ADVICE = (
    (r"mapping values", "there is a second ': ' on this line; put the text in quotes"),
    (r"cannot start any token", "text that begins with a special character must stand in quotes"),
    (
        r"expected ':'",
        "this is neither `key: value` nor a list entry; check the indentation, or quote the text",
    ),
    (r"expected (key|<block end>)|block (map|coll)", "the indentation does not fit the lines above"),
    (r"expected '?,'?|flow", "a bracket is not closed, or a comma or a quote is missing"),
    (r"end of stream|quoted scalar", "a quote is opened and never closed"),
)


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read: plain values, and the line each of them stands on."""

    value: Any
    lines: Mapping[Path, int] = field(repr=False)

    def line(self, path: Path) -> int:
        """Return the 1-based line of a path, or of the nearest known node above it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_yaml(text: str, name: str) -> Document:
    """Return the one document a text holds.

    Args:
        text: the YAML text.
        name: the file name to show in defects.

    Raises:
        DocumentRefused: with every defect found; a text that is not YAML at all has one.
    """
    return _Composer(text.removeprefix("\ufeff").replace("\r\n", "\n"), name).compose()


def validated(document: Document, model: type[M], name: str) -> M:
    """Return the model a document describes.

    Raises:
        DocumentRefused: with one defect for each place that does not fit, in order of lines.
    """
    try:
        return model.model_validate(_tuples(document.value))
    except ValidationError as error:
        found: dict[Path, list[str]] = {}
        for detail in error.errors(include_url=False):
            path = place(detail, document.value)
            found.setdefault(path, []).append(sentence(detail, path, model, document.value))
    defects = [
        Defect(name, document.line(path), dotted(path), ", or ".join(dict.fromkeys(texts)))
        for path, texts in found.items()
    ]
    raise DocumentRefused(tuple(sorted(defects, key=lambda d: d.line)))


def load_definition(text: str, name: str, base: PathwayDefinition | None = None) -> PathwayDefinition:
    """Return the pathway version a document describes, alone or as changes to the version it extends.

    A document with `extends` may set version, label, title, content and values of parameters the
    base has, and nothing else.

    Args:
        text: the YAML text.
        name: the file name to show in defects.
        base: the version named by `extends`; None for a document that stands alone.

    Raises:
        DocumentRefused: with every defect found.
    """
    return definition_from(read_yaml(text, name), name, base)


def definition_from(
    document: Document, name: str, base: PathwayDefinition | None = None
) -> PathwayDefinition:
    """Return the pathway version a document describes; see `load_definition`."""
    if extended_by(document) is None:
        return validated(document, PathwayDefinition, name)
    defects: list[Defect] = []
    overrides = document.value.get("parameters")
    if base is not None and isinstance(overrides, dict):
        found = ((("parameters", key), _misfit(key, value, base)) for key, value in overrides.items())
        defects += [Defect(name, document.line(path), dotted(path), text) for path, text in found if text]
    try:
        changes = validated(document, _Changes, name)
    except DocumentRefused as refused:
        raise DocumentRefused((*refused.defects, *defects)) from None
    if base is None or base.version != changes.extends:
        has = "no version was given" if base is None else f"the version given is {base.version!r}"
        text = f"extends version {changes.extends!r}, but {has}"
        defects.append(Defect(name, document.line(("extends",)), "extends", text))
    if base is None or defects:
        raise DocumentRefused(tuple(defects))
    told = {key: getattr(changes, key) for key in ("version", "label", "title", "content")}
    update = {key: value for key, value in told.items() if value is not None}
    return base.with_parameters(changes.parameters).model_copy(update=update)


def extended_by(document: Document) -> str | None:
    """Return the version a pathway document extends, or None if it stands alone."""
    extends = document.value.get("extends") if isinstance(document.value, dict) else None
    return None if extends is None else str(extends)


def dotted(path: Path) -> str:
    """Return a path as people write it: `actions.3.when`."""
    return ".".join(str(part) for part in path) or "(document)"


class _Changes(Frozen):
    """What a document with `extends` may say."""

    extends: str
    version: str
    label: str
    title: str | None = None
    content: ContentStatus | None = None
    parameters: dict[str, Any] = {}
    """Each value must be of the kind it replaces, which only the version extended can tell."""


def _misfit(name: str, value: Any, base: PathwayDefinition) -> str | None:
    """Return why a value cannot replace that of a parameter, or None if it can."""
    if name not in base.parameters:
        return f"version {base.version!r} has no such parameter{close(name, base.parameters)}"
    truth = isinstance(base.parameters[name].value, bool)
    if isinstance(value, bool) is truth and isinstance(value, bool | int | Decimal):
        return None
    return f"must be {'true or false' if truth else 'a number'}, not {shown(value)}"


# ── composing ───────────────────────────────────────────────────────────────────────────────────


def _events(text: str) -> Iterator[Event]:
    if FAST_PARSER is None:
        pure = YAML(typ="safe", pure=True)
        # The grammar of the C parser, so that a document means the same with either.
        pure.version = "1.1"
        yield from pure.parse(text)
        return
    parser = FAST_PARSER(text)
    event: Event | None = None
    while not isinstance(event, StreamEndEvent):
        event = parser.get_event()
        yield event


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being read."""

    path: Path
    line: int
    flow: bool
    """Whether it is written in brackets."""
    values: dict[str, Any] | list[Any]
    key: str | None = None
    """The key whose value comes next; None when a key comes next."""
    broken: int = 0
    """How many keys of this mapping were no text."""


class _Composer:
    """Builds plain values from parse events, without recursion and without following anything."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.stack: list[_Open] = []
        self.lines: dict[Path, int] = {}
        self.defects: list[Defect] = []
        self.documents = 0
        self.root: Any = None

    def compose(self) -> Document:
        for match in islice(_REFUSED_CHARACTER.finditer(self.text), 20):
            line = self.text.count("\n", 0, match.start()) + 1
            self.defect(line, (), _REFUSAL.format(_named(match[0])))
        if not self.defects:
            self.read()
        if not self.defects and not self.documents:
            self.defect(1, (), "the document is empty")
        if self.defects:
            raise DocumentRefused(tuple(self.defects))
        return Document(self.root, self.lines)

    def read(self) -> None:
        try:
            for event in _events(self.text):
                if not self.take(event):
                    return
        except YAMLError as error:
            mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
            line = mark.line + 1 if mark else 1
            self.defect(min(line, self.text.count("\n") + 1), self.place(), _syntax(error))

    def defect(self, line: int, path: Path, text: str) -> None:
        self.defects.append(Defect(self.name, line, dotted(path), text))

    def place(self) -> Path:
        """The path of the node that comes next."""
        if not self.stack:
            return ()
        top = self.stack[-1]
        if isinstance(top.values, list):
            return (*top.path, len(top.values))
        return top.path if top.key is None else (*top.path, top.key)

    def take(self, event: Event) -> bool:
        """Take one event; False ends the reading."""
        line = event.start_mark.line + 1
        if isinstance(event, DocumentStartEvent):
            self.documents += 1
            if event.version or event.tags:
                at = next((n for n, t in enumerate(self.text.split("\n"), 1) if t.startswith("%")), line)
                self.defect(at, (), "a % directive is not read; remove the line")
            if self.documents > 1:
                self.defect(line, (), "a second document begins here; one file holds one document")
                return False
        elif isinstance(event, NodeEvent):
            return self.node(event, line)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            done = self.stack.pop()
            self.put(done.values, done.line, done.path)
        return True

    def node(self, event: NodeEvent, line: int) -> bool:
        path = self.place()
        if isinstance(event, AliasEvent):
            self.defect(line, path, f"*{event.anchor} refers to another place; write the value out")
            self.put_scalar("", line, path, is_key=self.key_next())
            return True
        if event.anchor is not None:
            self.defect(line, path, f"&{event.anchor} names a place to be copied; remove it")
        tag = getattr(event, "tag", None)
        if tag is not None:
            self.defect(line, path, f"the tag {_tag(str(tag))} is not read; remove it")
        if isinstance(event, ScalarEvent):
            read = self.quoted if event.style else self.plain
            self.put_scalar(read(event.value, line, path), line, path, is_key=self.key_next())
            return True
        if self.key_next():
            self.defect(line, path, "a key must be text, not a list or a mapping")
        if len(self.stack) >= _DEEPEST:
            self.defect(line, path, f"more than {_DEEPEST} levels inside each other")
            return False
        flow = bool(getattr(event, "flow_style", False))
        self.stack.append(_Open(path, line, flow, {} if isinstance(event, MappingStartEvent) else []))
        return True

    def key_next(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].values, dict) and self.stack[-1].key is None

    def put_scalar(self, value: Any, line: int, path: Path, *, is_key: bool) -> None:
        if not is_key:
            if not self.stack:
                self.defect(line, path, "a document is a mapping or a list, not a single value")
            self.put(value, line, path)
            return
        top = self.stack[-1]
        here = (*top.path, value)
        if value in top.values:
            self.defect(line, here, f"this key stands twice in one mapping; first on line {self.lines[here]}")
        top.key = value
        self.lines[here] = line

    def put(self, value: Any, line: int, path: Path) -> None:
        """Store a finished value where it belongs; a key's own line stays the line of its entry."""
        self.lines.setdefault(path, line)
        if not self.stack:
            self.root = value
            return
        top = self.stack[-1]
        if isinstance(top.values, list):
            top.values.append(value)
        elif top.key is None:
            top.broken += 1
            top.key = f"?{top.broken}"
        else:
            top.values[top.key] = value
            top.key = None

    def quoted(self, text: str, line: int, path: Path) -> str:
        """Return text as quoted, refusing what an escape must not bring in either."""
        if match := _REFUSED_CHARACTER.search(text.replace("\t", " ")):
            self.defect(line, path, _REFUSAL.format(_named(match[0])))
        return text

    def plain(self, text: str, line: int, path: Path) -> Any:
        """Return what a plain scalar stands for; a key is always text."""
        if self.key_next():
            if text == "<<":
                self.defect(line, path, "a merge key is not read; write the entries out")
            return text
        if text in _WORDS:
            return _WORDS[text]
        if text == "":
            # Parsers place an empty value anywhere up to the next one; its key says where it was meant.
            line = self.lines.get(path, line)
            self.defect(line, path, "nothing is written here; write a value, null, or '' for empty text")
        if ":" in text and self.stack and self.stack[-1].flow:
            # One parser takes it for text, the other for a mistake; most often it is one.
            self.defect(line, path, f"{text!r} in brackets needs quotes, or a space after the colon")
        match = _NUMBER.fullmatch(text)
        if match is None:
            return text
        exponent = match[2]
        if len(text) > _LONGEST_NUMBER or (exponent and abs(int(exponent[1:])) > _LARGEST_EXPONENT):
            self.defect(
                line, path, f"the number {text[:_LONGEST_NUMBER]} is too long; quote it if it is text"
            )
            return None
        return Decimal(text) if match[1] or exponent else int(text)


def _named(character: str) -> str:
    return "a tab" if character == "\t" else f"the character U+{ord(character):04X}"


def _tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")


def _syntax(error: YAMLError) -> str:
    told = (getattr(error, "problem", None) or str(error), getattr(error, "context", None))
    problem = " ".join(str(part) for part in told if part)
    for pattern, advice in _ADVICE:
        if re.search(pattern, problem):
            return advice
    return f"this is not YAML: {problem}"


def _tuples(value: Any) -> Any:
    """Lists become tuples, which is what the frozen models hold; strict models refuse lists."""
    if isinstance(value, list):
        return tuple(_tuples(v) for v in value)
    if isinstance(value, dict):
        return {k: _tuples(v) for k, v in value.items()}
    return value
