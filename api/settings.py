"""What an installation is told from outside; read once, then passed on."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from api.channels.configured import Outside, outside_in
from api.issuers.configured import ADDRESS, ISSUERS, Issuer, address_in, issuers_in
from api.traces import collector_in

DATABASE = "CAREWAY_DATABASE"
"""The environment variable that names the database."""

KEY = "CAREWAY_KEY"
"""The environment variable that names the file with the signing key."""

DEFAULT_FILE = "careway.db"
"""The database when nobody names one: a file in the current directory."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are."""

    database: str
    """URL of the database; it may hold a password, so it is never shown."""
    named: bool
    """Somebody named the database; False for the default."""
    address: str | None = None
    """Where others reach this installation; None when nobody said."""
    issuers: tuple[Issuer, ...] = ()
    """Whose word is taken for callers and for people who sign in."""
    key: str | None = None
    """File of the signing key; None for one beside the SQLite file."""
    outside: Outside = field(default_factory=Outside)
    """By what something may be said outside."""
    collector: str | None = None
    """Where traces of calls are sent; None for nowhere."""

    @property
    def expected(self) -> bool:
        """There ought to be a database: it was named, or the default one is there."""
        return self.named or Path(DEFAULT_FILE).exists()


def read_settings(database: str | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings.

    Args:
        database: what an option of the command says; None or empty when it says nothing.
        environment: asked when the option says nothing; that of the process if None.

    Raises:
        BadInput: something in the environment cannot be used; the message repeats no secret.
    """
    told = os.environ if environment is None else environment
    named, address, issuers = database or told.get(DATABASE), told.get(ADDRESS), told.get(ISSUERS)
    return Settings(
        named or f"sqlite:///{DEFAULT_FILE}",
        bool(named),
        address_in(address) if address else None,
        issuers_in(issuers) if issuers else (),
        told.get(KEY) or None,
        outside_in(told),
        collector_in(told),
    )
