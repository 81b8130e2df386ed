"""Paper for a browser: what is written for a terminal, as sections of lines that a template shows."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from rich.text import Text

from api.present import page

CLASSES = {page.HEAD: "strong", page.QUIET: "quiet", page.WARN: "warn", page.ALARM: "alarm", page.KEY: "term"}
"""How the styles of a terminal are called in a browser."""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line in one style."""

    text: str
    style: str


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, or an item of a list."""

    level: int
    """Columns it is indented by in a terminal."""
    item: bool
    runs: tuple[Run, ...]


@dataclass(slots=True)
class Section:
    """A part of a sheet."""

    title: str
    remark: str
    lines: list[Line] = field(default_factory=list)


class Sheet:
    """Collects what is written; the first section has no title."""

    def __init__(self) -> None:
        self.sections = [Section("", "")]

    def heading(self, text: str, remark: str = "") -> None:
        """Start a section."""
        self.sections.append(Section(text, remark))

    def put(self, text: str | Text, *, indent: int = 0, mark: str | Text = "", style: str = "") -> None:
        """Write a paragraph; one with a mark is an item of a list."""
        body = text if isinstance(text, Text) else Text(text, style=style)
        self.sections[-1].lines.append(Line(indent, bool(mark), tuple(_runs(body))))

    def items(self, texts: Iterable[str]) -> None:
        """Write a list."""
        for text in texts:
            self.put(text, indent=2, mark="- ")

    def rows(self, rows: Iterable[tuple[str, str]]) -> None:
        """Write a list of terms with their explanation."""
        for term, text in rows:
            self.put(Text(f"{term} ", style=page.KEY).append(text, style=""), indent=2, mark="- ")


def _runs(text: Text) -> Iterable[Run]:
    """Yield the pieces of a text; of its own style, a piece has it where it has no other."""
    own, at = str(text.style), 0
    for span in text.spans:
        if span.start > at:
            yield _run(text.plain[at : span.start], own)
        yield _run(text.plain[span.start : span.end], str(span.style) or own)
        at = span.end
    if text.plain[at:]:
        yield _run(text.plain[at:], own)


def _run(text: str, style: str) -> Run:
    return Run(text, CLASSES.get(style, ""))
