"""Systems that prove themselves by their own keys: registered once, given short tokens, revoked."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from engine.core.identity import RANDOM_BYTES, uuid7
from engine.core.kept import AuditEntry, Author
from engine.core.people import Client, Credential, Role
from engine.errors import ClientRefused, NotFound
from engine.ports import Randomness, UnitOfWork
from engine.services.access import CHAIN, issue, revoke
from engine.services.secrets import hashed

LASTS = timedelta(minutes=5)
"""How long a token given to a client may be used."""


def register(
    uow: UnitOfWork,
    role: Role,
    site: str,
    label: str,
    scopes: Collection[str],
    *,
    keys: str | None,
    keys_url: str | None,
    by: Author,
    now: datetime,
    randomness: Randomness,
) -> Client:
    """Register a client and return it; it has no secret, only keys.

    Args:
        uow: where to keep it.
        role: what it may do.
        site: id of the site it belongs to.
        label: what it is, in the words of whoever asked; not part of the audit.
        scopes: what it may ask for at most.
        keys: its public keys; None when they are fetched.
        keys_url: where its keys are fetched; None when they are kept.
        by: who registers it.
        now: the present instant.
        randomness: draws the id.

    Raises:
        NotFound: there is no such site.
    """
    if uow.sites.get(site) is None:
        raise NotFound("site", site)
    identity = uuid7(now, randomness.draw(RANDOM_BYTES))
    client = Client(identity, site, role.value, label, " ".join(sorted(scopes)), keys, keys_url, now)
    uow.clients.add(client)
    _note(uow, "register client", client, by, now)
    return client


def end(uow: UnitOfWork, client: str, *, by: Author, now: datetime) -> Client:
    """End a client's use, and that of the tokens it was given; one that was revoked before stays as it was.

    Raises:
        NotFound: there is no client with this id.
    """
    known = uow.clients.get(client)
    if known is None:
        raise NotFound("client", client)
    if known.revoked is not None:
        return known
    uow.clients.revoke(client, now)
    _note(uow, "revoke client", known, by, now)
    for each in uow.credentials.all():
        if each.label == _label(known) and each.revoked is None and each.expires and each.expires > now:
            revoke(uow, each.id, by=by, now=now)
    return replace(known, revoked=now)


def grant(
    uow: UnitOfWork,
    client: str,
    jti: str,
    until: datetime,
    scopes: Collection[str],
    *,
    now: datetime,
    randomness: Randomness,
) -> tuple[str, Credential]:
    """Give a client a token for an assertion whose signature was checked; return the secret and what is kept.

    Args:
        uow: where to keep it.
        client: id of the client.
        jti: what the client called its assertion; it is taken once.
        until: when the assertion can no longer be used.
        scopes: how far the token reaches, within the client's own scopes.
        now: the present instant.
        randomness: draws the secret.

    Raises:
        ClientRefused: there is no such client in use, or the assertion was used before.
    """
    known = uow.clients.get(client)
    if known is None or known.revoked is not None:
        raise ClientRefused("The client is not known here, or was revoked.")
    uow.assertions.purge(now)
    if not uow.assertions.use(client, hashed(jti), until):
        raise ClientRefused(
            "This assertion was used before. Sign a new one, with a new `jti`, for every token."
        )
    within = set(scopes) & set(known.scopes.split())
    secret, credential = issue(
        uow,
        Role(known.role),
        known.site,
        _label(known),
        by=Author(known.role),
        now=now,
        randomness=randomness,
        scopes=within,
        expires=now + LASTS,
    )
    body = {"client": client, "credential": credential.id}
    uow.audit.append(CHAIN, AuditEntry(now, Author(known.role, credential.id), "give client a token", body))
    return secret, credential


def _label(client: Client) -> str:
    return f"client {client.id}"


def _note(uow: UnitOfWork, act: str, client: Client, by: Author, now: datetime) -> None:
    body = {"client": client.id, "role": client.role, "site": client.site, "scopes": client.scopes.split()}
    uow.audit.append(CHAIN, AuditEntry(now, by, act, body))
