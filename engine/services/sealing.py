"""Sealing: every minute the heads of all audit chains that grew are signed together."""

from datetime import datetime

from engine.core.kept import AuditEntry, Author, Seal
from engine.core.sealing import SEALS, leaf, seal_hash
from engine.ports import Signer, UnitOfWork

SEALER = Author("system")
"""Whoever seals: Careway itself."""


def seal(uow: UnitOfWork, signer: Signer, now: datetime) -> Seal | None:
    """Return the seal over every chain that grew since it was sealed; None, and nothing kept, if none grew.

    The chain that names the seals grows with each; that alone is no reason for another.

    Raises:
        ConcurrencyConflict: another process was faster; trying again finds nothing left to seal.
    """
    heads = uow.seals.grown()
    if all(head.chain == SEALS for head in heads):
        return None
    before = uow.seals.newest()
    number, previous = (before[0].number + 1, before[0].hash) if before else (1, "")
    hashed = seal_hash(number, now, [leaf(head) for head in heads], previous)
    made = Seal(number, now, heads, previous, hashed, signer.sign(hashed))
    uow.seals.add(made)
    uow.audit.append(SEALS, AuditEntry(now, SEALER, "seal", {"seal": number, "hash": hashed}))
    return made
