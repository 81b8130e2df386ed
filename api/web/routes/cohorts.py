"""Cohorts: the patients of a pathway in figures, each of which opens the list behind it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from api.http.calls import By
from api.http.routes.cohorts import CohortView, ShareView, StateFiguresView, cohort_view
from api.web import words
from api.web.frame import Place, show
from engine.core.names import Names
from engine.core.pathway import Pathway
from engine.ports import UnitOfWork
from engine.services.cohorts import cohort
from engine.services.patients import Sender

router = APIRouter(prefix="/cohorts", include_in_schema=False)

WIDTH = 100
"""Of the longest bar."""


@dataclass(frozen=True, slots=True)
class Figure:
    """How many there are of something, and where they are listed."""

    title: str
    count: str
    href: str
    width: int
    """Of its bar, against the longest one's 100."""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Figures of one kind."""

    title: str
    says: str
    empty: str
    figures: tuple[Figure, ...]


@router.get("")
async def first_cohort(by: By) -> Response:
    """Lead to the cohort of the first pathway; the others are a step from there."""
    await by.admit()
    name, _ = by.application.shelf.available()[0]
    return RedirectResponse(f"/cohorts/{name}", HTTPStatus.SEE_OTHER)


@router.get("/{pathway}")
async def show_cohort(pathway: str, by: By) -> Response:
    """Show how the patients of a pathway stand, for how long, and what is overdue or lacking."""
    app = by.application

    def ask(uow: UnitOfWork, sender: Sender) -> Mapping[str, object]:
        found = cohort(uow, app.shelf, app.clock, pathway, sender)
        view = cohort_view(found)
        return {
            "title": found.rules.definition.title,
            "day": words.day(found.today),
            "tiles": _tiles(view),
            "groups": _groups(view, found.rules),
            "patients": (),
            "pathways": tuple(
                Place(app.shelf.pathway(name).definition.title, f"/cohorts/{name}", name == pathway)
                for name, _ in app.shelf.available()
            ),
        }

    return await show(by, "cohort", ask)


def _tiles(view: CohortView) -> tuple[Figure, ...]:
    def tile(title: str, count: int, href: str, remark: str = "") -> Figure:
        return Figure(title, f"{count:,}", href, 0, remark)

    on, total = {"pathway": view.pathway}, view.patients
    lacking = total - view.complete.patients
    return (
        tile("on this pathway", total, _to("/patients", on)),
        tile("paused", view.paused, _to("/patients", on, status="paused")),
        tile(
            "with an overdue review",
            view.overdue.patients,
            _to("/lists/overdue", on, kind="review"),
            _share(view.overdue),
        ),
        tile("with something missing", lacking, _to("/lists/needs-data", on), _percent(lacking, total)),
        tile("put there by hand", sum(row.patients for row in view.overrides), _to("/lists/overridden", on)),
    )


def _groups(view: CohortView, rules: Pathway) -> tuple[Group, ...]:
    on, names = {"pathway": view.pathway}, Names(rules)

    def because(worklist: str, ground: str) -> str:
        return _to(f"/lists/{worklist}", on, because=ground)

    return (
        Group(
            "Where they stand",
            "Beside each state how long those who are in it have been there.",
            "Nobody is on this pathway yet.",
            _figures(
                (row.title, row.patients, _to("/patients", on, state=row.state), _stay(row))
                for row in view.states
            )
            if view.patients
            else (),
        ),
        Group(
            "Overdue reviews",
            "By the newest reminder there was; the last one first.",
            "No review is overdue that anybody was reminded of.",
            _figures(
                (words.first_upper(words.plainly(row.step)), row.reviews, because("overdue", row.step), "")
                for row in view.escalations
            ),
        ),
        Group(
            "What is missing",
            "Patients with an open action that waits for this.",
            "Nothing that an open action needs is missing.",
            _figures(
                (
                    names.datum(row.item),
                    row.patients,
                    because("needs-data", row.item),
                    "",
                )
                for row in view.lacking
            ),
        ),
        Group(
            "Overridden",
            "Patients whom a clinician put where they are, by the reason given.",
            "Nobody is where an override put them.",
            _figures(
                (
                    words.first_upper(words.plainly(row.reason)),
                    row.patients,
                    because("overridden", row.reason),
                    "",
                )
                for row in view.overrides
            ),
        ),
    )


def _figures(rows: Iterable[tuple[str, int, str, str]]) -> tuple[Figure, ...]:
    listed = list(rows)
    most = max((count for _, count, _, _ in listed), default=0)
    return tuple(
        Figure(title, f"{count:,}", href, count * WIDTH // most if most else 0, remark)
        for title, count, href, remark in listed
    )


def _stay(row: StateFiguresView) -> str:
    days = row.days
    if days.median is None:
        return ""
    median, low, high = (
        int(Decimal(each or 0).to_integral_value())
        for each in (days.median, days.lower_quartile, days.upper_quartile)
    )
    told = f"for {words.count(median, 'day')}"
    return told if low == high else f"{told} in the median, half of them {low} to {high}"


def _share(share: ShareView) -> str:
    return "" if share.rate is None else f"{Decimal(share.rate) * 100:.0f} %"


def _percent(part: int, total: int) -> str:
    return f"{Decimal(part) * 100 / total:.0f} %" if total else ""


def _to(path: str, on: Mapping[str, str], **more: str) -> str:
    return f"{path}?{urlencode({**on, **more})}"
