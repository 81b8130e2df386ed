"""Who a synthetic patient is, and measured values that wander slowly around where they are at home."""

from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import NamedTuple

PER_MILLE = 1000
YEAR = 365


class Quantity(NamedTuple):
    """How a quantity is sent and how far it wanders."""

    unit: str
    digits: int
    """Decimal places; values are kept as integers of the last place, such as 285 for 2.85 L."""
    span: int
    """Per mille of its home by which a value may leave it; well below what would count as a change."""


QUANTITIES: dict[str, Quantity] = {
    "fvc_l": Quantity("L", 2, 15),
    "fvc_pp": Quantity("%", 0, 15),
    "dlco_pp": Quantity("%", 0, 30),
    "spo2_rest": Quantity("%", 0, 11),
    "spo2_exert": Quantity("%", 0, 11),
    "mmrc": Quantity("{score}", 0, 0),
    "bal_neut_pct": Quantity("%", 0, 0),
    "ck": Quantity("U/L", 0, 200),
    "ferritin": Quantity("ng/mL", 0, 200),
    "mip": Quantity("cm[H2O]", 0, 50),
    "anc": Quantity("10*9/L", 1, 200),
    "alc": Quantity("10*9/L", 1, 200),
    "hb": Quantity("g/L", 0, 40),
    "plt": Quantity("10*9/L", 0, 120),
    "alt": Quantity("U/L", 0, 250),
    "egfr": Quantity("mL/min/{1.73_m2}", 0, 60),
    "creatinine": Quantity("umol/L", 0, 60),
    "potassium": Quantity("mmol/L", 1, 60),
    "glucose": Quantity("mmol/L", 1, 100),
    "lipids": Quantity("mmol/L", 1, 150),
    "igg": Quantity("g/L", 1, 80),
    "tac_trough": Quantity("ng/mL", 1, 250),
    "csa_trough": Quantity("ng/mL", 0, 200),
    "sbp": Quantity("mm[Hg]", 0, 60),
    "weight": Quantity("kg", 0, 20),
    "temp": Quantity("Cel", 1, 8),
    "dxa_t": Quantity("{score}", 1, 0),
}


def measured(item: str, value: int, **attributes: object) -> dict[str, object]:
    """Return an observed value as it is sent; `value` counts the last decimal place sent."""
    unit, digits, _ = QUANTITIES[item]
    number = Decimal(value).scaleb(-digits) if digits else value
    return {"item": item, "value": number, "unit": unit, **attributes}


def coded(item: str, value: object, **attributes: object) -> dict[str, object]:
    """Return a coded or yes-or-no observation as it is sent."""
    return {"item": item, "value": value, **attributes}


@dataclass(slots=True)
class Body:
    """Values that move a little at every reading and return home; episodes move the home."""

    lots: Random
    homes: dict[str, int]
    levels: dict[str, int] = field(default_factory=dict)

    def read(self, item: str) -> int:
        """Return the next value of a quantity, one small step from the last."""
        home = self.homes[item]
        reach = home * QUANTITIES[item].span // PER_MILLE
        step = (reach + 1) // 2
        level = self.levels.get(item, home) + self.lots.randrange(-step, step + 1)
        self.levels[item] = min(max(level, home - reach), home + reach)
        return self.levels[item]

    def settle(self, item: str, home: int) -> None:
        """Move a quantity to a new home, at once."""
        self.homes[item] = self.levels[item] = home

    def scale(self, item: str, percent: int) -> None:
        """Move a quantity to a percentage of its home."""
        self.settle(item, self.homes[item] * percent // 100)


@dataclass(frozen=True, slots=True)
class Person:
    """What does not change about a patient; ages and dates in days."""

    sex: str
    age: int
    """Days from birth to enrolment."""
    diagnosis: str
    ars: bool
    mda5: bool
    extensive: bool
    """Whether ground-glass opacity is extensive."""
    predicted: int
    """FVC of a healthy person like this one, in hundredths of a litre."""
    fertile: bool | None
    """As told at enrolment; None when nothing is said."""
    severe: bool
    """Whether lung function is poor from the beginning."""
    sulfa_allergy: bool
    punctual: int
    """Percent of an interval by which appointments may slip."""

    @property
    def needs_pregnancy_test(self) -> bool:
        """Whether a screen before treatment includes a pregnancy test."""
        return self.sex != "male" and self.fertile is not False

    @property
    def at_risk(self) -> bool:
        """Whether lung function stays three-monthly after the first year."""
        return self.ars or self.mda5 or self.extensive or self.severe


def drawn(lots: Random, *, severe: bool = False, mda5: bool = False, fertile: bool | None = None) -> Person:
    """Return a person drawn by lots; what a course depends on may be given.

    Args:
        lots: the patient's own.
        severe: with poor lung function from the beginning.
        mda5: with anti-MDA5 antibodies.
        fertile: a young woman who can become pregnant, when true.
    """
    woman = fertile is True or lots.randrange(100) < 66
    years = lots.randrange(24, 40) if fertile else lots.randrange(29, 76)
    ars = not mda5 and lots.randrange(100) < 40
    if mda5:
        diagnosis = lots.choice(("DM", "CADM"))
    elif ars:
        diagnosis = lots.choice(("ASyS", "ASyS", "PM"))
    else:
        diagnosis = lots.choice(("PM", "PM", "PM", "DM", "IMNM", "other"))
    may = fertile
    if fertile is None and woman:
        may = lots.choice((True, None)) if years < 48 else False
    return Person(
        sex="female" if woman else "male",
        age=years * YEAR + lots.randrange(YEAR),
        diagnosis=diagnosis,
        ars=ars,
        mda5=mda5,
        extensive=lots.randrange(100) < 15,
        predicted=lots.randrange(270, 360) if woman else lots.randrange(380, 480),
        fertile=may,
        severe=severe,
        sulfa_allergy=lots.randrange(100) < 7,
        punctual=lots.choice((2, 2, 4, 4, 8, 30)),
    )


def body_of(lots: Random, person: Person) -> Body:
    """Return the values of a person at referral."""
    between = lots.randrange
    vital, transfer, saturation = (
        (between(40, 47), between(37, 48), between(92, 95))
        if person.severe
        else (between(63, 92), between(48, 73), between(95, 98))
    )
    woman = person.sex == "female"
    homes = {
        "fvc_l": person.predicted * vital // 100,
        "dlco_pp": transfer,
        "spo2_rest": saturation,
        "spo2_exert": saturation - between(3, 6),
        "mmrc": between(1, 3) if saturation > 93 else between(2, 4),
        "bal_neut_pct": between(1, 9),
        "ck": between(900, 6000) if between(100) < 25 else between(90, 600),
        "ferritin": between(700, 1800) if person.mda5 else between(60, 300),
        "mip": between(70, 110),
        "anc": between(36, 62),
        "alc": between(11, 22),
        "hb": between(118, 138) if woman else between(128, 152),
        "plt": between(210, 330),
        "alt": between(18, 38),
        "egfr": between(70, 105),
        "creatinine": between(55, 85),
        "potassium": between(39, 46),
        "glucose": between(48, 62),
        "lipids": between(22, 38),
        "igg": between(80, 125),
        "tac_trough": between(60, 85),
        "csa_trough": between(120, 180),
        "sbp": between(112, 138),
        "weight": between(52, 80) if woman else between(66, 98),
        "temp": 366,
        "dxa_t": -between(4, 30),
    }
    return Body(lots, homes)
