"""Drugs begun, tapered, infused and stopped, and the regular contacts of a patient on treatment."""

from collections.abc import Callable
from decimal import Decimal

from api.demo import answers
from api.demo.contacts import (
    blood,
    bone_density,
    lung_function,
    pneumococcal,
    regular_blood,
    regular_clinic,
    screen,
    yearly,
)
from api.demo.course import Course
from api.demo.incidents import enzymes_down, incident, talks

ACTIONS = {
    "mmf": answers.MYCOPHENOLATE,
    "aza": answers.AZATHIOPRINE,
    "cyc": answers.CYCLOPHOSPHAMIDE,
    "rtx": answers.RITUXIMAB,
    "tac": answers.CALCINEURIN_INHIBITOR,
    "csa": answers.CALCINEURIN_INHIBITOR,
    "tofa": answers.JANUS_KINASE_INHIBITOR,
    "ivig": answers.IMMUNOGLOBULIN,
}
"""The option of the pathway that a drug answers."""
INFUSED = {"cyc": (28, 6), "ivig": (28, 6), "rtx": (176, 12)}
"""Drugs given dose by dose: days between doses, and how many are planned."""
TAPER = (
    (28, 400),
    (56, 300),
    (84, 200),
    (126, 150),
    (168, 100),
    (252, 75),
    (364, 50),
)
"""The oral steroid is no higher than this (tenths of a milligram a day) so many days after its start."""
STEROID_TOO_MUCH_FOR_VACCINES = 200
NORMAL_ENZYMES = 700
ENOUGH_TAPERED = 700
"""Days after which some patients come off the steroid."""


def start(c: Course, drug: str) -> None:
    """Begin a drug, after the clinician accepted it."""
    if drug in ACTIONS and c.chance(80):
        c.decide(ACTIONS[drug])
    c.drugs[drug] = c.day
    if drug in INFUSED:
        c.doses_left[drug] = INFUSED[drug][1]
        infuse(c, drug)
    else:
        c.send("clinician", "med", drug=drug, op="start")


def stop(c: Course, drug: str) -> None:
    """Stop a drug, and what was planned of it."""
    del c.drugs[drug]
    c.diary.pop(drug, None)
    c.send("clinician", "med", drug=drug, op="stop")


def infuse(c: Course, drug: str) -> None:
    """Give one dose and plan the next; the last cyclophosphamide is followed by mycophenolate."""
    if c.doses_left[drug] == 0:
        stop(c, drug)
        if drug == "cyc" and not c.drugs.keys() & {"mmf", "aza"}:
            start(c, "mmf")
        return
    c.send("clinician", "med", drug=drug, op="give")
    c.doses_left[drug] -= 1
    c.diary[drug] = c.day + INFUSED[drug][0] + c.between(-1, 2)
    if drug == "cyc":
        c.later.append((c.day + c.between(8, 12), blood))


