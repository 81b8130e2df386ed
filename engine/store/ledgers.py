"""What goes out and what is remembered of every act: the outbox and the audit chains."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select

from engine.core.kept import AuditEntry, AuditLink, Message
from engine.errors import ConcurrencyConflict
from engine.store.mapping import audit_row, audit_value, linked, message_row, message_value
from engine.store.statements import add_new
from engine.store.tables import AuditRow, OutboxRow, table

OUTBOX, AUDIT = table(OutboxRow), table(AuditRow)

BY_KEY = select(OUTBOX).where(OUTBOX.c.dedup_key == bindparam("key"))
CHAIN = select(AUDIT).where(AUDIT.c.chain == bindparam("chain"))
OLDEST_FIRST = CHAIN.order_by(AUDIT.c.number)
NEWEST = CHAIN.with_only_columns(AUDIT.c.number, AUDIT.c.hash).order_by(AUDIT.c.number.desc()).limit(1)


class SqlOutbox:
    """Messages waiting to be sent."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, messages: Sequence[Message]) -> None:
        for message in messages:
            add_new(self.connection, OUTBOX, message_row(message))

    def get(self, key: str) -> Message | None:
        row = self.connection.execute(BY_KEY, {"key": key}).one_or_none()
        return None if row is None else message_value(row)


class SqlAudit:
    """Chains of audit entries."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def append(self, chain: str, entry: AuditEntry) -> AuditLink:
        newest = self.connection.execute(NEWEST, {"chain": chain}).one_or_none()
        number, previous = (newest.number, newest.hash) if newest else (0, "")
        link = linked(chain, number + 1, entry, previous)
        if not add_new(self.connection, AUDIT, audit_row(link)):
            raise ConcurrencyConflict("The audit chain", number)
        return link

    def chain(self, chain: str) -> tuple[AuditLink, ...]:
        return tuple(audit_value(row) for row in self.connection.execute(OLDEST_FIRST, {"chain": chain}))
