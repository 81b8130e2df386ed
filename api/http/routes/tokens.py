"""Tokens: a person's own, and those of services, which an administrator makes."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request, Response

from api.application import Application
from api.http.body import json_if_any, json_of
from api.http.calls import Ask, By
from api.http.pages import Page
from api.http.responses import made, sent
from api.http.shapes import ROTATION, TOKEN, shaped
from engine.core.people import Credential, Role, Scope
from engine.core.result import View
from engine.errors import MessageRefused, NotFound, PersonNeeded, Problem, TokenTooFar
from engine.ports import UnitOfWork
from engine.services.access import credential_of, issue, revoke, rotate
from engine.services.patients import Sender

router = APIRouter(prefix="/v1/tokens", tags=["access"])


class TokenView(View):
    """A token, without its secret."""

    id: str
    label: str
    role: str
    person: str | None
    """None for a service."""
    scopes: tuple[str, ...] | None
    """None for everything the role may do."""
    created: datetime
    expires: datetime | None
    used: datetime | None
    """To the minute; None if never."""
    revoked: datetime | None
    replaces: str | None


class NewToken(View):
    """A token with its secret, which cannot be shown again."""

    secret: str
    token: TokenView


def token_view(credential: Credential) -> TokenView:
    """Return a token as shown."""
    scopes = None if credential.scopes is None else tuple(credential.scopes.split())
    names = TokenView.model_fields.keys() - {"scopes"}
    return TokenView(scopes=scopes, **{name: getattr(credential, name) for name in names})


def dealt_with(uow: UnitOfWork, token: str, sender: Sender, *, secret: bool) -> Credential:
    """Return a token the sender may deal with: her own, and for an administrator those of the site.

    With `secret`, a new secret will be shown; an administrator gets none by which to act as somebody else.

    Raises:
        NotFound: there is none.
    """
    credential = credential_of(uow, token)
    own = credential.person is not None and credential.person == sender.person
    governed = sender.role == Role.ADMIN and credential.site == sender.site
    if secret and credential.person is not None:
        governed = False
    if not (own or governed):
        raise NotFound("credential", token)
    return credential


def _scopes(sent: tuple[str, ...] | None) -> tuple[str, ...] | None:
    wrong = [i for i, name in enumerate(sent or ()) if name not in set(Scope)]
    text = f"A scope is one of {', '.join(Scope)}."
    if wrong:
        raise MessageRefused(tuple(Problem(f"/scopes/{i}", "bad-field", text) for i in wrong))
    return sent


def seen(uow: UnitOfWork, sender: Sender) -> tuple[Credential, ...]:
    """Return the sender's own tokens, and for an administrator those of the site, ended ones included."""
    everything = sender.role == Role.ADMIN
    return tuple(
        each
        for each in uow.credentials.all()
        if (everything and each.site == sender.site) or (each.person and each.person == sender.person)
    )


@router.get("", response_model=Page[TokenView])
async def list_tokens(by: By) -> Response:
    """List your tokens; an administrator sees those of the site."""
    found = await by.read(seen)
    return sent(Page[TokenView](items=tuple(map(token_view, found))))


@router.post("", status_code=201, response_model=NewToken, openapi_extra=TOKEN.body)
async def make_token(request: Request, by: By) -> Response:
    """Make a token of your own, or, as an administrator, one of a service; its secret is shown this once."""
    body, app = shaped(await json_of(request), TOKEN), by.application
    return await by.answer(making(app, body), new_token, secret=True)


def making(app: Application, body: dict[str, Any]) -> Ask[tuple[str, Credential]]:
    """Return the command that makes a token as a body of the shape wishes, and gives it with its secret.

    Raises:
        MessageRefused: a scope is none. The command itself raises `PersonNeeded` and `TokenTooFar`.
    """
    scopes, now = _scopes(body["scopes"]), app.clock.now()

    def ask(uow: UnitOfWork, sender: Sender) -> tuple[str, Credential]:
        role = Role(body["role"] or sender.role)
        return issue(
            uow,
            role,
            sender.site,
            body["label"],
            by=sender.author,
            now=now,
            randomness=app.randomness,
            person=_owner(sender, role, scopes, service=body["service"]),
            scopes=scopes,
            expires=None if body["days"] is None else now + timedelta(days=body["days"]),
        )

    return ask


def new_token(found: tuple[str, Credential]) -> Response:
    """Return the response that shows a token with its secret."""
    return made(NewToken(secret=found[0], token=token_view(found[1])))


def _owner(sender: Sender, role: Role, scopes: tuple[str, ...] | None, *, service: bool) -> str | None:
    """Return whose token it will be; None for a service.

    Raises:
        PersonNeeded: a service asks for a token of its own.
        TokenTooFar: the token would reach further than the sender.
    """
    if service and sender.role != Role.ADMIN:
        raise TokenTooFar(
            "Tokens of services are made by an administrator. Leave `service` out for your own."
        )
    if not service and sender.person is None:
        raise PersonNeeded
    if not service and role not in sender.roles:
        here = ", ".join(sorted(sender.roles))
        raise TokenTooFar(f"Here you are {here}; your token cannot be {role}.")
    _make_sure_within(sender, scopes)
    return None if service else sender.person


def _make_sure_within(sender: Sender, scopes: Collection[str] | None) -> None:
    """Raise `TokenTooFar` when a token with these scopes would reach further than the sender's own."""
    if sender.scopes is not None and not (scopes and sender.scopes.issuperset(scopes)):
        reach = ", ".join(sorted(sender.scopes))
        raise TokenTooFar(f"Your own token has the scopes {reach}, and the other would reach further.")


@router.post("/{token}/rotate", status_code=201, response_model=NewToken, openapi_extra=ROTATION.body)
async def rotate_token(token: str, request: Request, by: By) -> Response:
    """Exchange a token for a new one; the old one ends, at once or after some minutes of grace."""
    grace = timedelta(minutes=shaped(await json_if_any(request), ROTATION)["grace_minutes"])
    return await by.answer(rotating(by.application, token, grace), new_token, secret=True)


def rotating(app: Application, token: str, grace: timedelta) -> Ask[tuple[str, Credential]]:
    """Return the command that exchanges a token for a new one, and gives it with its secret."""

    def ask(uow: UnitOfWork, sender: Sender) -> tuple[str, Credential]:
        old, now = dealt_with(uow, token, sender, secret=True), app.clock.now()
        _make_sure_within(sender, None if old.scopes is None else old.scopes.split())
        if old.person is not None and old.role not in sender.roles:
            raise TokenTooFar(f"That token acts as {old.role}, and the one you use does not.")
        return rotate(uow, old.id, by=sender.author, now=now, randomness=app.randomness, grace=grace)

    return ask


@router.delete("/{token}", status_code=204)
async def revoke_token(token: str, by: By) -> Response:
    """End a token, at once and for good."""
    return await by.answer(ending(by.application, token), lambda _: Response(status_code=204))


def ending(app: Application, token: str) -> Ask[None]:
    """Return the command that ends a token."""

    def ask(uow: UnitOfWork, sender: Sender) -> None:
        found = dealt_with(uow, token, sender, secret=False)
        revoke(uow, found.id, by=sender.author, now=app.clock.now())

    return ask
