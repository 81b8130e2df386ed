"""What a drawn trend consists of, in pixels: curves, points, steps, treatments, thresholds, and its table."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid with its label."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Point:
    """A reading as a mark."""

    x: float
    y: float
    item: str
    source: str
    counts: bool
    """Whether rules read it; one that waits to be verified or is ruled out by its grade is drawn hollow."""
    says: str


@dataclass(frozen=True, slots=True)
class Curve:
    """The readings of an item that count, joined."""

    item: str
    title: str
    path: str
    """As `points` of a polyline."""
    end: float
    """Where its label stands."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A step of the patient's history, a vertical line."""

    x: float
    label: str
    level: int
    says: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A time on a drug."""

    x: float
    width: float
    y: float
    says: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A drug below the axis."""

    title: str
    y: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A value that, recorded on the day asked about, would change something."""

    item: str
    value: Decimal
    says: str
    y: float = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of the table beside the drawing."""

    date: str
    title: str
    value: str
    source: str
    remark: str


@dataclass(frozen=True, slots=True)
class Trend:
    """Everything that is drawn, in pixels."""

    width: int
    height: float
    left: float
    right: float
    top: float
    bottom: float
    across: tuple[Tick, ...]
    down: tuple[Tick, ...]
    curves: tuple[Curve, ...]
    points: tuple[Point, ...]
    marks: tuple[Mark, ...]
    lanes: tuple[Lane, ...]
    thresholds: tuple[Threshold, ...]
    figures: tuple[Figure, ...]
    summary: str
