"""What the commands on stories share: which story, which rules, and the record it comes to."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from api.errors import BadInput
from api.stories import Refused, read_stories, read_text, take_in
from api.wiring import Shelf
from engine.core.definition import PathwayDefinition
from engine.core.events import Record
from engine.core.pathway import Pathway
from engine.core.stories import Story, day

STORY_FILE = Annotated[
    Path,
    typer.Argument(metavar="STORY.yaml", help="One story, or a file of stories; - is standard input."),
]
STORY_ID = Annotated[
    str | None, typer.Option("--story", metavar="ID", help="Which story, when the file holds several.")
]
PATHWAY = Annotated[
    str | None, typer.Option("--pathway", metavar="ID", help="Default: what the file says, or the first.")
]
VERSION = Annotated[
    str | None, typer.Option("--version", metavar="V", help="Default: what the file says, or 1.")
]
AS_JSON = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


@dataclass(frozen=True, slots=True)
class Told:
    """A story that was taken in."""

    shelf: Shelf
    story: Story
    pathway: Pathway
    """With the story's parameters."""
    published: PathwayDefinition
    record: Record
    refused: tuple[Refused, ...]

    @property
    def last_day(self) -> date:
        """The last day of receipt."""
        return self.story.events[-1].received


def told(path: Path, story_id: str | None, pathway: str | None, version: str | None) -> Told:
    """Return a story of a file, taken in.

    Args:
        path: the file; `-` is standard input.
        story_id: which of several; the only one if None.
        pathway: the pathway; what the file says if None, else the first one packaged.
        version: its version; what the file says if None.

    Raises:
        BadInput: no such story, or several and none was named.
        DocumentRefused: with every defect of the file.
        FileUnusable: the file cannot be read as text.
        NotFound: no such pathway or version.
    """
    shelf = Shelf()
    file, text = read_text(path)
    found = read_stories(text, file)
    story = found.story(story_id)
    name = pathway or found.pathway or default_pathway(shelf)
    # the version a file names is one of the pathway it names
    base = shelf.pathway(name, version or (found.version if name == found.pathway else None))
    found.check_parameters(story, base.definition)
    used = shelf.adjusted(base, story.params)
    record, refused = take_in(story, used)
    return Told(shelf, story, used, base.definition, record, refused)


def default_pathway(shelf: Shelf) -> str:
    """Return the pathway that is meant when none is named: the first one packaged."""
    return shelf.library.available()[0][0]


def asked_day(option: str, text: str | None) -> date | None:
    """Return the date of an option, or None when it was not given.

    Raises:
        BadInput: it is not a date.
    """
    if text is None:
        return None
    try:
        return day(text)
    except ValueError as error:
        raise BadInput(f"{option}: {error}. Write a date as YYYY-MM-DD, for example 2024-06-03.") from None
