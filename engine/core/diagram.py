"""A pathway as a picture: Mermaid text of its states and transitions, read off the definition.

States of one family share a box. A patient's travelled path and current state can be marked.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from engine.core.definition import PathwayDefinition, TransitionDefinition

UNSAFE = {"&": "#amp;", "<": "#lt;", ">": "#gt;", '"': "#quot;", "#": "#35;", ";": "#59;", ":": "#58;"}
"""Characters with a meaning in Mermaid, and how they are written as text."""


def diagram(
    definition: PathwayDefinition, current: str | None = None, path: Iterable[tuple[str, str]] = ()
) -> str:
    """Return a Mermaid `stateDiagram-v2` of a pathway, without a newline at the end.

    Args:
        definition: the pathway.
        current: full name of the state a patient is in, to be marked.
        path: the patient's steps, each as the transition's id and the state that was left.

    Raises:
        KeyError: `current` is not a state of the pathway.
    """
    if current is not None and current not in definition.states:
        raise KeyError(current)
    steps = tuple(path)
    taken, left = {rule for rule, _ in steps}, {state for _, state in steps}
    visited = [_id(state) for state in definition.states if state in left and state != current]
    return "\n".join(
        (
            "---",
            f"title: '{_title(definition)}'",
            "---",
            "stateDiagram-v2",
            *_states(definition),
            f"    [*] --> {_id(definition.initial)}",
            *(line for row in definition.transitions for line in _arrows(row, definition, taken)),
            *(_marked("visited", "stroke-dasharray:6 3", visited) if visited else ()),
            *(_marked("current", "stroke-width:4px", [_id(current)]) if current else ()),
        )
    )


def _title(definition: PathwayDefinition) -> str:
    return f"{definition.title}, version {definition.version}".replace("'", "''")


def _marked(name: str, style: str, ids: list[str]) -> tuple[str, str]:
    return f"    classDef {name} {style}", f"    class {','.join(ids)} {name}"


def _states(definition: PathwayDefinition) -> Iterator[str]:
    for family, members in groupby(definition.states, key=lambda name: name.partition(".")[0]):
        names = list(members)
        if names == [family]:
            yield f"    {_label(family, definition)}"
            continue
        yield f'    state "{_text(family.replace("_", " "))}" as {_box(family)} {{'
        yield from (f"        {_label(name, definition)}" for name in names)
        yield "    }"


def _label(name: str, definition: PathwayDefinition) -> str:
    return f'state "{_text(definition.states[name].title)}" as {_id(name)}'


def _arrows(row: TransitionDefinition, definition: PathwayDefinition, taken: set[str]) -> Iterator[str]:
    """One arrow per source; a family leaves from its box, and a person's override is a note."""
    says = f"{'✓ ' if row.id in taken else ''}{_text(f'{row.id} {row.trigger}')}"
    if row.to is None:
        yield f"    note right of {_id(definition.initial)}"
        yield f"        {says}, from any state to any state"
        yield "    end note"
        return
    everywhere = [state for state in definition.states if state != row.to]
    for source in everywhere if "*" in row.source else row.source:
        start = _id(source) if source in definition.states else _box(source.removesuffix(".*"))
        yield f"    {start} --> {_id(row.to)} : {says}"


def _box(family: str) -> str:
    """Return the identifier of a family's box, which differs from that of a state of the same name."""
    return f"family_{_id(family)}"


def _id(name: str) -> str:
    """Return a Mermaid identifier; dots and dashes would be read as syntax."""
    return "".join(c if c.isalnum() else "_" for c in name.replace(".", "__"))


def _text(text: str) -> str:
    return "".join(UNSAFE.get(c, c) for c in text)
