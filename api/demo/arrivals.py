"""The way in: referral, work-up, and patients of today who are still before their first treatment."""

from api.demo import answers
from api.demo.contacts import (
    EQUATION,
    NOT_DONE,
    bring_past,
    clinic,
    enrol,
    image,
    lung_function,
    screen,
    serology,
)
from api.demo.course import Course
from api.demo.person import coded, measured
from api.demo.treatment import start, steroids

ACTIVE_MUSCLE = 1000
"""U/L of muscle enzyme from which the clinician calls the myositis active."""


def first_visit(c: Course, course: str, *, change: str = "same", onset: int | None = None) -> None:
    """The clinician sees the patient for the first time and judges the course of the disease."""
    activity = "active" if c.body.homes["ck"] >= ACTIVE_MUSCLE else "inactive"
    walk = measured("spo2_exert", c.body.read("spo2_exert"))
    judged = (coded("clinical_course", course), coded("myositis_activity", activity), walk)
    clinic(c, *judged, change=change, onset=onset)
    if c.chance(20):
        c.condition(c.pick(("smoker", "mace_risk", "diabetes", "osteoporosis", "vte_history")))


def come(c: Course, course: str = "stable") -> None:
    """Enrolment, the past, the first visit."""
    enrol(c)
    if c.chance(70):
        bring_past(c)
    c.wait(1, 4)
    first_visit(c, course)


def work_up(c: Course, *, course: str = "stable", screened: bool = True, **markers: str) -> None:
    """Everything that is needed before the first treatment; `markers` as in `screen`."""
    come(c, course)
    c.wait(1, 4)
    lung_function(c)
    if c.body.homes["ck"] >= ACTIVE_MUSCLE:
        c.send("integrator", "obs", source="lab", obs=[measured("mip", c.body.read("mip"))])
    c.wait(1, 4)
    image(c, "baseline")
    if c.person.extensive:
        c.send("integrator", "obs", source="lab", obs=[measured("bal_neut_pct", c.body.read("bal_neut_pct"))])
    serology(c)
    if screened:
        c.wait(0, 3)
        screen(c, **markers)
    c.wait(3, 5)


def pulses(c: Course) -> None:
    """Intravenous steroid pulses are accepted and given."""
    c.decide(answers.PULSES)
    c.send("clinician", "med", drug="gc_pulse", op="give")


def newly_referred(c: Course) -> None:
    """Enrolled in these days."""
    enrol(c)
    bring_past(c)
    if c.chance(60):
        c.wait(1, 5)
        first_visit(c, "unknown")
    c.wait(0, 5)


def waiting_for_tests(c: Course) -> None:
    """Seen and bled; lung function and CT have appointments."""
    come(c)
    serology(c)
    screen(c)
    c.wait(6, 18)


def cannot_blow(c: Course) -> None:
    """Lung function could not be done, for a reason; the CT is still to come."""
    come(c)
    c.wait(2, 5)
    reason = c.pick(NOT_DONE)
    c.send(
        "integrator", "obs", source="lab", obs=[{"item": i, "absent": reason} for i in ("fvc_pp", "dlco_pp")]
    )
    serology(c)
    c.wait(4, 15)


def slow_work_up(c: Course) -> None:
    """Weeks have gone by and nobody did the lung function test."""
    come(c)
    c.wait(3, 9)
    image(c, "baseline")
    serology(c)
    c.wait(25, 80)


def doubtful_referral(c: Course) -> None:
    """All there, but the litres cannot be right and wait to be verified."""
    come(c)
    c.wait(2, 5)
    observed = [measured("fvc_l", c.between(660, 740)), measured("fvc_pp", c.between(60, 80), eq=EQUATION)]
    c.send("integrator", "obs", source="lab", obs=[*observed, measured("dlco_pp", c.body.read("dlco_pp"))])
    image(c, "baseline")
    serology(c)
    c.wait(3, 12)


def revised(c: Course) -> None:
    """It turned out to be something else."""
    come(c)
    serology(c)
    c.wait(20, 60)
    c.send("clinician", "admin", op="close", reason="diagnosis_revised")
    c.wait(5, 90)


def ready_to_start(c: Course) -> None:
    """Mycophenolate can be offered."""
    work_up(c)
    c.wait(0, 6)


def unscreened(c: Course) -> None:
    """Blood tests are missing before anything can start."""
    work_up(c, screened=False)
    c.wait(1, 10)


def steroid_first(c: Course) -> None:
    """On the steroid alone, for the moment."""
    work_up(c)
    steroids(c)
    c.decide(answers.STEROID_EFFECTS)
    c.wait(2, 12)


def latent_tuberculosis(c: Course) -> None:
    """A positive test for tuberculosis keeps treatment waiting."""
    work_up(c, igra="positive")
    if c.chance(50):
        c.decide(answers.TUBERCULOSIS)
    c.wait(20, 45)


def second_thoughts(c: Course) -> None:
    """The patient wants another opinion before taking mycophenolate."""
    work_up(c)
    c.wait(1, 4)
    c.decide(answers.MYCOPHENOLATE, "patient asks for a second opinion")
    if c.chance(50):
        c.send("coordinator", "admin", op="pause", reason="second opinion at another hospital")
    c.wait(2, 14)


def nursing(c: Course) -> None:
    """Breastfeeding, so that mycophenolate is blocked and azathioprine considered."""
    work_up(c)
    c.condition("breastfeeding")
    if c.chance(50):
        c.send("integrator", "obs", source="lab", obs=[coded("tpmt", c.pick(("normal", "intermediate")))])
    c.wait(1, 10)


def severe_waiting(c: Course) -> None:
    """Severe from the start; pulses given, the choice of drug is open."""
    work_up(c)
    pulses(c)
    c.wait(1, 3)
    steroids(c)
    c.wait(1, 5)


def hepatitis(c: Course) -> None:
    """Severe, with hepatitis B in the past."""
    work_up(c, anti_hbc="positive")
    steroids(c)
    c.decide(answers.CYCLOPHOSPHAMIDE, "wishes to avoid infertility; rituximab once hepatology agrees")
    if c.chance(50):
        c.decide(answers.HEPATOLOGY)
    c.wait(2, 15)


def pregnant_at_referral(c: Course) -> None:
    """Severe disease found during a pregnancy."""
    work_up(c, course="progressive", pregnancy_test="positive")
    c.condition("pregnancy")
    steroids(c, 400)
    c.wait(1, 8)


def infected(c: Course) -> None:
    """Severe, and in hospital with a serious infection: nothing can be given now."""
    work_up(c)
    c.condition("severe_infection")
    c.send("clinician", "obs", source="manual", obs=[measured("temp", c.between(384, 394))])
    c.wait(1, 9)


def rapid_at_referral(c: Course) -> None:
    """Anti-MDA5 disease that got worse within weeks, before any treatment."""
    enrol(c)
    c.wait(0, 2)
    c.body.settle("spo2_rest", c.between(85, 88))
    first_visit(c, "rapidly_progressive", change="worse", onset=c.between(10, 40))
    c.wait(1)
    image(c, "baseline", ground_glass=True)
    lung_function(c)
    serology(c)
    screen(c)
    c.wait(2)
    if c.chance(70):
        pulses(c)
        start(c, "tmp_smx")
    c.wait(0, 2)
