"""Who may make which call: one row a call, read by the server and by the test of every role on every call.

A call without a row is refused. Roles say what somebody does at a site; a token with scopes reaches no
further than they do. That a patient belongs to the caller's site is seen to where patients are found. Which
calls are noted as seeing patients follows from the row as well (`trail`).
"""

from dataclasses import dataclass

from engine.core.people import Role, Scope

READERS = frozenset({Role.VIEWER, Role.COORDINATOR, Role.CLINICIAN, Role.CLINICAL_LEAD, Role.INTEGRATOR})
RECORDERS = READERS - {Role.VIEWER}
IMPORTERS = frozenset({Role.COORDINATOR, Role.CLINICAL_LEAD, Role.INTEGRATOR})
DECIDERS = frozenset({Role.CLINICIAN, Role.CLINICAL_LEAD})
STAFF = DECIDERS | {Role.COORDINATOR}
ADMIN = frozenset({Role.ADMIN})
AUDITORS = ADMIN | {Role.CLINICAL_LEAD}
CONNECTORS = ADMIN | {Role.INTEGRATOR}
EXPORTERS = frozenset({Role.CLINICAL_LEAD, Role.INTEGRATOR})
ANYBODY = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may make a call."""

    roles: frozenset[Role]
    scope: Scope
    elsewhere: bool = False
    """It is made about patients of other sites."""
    herself: bool = False
    """Whether the person whom the path names may make it too, in any role."""


PATIENT = "/v1/patients/{patient}"
PERSON = "/v1/people/{person}"
PATHWAY = f"{PATIENT}/pathways/{{pathway}}"

RULES = {
    "POST /v1/patients": Rule(RECORDERS, Scope.WRITE),
    "GET /v1/patients": Rule(READERS, Scope.READ),
    "POST /v1/patients/search": Rule(READERS, Scope.READ),
    f"GET {PATIENT}": Rule(READERS, Scope.READ),
    f"POST {PATIENT}/events": Rule(RECORDERS, Scope.WRITE),
    f"GET {PATIENT}/events": Rule(READERS, Scope.READ),
    "POST /v1/events/batch": Rule(RECORDERS, Scope.WRITE),
    f"GET {PATIENT}/export": Rule(READERS, Scope.READ),
    "GET /v1/exports/site": Rule(EXPORTERS, Scope.EXPORT),
    "GET /v1/exports/event-log": Rule(EXPORTERS, Scope.EXPORT),
    "GET /v1/exports/summaries/{pathway}": Rule(EXPORTERS, Scope.EXPORT),
    "POST /v1/imports": Rule(IMPORTERS, Scope.WRITE),
    "GET /v1/imports": Rule(IMPORTERS, Scope.WRITE),
    "GET /v1/imports/{upload}": Rule(IMPORTERS, Scope.WRITE),
    "GET /v1/imports/{upload}/report": Rule(IMPORTERS, Scope.WRITE),
    "DELETE /v1/imports/{upload}": Rule(IMPORTERS, Scope.WRITE),
    f"GET {PATHWAY}": Rule(READERS, Scope.READ),
    f"GET {PATHWAY}/next-actions": Rule(READERS, Scope.READ),
    f"GET {PATHWAY}/reviews": Rule(READERS, Scope.READ),
    f"GET {PATHWAY}/why-not": Rule(READERS, Scope.READ),
    f"GET {PATHWAY}/transitions": Rule(READERS, Scope.READ),
    f"GET {PATHWAY}/transitions/{{number}}/why": Rule(READERS, Scope.READ),
    f"GET {PATHWAY}/timeline": Rule(READERS, Scope.READ),
    f"GET {PATHWAY}/compare": Rule(READERS, Scope.READ),
    f"POST {PATHWAY}/what-if": Rule(
        RECORDERS, Scope.READ
    ),  # it reads; but who may not record may not suppose
    f"POST {PATIENT}/break-glass": Rule(DECIDERS, Scope.READ, elsewhere=True),
    "GET /v1/break-glass": Rule(AUDITORS, Scope.AUDIT),
    f"GET {PATIENT}/audit": Rule(AUDITORS, Scope.AUDIT),
    "GET /v1/audit/seals": Rule(AUDITORS, Scope.AUDIT),
    "GET /v1/tokens": Rule(ANYBODY, Scope.TOKENS),
    "POST /v1/tokens": Rule(ANYBODY, Scope.TOKENS),
    "POST /v1/tokens/{token}/rotate": Rule(ANYBODY, Scope.TOKENS),
    "DELETE /v1/tokens/{token}": Rule(ANYBODY, Scope.TOKENS),
    f"GET {PATIENT}/care-team": Rule(READERS, Scope.READ),
    f"PUT {PATIENT}/care-team": Rule(STAFF, Scope.WRITE),
    "POST /v1/actions/{action}/hand-over": Rule(STAFF, Scope.WRITE),
    **{
        f"POST /v1/{kind}s/{{{kind}}}/{act}": Rule(STAFF, Scope.WRITE)
        for kind in ("action", "review")
        for act in ("acknowledge", "snooze", "not-done")
    },
    "GET /v1/worklists": Rule(READERS, Scope.READ),
    "GET /v1/worklists/{worklist}": Rule(READERS, Scope.READ),
    "POST /v1/worklists": Rule(READERS, Scope.WORKLISTS),
    "PUT /v1/worklists/{worklist}": Rule(READERS, Scope.WORKLISTS),
    "DELETE /v1/worklists/{worklist}": Rule(READERS, Scope.WORKLISTS),
    **{f"POST /v1/bulk/{act}": Rule(STAFF, Scope.WRITE) for act in ("acknowledge", "snooze", "hand-over")},
    "GET /v1/cohorts/{pathway}/summary": Rule(READERS, Scope.READ),
    "GET /v1/inbox": Rule(READERS, Scope.READ),
    "GET /v1/reminders/reconcile": Rule(STAFF | ADMIN, Scope.METRICS),
    "GET /v1/reminders/preview": Rule(STAFF | ADMIN, Scope.READ),
    "GET /v1/me": Rule(ANYBODY, Scope.COLLEAGUES),
    "GET /v1/people": Rule(STAFF | ADMIN, Scope.COLLEAGUES),
    "POST /v1/people": Rule(ADMIN, Scope.PEOPLE),
    f"GET {PERSON}": Rule(ADMIN, Scope.PEOPLE),
    f"PATCH {PERSON}": Rule(ADMIN, Scope.PEOPLE),
    f"POST {PERSON}/invitation": Rule(ADMIN, Scope.PEOPLE),
    f"PUT {PERSON}/roles/{{role}}": Rule(ADMIN, Scope.PEOPLE),
    f"DELETE {PERSON}/roles/{{role}}": Rule(ADMIN, Scope.PEOPLE),
    f"GET {PERSON}/absences": Rule(ADMIN | {Role.CLINICAL_LEAD}, Scope.PEOPLE, herself=True),
    f"POST {PERSON}/absences": Rule(ADMIN | {Role.CLINICAL_LEAD}, Scope.PEOPLE, herself=True),
    f"DELETE {PERSON}/absences/{{absence}}": Rule(ADMIN | {Role.CLINICAL_LEAD}, Scope.PEOPLE, herself=True),
    "GET /v1/me/channels": Rule(ANYBODY, Scope.CHANNELS),
    "POST /v1/me/channels": Rule(ANYBODY, Scope.CHANNELS),
    "GET /v1/me/channels/{channel}": Rule(ANYBODY, Scope.CHANNELS),
    "PATCH /v1/me/channels/{channel}": Rule(ANYBODY, Scope.CHANNELS),
    "DELETE /v1/me/channels/{channel}": Rule(ANYBODY, Scope.CHANNELS),
    "GET /v1/me/calendars": Rule(ANYBODY, Scope.CHANNELS),
    "POST /v1/me/calendars": Rule(ANYBODY, Scope.CHANNELS),
    "DELETE /v1/me/calendars/{calendar}": Rule(ANYBODY, Scope.CHANNELS),
    "GET /v1/webhooks": Rule(CONNECTORS, Scope.CHANNELS),
    "POST /v1/webhooks": Rule(CONNECTORS, Scope.CHANNELS),
    "GET /v1/webhooks/{webhook}": Rule(CONNECTORS, Scope.CHANNELS),
    "PATCH /v1/webhooks/{webhook}": Rule(CONNECTORS, Scope.CHANNELS),
    "DELETE /v1/webhooks/{webhook}": Rule(CONNECTORS, Scope.CHANNELS),
    "POST /v1/webhooks/{webhook}/rotate": Rule(CONNECTORS, Scope.CHANNELS),
    "POST /v1/webhooks/{webhook}/enable": Rule(CONNECTORS, Scope.CHANNELS),
    "GET /v1/webhooks/{webhook}/deliveries": Rule(CONNECTORS, Scope.CHANNELS),
    "POST /v1/webhooks/{webhook}/deliveries/{delivery}/resend": Rule(CONNECTORS, Scope.CHANNELS),
    f"GET {PERSON}/channels": Rule(AUDITORS, Scope.CHANNELS),
    f"POST {PERSON}/channels": Rule(AUDITORS, Scope.CHANNELS),
    f"GET {PERSON}/channels/{{channel}}": Rule(AUDITORS, Scope.CHANNELS),
    f"PATCH {PERSON}/channels/{{channel}}": Rule(AUDITORS, Scope.CHANNELS),
    f"DELETE {PERSON}/channels/{{channel}}": Rule(AUDITORS, Scope.CHANNELS),
    f"GET {PATIENT}/channels": Rule(STAFF, Scope.READ),
    f"POST {PATIENT}/channels": Rule(STAFF, Scope.WRITE),
    f"DELETE {PATIENT}/channels/{{channel}}": Rule(STAFF, Scope.WRITE),
    "GET /metrics": Rule(ANYBODY, Scope.METRICS),
    "GET /": Rule(ANYBODY, Scope.READ),
    **{
        f"GET /patients/{{patient}}{view}": Rule(READERS, Scope.READ)
        for view in ("", "/print", "/timeline", "/trend", "/why-not")
    },
    "GET /patients/{patient}/record": Rule(RECORDERS, Scope.READ),
    "GET /patients/{patient}/record/{kind}": Rule(RECORDERS, Scope.READ),
    "POST /patients/{patient}/record/{kind}": Rule(RECORDERS, Scope.WRITE),
    "POST /patients/{patient}/suppose/{kind}": Rule(RECORDERS, Scope.READ),
    "POST /patients/{patient}/decide": Rule(DECIDERS, Scope.WRITE),
    "POST /patients/{patient}/note": Rule(STAFF, Scope.WRITE),
    "POST /patients/{patient}/hand-over": Rule(STAFF, Scope.WRITE),
    "POST /patients/{patient}/care-team": Rule(STAFF, Scope.WRITE),
    "GET /patients": Rule(READERS, Scope.READ),
    "POST /patients": Rule(RECORDERS, Scope.WRITE),
    "POST /patients/search": Rule(READERS, Scope.READ),
    "GET /settings": Rule(ANYBODY, Scope.CHANNELS),
    **{
        f"POST /settings/{what}": Rule(ANYBODY, Scope.CHANNELS)
        for what in (
            "channels",
            "channels/{channel}",
            "channels/{channel}/remove",
            "calendars",
            "calendars/{calendar}/end",
        )
    },
    **{
        f"POST /settings/tokens{what}": Rule(ANYBODY, Scope.TOKENS)
        for what in ("", "/{token}/rotate", "/{token}/end")
    },
    "GET /settings/people": Rule(ADMIN, Scope.PEOPLE),
    **{
        f"POST /settings/people{what}": Rule(ADMIN, Scope.PEOPLE)
        for what in (
            "",
            "/{person}",
            "/{person}/invitation",
            "/{person}/absences",
            "/{person}/absences/{absence}/cancel",
        )
    },
    "GET /settings/webhooks": Rule(CONNECTORS, Scope.CHANNELS),
    "GET /settings/webhooks/{webhook}": Rule(CONNECTORS, Scope.CHANNELS),
    **{
        f"POST /settings/webhooks{what}": Rule(CONNECTORS, Scope.CHANNELS)
        for what in (
            "",
            "/{webhook}",
            "/{webhook}/rotate",
            "/{webhook}/enable",
            "/{webhook}/remove",
            "/{webhook}/deliveries/{delivery}/resend",
        )
    },
    "GET /cohorts": Rule(READERS, Scope.CONTENT),  # it leads on, and shows nobody
    "GET /cohorts/{pathway}": Rule(READERS, Scope.READ),
    "GET /pathways": Rule(ANYBODY, Scope.CONTENT),
    "GET /pathways/{pathway}": Rule(ANYBODY, Scope.CONTENT),
    "GET /imports": Rule(IMPORTERS, Scope.WRITE),
    "POST /imports": Rule(IMPORTERS, Scope.WRITE),
    "GET /imports/{upload}": Rule(IMPORTERS, Scope.WRITE),
    "POST /imports/{upload}/cancel": Rule(IMPORTERS, Scope.WRITE),
    "GET /lists/{worklist}": Rule(READERS, Scope.READ),
    "POST /lists/save": Rule(READERS, Scope.WORKLISTS),
    "POST /lists/{worklist}/remove": Rule(READERS, Scope.WORKLISTS),
    **{f"POST /lists/{act}": Rule(STAFF, Scope.WRITE) for act in ("acknowledge", "snooze", "hand-over")},
    "GET /v1/pathways": Rule(ANYBODY, Scope.CONTENT),
    "GET /v1/pathways/{pathway}": Rule(ANYBODY, Scope.CONTENT),
    "GET /v1/pathways/{pathway}/ladder": Rule(ANYBODY, Scope.CONTENT),
    "GET /v1/pathways/{pathway}/versions/{version}": Rule(ANYBODY, Scope.CONTENT),
    "GET /v1/pathways/{pathway}/versions/{version}/diagram": Rule(ANYBODY, Scope.CONTENT),
}

PUBLIC = frozenset(
    {
        "GET /livez",
        "GET /readyz",
        "GET /startupz",
        "GET /openapi.json",
        "GET /docs",
        "GET /sign-in",
        "POST /sign-in",
        "POST /sign-out",
        "GET /welcome",
        "POST /welcome",
        "POST /site",
        "GET /sign-in/oidc",
        "GET /sign-in/oidc/callback",
        "GET /.well-known/smart-configuration",
        "POST /auth/token",
        "GET /v1/calendar/{token}.ics",
    }
)
"""Calls that need no credential; they hold no patient data and act on the caller's own session only.

Files under /static need none either.
"""
