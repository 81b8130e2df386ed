"""What moves a treated patient: the ways of getting worse, and getting better again."""

from collections.abc import Callable

from api.demo import answers
from api.demo.arrivals import pulses
from api.demo.contacts import clinic, image, let_time_pass_since_last_test, lung_function
from api.demo.course import Course
from api.demo.person import coded
from api.demo.treatment import intensify, start


def breathless(c: Course) -> None:
    """The patient feels it."""
    c.mood = []
    c.body.settle("mmrc", min(c.body.homes["mmrc"] + 1, 4))


def falls_steeply(c: Course) -> None:
    """Vital capacity is much lower than at the last test."""
    c.body.scale("fvc_l", 85)
    lung_function(c, late=0)
    clinic(c, change="worse")
    c.wait(2, 4)
    image(c, "stable")


def falls_slowly(c: Course) -> None:
    """A small fall of vital capacity, and a second test that confirms it."""
    c.body.scale("fvc_l", 92)
    lung_function(c, late=0)
    c.wait(26, 33)
    clinic(c)
    lung_function(c, late=0)


def several_signs(c: Course) -> None:
    """Gas transfer, symptoms and CT are worse together."""
    c.body.settle("dlco_pp", c.body.homes["dlco_pp"] - 14)
    lung_function(c, late=0)
    clinic(c, change="worse", onset=c.between(120, 200))
    c.wait(2, 6)
    image(c, "progressed")


def judged_worse(c: Course) -> None:
    """The clinician calls the course progressive."""
    clinic(c, coded("clinical_course", "progressive"), change="worse")
    c.body.scale("fvc_l", 95)
    lung_function(c, late=0)


WAYS: tuple[Callable[[Course], None], ...] = (falls_steeply, falls_slowly, several_signs, judged_worse)


def worsen(c: Course) -> None:
    """Progression in one of the usual ways, over days to a month; no regular contacts meanwhile."""
    let_time_pass_since_last_test(c)
    breathless(c)
    c.pick(WAYS)(c)


def worsen_fast(c: Course) -> None:
    """Within weeks out of breath and short of oxygen: rapidly progressive disease."""
    breathless(c)
    c.body.settle("spo2_rest", c.between(85, 88))
    course = [coded("clinical_course", "rapidly_progressive")] if c.chance(50) else []
    clinic(c, *course, change="worse", onset=c.between(7, 30))
    c.wait(1, 2)
    image(c, "progressed", ground_glass=True)


def recover(c: Course, percent: int) -> None:
    """Treatment works: most of what was lost comes back over the next visits.

    Args:
        c: the course.
        percent: of its present value that vital capacity gains.
    """
    c.mood = ["better", "better"] if c.chance(60) else ["same", "better"]
    c.body.scale("fvc_l", 100 + percent)
    c.body.settle("mmrc", max(c.body.homes["mmrc"] - 1, 0))


def add(c: Course, *drugs: str) -> None:
    """Answer progression with more drugs, which help."""
    intensify(c, *drugs)
    recover(c, c.between(2, 7))


def rescue(c: Course, *drugs: str) -> None:
    """Answer rapid disease with pulses and drugs, under close watch; saturation comes back."""
    pulses(c)
    intensify(c, *drugs, dose=600, watched=True)
    c.decide(answers.RAPID_WORSENING)
    c.body.settle("spo2_rest", c.between(92, 95))
    recover(c, c.between(2, 6))


def immunoglobulin(c: Course) -> None:
    """Immunoglobulins meanwhile."""
    start(c, "ivig")
