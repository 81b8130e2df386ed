"""Systems that prove themselves by their own keys, and the proofs of theirs that were used."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from engine.core.people import Client
from engine.errors import NotFound
from engine.store.mapping import plain_row, plain_value
from engine.store.people_tables import AssertionRow, ClientRow
from engine.store.statements import add_new
from engine.store.tables import table

CLIENT, ASSERTION = table(ClientRow), table(AssertionRow)

BY_ID = select(CLIENT).where(CLIENT.c.id == bindparam("client"))
REVOKED = CLIENT.c.revoked
REVOKE = (
    update(CLIENT)
    .where(CLIENT.c.id == bindparam("client"))
    .values(revoked=func.coalesce(REVOKED, bindparam("instant", type_=REVOKED.type)))
)
EXPIRES = ASSERTION.c.expires
PURGE = delete(ASSERTION).where(bindparam("now", type_=EXPIRES.type) >= EXPIRES)


class SqlClients:
    """Systems that prove themselves by their own keys."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, client: Client) -> None:
        self.connection.execute(insert(CLIENT), plain_row(client))

    def get(self, client: str) -> Client | None:
        row = self.connection.execute(BY_ID, {"client": client}).one_or_none()
        return None if row is None else plain_value(Client, row)

    def all(self) -> tuple[Client, ...]:
        rows = self.connection.execute(select(CLIENT).order_by(CLIENT.c.created, CLIENT.c.id))
        return tuple(plain_value(Client, row) for row in rows)

    def revoke(self, client: str, instant: datetime) -> None:
        done = self.connection.execute(REVOKE, {"client": client, "instant": instant})
        if done.rowcount == 0:
            raise NotFound("client", client)


class SqlAssertions:
    """Assertions of clients that were used."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def use(self, client: str, jti_hash: str, expires: datetime) -> bool:
        row = {"client_id": client, "jti_hash": jti_hash, "expires": expires}
        return add_new(self.connection, ASSERTION, row)

    def purge(self, now: datetime) -> None:
        self.connection.execute(PURGE, {"now": now})
