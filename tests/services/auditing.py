"""What the tests of the audit share: a signer, and a way around the triggers that keep rows as they are."""

from typing import Any

from sqlalchemy import text

from engine.services.sealing import seal
from engine.store.database import Database
from tests.services.clinic import Clinic
from tests.stores.kit import writing

TABLES = ("audit", "event", "seal")


class Seals:
    """Signs in a way nobody would trust outside a test."""

    def sign(self, text: str) -> str:
        return f"signed {text}"

    def genuine(self, text: str, signature: str) -> bool:
        return signature == self.sign(text)


def sealed(clinic: Clinic) -> int | None:
    """Seal what grew; return the number of the seal, or None if nothing grew."""
    with writing(clinic.store) as uow:
        made = seal(uow, Seals(), clinic.clock.now())
    return None if made is None else made.number


def behind_its_back(database: Database, statement: str, **values: Any) -> int:
    """Run a statement as somebody does who owns the database; return how many rows it touched."""
    with database.writer.begin() as connection:
        for table in TABLES:
            if database.name == "postgresql":
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            else:
                for change in ("update", "delete"):
                    connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{change}"))
        return connection.execute(text(statement), values).rowcount
