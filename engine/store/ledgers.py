"""What goes out and what is remembered of every act: the outbox and the audit chains."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, Integer, Text, bindparam, func, literal, select, tuple_

from engine.core.kept import AuditEntry, AuditLink, Head, Message
from engine.core.sealing import linked
from engine.errors import ConcurrencyConflict
from engine.store.mapping import audit_row, audit_value, message_row, message_value
from engine.store.statements import add_new, save
from engine.store.tables import AuditRow, OutboxRow, PatientRow, UnsealedRow, table

OUTBOX, AUDIT, UNSEALED, PATIENT = table(OutboxRow), table(AuditRow), table(UnsealedRow), table(PatientRow)
AT_ONCE = 500
"""Heads looked for by one statement."""

BY_KEY = select(OUTBOX).where(OUTBOX.c.dedup_key == bindparam("key"))
NEWEST_TOLD = select(func.max(OUTBOX.c.sequence)).where(OUTBOX.c.patient_id == bindparam("patient"))
CHAIN = select(AUDIT).where(AUDIT.c.chain == bindparam("chain"))
OLDEST_FIRST = CHAIN.where(AUDIT.c.number > bindparam("after")).order_by(AUDIT.c.number)
PLACE = tuple_(AUDIT.c.chain, AUDIT.c.number)
AFTER = tuple_(bindparam("chain", type_=Text()), bindparam("number", type_=Integer()))
LINKS = select(AUDIT).where(PLACE > AFTER).order_by(AUDIT.c.chain, AUDIT.c.number).limit(bindparam("limit"))
FIRST = select(literal(1)).where(AUDIT.c.chain == PATIENT.c.id, AUDIT.c.number == 1)
CHAINLESS = select(PATIENT.c.id).where(~FIRST.exists()).order_by(PATIENT.c.id)
TURN = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("chain"), 0)))
NEWEST = CHAIN.with_only_columns(AUDIT.c.number, AUDIT.c.hash).order_by(AUDIT.c.number.desc()).limit(1)


class SqlOutbox:
    """Messages waiting to be sent."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        return tuple(kept for kept in map(self._kept, messages) if kept is not None)

    def get(self, key: str) -> Message | None:
        row = self.connection.execute(BY_KEY, {"key": key}).one_or_none()
        return None if row is None else message_value(row)

    def _kept(self, message: Message) -> Message | None:
        """Keep a message with the next number of its patient, whom the transaction holds; None if known."""
        if message.patient is not None:
            newest = self.connection.execute(NEWEST_TOLD, {"patient": message.patient}).scalar()
            message = replace(message, sequence=(newest or 0) + 1)
        return message if add_new(self.connection, OUTBOX, message_row(message)) else None


class SqlAudit:
    """Chains of audit entries."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def append(self, chain: str, entry: AuditEntry) -> AuditLink:
        if self.connection.dialect.name == "postgresql":
            self.connection.execute(TURN, {"chain": chain})  # or reads of a patient would race its writers
        newest = self.connection.execute(NEWEST, {"chain": chain}).one_or_none()
        number, previous = (newest.number, newest.hash) if newest else (0, "")
        link = linked(chain, number + 1, entry, previous)
        if not add_new(self.connection, AUDIT, audit_row(link)):
            raise ConcurrencyConflict("The audit chain", number)
        save(self.connection, UNSEALED, [{"chain": chain, "number": link.number}])
        return link

    def chain(self, chain: str, *, after: int = 0, limit: int | None = None) -> tuple[AuditLink, ...]:
        asked = OLDEST_FIRST if limit is None else OLDEST_FIRST.limit(limit)
        rows = self.connection.execute(asked, {"chain": chain, "after": after})
        return tuple(audit_value(row) for row in rows)

    def links(self, *, after: tuple[str, int] = ("", 0), limit: int) -> tuple[AuditLink, ...]:
        asked = {"chain": after[0], "number": after[1], "limit": limit}
        return tuple(audit_value(row) for row in self.connection.execute(LINKS, asked))

    def stored(self, heads: Sequence[Head]) -> frozenset[Head]:
        found: set[Head] = set()
        for start in range(0, len(heads), AT_ONCE):
            places = [(head.chain, head.number) for head in heads[start : start + AT_ONCE]]
            rows = self.connection.execute(
                select(AUDIT.c.chain, AUDIT.c.number, AUDIT.c.hash).where(PLACE.in_(places))
            )
            found.update(Head(*row) for row in rows)
        return frozenset(heads) & found

    def missing(self) -> tuple[str, ...]:
        return tuple(self.connection.scalars(CHAINLESS))
