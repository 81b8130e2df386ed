"""How people are reached: their own channels, and those of the people of a site."""

from asyncio import to_thread
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response

from api.application import Application
from api.http.body import json_of
from api.http.calls import Ask, By
from api.http.channel_shapes import CHANNEL, CHANNEL_CHANGE
from api.http.channel_views import ChannelView, channel_view
from api.http.pages import Page
from api.http.responses import made, sent
from api.http.shapes import shaped
from engine.core.people import Person
from engine.errors import PersonNeeded
from engine.ports import UnitOfWork
from engine.services.channels import Draft, checked
from engine.services.own_channels import (
    change_for_person,
    channel_of,
    open_for_person,
    remove_for_person,
)
from engine.services.patients import Sender
from engine.services.people import person_at

router = APIRouter(prefix="/v1", tags=["telling"])

Whose = Callable[[UnitOfWork, Sender], tuple[Person, str | None]]
"""Finds whose channels are meant, and at which site they were made, if only those."""


def me(uow: UnitOfWork, sender: Sender) -> tuple[Person, str | None]:
    """Return who asks; raises `PersonNeeded`."""
    person = None if sender.person is None else uow.people.get(sender.person)
    if person is None:
        raise PersonNeeded
    return person, None


def somebody(person: str) -> Whose:
    """Return what finds a person of the sender's site."""
    return lambda uow, sender: (person_at(uow, person, sender.site), sender.site)


async def draft_of(by: By, body: dict[str, Any]) -> Draft:
    """Return a channel that was sent, checked outside any transaction; raises `MessageRefused`."""
    await by.admit()  # or anybody could have us look up names
    addresses = by.application.addresses
    return await to_thread(checked, Draft(**body), addresses, addresses.kinds())


async def listed(by: By, whose: Whose) -> Response:
    """Answer with somebody's channels, oldest first, those that were shut included."""

    def ask(uow: UnitOfWork, sender: Sender) -> tuple[ChannelView, ...]:
        person, site = whose(uow, sender)
        found = uow.channels.of_person(person.id)
        return tuple(channel_view(channel) for channel in found if site in (None, channel.site))

    return sent(Page[ChannelView](items=await by.read(ask)))


def one(whose: Whose, channel: str) -> Ask[ChannelView]:
    """Return the question after a channel of somebody."""

    def ask(uow: UnitOfWork, sender: Sender) -> ChannelView:
        person, site = whose(uow, sender)
        return channel_view(channel_of(uow, channel, person, site))

    return ask


async def opened(by: By, whose: Whose, request: Request) -> Response:
    """Open a channel of somebody, and answer with it."""
    draft = await draft_of(by, shaped(await json_of(request), CHANNEL))
    return await by.answer(opening(by.application, whose, draft), made)


def opening(app: Application, whose: Whose, draft: Draft) -> Ask[ChannelView]:
    """Return the command that opens a channel of somebody as a checked draft wishes it."""

    def ask(uow: UnitOfWork, sender: Sender) -> ChannelView:
        made = open_for_person(
            uow,
            draft,
            whose(uow, sender)[0],
            sender.site,
            by=sender.author,
            now=app.clock.now(),
            randomness=app.randomness,
        )
        return channel_view(made)

    return ask


async def changed(by: By, whose: Whose, channel: str, request: Request) -> Response:
    """Change a channel of somebody, and answer with it."""
    wishes = shaped(await json_of(request), CHANNEL_CHANGE)
    return await by.answer(changing(by.application, whose, channel, wishes), sent, of=one(whose, channel))


def changing(app: Application, whose: Whose, channel: str, wishes: dict[str, Any]) -> Ask[ChannelView]:
    """Return the command that changes a channel of somebody."""

    def ask(uow: UnitOfWork, sender: Sender) -> ChannelView:
        person, site = whose(uow, sender)
        found, now = channel_of(uow, channel, person, site, hold=True), app.clock.now()
        return channel_view(change_for_person(uow, found, person, wishes, by=sender.author, now=now))

    return ask


async def removed(by: By, whose: Whose, channel: str) -> Response:
    """Shut a channel of somebody, and answer with it."""
    return await by.answer(removing(by.application, whose, channel), sent, of=one(whose, channel))


def removing(app: Application, whose: Whose, channel: str) -> Ask[ChannelView]:
    """Return the command that shuts a channel of somebody."""

    def ask(uow: UnitOfWork, sender: Sender) -> ChannelView:
        person, site = whose(uow, sender)
        found = channel_of(uow, channel, person, site, hold=True)
        return channel_view(remove_for_person(uow, found, person, by=sender.author, now=app.clock.now()))

    return ask


@router.get("/me/channels", response_model=Page[ChannelView])
async def list_mine(by: By) -> Response:
    """List how you are told outside Careway, removed channels included."""
    return await listed(by, me)


@router.post("/me/channels", status_code=201, response_model=ChannelView, openapi_extra=CHANNEL.body)
async def open_mine(request: Request, by: By) -> Response:
    """Open a channel on which you are told from now on: by e-mail, or by a gateway of this installation.

    Urgent things come at any hour. The rest waits for the time of the digest, if there is one, and for the
    end of the quiet hours; both are in the time zone given, or that of the site.
    """
    return await opened(by, me, request)


@router.get("/me/channels/{channel}", response_model=ChannelView)
async def show_mine(channel: str, by: By) -> Response:
    """Show a channel of yours; its `ETag` is for changing and removing it."""
    return sent(await by.read(one(me, channel)))


@router.patch("/me/channels/{channel}", response_model=ChannelView, openapi_extra=CHANNEL_CHANGE.body)
async def change_mine(channel: str, request: Request, by: By) -> Response:
    """Change label and times of a channel of yours, for what is told from now on."""
    return await changed(by, me, channel, request)


@router.delete("/me/channels/{channel}", response_model=ChannelView)
async def remove_mine(channel: str, by: By) -> Response:
    """Shut a channel of yours for good; what waits on it is not sent any more."""
    return await removed(by, me, channel)


@router.get("/people/{person}/channels", response_model=Page[ChannelView])
async def list_theirs(person: str, by: By) -> Response:
    """List how a person is told, by channels made at the caller's site."""
    return await listed(by, somebody(person))


@router.post(
    "/people/{person}/channels", status_code=201, response_model=ChannelView, openapi_extra=CHANNEL.body
)
async def open_theirs(person: str, request: Request, by: By) -> Response:
    """Open a channel on which a person of the site is told from now on."""
    return await opened(by, somebody(person), request)


@router.get("/people/{person}/channels/{channel}", response_model=ChannelView)
async def show_theirs(person: str, channel: str, by: By) -> Response:
    """Show a person's channel; its `ETag` is for changing and removing it."""
    return sent(await by.read(one(somebody(person), channel)))


@router.patch(
    "/people/{person}/channels/{channel}", response_model=ChannelView, openapi_extra=CHANNEL_CHANGE.body
)
async def change_theirs(person: str, channel: str, request: Request, by: By) -> Response:
    """Change label and times of a person's channel, for what is told from now on."""
    return await changed(by, somebody(person), channel, request)


@router.delete("/people/{person}/channels/{channel}", response_model=ChannelView)
async def remove_theirs(person: str, channel: str, by: By) -> Response:
    """Shut a person's channel for good; what waits on it is not sent any more."""
    return await removed(by, somebody(person), channel)
