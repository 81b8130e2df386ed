"""How a call reaches the services: who asks is found in the same transaction that answers.

A credential that was revoked is refused at once, and nothing is read or written before it was recognised.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, TypeVar

from fastapi import Depends, Request, Response

from api.application import Application
from api.http.bearers import bearer
from api.http.conditional import completed
from api.http.cookies import SAFE, from_elsewhere, session_of
from api.http.etags import make_sure, tag_of
from api.http.idempotency import again, fingerprint, kept, key_of
from api.http.permissions import RULES
from api.http.problems import CallFromElsewhere, CredentialNeeded, FormUnproven, RoleForbidden, ScopeMissing
from api.http.trail import Note, Trail
from engine.core.kept import Author
from engine.core.result import View
from engine.errors import CarewayError
from engine.ports import UnitOfWork
from engine.services.admission import Cookie, Proof, acting, admitted, note_use
from engine.services.answering import keep, known
from engine.services.patients import Sender

T = TypeVar("T")
Ask = Callable[[UnitOfWork, Sender], T]

A_MINUTE = timedelta(minutes=1)
"""How exactly it is kept when a token or a session was used last."""
UNATTENDED = "careway-unattended"
"""A header by which a page says that it asks by itself, which is no use of its session."""


class Caller:
    """One request's way to the services."""

    def __init__(self, request: Request, proof: Proof) -> None:
        """Take what the request shows to be let in; whether it lets in, the database says."""
        self.request = request
        self.application: Application = request.app.state.application
        self.rule = RULES[f"{request.method} {request.scope['route'].path}"]
        self.named = request.path_params.get("person")
        self.proof = proof
        self.trail = Trail(request, self.rule)
        self.author: Author | None = None
        """Who asks, as soon as that was recognised."""
        self.stale = False
        """Whether it has to be noted that the proof was used."""

    async def admit(self) -> None:
        """Make sure that the call may be made; for those that ask the database nothing else, or not yet."""
        await self._asked(lambda uow, sender: None)

    async def read(self, ask: Ask[T], shows: Callable[[T], Iterable[str]] | None = None) -> T:
        """Return an answer that reads one consistent state, after it is noted who saw it.

        Args:
            ask: the question.
            shows: for an answer about several patients, the ids of those it shows.
        """
        sender, answer = await self._asked(ask)
        await self._note(self.trail.seen(sender, self._now(), None if shows is None else shows(answer)))
        return answer

    async def answer(
        self,
        ask: Ask[T],
        respond: Callable[[T], Response],
        *,
        secret: bool = False,
        of: Ask[View] | None = None,
    ) -> Response:
        """Return the response to a command, after COMMIT; under a key that was used before, that of then.

        Args:
            ask: the command, which notes itself what it did.
            respond: makes the response of its outcome, inside the transaction.
            secret: the response shows a secret, so it is not kept.
            of: what the command changes, as its GET shows it and, if it shows anything, the response;
                then the caller may say by `If-Match` as what it was seen.

        Raises:
            ChangedMeanwhile: it was seen as something else.
            PreconditionUnreadable: `If-Match` is no ETag of ours.
            KeyUnreadable: `Idempotency-Key` is nothing that can be kept.
            KeyReused: it was used for another call.
            AnsweredOnce: it was used for this call, whose answer showed a secret.
        """
        key, seen, now = key_of(self.request), fingerprint(self.request), self._now()

        def done(uow: UnitOfWork, sender: Sender) -> Response:
            if of is not None:
                make_sure(self.request, tag_of(of(uow, sender)))
            response = respond(ask(uow, sender))
            if of is not None and response.body:
                response.headers["ETag"] = completed(None, bytes(response.body))
            return response

        def command(uow: UnitOfWork, sender: Sender) -> Response:
            if key is None:
                return done(uow, sender)
            caller = f"{sender.site}/{sender.person or sender.credential}"
            before = known(uow, caller, key, seen, now)
            if before is not None:
                return again(before)
            response = done(uow, sender)
            keep(uow, kept(response, caller, key, seen, now, secret=secret))
            return response

        return await self.write(command)

    async def write(self, ask: Ask[T], about: object = None) -> T:
        """Return the outcome of a command, after COMMIT.

        Args:
            ask: the command, which notes itself what it did.
            about: the id of the patient if a message names it, not the path.
        """

        def command(uow: UnitOfWork) -> T:
            sender = self._sender(uow)
            if self.stale:
                note_use(uow, self.proof, self._now())
            return ask(uow, sender)

        try:
            return await self.application.run(command)
        except CarewayError as error:
            await self._note(self.trail.refused(self.author, self._now(), error, about))
            raise

    async def write_each(self, asks: Sequence[tuple[object, Ask[T]]]) -> list[T | CarewayError]:
        """Return the outcome of each of several commands, each with what it is about.

        Commands about the same thing run one after the other, in order; the others share commits.

        Raises:
            FormUnproven: the form they came with was made at another site.
        """
        outcomes: dict[int, T | CarewayError] = {}
        about: dict[object, list[int]] = {}
        for place, (thing, _) in enumerate(asks):
            about.setdefault(thing, []).append(place)

        async def run(places: list[int]) -> None:
            for place in places:
                try:
                    outcomes[place] = await self.write(asks[place][1], asks[place][0])
                except FormUnproven:  # it is about all of them
                    raise
                except CarewayError as error:
                    outcomes[place] = error

        await asyncio.gather(*map(run, about.values()))
        return [outcomes[place] for place in range(len(asks))]

    async def _asked(self, ask: Ask[T]) -> tuple[Sender, T]:
        """Return who asks with the answer; who is kept from it is noted."""

        def question(uow: UnitOfWork) -> tuple[Sender, T]:
            sender = self._sender(uow)
            return sender, ask(uow, sender)

        try:
            return await self.application.ask(question)
        except CarewayError as error:
            await self._note(self.trail.refused(self.author, self._now(), error))
            raise

    async def _note(self, note: Note | None) -> None:
        """Write what a call leaves behind it, and return when it is durable."""
        notes = [note] if note is not None else []
        if self.stale:
            now = self._now()
            notes.append(lambda uow: note_use(uow, self.proof, now))
        if notes:
            await self.application.run(lambda uow: [each(uow) for each in notes])

    def _now(self) -> datetime:
        return self.application.clock.now()

    def _sender(self, uow: UnitOfWork) -> Sender:
        now = self._now()
        admission = admitted(uow, self.proof, now)
        if admission is None:
            raise CredentialNeeded("The credential is not known, was revoked, or has expired.")
        if getattr(self.request.state, "made_at", admission.site) != admission.site:
            raise FormUnproven("You went on at another site after this form was opened.")
        self.request.state.caller = admission.credential or admission.person  # as which it is counted
        self.author = Author(acting(admission.roles) or "none", admission.credential, admission.person)
        role = acting(admission.roles & self.rule.roles)
        if role is None and self.rule.herself and admission.person == self.named is not None:
            role = acting(admission.roles)
        if role is None:
            has, may = (", ".join(sorted(roles)) for roles in (admission.roles, self.rule.roles))
            raise RoleForbidden(f"The role {has} may not do this; these may: {may}.")
        if admission.scopes is not None and self.rule.scope not in admission.scopes:
            raise ScopeMissing(f"This credential lacks the scope {self.rule.scope}.")
        alone = isinstance(self.proof, Cookie) and UNATTENDED in self.request.headers
        self.stale = not alone and now - admission.used >= A_MINUTE
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
        CallFromElsewhere: a page of another site made the browser send it; what it holds is not kept either.
    """
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and secret.strip():
        return await bearer(request, secret.strip())
    if from_elsewhere(request):
        raise CallFromElsewhere("A page of another site made your browser send this; nothing was done.")
    session = session_of(request)
    if session is None:
        raise CredentialNeeded(
            "A credential is needed: sign in, or send the header `Authorization: Bearer …`. "
            "`careway token create --role ROLE` makes one."
        )
    return Cookie(session)


async def caller(request: Request) -> Caller:
    """Return the way to the services of a request; raises what `proof_of` and `key_of` raise."""
    found = Caller(request, await proof_of(request))
    if request.method not in SAFE:
        key_of(request)  # also where what is sent is known without it
    return found


By = Annotated[Caller, Depends(caller)]
