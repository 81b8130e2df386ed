"""Who may make which call: one row a call, read by the server and by the test of every role on every call.

A call without a row is refused. Roles say what somebody does at a site; a token with scopes reaches no
further than they do. That a patient belongs to the caller's site is seen to where patients are found. Which
calls are noted as seeing patients follows from the row as well (`trail`).
"""

from dataclasses import dataclass
from enum import StrEnum

from engine.core.people import Role


class Scope(StrEnum):
    """How far a token reaches; one without scopes reaches as far as its role."""

    READ = "patients.read"
    """See patients."""
    WRITE = "patients.write"
    """Record about patients; that a decision needs a clinician, the engine itself sees to."""
    CONTENT = "content.read"
    """See the rules, which hold no patient."""

    AUDIT = "audit.read"
    """See who saw and did what."""


READERS = frozenset({Role.VIEWER, Role.COORDINATOR, Role.CLINICIAN, Role.CLINICAL_LEAD, Role.INTEGRATOR})
RECORDERS = READERS - {Role.VIEWER}
AUDITORS = frozenset({Role.ADMIN, Role.CLINICAL_LEAD})
ANYBODY = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may make a call."""

    roles: frozenset[Role]
    scope: Scope


PATIENT = "/v1/patients/{patient}"
PATHWAY = f"{PATIENT}/pathways/{{pathway}}"

RULES = {
    "POST /v1/patients": Rule(RECORDERS, Scope.WRITE),
    "GET /v1/patients": Rule(READERS, Scope.READ),
    "POST /v1/patients/search": Rule(READERS, Scope.READ),
    f"GET {PATIENT}": Rule(READERS, Scope.READ),
    f"POST {PATIENT}/events": Rule(RECORDERS, Scope.WRITE),
    f"GET {PATIENT}/events": Rule(READERS, Scope.READ),
    "POST /v1/events/batch": Rule(RECORDERS, Scope.WRITE),
    f"GET {PATHWAY}": Rule(READERS, Scope.READ),
    f"GET {PATHWAY}/next-actions": Rule(READERS, Scope.READ),
    f"GET {PATHWAY}/reviews": Rule(READERS, Scope.READ),
    f"GET {PATHWAY}/why-not": Rule(READERS, Scope.READ),
    f"GET {PATHWAY}/transitions": Rule(READERS, Scope.READ),
    f"GET {PATHWAY}/transitions/{{number}}/why": Rule(READERS, Scope.READ),
    f"GET {PATHWAY}/timeline": Rule(READERS, Scope.READ),
    f"GET {PATIENT}/audit": Rule(AUDITORS, Scope.AUDIT),
    "GET /v1/audit/seals": Rule(AUDITORS, Scope.AUDIT),
    "GET /v1/pathways": Rule(ANYBODY, Scope.CONTENT),
    "GET /v1/pathways/{pathway}": Rule(ANYBODY, Scope.CONTENT),
    "GET /v1/pathways/{pathway}/versions/{version}": Rule(ANYBODY, Scope.CONTENT),
    "GET /v1/pathways/{pathway}/versions/{version}/diagram": Rule(ANYBODY, Scope.CONTENT),
}

PUBLIC = frozenset({"GET /livez", "GET /readyz", "GET /openapi.json"})
"""Calls that need no credential; they hold no patient data."""
