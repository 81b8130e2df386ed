"""Why not, on a page: the ways out of the state, then the options, each with what would do it."""

from rich.text import Text

from api.present.page import HEAD, QUIET, Page
from api.present.reasons import lines, missing, paragraph
from api.present.words import DISPOSITIONS
from engine.core.names import lower, quantity, shown, unit_text
from engine.core.whynot import EdgeNotTaken, FlipView, NotOffered, WhyNot

NONE = "No single datum: more than one thing would have to be recorded."


def why_not_page(page: Page, found: WhyNot) -> None:
    """Write why no way out is taken and why options are not offered."""
    if found.transitions:
        page.heading("What would move the patient", "any one of these alone, recorded on the day asked about")
    for edge in found.transitions:
        _edge(page, edge)
    if found.options:
        page.heading("Not offered")
    for option in found.options:
        _option(page, option)


def _edge(page: Page, edge: EdgeNotTaken) -> None:
    page.put(Text(f"→ {edge.to_title}", style=HEAD).append(f"  {edge.id}", style=QUIET), indent=2)
    if edge.holds:
        page.put("Holds already; it is taken with the next message.", indent=6)
        return
    page.put(_flips(edge.flips) or NONE, indent=6)
    page.put("Not taken now, because:", indent=6, style=QUIET)
    lines(page, edge.reasons, indent=8)


def _option(page: Page, option: NotOffered) -> None:
    page.put(Text(option.title, style=HEAD).append(f"  {option.id}", style=QUIET), indent=2)
    stands = DISPOSITIONS.get(option.disposition, option.disposition)
    because = f": {paragraph(option.reasons)}" if option.reasons else ""
    page.put(f"{stands[:1].upper()}{stands[1:]}{because}", indent=6)
    if option.missing:
        page.put(f"Missing: {missing(option.missing)}", indent=6)
    if option.flips:
        page.put(f"Would be offered with: {lower(_flips(option.flips))}", indent=6)


def _flips(found: tuple[FlipView, ...]) -> str:
    told = [f"{flip.says}{_last(flip)}" for flip in found]
    return "; or ".join((*told[:1], *map(lower, told[1:])))


def _last(flip: FlipView) -> str:
    if flip.last is None:
        return ""
    value = quantity(shown(flip.last.value), unit_text(flip.last.unit))
    return f" (last on {flip.last.date})" if flip.again else f" (last {value} on {flip.last.date})"