def steroids(c: Course, dose: int | None = None) -> None:
    """Begin the oral steroid, or raise it, with what protects against its harm.

    `dose` is in tenths of a milligram a day; without one, about one milligram for each kilogram.
    """
    wanted = min(max(c.body.homes["weight"] // 5 * 50, 400), 800) if dose is None else dose
    if "gc_oral" in c.drugs:
        set_steroid(c, wanted)
    else:
        c.drugs["gc_oral"] = c.day
        c.steroid = wanted
        c.send("clinician", "med", drug="gc_oral", op="start", dose=milligrams(wanted))
    c.taper_from = c.day
    if c.person.sulfa_allergy:
        c.condition("sulfa_allergy")
    if not c.drugs.keys() & {"tmp_smx", "atovaquone"} and c.chance(65 if c.person.sulfa_allergy else 92):
        start(c, "atovaquone" if c.person.sulfa_allergy else "tmp_smx")
    if "ca_vitd" not in c.drugs and c.chance(85):
        start(c, "ca_vitd")


def milligrams(tenths: int) -> int | Decimal:
    """Return a dose as it is sent, from tenths of a milligram."""
    whole, rest = divmod(tenths, 10)
    return Decimal(tenths).scaleb(-1) if rest else whole


def set_steroid(c: Course, dose: int) -> None:
    """Change the dose of the oral steroid (tenths of a milligram a day)."""
    c.steroid = dose
    c.send("clinician", "med", drug="gc_oral", op="dose", dose=milligrams(dose))


def taper(c: Course) -> None:
    """Lower the steroid as far as its time allows; stop it, and the prophylaxis, in due course."""
    if "gc_oral" not in c.drugs:
        return
    age = c.day - c.taper_from
    target = min((dose for day, dose in TAPER if day <= age + 5), default=c.steroid)
    if target < c.steroid:
        set_steroid(c, target)
    elif age > ENOUGH_TAPERED and c.chance(30):
        stop(c, "gc_oral")
        c.steroid = 0
    if c.steroid < STEROID_TOO_MUCH_FOR_VACCINES and not c.drugs.keys() & {"cyc", "rtx"}:
        for drug in ("tmp_smx", "atovaquone"):
            if drug in c.drugs:
                stop(c, drug)


def begin_line(c: Course, *, watched: bool = False) -> None:
    """Plan the regular contacts of a treatment that starts today."""
    c.line, c.watched = c.day, watched
    infusions = {drug: day for drug, day in c.diary.items() if drug in INFUSED}
    c.diary = {
        "blood": c.day + 14,
        "clinic": c.day + (7 if watched else c.between(24, 28)),
        "lung": c.day + (c.between(20, 28) if watched else c.between(78, 90)),
        "taper": c.day + 28,
        "yearly": c.diary.get("yearly", c.day + c.between(40, 300)),
        "talks": c.diary.get("talks", c.day + c.between(10, 40)),
        **infusions,
    }


def treat(c: Course, *drugs: str, dose: int | None = None) -> None:
    """Begin the first treatment: the steroid at its dose, and the drugs."""
    steroids(c, dose)
    for drug in drugs:
        start(c, drug)
    if c.person.fertile and c.chance(70):
        c.decide(answers.CONTRACEPTION)
    if c.chance(88):
        c.later.append((c.day + c.between(50, 85), bone_density))
    if c.chance(50):
        c.later.append((c.day + c.between(130, 260), pneumococcal))
    if c.body.homes["ck"] > NORMAL_ENZYMES:
        c.later.append((c.day + c.between(40, 80), enzymes_down))
    begin_line(c)


def intensify(c: Course, *drugs: str, dose: int = 300, watched: bool = False) -> None:
    """Screen again, add drugs, raise the steroid, and plan the contacts of the new treatment."""
    screen(c)
    if c.chance(60):
        c.decide(answers.BOARD)
    c.wait(3, 6)
    if c.steroid < dose:
        steroids(c, dose)
    for drug in drugs:
        start(c, drug)
    begin_line(c, watched=watched)


REGULAR: dict[str, Callable[[Course], object]] = {
    "blood": regular_blood,
    "clinic": regular_clinic,
    "lung": lung_function,
    "taper": taper,
    "yearly": yearly,
    "talks": talks,
}


def interval(c: Course, contact: str) -> int:
    """Return the days until a regular contact comes again, by how long the treatment has run."""
    age = c.day - c.line
    relaxed = age >= 350 and not c.person.at_risk
    if c.watched and age < 85:
        match contact:
            case "clinic":
                return 7 if age < 25 else 13
            case "lung":
                return 27
    match contact:
        case "blood":
            return 14 if age < 40 else 28 if age < 120 else 82
        case "clinic":
            if c.person.mda5 or age < 85:
                return 27
            return 175 if relaxed else 86
        case "lung":
            return 175 if relaxed else 86
        case "taper":
            return 28 if age < 100 else 42 if age < 360 else 120
        case _:
            return 350


def follow(c: Course, low: int, high: int | None = None, *, calm: bool = False) -> None:
    """Let days pass on treatment, with every contact that falls due; incidents happen unless `calm`."""
    end = c.day + (low if high is None else c.between(low, high))
    while True:
        due = min([*c.diary.values(), *(day for day, _ in c.later)])
        if due > end:
            break
        c.day = max(c.day, due)
        _meet(c)
        if not calm and c.chance(7):
            incident(c)
    c.day = end


def _meet(c: Course) -> None:
    """Do everything due today, and what will be due within days, in one go."""
    happening = [happens for day, happens in c.later if day <= c.day]
    c.later = [(day, happens) for day, happens in c.later if day > c.day]
    for happens in happening:
        happens(c)
    for contact in [name for name, day in c.diary.items() if day <= c.day + 5]:
        if contact in INFUSED:
            if c.diary.get(contact, c.day + 1) <= c.day:
                infuse(c, contact)
            continue
        REGULAR[contact](c)
        days = interval(c, contact)
        slip = days * c.person.punctual // 100
        c.diary[contact] = c.day + days + c.between(-2, slip)
