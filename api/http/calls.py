"""How a call reaches the services: who asks is found in the same transaction that answers.

A credential that was revoked is refused at once, and nothing is read or written before it was recognised.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Annotated, TypeVar

from fastapi import Depends, Request

from api.application import Application
from api.http.bearers import bearer
from api.http.cookies import from_elsewhere, session_of
from api.http.permissions import RULES
from api.http.problems import CallFromElsewhere, CredentialNeeded, RoleForbidden, ScopeMissing
from engine.errors import CarewayError
from engine.ports import UnitOfWork
from engine.services.access import Cookie, Proof, acting, admitted, note_use
from engine.services.patients import Sender

T = TypeVar("T")
Ask = Callable[[UnitOfWork, Sender], T]

A_MINUTE = timedelta(minutes=1)
"""How exactly it is kept when a token or a session was used last."""


class Caller:
    """One request's way to the services."""

    def __init__(self, request: Request, proof: Proof) -> None:
        """Take what the request shows to be let in; whether it lets in, the database says."""
        self.application: Application = request.app.state.application
        self.rule = RULES[f"{request.method} {request.scope['route'].path}"]
        self.named = request.path_params.get("person")
        self.proof = proof
        self.stale = False
        """Whether it has to be noted that the proof was used."""

    async def admit(self) -> None:
        """Make sure that the call may be made; for those that ask the database nothing else."""
        await self.read(lambda uow, sender: None)

    async def read(self, ask: Ask[T]) -> T:
        """Return an answer that reads one consistent state."""
        answer = await self.application.ask(lambda uow: ask(uow, self._sender(uow)))
        if self.stale:
            now = self.application.clock.now()
            await self.application.run(lambda uow: note_use(uow, self.proof, now))
        return answer

    async def write(self, ask: Ask[T]) -> T:
        """Return the outcome of a command, after COMMIT."""

        def command(uow: UnitOfWork) -> T:
            sender = self._sender(uow)
            if self.stale:
                note_use(uow, self.proof, self.application.clock.now())
            return ask(uow, sender)

        return await self.application.run(command)

    async def write_each(self, asks: Sequence[tuple[object, Ask[T]]]) -> list[T | CarewayError]:
        """Return the outcome of each of several commands, each with what it is about.

        Commands about the same thing run one after the other, in order; the others share commits.
        """
        outcomes: dict[int, T | CarewayError] = {}
        about: dict[object, list[int]] = {}
        for place, (thing, _) in enumerate(asks):
            about.setdefault(thing, []).append(place)

        async def run(places: list[int]) -> None:
            for place in places:
                try:
                    outcomes[place] = await self.write(asks[place][1])
                except CarewayError as error:
                    outcomes[place] = error

        await asyncio.gather(*map(run, about.values()))
        return [outcomes[place] for place in range(len(asks))]

    def _sender(self, uow: UnitOfWork) -> Sender:
        now = self.application.clock.now()
        admission = admitted(uow, self.proof, now)
        if admission is None:
            raise CredentialNeeded("The credential is not known, was revoked, or has expired.")
        role = acting(admission.roles & self.rule.roles)
        if role is None and self.rule.herself and admission.person == self.named is not None:
            role = acting(admission.roles)
        if role is None:
            has, may = (", ".join(sorted(roles)) for roles in (admission.roles, self.rule.roles))
            raise RoleForbidden(f"The role {has} may not do this; these may: {may}.")
        if admission.scopes is not None and self.rule.scope not in admission.scopes:
            raise ScopeMissing(f"This credential lacks the scope {self.rule.scope}.")
        self.stale = now - admission.used >= A_MINUTE
        return Sender(
            role,
            admission.site,
            admission.credential,
            admission.person,
            frozenset(admission.roles),
            admission.scopes,
            admission.opened,
        )


async def proof_of(request: Request) -> Proof:
    """Return what a request shows to be let in.

    Raises:
        CredentialNeeded: it shows nothing, or a token whose issuer we cannot believe.
        ProviderUnavailable: the issuer of the token cannot be asked for its keys.
        CallFromElsewhere: it shows a session, and a page of another site made the browser send it.
    """
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and secret.strip():
        return await bearer(request, secret.strip())
    session = session_of(request)
    if session is None:
        raise CredentialNeeded(
            "A credential is needed: sign in, or send the header `Authorization: Bearer …`. "
            "`careway token create --role ROLE` makes one."
        )
    if from_elsewhere(request):
        raise CallFromElsewhere("A page of another site made your browser send this; nothing was done.")
    return Cookie(session)


async def caller(request: Request) -> Caller:
    """Return the way to the services of a request; raises what `proof_of` raises."""
    return Caller(request, await proof_of(request))


By = Annotated[Caller, Depends(caller)]
