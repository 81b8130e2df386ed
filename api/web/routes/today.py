"""Today: what to look at first in the morning, and how much there is of everything."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Response

from api.http.calls import By
from api.http.permissions import READERS
from api.web import words
from api.web.frame import may, show
from api.web.residents import beginnings
from api.web.rows import ListTab, RowLine, counted, emptiness, lines, patients_of, tab
from engine.core.worklists import LISTS, Filters, ListName
from engine.ports import UnitOfWork
from engine.services.patients import Sender
from engine.services.saved_worklists import visible
from engine.services.worklists import ME, Worklists

router = APIRouter(include_in_schema=False)

FIRST: tuple[ListName, ...] = ("urgent", "overdue", "moved", "needs-data", "overridden")
"""The lists of which the first rows are shown, in the order in which to look at them."""
SHOWN = 8
"""Rows of each."""
LOOKED_AT = 100
"""Rows counted one by one, where the database cannot; however many there are, the page takes no longer."""


@dataclass(frozen=True, slots=True)
class Section:
    """The beginning of a list."""

    tab: ListTab
    alarm: bool
    """Whether it is to be seen first."""
    empty: str
    """What to say where there is no row."""
    rows: tuple[RowLine, ...]


@router.get("/")
async def today(by: By) -> Response:
    """Show what is urgent, then what is overdue, then who moved, what is missing and what was overridden."""
    app = by.application

    def ask(uow: UnitOfWork, sender: Sender) -> Mapping[str, object]:
        if not may(sender, READERS):
            return {"sections": None, "day": words.day(app.asker.today(uow, sender.site)), "patients": ()}
        lists = Worklists(uow, app.shelf, app.clock, sender)
        counts = {name: lists.count(name, Filters(), LOOKED_AT) for name in LISTS}
        pages = {name: lists.page(name, Filters(), limit=SHOWN) for name in FIRST}
        kept = tuple(
            ListTab(
                each.id,
                each.name,
                f"/lists/{each.id}",
                ""
                if each.filters.owner == ME and sender.person is None
                else counted(lists.count(each.list, each.filters, LOOKED_AT)),
            )
            for each in visible(uow, sender)
        )
        return {
            "day": words.day(lists.today),
            "sections": tuple(
                Section(
                    tab(name, counts[name]),
                    name == "urgent" and bool(pages[name].items),
                    emptiness(name, pages[name]),
                    lines(uow, app.shelf, pages[name]),
                )
                for name in FIRST
            ),
            "others": tuple(tab(name, counts[name]) for name in LISTS if name not in FIRST),
            "saved": kept,
            "nobody": not any(found.items for found in pages.values())
            and not uow.patients.page(sender.site, limit=1),
            "beginnings": beginnings(sender),
            "patients": tuple(dict.fromkeys(p for found in pages.values() for p in patients_of(found))),
        }

    return await show(by, "today", ask)
