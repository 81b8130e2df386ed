"""Checks of documents and runs of stories, for `pathway check`, `pathway test` and `doctor`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from api.errors import BadInput
from api.stories import StoryFile, is_story, read_stories, read_text
from api.wiring import Shelf, definition_defects
from engine.core.definition import PathwayDefinition
from engine.core.stories import Mismatch, Story, tell
from engine.errors import Defect, DocumentRefused, NotFound
from pathways.library import Source, sources_from
from pathways.reader import load_definition, read_yaml


@dataclass(frozen=True, slots=True)
class Checked:
    """A document that was checked, and what is wrong with it."""

    name: str
    defects: tuple[Defect, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """An entry of a story that came out differently."""

    entry: int
    """Place in the story, counted from 1."""
    event: str
    """The message's id, or `check`."""
    received: date
    mismatch: Mismatch


@dataclass(frozen=True, slots=True)
class StoryRun:
    """A story as it ran."""

    story: Story
    entries: int
    different: int
    """Entries with at least one difference."""
    differences: tuple[Difference, ...]


def check_packaged(shelf: Shelf, pathway: str | None = None) -> Iterator[Checked]:
    """Yield every packaged document of one pathway, or of all, with its defects.

    Raises:
        NotFound: there is no such pathway.
    """
    known = dict(shelf.library.available())
    if pathway is not None and pathway not in known:
        raise NotFound("pathway", pathway, tuple(known))
    try:
        shelf.library.vocabulary()
    except DocumentRefused as refused:
        # nothing else can be judged without the words the rules are written in
        yield Checked("vocabulary.yaml", refused.defects)
        return
    yield Checked("vocabulary.yaml", ())
    for name in known if pathway is None else (pathway,):
        for version in known[name]:
            yield Checked(shelf.library.document(name, version)[0], shelf.defects(name, version))
        for file, text in shelf.library.vignettes(name):
            yield Checked(file, story_defects(text, file, shelf))


def story_defects(text: str, name: str, shelf: Shelf) -> tuple[Defect, ...]:
    """Return every defect of a document of stories, its parameters included."""
    try:
        found = read_stories(text, name)
    except DocumentRefused as refused:
        return refused.defects
    if found.pathway is None:
        return ()
    try:
        definition = shelf.library.definition(found.pathway, found.version)
    except NotFound as missing:
        key = "pathway" if missing.kind == "pathway" else "pathway_version"
        return (Defect(name, found.document.line((key,)), key, str(missing)),)
    except DocumentRefused:
        return ()  # reported with the pathway's own document
    defects: list[Defect] = []
    for story in found.stories:
        try:
            found.check_parameters(story, definition)
        except DocumentRefused as refused:
            defects += refused.defects
    return tuple(defects)


def check_file(path: Path, shelf: Shelf) -> Checked:
    """Return a document on disk with its defects: a version of a pathway, or stories.

    Raises:
        FileUnusable: it cannot be read.
    """
    name, text = read_text(path)
    try:
        document = read_yaml(text, name)
    except DocumentRefused as refused:
        return Checked(name, refused.defects)
    if is_story(document):
        return Checked(name, story_defects(text, name, shelf))
    try:
        sources = _sources_beside(path)
        return Checked(
            name,
            definition_defects(text, name, lambda older: _beside(path, older), shelf.vocabulary, sources),
        )
    except DocumentRefused as refused:
        return Checked(name, refused.defects)


def _beside(path: Path, version: str) -> PathwayDefinition:
    """Return the version a document extends, from the file beside it."""
    older = path.parent / f"v{version}.yaml"
    if not older.is_file():
        raise DocumentRefused(
            (Defect(str(path), 1, "extends", f"version {version!r} is to stand beside it, as {older.name}"),)
        )
    name, text = read_text(older)
    return load_definition(text, name)


def _sources_beside(path: Path) -> Mapping[str, Source] | None:
    """Return the sources listed beside a document; None when there is no list, and citations go unchecked."""
    file = path.parent / "sources.yaml"
    if not file.is_file():
        return None
    name, text = read_text(file)
    return sources_from(text, name)


def run_stories(
    shelf: Shelf, found: StoryFile, pathway: str, version: str | None, only: str | None = None
) -> Iterator[StoryRun]:
    """Yield the stories of a document as they ran, one by one.

    Args:
        shelf: the compiled pathways.
        found: the stories.
        pathway: the pathway to run them on.
        version: its version; None for the one the document names.
        only: id of a single story; None for all.

    Raises:
        BadInput: the stories are for another pathway, or there is no such story.
        DocumentRefused: a parameter of a story cannot be set.
    """
    if found.pathway not in (None, pathway):
        raise BadInput(f"The stories in {found.name} are for the pathway {found.pathway!r}, not {pathway!r}.")
    base = shelf.pathway(pathway, version or found.version)
    stories = found.stories if only is None else (found.story(only),)
    for story in stories:
        found.check_parameters(story, base.definition)
    for story in stories:
        differences: list[Difference] = []
        entries = different = 0
        for entries, outcome in enumerate(tell(story, shelf.adjusted(base, story.params)), start=1):
            event = str(outcome.entry.message.get("id", outcome.entry.message.get("type")))
            different += bool(outcome.mismatches)
            differences += [Difference(entries, event, outcome.entry.received, m) for m in outcome.mismatches]
        yield StoryRun(story, entries, different, tuple(differences))
