"""The contacts of everyday care, each one message or a few: visits, tests, vaccines, the way in."""

from api.demo.course import Course
from api.demo.person import coded, measured

EQUATION = "gli2012"
NOT_DONE = (
    "cannot make a tight seal around the mouthpiece",
    "breath-hold too short for a valid test",
    "claustrophobia in the cabin",
)
COMPARABLE = 15
"""Days between two lung function tests of which the second shows a change."""
VISIT_NEAR = 40
"""Days within which a visit to the clinic makes a nurse's measurements needless."""


def enrol(c: Course) -> None:
    """The coordinator takes the patient in."""
    told = {} if c.person.fertile is None else {"can_become_pregnant": c.person.fertile}
    c.send(
        "coordinator",
        "enrol",
        dated={"birth_date": -c.person.age},
        iim_dx=c.person.diagnosis,
        ild_confirmed=True,
        sex=c.person.sex,
        **told,
    )


def bring_past(c: Course) -> None:
    """The referring practice's results and the vaccination register arrive with the enrolment."""
    for ago in range(c.between(110, 200), 800, c.between(150, 260)):
        lung_function(c, ago=ago)
    for ago in (c.between(40, 120), c.between(200, 400)):
        blood(c, measured("ck", c.body.read("ck")), ago=ago)
    for vaccine, ago in (("pneumo", 1500), ("flu", 400), ("covid", 500)):
        if c.chance(75):
            c.send("integrator", "vax", ago=c.between(20, ago), vaccine=vaccine)


def clinic(c: Course, *more: dict[str, object], change: str | None = None, onset: int | None = None) -> str:
    """A visit: saturation, change in breathing, blood pressure, weight; `onset` in days of worsening."""
    if change is None:
        change = c.mood.pop(0) if c.mood else "same"
    told: dict[str, object] = {} if onset is None else {"onset_days": onset}
    observed = [
        measured("spo2_rest", c.body.read("spo2_rest"), o2_flow=c.flow),
        coded("resp_change", change, **told),
        measured("mmrc", c.body.read("mmrc")),
        measured("sbp", c.body.read("sbp")),
        measured("weight", c.body.read("weight")),
        *more,
    ]
    return c.send("clinician", "obs", source="manual", obs=observed)


def regular_clinic(c: Course) -> None:
    """A planned visit; every other one with a walk."""
    more = [measured("spo2_exert", c.body.read("spo2_exert"))] if c.chance(55) else []
    clinic(c, *more)


def lung_function(c: Course, *, ago: int = 0, late: int | None = None, grade: str | None = None) -> str:
    """Spirometry and gas transfer from the lung function laboratory."""
    litres = c.body.read("fvc_l")
    told: dict[str, object] = {} if grade is None else {"grade": grade}
    observed = [
        measured("fvc_l", litres, **told),
        measured("fvc_pp", litres * 100 // c.person.predicted, eq=EQUATION),
        measured("dlco_pp", c.body.read("dlco_pp"), eq=EQUATION),
    ]
    c.tested = max(c.tested, c.day - ago)
    received = c.between(0, 1) if late is None else late
    return c.send("integrator", "obs", ago=ago, late=received, source="lab", obs=observed)


def let_time_pass_since_last_test(c: Course) -> None:
    """Wait, if need be, until the last test is old enough for the next to be compared with it."""
    c.day = max(c.day, c.tested + COMPARABLE)


def spirometry_only(c: Course) -> None:
    """Spirometry, and gas transfer that could not be measured."""
    litres = c.body.read("fvc_l")
    observed = [
        measured("fvc_l", litres),
        measured("fvc_pp", litres * 100 // c.person.predicted, eq=EQUATION),
        {"item": "dlco_pp", "absent": c.pick(NOT_DONE)},
    ]
    c.send("integrator", "obs", source="lab", obs=observed)


PANEL = ("anc", "alc", "hb", "plt", "alt", "egfr", "creatinine", "potassium", "glucose")
LEVELS = {"tac": ("tac_trough",), "csa": ("csa_trough",), "rtx": ("igg",), "tofa": ("lipids",)}


def blood(c: Course, *more: dict[str, object], ago: int = 0, late: int | None = None) -> str:
    """Blood tests, with what the drugs running ask for."""
    items = [*PANEL, *(item for drug in c.drugs for item in LEVELS.get(drug, ()))]
    observed = [measured(item, c.body.read(item)) for item in items]
    if "cyc" in c.drugs:
        observed.append(coded("urine_blood", "negative"))
    received = c.between(0, 2) if late is None else late
    return c.send("integrator", "obs", ago=ago, late=received, source="lab", obs=[*observed, *more])


def regular_blood(c: Course) -> None:
    """Planned blood tests; a nurse takes pressure and weight if drugs ask and no visit is near."""
    more = [measured("ck", c.body.read("ck"))] if c.chance(30) else []
    blood(c, *more)
    wanted = c.drugs.keys() & {"tac", "csa"} or (c.steroid and c.chance(30))
    if wanted and c.diary["clinic"] > c.day + VISIT_NEAR:
        found = [measured(item, c.body.read(item)) for item in ("sbp", "weight")]
        c.send("integrator", "obs", source="device", obs=found)


def screen(c: Course, **markers: str) -> None:
    """Blood tests before immunosuppression; `markers` says which infection marker is not negative."""
    items = ("hbsag", "anti_hbc", "igra")
    codes = [coded(item, markers.get(item, "negative")) for item in items]
    if c.person.needs_pregnancy_test:
        codes.append(coded("pregnancy_test", markers.get("pregnancy_test", "negative")))
    if "rtx" not in c.drugs:
        codes.append(measured("igg", c.body.read("igg")))
    blood(c, *codes)


def image(c: Course, change: str, *, ground_glass: bool = False) -> None:
    """A high-resolution CT, read by the radiologist."""
    extent = "extensive" if c.person.extensive else c.pick(("limited", "limited", "none"))
    codes = [coded("hrct_change", change), coded("hrct_ggo", extent)]
    c.send("integrator", "obs", late=c.between(0, 3), obs=[*codes, coded("hrct_new_ggo", ground_glass)])


def serology(c: Course) -> None:
    """The antibody panel, back after a week or so."""
    observed = [
        coded("ab_ars", "positive" if c.person.ars else "negative"),
        coded("ab_mda5", "positive" if c.person.mda5 else "negative"),
        measured("ferritin", c.body.read("ferritin")),
    ]
    c.send("integrator", "obs", late=c.between(4, 10), source="lab", obs=observed)


def yearly(c: Course) -> None:
    """Eyes, bones and vaccines, once a year; not everybody takes every vaccine."""
    if c.steroid:
        c.send("integrator", "obs", obs=[coded("eye_exam", "done")])
        if c.chance(40):
            bone_density(c)
    c.send("integrator", "vax", vaccine="flu")
    if c.chance(75) and "rtx" not in c.drugs:
        c.send("integrator", "vax", vaccine="covid")


def bone_density(c: Course) -> None:
    """Bone density, read by the radiologist."""
    c.send("integrator", "obs", obs=[measured("dxa_t", c.body.read("dxa_t"))])


def pneumococcal(c: Course) -> None:
    """The pneumococcal vaccine, from the register."""
    c.send("integrator", "vax", vaccine="pneumo")
