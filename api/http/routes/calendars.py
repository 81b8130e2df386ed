"""Calendar feeds: a person's own, and the feed itself, which its secret guards."""

from asyncio import to_thread
from datetime import datetime

from fastapi import APIRouter, Request, Response

from api.application import Application
from api.http.calendars import written
from api.http.calls import Ask, By
from api.http.pages import Page
from api.http.responses import made, sent
from api.http.routes.channels import me
from engine.core.channels import Calendar
from engine.core.result import View
from engine.ports import UnitOfWork
from engine.services.calendars import Entry, entries, open_calendar, revoke_calendar
from engine.services.patients import Sender

router = APIRouter(prefix="/v1", tags=["telling"])


class CalendarView(View):
    """A calendar feed, without its secret."""

    id: str
    site: str
    created: datetime
    revoked: datetime | None


class NewCalendar(View):
    """A calendar feed with its address, which cannot be shown again."""

    address: str
    calendar: CalendarView


def calendar_view(calendar: Calendar) -> CalendarView:
    """Return a feed as shown."""
    return CalendarView(**{name: getattr(calendar, name) for name in CalendarView.model_fields})


@router.get("/me/calendars", response_model=Page[CalendarView])
async def list_calendars(by: By) -> Response:
    """List your calendar feeds, revoked ones included."""

    def ask(uow: UnitOfWork, sender: Sender) -> tuple[CalendarView, ...]:
        return tuple(map(calendar_view, uow.calendars.of(me(uow, sender)[0].id)))

    return sent(Page[CalendarView](items=await by.read(ask)))


@router.post("/me/calendars", status_code=201, response_model=NewCalendar)
async def make_calendar(request: Request, by: By) -> Response:
    """Make a feed of the days on which reviews of your patients are due; its address is shown this once.

    It says nothing about patients. Whoever has the address can read it, until you revoke it.
    """
    base = request.app.state.elsewhere.address
    return await by.answer(opening(by.application, base), made, secret=True)


def opening(app: Application, base: str) -> Ask[NewCalendar]:
    """Return the command that makes a feed of one's own; `base` is the address of this installation."""

    def ask(uow: UnitOfWork, sender: Sender) -> NewCalendar:
        secret, made = open_calendar(
            uow,
            me(uow, sender)[0],
            sender.site,
            by=sender.author,
            now=app.clock.now(),
            randomness=app.randomness,
        )
        return NewCalendar(address=f"{base}/v1/calendar/{secret}.ics", calendar=calendar_view(made))

    return ask


@router.delete("/me/calendars/{calendar}", response_model=CalendarView)
async def end_calendar(calendar: str, by: By) -> Response:
    """Revoke a feed of yours; its address leads nowhere from then on."""
    return await by.answer(revoking(by.application, calendar), sent)


def revoking(app: Application, calendar: str) -> Ask[CalendarView]:
    """Return the command that revokes a feed of one's own."""

    def ask(uow: UnitOfWork, sender: Sender) -> CalendarView:
        person = me(uow, sender)[0]
        return calendar_view(revoke_calendar(uow, calendar, person, by=sender.author, now=app.clock.now()))

    return ask


@router.get(
    "/calendar/{token}.ics",
    response_class=Response,
    responses={200: {"content": {"text/calendar": {"schema": {"type": "string"}}}}, 304: {}, 404: {}},
)
async def calendar_feed(token: str, request: Request) -> Response:
    """The days on which reviews are due, for a calendar to subscribe to; the address is its own guard."""
    app: Application = request.app.state.application

    def ask(uow: UnitOfWork) -> tuple[Calendar, tuple[Entry, ...]]:
        return entries(uow, token, app.clock)

    calendar, found = await app.ask(ask)
    body = await to_thread(written, calendar, found, request.app.state.elsewhere.address)
    return Response(body, 200, {"Cache-Control": "private, max-age=300"}, "text/calendar; charset=utf-8")
