"""Seals over the audit chains.

Which chains grew is noted with every entry in the table `unsealed`, in the same transaction, and forgotten
when they are sealed: sealing costs what grew, whatever the audit holds, and no clock is relied upon.
"""

from sqlalchemy import Connection, bindparam, delete, select

from engine.core.canonical import dump
from engine.core.kept import Head, Seal
from engine.errors import ConcurrencyConflict
from engine.store.mapping import seal_row, seal_value
from engine.store.statements import add_new
from engine.store.tables import AuditRow, SealRow, UnsealedRow, table

AUDIT, SEAL, UNSEALED = table(AuditRow), table(SealRow), table(UnsealedRow)

GROWN = (
    select(AUDIT.c.chain, AUDIT.c.number, AUDIT.c.hash)
    .join(UNSEALED, (UNSEALED.c.chain == AUDIT.c.chain) & (UNSEALED.c.number == AUDIT.c.number))
    .order_by(AUDIT.c.chain)
    .with_for_update(of=UNSEALED, skip_locked=True)  # on SQLite a writer holds everything already
)
WAITING = select(UNSEALED.c.number).where(UNSEALED.c.chain == bindparam("chain"))
SEALED = delete(UNSEALED).where(
    UNSEALED.c.chain == bindparam("sealed"), UNSEALED.c.number == bindparam("through")
)
NEWEST = select(SEAL).order_by(SEAL.c.number.desc()).limit(bindparam("limit"))


class SqlSeals:
    """Seals over the audit chains."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def grown(self) -> tuple[Head, ...]:
        heads = (Head(*row) for row in self.connection.execute(GROWN))
        return tuple(sorted(heads, key=lambda head: head.chain))  # databases sort text in ways of their own

    def waiting(self, chain: str) -> int:
        number: int | None = self.connection.scalar(WAITING, {"chain": chain})
        return number or 0

    def add(self, seal: Seal) -> None:
        if not add_new(self.connection, SEAL, seal_row(seal)):
            raise ConcurrencyConflict("The newest seal", seal.number - 1)
        done = [{"sealed": head.chain, "through": head.number} for head in seal.heads]
        self.connection.execute(SEALED, done)

    def page(self, *, after: int = 0, limit: int) -> tuple[Seal, ...]:
        asked = select(SEAL).where(SEAL.c.number > after).order_by(SEAL.c.number).limit(limit)
        return tuple(seal_value(row) for row in self.connection.execute(asked))

    def newest(self, *, before: int | None = None, limit: int = 1) -> tuple[Seal, ...]:
        asked = NEWEST if before is None else NEWEST.where(SEAL.c.number < before)
        return tuple(seal_value(row) for row in self.connection.execute(asked, {"limit": limit}))

    def covering(self, chain: str, number: int) -> Seal | None:
        asked = select(SEAL).where(SEAL.c.heads.contains(dump(chain), autoescape=True))
        for row in self.connection.execute(asked.order_by(SEAL.c.number)):
            seal = seal_value(row)
            if any(head.chain == chain and head.number >= number for head in seal.heads):
                return seal
        return None
