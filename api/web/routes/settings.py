"""Settings of one's own: how one is told, the calendar of one's reviews, and tokens."""

from collections.abc import Mapping
from datetime import timedelta, tzinfo
from typing import Any

from fastapi import APIRouter, Response

from api.http.calls import By, Caller
from api.http.channel_shapes import CHANNEL, CHANNEL_CHANGE
from api.http.routes import calendars, channels, tokens
from api.http.routes.channels import draft_of, me
from api.http.shapes import ROTATION, TOKEN, shaped
from api.web import words
from api.web.choices import Choice, choices
from api.web.forms import Form
from api.web.settings import HERE, TIMES, Once, channel_line, token_line
from api.web.settling import Sent, SettingsPage
from engine.core.channels import Calendar
from engine.core.people import Role, Scope
from engine.ports import UnitOfWork
from engine.services.patients import Sender, time_zone

router = APIRouter(prefix="/settings", include_in_schema=False)

DAYS = (("90", "90 days"), ("30", "30 days"), ("365", "a year"), ("", "until it is ended"))
"""How long a token may last; the first is meant unless something else is said."""


def _values(by: Caller, uow: UnitOfWork, sender: Sender, sent: Sent) -> Mapping[str, object]:
    app, person = by.application, sender.person or ""
    zone, now = time_zone(uow, sender.site), app.clock.now()
    shown = sender.scopes is None or Scope.TOKENS in sender.scopes
    live = [each for each in tokens.seen(uow, sender) if each.lives(now)] if shown else []
    owners = {each.person for each in live if each.person is not None}
    names = {each: found.name for each in owners if (found := uow.people.get(each)) is not None}
    channel, token = sent.to(f"{HERE}/channels"), sent.to(f"{HERE}/tokens")
    new, made = channel or Form(()), token or Form(())
    return {
        "channel": new,
        "channel_opened": channel is not None,
        "token": made,
        "token_opened": token is not None,
        "person": bool(person),
        "kinds": choices(((each, each) for each in app.addresses.kinds()), new["kind"]),
        "channels": [
            channel_line(each, sent.to(f"{HERE}/channels/{each.id}"))
            for each in uow.channels.of_person(person)
            if each.open
        ],
        "calendars": [_calendar(each, zone) for each in uow.calendars.of(person) if not each.revoked],
        "tokens": [token_line(each, sender, names, zone) for each in live],
        "roles": choices(
            ((each, words.plainly(each)) for each in _roles(sender)), made["role"] or sender.role
        ),
        "scopes": tuple(Choice(each, each, each in made.all("scopes")) for each in Scope),
        "days": choices(DAYS, DAYS[0][0] if token is None else made["days"]),
        "may_serve": sender.role == Role.ADMIN,
        "zone": str(zone),
    }


SHEET = SettingsPage("settings", HERE, _values)


@router.get("")
async def show_settings(by: By) -> Response:
    """Show how one is told, one's calendars and one's tokens."""
    return await SHEET.shown(by)


def _roles(sender: Sender) -> tuple[str, ...]:
    held = tuple(Role) if sender.role == Role.ADMIN else sender.roles | {sender.role}
    return tuple(role for role in Role if role in held)


def _calendar(calendar: Calendar, zone: tzinfo) -> tuple[str, str]:
    return calendar.id, words.moment(calendar.created, zone)


def wished(form: Form, *names: str) -> dict[str, Any]:
    """Return the fields of a form as a body of HTTP; what is left empty is none."""
    return {name: form[name] or None for name in names}


@router.post("/channels")
async def add_channel(by: By) -> Response:
    """Open a channel on which one is told from now on."""

    async def do(form: Form) -> None:
        told = {name: form[name] for name in ("kind", "address", "label")}
        draft = await draft_of(by, shaped(told | wished(form, "time_zone", *TIMES), CHANNEL))
        await by.write(channels.opening(by.application, me, draft))

    return await SHEET.taken(by, do)


@router.post("/channels/{channel}")
async def change_channel(channel: str, by: By) -> Response:
    """Change when something is sent on a channel of one's own."""

    async def do(form: Form) -> None:
        told = wished(form, *TIMES) | {name: form[name] for name in ("label", "time_zone") if form[name]}
        await by.write(channels.changing(by.application, me, channel, shaped(told, CHANNEL_CHANGE)))

    return await SHEET.taken(by, do)


@router.post("/channels/{channel}/remove")
async def remove_channel(channel: str, by: By) -> Response:
    """Shut a channel of one's own for good."""

    async def do(_: Form) -> None:
        await by.write(channels.removing(by.application, me, channel))

    return await SHEET.taken(by, do)


@router.post("/calendars")
async def add_calendar(by: By) -> Response:
    """Make a calendar feed, and show its address this once."""

    async def do(_: Form) -> Once:
        made = await by.write(calendars.opening(by.application, by.request.app.state.elsewhere.address))
        told = "Subscribe to it in your calendar. It says nothing about patients; who has it can read it."
        return Once("Address of your feed", made.address, told)

    return await SHEET.taken(by, do)


@router.post("/calendars/{calendar}/end")
async def end_calendar(calendar: str, by: By) -> Response:
    """End a calendar feed of one's own."""

    async def do(_: Form) -> None:
        await by.write(calendars.revoking(by.application, calendar))

    return await SHEET.taken(by, do)


@router.post("/tokens")
async def add_token(by: By) -> Response:
    """Make a token of one's own, or one of a service, and show its secret this once."""

    async def do(form: Form) -> Once:
        told = {
            "label": form["label"],
            "role": form["role"] or None,
            "days": form.number("days"),
            "scopes": list(form.all("scopes")) or None,
            "service": bool(form["service"]),
        }
        secret, _ = await by.write(tokens.making(by.application, shaped(told, TOKEN)))
        return _secret(secret)

    return await SHEET.taken(by, do)


def _secret(secret: str) -> Once:
    return Once("Secret of the token", secret, "Keep it now: it cannot be shown again.")


@router.post("/tokens/{token}/rotate")
async def rotate_token(token: str, by: By) -> Response:
    """Exchange a token, and show the secret of the new one this once; the old one goes on for a while."""

    async def do(form: Form) -> Once:
        minutes = shaped({"grace_minutes": form.number("grace") or 0}, ROTATION)["grace_minutes"]
        secret, _ = await by.write(tokens.rotating(by.application, token, timedelta(minutes=minutes)))
        return _secret(secret)

    return await SHEET.taken(by, do)


@router.post("/tokens/{token}/end")
async def end_token(token: str, by: By) -> Response:
    """End a token, at once and for good."""

    async def do(_: Form) -> None:
        await by.write(tokens.ending(by.application, token))

    return await SHEET.taken(by, do)
