"""Patients of today who are worse: progressing, relapsed, rapidly worse; and where that ended."""

from api.demo import answers
from api.demo.arrivals import pulses
from api.demo.contacts import regular_clinic, screen
from api.demo.course import Course
from api.demo.episodes import immunoglobulin, worsen, worsen_fast
from api.demo.treated import UNCONTROLLED, came_treated, on_mycophenolate, second_failure
from api.demo.treatment import follow

EARLY, LATE = (280, 298), (420, 1300)
"""Days into a line at which a controlled disease comes back, before and after its 52nd week."""


def progressing(c: Course) -> None:
    """Progressed under the first treatment, days ago or weeks ago."""
    on_mycophenolate(c)
    follow(c, *UNCONTROLLED)
    worsen(c)
    undecided(c)


def progressing_again(c: Course) -> None:
    """Progressed under the second treatment as well."""
    second_failure(c, "mmf")
    undecided(c)


def transplanted(c: Course) -> None:
    """Progressed under every treatment, and was transplanted."""
    second_failure(c, c.pick(("rtx", "cyc")))
    c.wait(20, 60)
    c.send("clinician", "admin", op="close", reason="lung_transplant")
    c.wait(10, 100)


def early_relapse(c: Course) -> None:
    """Back within the first year."""
    on_mycophenolate(c)
    follow(c, *EARLY, calm=True)
    worsen(c)
    undecided(c)


def late_relapse(c: Course) -> None:
    """Back after years."""
    on_mycophenolate(c)
    follow(c, *LATE)
    worsen(c)
    undecided(c)


def undecided(c: Course) -> None:
    """What comes next is being worked out: tests, a board, an option declined, or nothing yet."""
    match c.between(1, 4):
        case 1:
            c.wait(1, 7)
        case 2:
            c.wait(2, 6)
            screen(c)
            c.decide(answers.BOARD)
            c.wait(2, 10)
        case 3:
            c.wait(3, 8)
            screen(c)
            c.decide(answers.CYCLOPHOSPHAMIDE, "wants to avoid cyclophosphamide")
            c.wait(1, 12)
        case _:
            c.wait(24, 28)
            regular_clinic(c)
            c.wait(5, 25)


def rapid_now(c: Course) -> None:
    """Rapidly worse in these days."""
    on_mycophenolate(c)
    follow(c, 40, 700)
    worsen_fast(c)
    pulses(c)
    if c.chance(50):
        immunoglobulin(c)
    c.wait(0, 4)


def rapid_death(c: Course) -> None:
    """Rapidly worse, and died of it."""
    came_treated(c)
    follow(c, 40, 200, calm=True)
    worsen_fast(c)
    pulses(c)
    c.wait(3, 12)
    c.send("clinician", "admin", op="close", reason="death")
    c.wait(10, 200)
