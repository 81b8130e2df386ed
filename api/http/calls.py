"""How a call reaches the services: who asks is found in the same transaction that answers.

A credential that was revoked is refused at once, and nothing is read or written before it was recognised.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from api.application import Application
from api.http.problems import CredentialNeeded, RoleForbidden
from engine.core.people import Role
from engine.errors import CarewayError
from engine.ports import UnitOfWork
from engine.services.access import authenticate
from engine.services.patients import Sender

T = TypeVar("T")
Ask = Callable[[UnitOfWork, Sender], T]

READS = frozenset({Role.VIEWER, Role.COORDINATOR, Role.CLINICIAN, Role.CLINICAL_LEAD, Role.INTEGRATOR})
"""Roles that may read about patients."""
RECORDS = READS - {Role.VIEWER}
"""Roles that may send data; that a decision needs a clinician, the engine itself sees to."""
ANYBODY = frozenset(Role)
"""Every role."""


class Caller:
    """One request's way to the services."""

    def __init__(self, request: Request) -> None:
        """Take the credential from the request; whether it is one, the database says."""
        self.application: Application = request.app.state.application
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        self.secret = secret.strip() if scheme.lower() == "bearer" else ""
        if not self.secret:
            raise CredentialNeeded(
                "A credential is needed: send the header `Authorization: Bearer …`. "
                "`careway token create --role ROLE` makes one."
            )

    async def read(self, ask: Ask[T], roles: frozenset[Role] = READS) -> T:
        """Return an answer that reads one consistent state."""

        def run() -> T:
            with self.application.store.reading() as uow:
                return self._admitted(ask, roles, uow)

        return await run_in_threadpool(run)

    async def write(self, ask: Ask[T], roles: frozenset[Role] = RECORDS) -> T:
        """Return the outcome of a command, after COMMIT."""
        command = partial(self._admitted, ask, roles)
        return await asyncio.wrap_future(self.application.writer.submit(command))

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

    def _admitted(self, ask: Ask[T], roles: frozenset[Role], uow: UnitOfWork) -> T:
        return ask(uow, self._sender(uow, roles))

    def _sender(self, uow: UnitOfWork, roles: frozenset[Role]) -> Sender:
        credential = authenticate(uow, self.secret)
        if credential is None:
            raise CredentialNeeded("The credential is not known, or it was revoked.")
        if credential.role not in roles:
            may = ", ".join(sorted(roles))
            raise RoleForbidden(f"The role {credential.role} may not do this; these may: {may}.")
        return Sender(credential.role, credential.site, credential.id)


def caller(request: Request) -> Caller:
    """Return the way to the services of a request; raises `CredentialNeeded` when it shows none."""
    return Caller(request)


By = Annotated[Caller, Depends(caller)]
