"""Small things that happen between visits: infections, mix-ups, doubtful values, tests that fail."""

from collections.abc import Callable

from api.demo import answers
from api.demo.contacts import EQUATION, clinic, lung_function, spirometry_only
from api.demo.course import Course
from api.demo.person import coded, measured

WELL_SATURATED = 94
"""Percent; somebody with less would be sent for at once, whichever oximeter is right."""


def infection(c: Course) -> None:
    """A fever with an infection that is over after some weeks."""
    fever = [measured("temp", c.between(381, 391)), coded("resp_change", "same")]
    c.send("clinician", "obs", source="manual", obs=fever)
    c.condition("active_infection")
    c.decide(answers.FEVER)
    if c.chance(85):  # otherwise nobody remembers to say that it is over
        c.later.append((c.day + c.between(12, 24), recovery))


def recovery(c: Course) -> None:
    """The infection is over."""
    c.condition("active_infection", "resolved")


def mistyped(c: Course) -> None:
    """Litres typed wrong by the laboratory, held back, and corrected some days later."""
    litres = c.body.read("fvc_l")
    predicted = measured("fvc_pp", litres * 100 // c.person.predicted, eq=EQUATION)
    typed = [measured("fvc_l", litres // 2), predicted]
    target = c.send("integrator", "obs", source="lab", obs=typed)
    c.send(
        "integrator",
        "correct",
        late=c.between(2, 6),
        source="lab",
        target=target,
        obs=[measured("fvc_l", litres), predicted],
    )


def haemolysed(c: Course) -> None:
    """A potassium nobody believes, withdrawn by the laboratory."""
    sample = [measured("potassium", c.between(81, 92))]
    target = c.send("integrator", "obs", source="lab", obs=sample)
    c.send("integrator", "retract", late=1, source="lab", target=target, reason="sample was haemolysed")


def muscle_enzymes(c: Course) -> None:
    """A muscle enzyme so high that it waits for the clinician, who confirms it."""
    target = c.send("integrator", "obs", source="lab", obs=[measured("ck", c.between(50500, 64000))])
    c.send("clinician", "verify", late=c.between(1, 4), target=target, reason="repeated, same result")
    c.later.append((c.day + c.between(30, 60), enzymes_down))


def enzymes_down(c: Course) -> None:
    """Muscle inflammation has settled, and the enzymes show it."""
    c.body.settle("ck", c.between(150, 600))
    c.send("integrator", "obs", source="lab", obs=[measured("ck", c.body.read("ck"))])


def poor_spirometry(c: Course) -> None:
    """A blow of poor quality, repeated after a week."""
    lung_function(c, grade=c.pick(("D", "E")))
    c.later.append((c.day + c.between(5, 9), lambda c: lung_function(c, grade="A")))


def two_oximeters(c: Course) -> None:
    """The ward's oximeter and the patient's own disagree."""
    usual = c.body.homes["spo2_rest"]
    if usual < WELL_SATURATED:
        return
    ward, own = (measured("spo2_rest", usual + more, o2_flow=c.flow) for more in (1, -2))
    c.send("integrator", "obs", source="device", obs=[ward])
    c.send("integrator", "obs", late=1, source="patient", obs=[own])


def bad_spell(c: Course) -> None:
    """Breathing worse for a while, better at an extra visit."""
    clinic(c, change="worse")
    c.later.append((c.day + c.between(14, 28), lambda c: clinic(c, change="better")))


def diabetes(c: Course) -> None:
    """The steroid brings out a diabetes."""
    c.body.settle("glucose", c.between(85, 125))
    c.condition("diabetes")


def late_letter(c: Course) -> None:
    """A result from elsewhere that arrives months later."""
    ago = c.between(20, 90)
    value = measured("ck", c.between(90, 400))
    c.send("integrator", "obs", ago=ago, source="lab", obs=[value])


def talks(c: Course) -> None:
    """Once a year somebody explains long steroid treatment and offers rehabilitation, not always taken up."""
    if c.steroid and c.chance(80):
        c.decide(answers.STEROID_EFFECTS)
    if c.chance(75):
        reasons = (None, None, None, "no programme within reach", "prefers to train at home")
        c.decide(answers.REHABILITATION, c.pick(reasons))


def vaccine_declined(c: Course) -> None:
    """A vaccine is talked about and declined."""
    c.decide(c.pick((answers.COVID_VACCINE, answers.FLU_VACCINE)), "patient does not want it this year")


INCIDENTS: tuple[Callable[[Course], object], ...] = (
    infection,
    mistyped,
    haemolysed,
    muscle_enzymes,
    poor_spirometry,
    spirometry_only,
    two_oximeters,
    bad_spell,
    diabetes,
    late_letter,
    vaccine_declined,
)


def incident(c: Course) -> None:
    """Let one of them happen."""
    c.pick(INCIDENTS)(c)
