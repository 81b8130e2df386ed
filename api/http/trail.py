"""What a call leaves in the audit: who looked at whom by which call, and never what they saw.

The table of rules decides, not the route: a call whose path names a patient stands on that patient's chain,
another that may see patients on the chain of the site, with the ids that were shown.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from fastapi import Request

from api.http.permissions import Rule
from api.http.problems import RoleForbidden, ScopeMissing
from engine.core.kept import AuditEntry, Author
from engine.core.people import Scope
from engine.errors import CarewayError, NotFound, RevisionStale
from engine.ports import UnitOfWork
from engine.services.patients import Sender

READ, REFUSED = "read", "refused"
REFUSALS = (NotFound, RevisionStale, RoleForbidden, ScopeMissing)
"""Errors by which somebody is kept from what was asked for."""
TIMES = ("as_of", "known_at", "other_as_of", "other_known_at")
"""Parameters that ask about another time; noted as they were sent, once they were understood."""

Note = Callable[[UnitOfWork], object]


class Trail:
    """What one call leaves."""

    def __init__(self, request: Request, rule: Rule) -> None:
        """Take from a request what is noted of it."""
        named = dict(request.path_params)
        self.call = f"{request.method} {request.scope['route'].path}"
        self.patient: str | None = named.pop("patient", None)
        self.lists = self.patient is None and rule.scope is Scope.READ
        self.asked = named | {
            name: request.query_params[name] for name in TIMES if name in request.query_params
        }
        self.left = False
        """Whether the call left its entry; it may read more than once."""

    def seen(self, sender: Sender, now: datetime, shown: Iterable[str] | None) -> Note | None:
        """Return what notes that patients were seen; None when there is nothing to note.

        Args:
            sender: who saw them.
            now: when.
            shown: ids of the patients on a list; a route that shows one has to say.
        """
        if self.left or not (self.lists or self.patient or shown is not None):
            return None
        self.left = True
        body: dict[str, object] = {"call": self.call, **self.asked}
        if self.patient:
            chain = self.patient
        else:
            assert shown is not None, f"{self.call} may show patients and does not say which"
            chain, body = f"site:{sender.site}", body | {"patients": list(shown)}
        entry = AuditEntry(now, sender.author, READ, body)
        return lambda uow: uow.audit.append(chain, entry)

    def refused(
        self, author: Author | None, now: datetime, error: CarewayError, patient: object = None
    ) -> Note | None:
        """Return what notes that somebody was kept from a patient; None when there is nothing to note.

        Args:
            author: who asked; None for one who was not recognised.
            now: when.
            error: why not.
            patient: the id a message named; that of the path if None.
        """
        about = self.patient if patient is None else patient
        if author is None or not isinstance(about, str) or not isinstance(error, REFUSALS):
            return None
        entry = AuditEntry(now, author, REFUSED, {"call": self.call, "code": error.code})

        def note(uow: UnitOfWork) -> None:
            if uow.patients.get(about) is not None:
                uow.audit.append(about, entry)

        return note
