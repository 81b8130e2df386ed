"""Chains of audit entries and the seals over them: what each hash covers, and whether it still fits.

Hashes alone show that somebody changed something and left the rest; whoever rewrites a whole chain is found
by the seal, whose signature needs a key that is not in the database.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from engine.core.canonical import dump
from engine.core.kept import AuditEntry, AuditLink, Head, Seal

SEALS = "seals"
"""The audit chain that names every seal: its entry number 7 names seal 7, so that none goes unnoticed."""

RECORDED = "record"
"""The act of an entry that names events by their ids."""


def linked(chain: str, number: int, entry: AuditEntry, previous: str) -> AuditLink:
    """Return an entry with its place in a chain and the hash that covers both."""
    author = entry.author
    who = {"role": author.role, "credential_id": author.credential, "person_id": author.person}
    covered = {
        "previous": previous,
        "chain": chain,
        "number": number,
        "instant": _instant(entry.instant),
        "act": entry.act,
        "body": entry.body,
        **{name: value for name, value in who.items() if value is not None},
    }
    return AuditLink(chain, number, entry, previous, _hashed(covered))


def broken_at(chain: Sequence[AuditLink]) -> int | None:
    """Return the number of the first link whose place or content does not fit its hash; None if all fit."""
    previous = ""
    for number, link in enumerate(chain, start=1):
        if linked(link.chain, number, link.entry, previous) != link:
            return number
        previous = link.hash
    return None


def leaf(head: Head) -> str:
    """Return what a seal's hash covers of a head; who sees it learns nothing of another patient's chain."""
    return _hashed([head.chain, head.number, head.hash])


def seal_hash(number: int, instant: datetime, leaves: Sequence[str], previous: str) -> str:
    """Return the hash of a seal: it covers every head, its place, and the seal before."""
    covered = {"number": number, "instant": _instant(instant), "heads": list(leaves), "previous": previous}
    return _hashed(covered)


def fits(seal: Seal, number: int, previous: str) -> bool:
    """Whether a seal has this place, and what it says is what its hash covers."""
    leaves = [leaf(head) for head in seal.heads]
    placed = seal.number == number and seal.previous_hash == previous
    return placed and seal.hash == seal_hash(number, seal.instant, leaves, previous)


def _instant(instant: datetime) -> str:
    return instant.isoformat(timespec="microseconds")


def _hashed(covered: object) -> str:
    return hashlib.sha256(dump(covered).encode()).hexdigest()
