"""A page of plain text: headings, paragraphs and lists that wrap under their own indent.

Only words carry meaning; colour and weight repeat it. Nothing is drawn, so a page can be piped, copied
and read aloud. Rich decides whether the terminal takes colour (`NO_COLOR` and pipes take none).
"""

import sys
from collections.abc import Iterable
from typing import Protocol

from rich.console import Console
from rich.text import Text

WIDEST = 100
"""Columns used at most: longer lines are hard to read."""
NARROWEST = 40

HEAD = "bold"
ALARM = "bold red"
WARN = "yellow"
GOOD = "green"
QUIET = "dim"
KEY = "cyan"


def console(*, error: bool = False) -> Console:
    """Return a console on standard output, or on standard error."""
    stream = sys.stderr if error else sys.stdout
    return Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)


class Paper(Protocol):
    """What a page can be written on, whoever shows it."""

    def heading(self, text: str, remark: str = "") -> None:
        """Start a section."""

    def put(self, text: str | Text, *, indent: int = 0, mark: str | Text = "", style: str = "") -> None:
        """Write a paragraph.

        Args:
            text: what to write; a `Text` keeps its own styles.
            indent: columns to leave free on the left.
            mark: what the first line starts with; the other lines are indented as far.
            style: style of a plain text.
        """

    def items(self, texts: Iterable[str]) -> None:
        """Write a list."""

    def rows(self, rows: Iterable[tuple[str, str]]) -> None:
        """Write a list of terms with their explanation."""


class Page:
    """Paper for a terminal, written line by line."""

    def __init__(self, to: Console) -> None:
        self.to = to
        self.width = max(NARROWEST, min(WIDEST, to.width))

    def heading(self, text: str, remark: str = "") -> None:
        """Start a section in capitals, with an empty line above it."""
        self.blank()
        line = Text(text.upper(), style=HEAD)
        if remark:
            line.append(f"  {remark}", style=QUIET)
        self.put(line)

    def blank(self) -> None:
        """Leave a line empty."""
        self.to.print()

    def put(self, text: str | Text, *, indent: int = 0, mark: str | Text = "", style: str = "") -> None:
        """Write a paragraph, wrapped under its own indent."""
        body = text if isinstance(text, Text) else Text(text, style=style)
        lead = Text(" " * indent).append(mark)
        hang = Text(" " * len(lead))
        for number, line in enumerate(body.wrap(self.to, max(NARROWEST // 2, self.width - len(lead)))):
            line.rstrip()
            self.to.print((lead if number == 0 else hang) + line)

    def items(self, texts: Iterable[str]) -> None:
        """Write a list."""
        for text in texts:
            self.put(text, indent=2, mark="- ")

    def rows(self, rows: Iterable[tuple[str, str]], *, indent: int = 2, style: str = KEY) -> None:
        """Write a list of terms with their explanation, in two columns."""
        listed = list(rows)
        wide = min(24, max((len(term) for term, _ in listed), default=0))
        for term, text in listed:
            mark = f"{term:<{wide}}  "
            if len(term) > wide:
                self.put(term, indent=indent, style=style)
                mark = " " * (wide + 2)
            self.put(text, indent=indent, mark=mark)


def sentence(parts: Iterable[str]) -> str:
    """Return the parts that say something, joined by a middle dot."""
    return " · ".join(part for part in parts if part)


def count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: "no reviews", "1 review", "2 reviews"."""
    return f"{number or 'no'} {one if number == 1 else many or one + 's'}"
