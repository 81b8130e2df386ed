"""Reasons as people read them: nested lists, running text, and what is missing."""

from collections.abc import Iterable

from api.present.page import Page
from engine.core.names import lower
from engine.core.narrate import Line
from engine.core.result import Missing


def lines(page: Page, found: Iterable[Line], *, indent: int) -> None:
    """Write reasons as a nested list, each with the events it rests on."""
    for line in found:
        page.put(f"{line.says}{_events(line)}", indent=indent, mark="- ")
        lines(page, line.below, indent=indent + 2)


def _events(line: Line) -> str:
    # an outer line rests on the events of the lines below it: they say it
    return "" if not line.events or line.below else f"  [{' '.join(line.events)}]"


def paragraph(found: Iterable[Line]) -> str:
    """Return reasons as running text."""
    told = [f"{line.says}{_inner(line)}" for line in found]
    return "; ".join((*told[:1], *map(lower, told[1:]))) or "always"


def _inner(line: Line) -> str:
    if not line.below:
        return _events(line).replace("  [", " [")
    return f" ({lower(paragraph(line.below))})"


def missing(found: Iterable[Missing]) -> str:
    """Return what is missing, with the date of the value that is too old."""
    told = [f"{m.title} (last {m.last})" if m.last else m.title for m in found]
    return ", ".join((*told[:1], *map(lower, told[1:])))
