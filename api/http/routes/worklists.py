"""Worklists: what is to be done at the site, page by page, and the filters somebody saved."""

import json
from typing import Annotated, Any, cast

from fastapi import APIRouter, Query, Request, Response

from api.http.body import json_of
from api.http.calls import Ask, By
from api.http.etags import tag_of
from api.http.pages import UNKNOWN, Page, cursor_of, link_to
from api.http.problems import ParameterUnreadable
from api.http.responses import as_it_is, made, sent
from api.http.shapes import shaped
from api.http.worklist_shapes import WORKLIST, FiltersBody
from api.http.worklist_views import CountedView, RowView, SavedView, counted_view, row_view, saved_view
from engine.core.worklists import LISTS, Filters, ListName, Spot, spot_in
from engine.ports import UnitOfWork
from engine.services.patients import Sender
from engine.services.saved_worklists import (
    Wish,
    change_worklist,
    is_mine,
    remove_worklist,
    save_worklist,
    saved_worklist,
    visible,
)
from engine.services.worklists import ME, Listing, Worklists

router = APIRouter(prefix="/v1", tags=["working"])

Filter = Annotated[str | None, Query(max_length=200)]


def spot_of(name: ListName, text: str | None) -> Spot | None:
    """Return the place in a list a cursor stands for, None for none; raises `ParameterUnreadable`."""
    place = cursor_of(text)
    if not place:
        return None
    try:
        return spot_in(name, json.loads(place))
    except (ValueError, RecursionError):
        raise ParameterUnreadable(UNKNOWN) from None


def both(kept: Filters, asked: Filters) -> Filters:
    """Return the filters of a saved worklist, narrowed or replaced by what a call asks for."""
    return Filters(
        **{
            name: getattr(kept, name) if getattr(asked, name) is None else getattr(asked, name)
            for name in FiltersBody.model_fields
        }
    )


@router.get("/worklists", response_model=Page[CountedView])
async def list_worklists(by: By) -> Response:
    """The worklists there are, and the saved ones you may see, each with how long it is.

    A count looks at the first 1,000 rows of a list; `at_least` says that there are more. Those of saved ones
    look at 20,000 rows together, of your own first; `rows` of one that is left over is null.
    """
    app = by.application

    def ask(uow: UnitOfWork, sender: Sender) -> tuple[CountedView, ...]:
        lists = Worklists(uow, app.shelf, app.clock, sender)

        plain = (counted_view(name, lists.count(name, Filters())) for name in LISTS)
        saved = visible(uow, sender)
        countable = (each for each in saved if each.filters.owner != ME or sender.person is not None)
        counts = lists.count_each(sorted(countable, key=lambda each: not is_mine(each, sender)))
        kept = (counted_view(each.id, counts.get(each.id), saved_view(each, sender)) for each in saved)
        return (*plain, *kept)

    found = await by.read(ask, lambda _: ())
    return sent(Page[CountedView](items=found))


@router.get("/worklists/{worklist}", response_model=Page[RowView])
async def show_worklist(
    worklist: str,
    request: Request,
    by: By,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
    pathway: Filter = None,
    state: Filter = None,
    tier: Filter = None,
    owner: Filter = None,
    subject: Filter = None,
    kind: Filter = None,
    because: Filter = None,
) -> Response:
    """A worklist, or a saved one by its id, in pages.

    `state` is a state or a family; `owner` is `me`, `nobody`, or the id of a person; `subject` the id of an
    action, a review, a transition or an item; `kind` that of the rows; `because` an item the row lacks, the
    reminder step it reached, or the reason of an override. With filters a page may hold fewer rows than
    `limit`, and lead on all the same: go on until there is no `Link`.
    """
    app, asked = by.application, Filters(pathway, state, tier, owner, subject, kind, because)

    def ask(uow: UnitOfWork, sender: Sender) -> tuple[Listing, str | None]:
        name, wanted, tag = worklist, asked, None
        if worklist not in LISTS:
            saved = saved_worklist(uow, worklist, sender)
            name, wanted = saved.list, both(saved.filters, asked)
            tag = tag_of(saved_view(saved, sender))
        lists = Worklists(uow, app.shelf, app.clock, sender)
        of = cast("ListName", name)
        return lists.page(of, wanted, after=spot_of(of, cursor), limit=limit), tag

    def shows(found: tuple[Listing, str | None]) -> dict[str, None]:
        rows = (listed.row for listed in found[0].items)
        return dict.fromkeys(p for row in rows for p in (*row.about, row.patient) if p is not None)

    found, tag = await by.read(ask, shows)
    following = None if found.following is None else json.dumps(found.following)
    items = tuple(row_view(listed, found) for listed in found.items)
    return sent(Page[RowView](items=items), headers=link_to(request, following, limit), tag=tag)


def kept_as(worklist: str) -> Ask[SavedView]:
    """Return the question after a saved worklist, apart from its rows."""
    return lambda uow, sender: saved_view(saved_worklist(uow, worklist, sender), sender)


def wish_of(body: dict[str, Any]) -> Wish:
    """Return what is wanted by a body of the shape."""
    return Wish(body["name"], body["list"], Filters(**body["filters"]), tuple(map(str, body["shared_with"])))


@router.post("/worklists", status_code=201, response_model=SavedView, openapi_extra=WORKLIST.body)
async def keep_worklist(request: Request, by: By) -> Response:
    """Save a filter of a worklist under a name; the roles it is shared with see it at your site, too."""
    wish, app = wish_of(shaped(await json_of(request), WORKLIST)), by.application

    def ask(uow: UnitOfWork, sender: Sender) -> SavedView:
        return saved_view(save_worklist(uow, wish, sender, app.clock, app.randomness), sender)

    return await by.answer(ask, made)


@router.put("/worklists/{worklist}", response_model=SavedView, openapi_extra=WORKLIST.body)
async def put_worklist(worklist: str, request: Request, by: By) -> Response:
    """Put a saved worklist of yours anew, as a whole."""
    wish, clock = wish_of(shaped(await json_of(request), WORKLIST)), by.application.clock

    def ask(uow: UnitOfWork, sender: Sender) -> SavedView:
        return saved_view(change_worklist(uow, worklist, wish, sender, clock), sender)

    return await by.answer(ask, sent, of=kept_as(worklist))


@router.delete("/worklists/{worklist}", status_code=204, response_class=Response)
async def drop_worklist(worklist: str, by: By) -> Response:
    """Remove a saved worklist of yours; nobody sees it any more."""
    clock = by.application.clock

    def ask(uow: UnitOfWork, sender: Sender) -> Response:
        remove_worklist(uow, worklist, sender, clock)
        return Response(status_code=204)

    return await by.answer(ask, as_it_is, of=kept_as(worklist))
