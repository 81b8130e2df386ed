"""What a drawn trend consists of, in pixels: panels of curves, steps, treatments, and its table."""

from dataclasses import dataclass
from decimal import Decimal

SHAPES = (
    "M-4.5,0 a4.5,4.5 0 1 0 9,0 a4.5,4.5 0 1 0 -9,0 Z",
    "M-4,-4 H4 V4 H-4 Z",
    "M0,-5.5 L5.5,0 L0,5.5 L-5.5,0 Z",
    "M0,-5.5 L5,4 L-5,4 Z",
)
"""How the sources of readings are drawn, the most trusted one first: circle, square, diamond, triangle. All
others look like the last one. As `d` of a path around the place of the reading."""


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
    shape: str
    counts: bool
    """Whether rules read it; one that waits to be verified, is ruled out by its grade, or stands back behind
    another one of its day is drawn hollow."""
    says: str


@dataclass(frozen=True, slots=True)
class Curve:
    """The readings of an item that count, joined."""

    item: str
    title: str
    path: str
    """As `points` of a polyline."""
    label: float
    """Where its title stands."""


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
    title: str = ""
    label: float = 0
    """Where its title stands."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of the table beside the drawing."""

    date: str
    title: str
    value: str
    source: str
    remark: str


@dataclass(frozen=True, slots=True)
class Panel:
    """Readings of one unit."""

    top: float
    bottom: float
    down: tuple[Tick, ...]
    curves: tuple[Curve, ...]
    points: tuple[Point, ...]
    thresholds: tuple[Threshold, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """What a shape stands for."""

    shape: str
    title: str


@dataclass(frozen=True, slots=True)
class Trend:
    """Everything that is drawn, in pixels; days from left to right are the same in all panels."""

    width: int
    height: float
    left: float
    right: float
    top: float
    bottom: float
    across: tuple[Tick, ...]
    panels: tuple[Panel, ...]
    marks: tuple[Mark, ...]
    lanes: tuple[Lane, ...]
    keys: tuple[Key, ...]
    """The sources there are readings from."""
    figures: tuple[Figure, ...]
    summary: str

    @property
    def bounded(self) -> bool:
        """Whether there is a value at which something would change."""
        return any(panel.thresholds for panel in self.panels)
