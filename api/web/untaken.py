"""What does not come about for a patient, as cards: why, what is missing, what single datum would do it."""

from dataclasses import dataclass

from api.web import words
from api.web.cards import lacks
from engine.core.narrate import Line
from engine.core.result import Citation
from engine.core.whynot import EdgeNotTaken, NotOffered


@dataclass(frozen=True, slots=True)
class Untaken:
    """A way that is not taken, or an option that is not offered."""

    title: str
    tag: str
    look: str
    """One of the engine's words; nothing for a way."""
    missing: tuple[str, ...]
    would: str
    """What is said of the data that would do it, or of their absence; nothing where that says nothing."""
    flips: tuple[str, ...]
    reasons: tuple[Line, ...]
    citations: tuple[Citation, ...]


def way(edge: EdgeNotTaken) -> Untaken:
    """Return a way out of the state that is not taken; one that holds waits for an event, not for a datum."""
    would = "Any one of these would take it:" if edge.flips else "No single datum would take it."
    return Untaken(
        f"To {edge.to_title}",
        edge.id,
        "",
        lacks(edge.missing),
        "" if edge.holds and not edge.flips else would,
        tuple(flip.says for flip in edge.flips),
        edge.reasons,
        edge.citations,
    )


def option(found: NotOffered) -> Untaken:
    """Return an option that is not offered."""
    return Untaken(
        found.title,
        words.plainly(found.disposition),
        found.disposition,
        lacks(found.missing),
        "Any one of these would have it offered:" if found.flips else "",
        tuple(flip.says for flip in found.flips),
        found.reasons,
        found.citations,
    )
