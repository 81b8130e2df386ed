"""Patients on treatment: how it began, years of follow-up, and those who came through something."""

from api.demo import answers
from api.demo.arrivals import first_visit, pulses, work_up
from api.demo.contacts import blood, clinic, enrol, image, lung_function, serology
from api.demo.course import Course
from api.demo.episodes import add, recover, rescue, worsen, worsen_fast
from api.demo.person import coded
from api.demo.treatment import begin_line, follow, start, steroids, stop, treat

SAFETY_TESTS = 84
"""Days from one blood test to the next in a patient long on mycophenolate."""
UNCONTROLLED = (95, 140)
"""Days into a line, too few for the disease to count as controlled."""


def on_mycophenolate(c: Course) -> None:
    """Worked up, and treated as most are."""
    work_up(c)
    treat(c, "mmf")
    recover(c, c.between(0, 4))


def on_more(c: Course) -> None:
    """Severe: pulses, then rituximab or cyclophosphamide."""
    work_up(c)
    pulses(c)
    c.wait(3, 6)
    treat(c, c.pick(("rtx", "cyc")))
    recover(c, c.between(2, 6))


def stable(c: Course) -> None:
    """Years on mycophenolate, nothing special; some have an appointment today."""
    on_mycophenolate(c)
    follow(c, 400, 1900)
    if c.chance(30):
        blood(c, late=0)
        clinic(c)
        lung_function(c, late=0)
        c.wait(SAFETY_TESTS)


def first_year(c: Course) -> None:
    """In the first year of treatment."""
    on_mycophenolate(c)
    follow(c, 20, 330)


def severe_stable(c: Course) -> None:
    """Severe at first, held since."""
    on_more(c)
    follow(c, 90, 1300)


def second_failure(c: Course, drug: str) -> None:
    """Progressed under a first drug, and again with tacrolimus added."""
    work_up(c)
    treat(c, drug)
    for more in ("tac", ""):
        follow(c, *UNCONTROLLED)
        worsen(c)
        if more:
            add(c, more)


def second_line(c: Course) -> None:
    """Progressed once, and better with a second drug."""
    on_mycophenolate(c)
    follow(c, *UNCONTROLLED)
    worsen(c)
    add(c, c.pick(("tac", "csa", "rtx")))
    follow(c, 60, 1000)


def relapsed_once(c: Course) -> None:
    """Controlled, relapsed, controlled again."""
    on_mycophenolate(c)
    follow(c, 420, 800)
    worsen(c)
    add(c, c.pick(("rtx", "tac")))
    follow(c, 100, 500)


def survivor(c: Course) -> None:
    """Came through rapidly progressive disease not long ago."""
    on_mycophenolate(c)
    follow(c, 30, 400)
    worsen_fast(c)
    rescue(c, c.pick(("rtx", "cyc", "cyc")))
    follow(c, 10, 250, calm=True)


def refractory(c: Course) -> None:
    """Two lines failed; on a Janus kinase inhibitor."""
    second_failure(c, "mmf")
    stop(c, "tac")
    add(c, "tofa")
    follow(c, 40, 400)


def intolerant(c: Course) -> None:
    """Mycophenolate was not tolerated; on azathioprine."""
    on_mycophenolate(c)
    follow(c, 60, 300)
    c.body.scale("anc", 25)
    blood(c, coded("tpmt", "normal"))
    c.wait(2)
    stop(c, "mmf")
    c.wait(14, 24)
    c.body.scale("anc", 360)
    blood(c)
    start(c, "aza")
    follow(c, 60, 700)


def came_treated(c: Course) -> None:
    """Treated elsewhere before: the drug's start lies before the enrolment."""
    enrol(c)
    begun = c.between(60, 200)
    c.send("clinician", "med", ago=begun, drug="mmf", op="start")
    c.drugs["mmf"] = -begun
    c.wait(1, 3)
    first_visit(c, "stable")
    lung_function(c)
    image(c, "baseline")
    serology(c)
    c.wait(2, 5)
    steroids(c, 200)
    begin_line(c)
    follow(c, 20, 150, calm=True)


def steroid_only(c: Course) -> None:
    """By agreement on the steroid alone, moved to monitoring by the clinician."""
    work_up(c)
    steroids(c, 300)
    c.condition("gc_only_agreed")
    c.decide(answers.MYCOPHENOLATE, "mild disease, infections before; steroid alone agreed")
    c.send("clinician", "override", to="monitor", reason="steroid alone is the agreed plan")
    c.line = c.day
    c.diary = {"clinic": c.day + 27, "lung": c.day + 84, "taper": c.day + 28, "yearly": c.day + 60}
    follow(c, 60, 420, calm=True)


def paused(c: Course) -> None:
    """Away for some months; reminders are held."""
    on_mycophenolate(c)
    follow(c, 200, 900)
    c.send("coordinator", "admin", op="pause", reason="abroad for some months")
    c.wait(20, 90)


def silent(c: Course) -> None:
    """Has not come for months, and nobody has said why."""
    on_mycophenolate(c)
    follow(c, 300, 1200)
    c.wait(110, 240)


def left(c: Course) -> None:
    """No longer cared for here."""
    on_mycophenolate(c)
    follow(c, 300, 1500)
    reason = c.pick(("lost_to_follow_up", "transferred", "withdrew_consent", "death"))
    c.wait(5, 60)
    c.send("clinician", "admin", op="close", reason=reason)
    c.wait(5, 200)
