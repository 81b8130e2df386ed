"""Lists: a worklist in pages with its filters, and lists that are kept."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from http import HTTPStatus
from typing import Annotated, cast
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.http.calls import By
from api.http.pages import link_of
from api.http.permissions import STAFF
from api.http.routes.worklists import both, spot_of
from api.http.worklist_shapes import FiltersBody
from api.web import words
from api.web.choices import Choice, choices, people_choices, state_choices, tier_choices
from api.web.forms import form_in
from api.web.frame import may, show
from api.web.rows import (
    MEANINGS,
    TITLES,
    ListTab,
    counted,
    emptiness,
    lines,
    patients_of,
    tab,
)
from engine.core.people import Role
from engine.core.worklists import LISTS, Filters, ListName, SavedWorklist
from engine.errors import MessageRefused, Problem
from engine.ports import Pathways, UnitOfWork
from engine.services.patients import Sender
from engine.services.saved_worklists import (
    Wish,
    is_mine,
    remove_worklist,
    save_worklist,
    saved_worklist,
    visible,
)
from engine.services.worklists import ME, NOBODY, Worklists

router = APIRouter(prefix="/lists", include_in_schema=False)

Filter = Annotated[str, Query(max_length=200)]
FILTERS = tuple(FiltersBody.model_fields)
KINDS = (("", "anything"), ("review", "reviews"), ("action", "actions"))
PAGE = 50


def filters_of(texts: Mapping[str, str]) -> Filters:
    """Return the filters of a query or a form; what is left empty may be anything."""
    return Filters(**{name: texts[name] or None for name in FILTERS})


def _query(filters: Filters) -> str:
    asked = {name: value for name, value in asdict(filters).items() if value}
    return f"?{urlencode(asked)}" if asked else ""


@router.get("/{worklist}")
async def show_list(
    worklist: str,
    request: Request,
    by: By,
    cursor: str | None = None,
    pathway: Filter = "",
    state: Filter = "",
    tier: Filter = "",
    owner: Filter = "",
    subject: Filter = "",
    kind: Filter = "",
    because: Filter = "",
) -> Response:
    """Show a page of a worklist, or of one somebody saved."""
    app = by.application
    asked = filters_of(
        {
            "pathway": pathway,
            "state": state,
            "tier": tier,
            "owner": owner,
            "subject": subject,
            "kind": kind,
            "because": because,
        }
    )

    def ask(uow: UnitOfWork, sender: Sender) -> Mapping[str, object]:
        saved, name, wanted = None, cast("ListName", worklist), asked
        if worklist not in LISTS:
            saved = saved_worklist(uow, worklist, sender)
            name, wanted = saved.list, both(saved.filters, asked)
        lists = Worklists(uow, app.shelf, app.clock, sender)
        found = lists.page(name, wanted, after=spot_of(name, cursor), limit=PAGE)
        following = None if found.following is None else json.dumps(found.following)
        return {
            "title": TITLES[name] if saved is None else saved.name,
            "meaning": MEANINGS[name],
            "empty": emptiness(name, found, filtered=wanted != Filters(), begun=cursor is not None),
            "count": counted(lists.count(name, wanted)),
            "name": name,
            "address": f"/lists/{worklist}",
            "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            "only": _only(app.shelf, wanted),
            "rows": lines(uow, app.shelf, found),
            "following": None if following is None else link_of(request, following),
            "beginning": _query(asked) if cursor else None,
            "tabs": tuple(tab(each, None, here=saved is None and each == name) for each in LISTS),
            "saved": _saved(uow, sender, worklist),
            "mine": saved is not None and is_mine(saved, sender),
            "id": worklist,
            "filters": asdict(wanted),
            "filtered": wanted != Filters(),
            "states": state_choices(app.shelf, wanted.state),
            "tiers": tier_choices(app.shelf, wanted.tier),
            "kinds": choices(KINDS, wanted.kind or ""),
            "owners": (
                *choices((("", "anybody's"), (ME, "mine"), (NOBODY, "nobody's")), wanted.owner or ""),
                *people_choices(lists.working, wanted.owner),
            ),
            "colleagues": people_choices(lists.working, None),
            "shareable": tuple(Choice(role.value, words.plainly(role), chosen=False) for role in Role),
            "may_act": may(sender, STAFF),
            "tomorrow": str(date.fromordinal(lists.today.toordinal() + 1)),
            "patients": patients_of(found),
        }

    return await show(by, "list", ask)


def _only(pathways: Pathways, wanted: Filters) -> tuple[str, ...]:
    """Return in words which rows are wanted, as far as no field of the form says so."""
    names = {name for name, _ in pathways.available()}
    title = wanted.pathway or ""
    if wanted.pathway in names:
        title = pathways.pathway(wanted.pathway).definition.title
    items = pathways.vocabulary.items
    ground = items[wanted.because].title if wanted.because in items else words.plainly(wanted.because or "")
    return tuple(filter(None, (title, wanted.subject, ground)))


def _saved(uow: UnitOfWork, sender: Sender, here: str) -> tuple[ListTab, ...]:
    return tuple(
        ListTab(each.id, each.name, f"/lists/{each.id}", "", here=each.id == here)
        for each in visible(uow, sender)
    )


@router.post("/save")
async def save_list(request: Request, by: By) -> Response:
    """Keep a list with its filters under a name."""
    form, app = await form_in(request), by.application
    name, shown = form["name"], form["list"]
    if not 1 <= len(name) <= 200 or shown not in LISTS:
        text = "A saved list needs a name of 1 to 200 letters."
        raise MessageRefused((Problem("/name", "bad-field", text),))
    roles = tuple(role.value for role in Role if role.value in form.all("shared_with"))
    wish = Wish(name, shown, filters_of({each: form[each][:200] for each in FILTERS}), roles)

    def ask(uow: UnitOfWork, sender: Sender) -> SavedWorklist:
        return save_worklist(uow, wish, sender, app.clock, app.randomness)

    saved = await by.write(ask)
    return RedirectResponse(f"/lists/{saved.id}", HTTPStatus.SEE_OTHER)


@router.post("/{worklist}/remove")
async def remove_list(worklist: str, request: Request, by: By) -> Response:
    """Remove a list one saved."""
    await form_in(request)
    clock = by.application.clock
    await by.write(lambda uow, sender: remove_worklist(uow, worklist, sender, clock))
    return RedirectResponse("/", HTTPStatus.SEE_OTHER)
