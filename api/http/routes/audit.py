"""The audit: who saw and did what about a patient, and the seals over it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.http.calls import By
from api.http.pages import Page, link_to, numbers_of
from api.http.responses import sent
from engine.core.kept import AuditLink, Seal
from engine.core.result import View
from engine.ports import UnitOfWork
from engine.services.patients import Sender, patient_of

router = APIRouter(prefix="/v1", tags=["audit"])

LIMIT = Annotated[int, Query(ge=1, le=500)]


class AuditEntryView(View):
    """Something that was done or seen, by whom and when."""

    number: int
    instant: datetime
    act: str
    role: str
    person: str | None
    credential: str | None
    label: str | None
    """What the credential is for."""
    body: dict[str, Any]
    """Ids and codes; never values."""
    previous_hash: str
    hash: str


class SealView(View):
    """A signature over the heads of the chains that grew."""

    number: int
    instant: datetime
    chains: int
    previous_hash: str
    hash: str
    signature: str


def entry_view(link: AuditLink, labels: Mapping[str, str]) -> AuditEntryView:
    """Return an entry as shown."""
    author, entry = link.entry.author, link.entry
    return AuditEntryView(
        number=link.number,
        instant=entry.instant,
        act=entry.act,
        role=author.role,
        person=author.person,
        credential=author.credential,
        label=labels.get(author.credential or ""),
        body=dict(entry.body),
        previous_hash=link.previous_hash,
        hash=link.hash,
    )


def seal_view(seal: Seal) -> SealView:
    """Return a seal as shown, without whose chains it covers."""
    return SealView(
        number=seal.number,
        instant=seal.instant,
        chains=len(seal.heads),
        previous_hash=seal.previous_hash,
        hash=seal.hash,
        signature=seal.signature,
    )


@router.get("/patients/{patient}/audit", response_model=Page[AuditEntryView])
async def show_audit(
    patient: str, request: Request, by: By, limit: LIMIT = 100, cursor: str | None = None
) -> Response:
    """Show who saw and did what about a patient, oldest first; this call is noted there too."""
    (after,) = numbers_of(cursor) or (0,)

    def ask(uow: UnitOfWork, sender: Sender) -> list[AuditEntryView]:
        found = patient_of(uow, patient, sender)
        labels = {credential.id: credential.label for credential in uow.credentials.all()}
        links = uow.audit.chain(found.id, after=after, limit=limit + 1)
        return [entry_view(link, labels) for link in links]

    found = await by.read(ask)
    following = found[limit - 1].number if len(found) > limit else None
    page = Page[AuditEntryView](items=tuple(found[:limit]))
    headers = link_to(request, following, limit)
    return sent(page, 200, headers)


@router.get("/audit/seals", response_model=Page[SealView])
async def show_seals(request: Request, by: By, limit: LIMIT = 100, cursor: str | None = None) -> Response:
    """Show the seals over the audit, newest first; one noted elsewhere proves that none was taken out."""
    (before,) = numbers_of(cursor) or (None,)

    def ask(uow: UnitOfWork, sender: Sender) -> tuple[Seal, ...]:
        return uow.seals.newest(before=before, limit=limit + 1)

    found = await by.read(ask)
    following = found[limit - 1].number if len(found) > limit else None
    page = Page[SealView](items=tuple(map(seal_view, found[:limit])))
    return sent(page, 200, link_to(request, following, limit))
