"""Patients of today with news: alarming results, doubtful values, a history that was changed."""

from api.demo import answers
from api.demo.arrivals import come, work_up
from api.demo.contacts import (
    EQUATION,
    blood,
    clinic,
    image,
    let_time_pass_since_last_test,
    lung_function,
    screen,
)
from api.demo.course import Course
from api.demo.episodes import add, worsen
from api.demo.person import coded, measured
from api.demo.treated import UNCONTROLLED, on_mycophenolate
from api.demo.treatment import follow, stop, treat


def unprotected(c: Course) -> None:
    """Mycophenolate was stopped for low blood counts, and nothing has taken its place yet."""
    on_mycophenolate(c)
    follow(c, 200, 900)
    c.body.settle("anc", c.between(4, 9))
    blood(c, late=0)
    if c.chance(50):
        c.decide(answers.LOW_COUNTS)
    stop(c, "mmf")
    c.wait(2, 20)


def kidney_harm(c: Course) -> None:
    """Creatinine and potassium have risen on a calcineurin inhibitor."""
    on_mycophenolate(c)
    follow(c, *UNCONTROLLED)
    worsen(c)
    add(c, "tac")
    follow(c, 60, 200, calm=True)
    c.body.scale("creatinine", 150)
    c.body.scale("egfr", 62)
    c.body.settle("potassium", c.between(55, 58))
    c.body.settle("tac_trough", c.between(160, 190))
    blood(c, late=0)
    c.wait(0, 4)


def marginal_now(c: Course) -> None:
    """The last test showed a small fall; a second one is to confirm it or not."""
    on_mycophenolate(c)
    follow(c, 300, 800)
    let_time_pass_since_last_test(c)
    c.body.scale("fvc_l", 93)
    lung_function(c, late=0)
    c.wait(3, 33)


def doubtful_now(c: Course) -> None:
    """The last test cannot be right and waits to be verified."""
    on_mycophenolate(c)
    follow(c, 250, 900)
    litres = c.body.read("fvc_l") * 55 // 100
    observed = [
        measured("fvc_l", litres),
        measured("fvc_pp", litres * 100 // c.person.predicted, eq=EQUATION),
    ]
    c.send("integrator", "obs", source="lab", obs=observed)
    c.wait(1, 9)


def explained(c: Course) -> None:
    """Worse, but a pneumonia explains it for now."""
    on_mycophenolate(c)
    follow(c, 250, 900)
    let_time_pass_since_last_test(c)
    for code in ("alt_explanation", "active_infection"):
        c.condition(code)
    c.body.scale("fvc_l", 86)
    clinic(c, measured("temp", c.between(381, 389)), change="worse")
    lung_function(c, late=0)
    c.wait(1, 30)


def feverish(c: Course) -> None:
    """Febrile since yesterday, on cyclophosphamide."""
    work_up(c)
    treat(c, "cyc")
    follow(c, 30, 130, calm=True)
    c.send("clinician", "obs", source="manual", obs=[measured("temp", c.between(384, 392))])
    c.wait(0, 1)


def unplanned_pregnancy(c: Course) -> None:
    """Pregnant on mycophenolate, known for days."""
    on_mycophenolate(c)
    follow(c, 200, 1100)
    c.send("integrator", "obs", source="lab", obs=[coded("pregnancy_test", "positive")])
    c.condition("pregnancy")
    c.wait(0, 3)


def alarming(c: Course) -> None:
    """Something came back in these days that needs an answer."""
    on_mycophenolate(c)
    follow(c, 150, 900)
    match c.pick(("liver", "sugar", "pressure", "muscle", "air")):
        case "liver":
            c.body.settle("alt", c.between(210, 340))
            blood(c, late=0)
        case "sugar":
            c.body.settle("glucose", c.between(170, 240))
            blood(c, late=0)
        case "pressure":
            c.body.settle("sbp", 195)
            clinic(c)
        case "muscle":
            c.send("integrator", "obs", source="lab", obs=[measured("mip", c.between(22, 28))])
        case _:
            c.condition("air_leak")
    c.wait(0, 3)


def alarming_infused(c: Course) -> None:
    """The same on rituximab or cyclophosphamide."""
    work_up(c)
    treat(c, drug := c.pick(("rtx", "cyc")))
    follow(c, 60, 130, calm=True)
    if drug == "cyc":
        seen = coded("urine_blood", c.pick(("positive", "negative")))
        counts = [measured("anc", c.between(16, 19)), measured("plt", c.between(85, 140)), seen]
        c.send("integrator", "obs", source="lab", obs=counts)
    else:
        c.send("integrator", "obs", source="lab", obs=[measured("igg", c.between(30, 39))])
    c.wait(0, 4)


def infusion_missed(c: Course) -> None:
    """The next rituximab should have been given."""
    work_up(c)
    treat(c, "rtx")
    follow(c, 180, 900)
    c.diary.pop("rtx")
    follow(c, 215, 240)


def rewritten(c: Course) -> None:
    """A correction, a late result or a withdrawn one changed the history in these weeks."""
    c.pick((corrected_entry, late_spirometry, withdrawn_fall))(c)
    if c.chance(30):
        c.decide(answers.HISTORY_CHANGED)
    c.wait(1, 9)


def corrected_entry(c: Course) -> None:
    """Percent predicted was typed with its digits exchanged, which looked like severe disease."""
    c.body.settle("fvc_l", c.person.predicted * 74 // 100 + 1)
    come(c)
    c.wait(2)
    litres = c.body.homes["fvc_l"]
    rest = [measured("fvc_l", litres), measured("dlco_pp", c.body.read("dlco_pp"), eq=EQUATION)]
    typed, meant = (measured("fvc_pp", value, eq=EQUATION) for value in (47, 74))
    target = c.send("integrator", "obs", source="lab", obs=[typed, *rest])
    image(c, "baseline")
    c.wait(4)
    screen(c)
    c.wait(3)
    treat(c, "mmf")
    follow(c, 130, 300, calm=True)
    ago = c.day - next(d.effective for d in c.drafts if d.id == target)
    c.send("clinician", "correct", ago=ago, target=target, source="lab", obs=[meant, *rest])


def late_spirometry(c: Course) -> None:
    """A test of the first days, done elsewhere, shows that the disease had been severe."""
    on_mycophenolate(c)
    follow(c, 90, 200, calm=True)
    poor = [measured("fvc_pp", c.between(45, 49), eq=EQUATION)]
    c.send("integrator", "obs", ago=c.day - 1, source="lab", obs=poor)


def withdrawn_fall(c: Course) -> None:
    """The fall that led to escalation belonged to another patient."""
    on_mycophenolate(c)
    follow(c, 200, 500, calm=True)
    let_time_pass_since_last_test(c)
    litres = c.body.homes["fvc_l"] * 80 // 100
    target = c.send("integrator", "obs", source="lab", obs=[measured("fvc_l", litres)])
    c.wait(4, 9)
    c.send("integrator", "retract", source="lab", target=target, reason="belongs to another patient")
