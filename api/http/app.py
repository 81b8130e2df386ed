"""The application over HTTP: routes, problems and the log, put together."""

from collections.abc import Mapping
from operator import attrgetter
from typing import TYPE_CHECKING

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.application import Application
from api.http.conditional import Conditional
from api.http.endings import Ends
from api.http.guarded import Guarded
from api.http.log import Logged
from api.http.openapi import describe
from api.http.parameters import no_others
from api.http.rates import Limited, Rates
from api.http.routes import (
    audit,
    backend,
    bulk,
    calendars,
    channels,
    cohorts,
    comparing,
    consents,
    content,
    events,
    exports,
    glass,
    health,
    imports,
    inbox,
    metrics,
    notes,
    patients,
    people,
    reminders,
    states,
    teams,
    tokens,
    webhooks,
    what_if,
    worklists,
)
from api.issuers.configured import Elsewhere
from api.issuers.issuers import Issuers
from api.web import reference, signing
from api.web.refusals import on_bad_parameters, on_error, on_http_error, told
from api.web.routes import PAGES
from engine.errors import CarewayError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

CALLS = (
    health,
    metrics,
    patients,
    events,
    exports,
    imports,
    states,
    comparing,
    what_if,
    teams,
    notes,
    worklists,
    bulk,
    cohorts,
    inbox,
    reminders,
    channels,
    calendars,
    consents,
    people,
    content,
    glass,
    tokens,
    backend,
    audit,
    webhooks,
)
ROUTERS = tuple(routes.router for routes in (*CALLS, *PAGES))
STRICT = (Depends(no_others),)
"""What every call depends on; pages pass over parameters they do not have."""

NOBODY = Elsewhere()
"""Nobody elsewhere vouches for anyone."""

DESCRIPTION = """
Patients on clinical treatment pathways: data in, where each patient stands, why, and what comes next.
Careway recommends; a clinician decides.

Every call but the health checks needs `Authorization: Bearer …`. Errors are `application/problem+json`
with a stable `code` and a JSON pointer to each problem. Decimal numbers in answers are text.
"""


def create_app(
    application: Application,
    *,
    secure: bool = False,
    rates: Rates | None = None,
    elsewhere: Elsewhere = NOBODY,
    every: Mapping[str, int] | None = None,
    tracer: "TracerProvider | None" = None,
) -> FastAPI:
    """Return the HTTP face of an application, which stays open for as long as this is used.

    Args:
        application: what answers.
        secure: browsers reach it over TLS, so cookies may demand it.
        rates: how many calls a minute; the usual ones if None.
        elsewhere: where others reach it, and whose word it takes for callers.
        every: seconds from one beginning to the next of each job that this server does by itself.
        tracer: makes traces of calls; None for none. Nothing else is measured or logged by the framework.
    """
    app = FastAPI(
        title="Careway",
        version="1",
        description=DESCRIPTION,
        docs_url=None,  # its pages load their parts from elsewhere; ours is `reference`
        redoc_url=None,
        separate_input_output_schemas=False,
        generate_unique_id_function=attrgetter("name"),
        telemetry={
            "tracing": tracer is not None,
            "tracer_provider": tracer,
            "metrics": False,
            "logs": False,  # they would hold what was sent
            "auto_configure": False,
        },
    )
    app.state.application = application
    app.state.begun = application.clock.now()
    app.state.every = every or {}
    app.state.elsewhere = elsewhere
    app.state.issuers = Issuers(elsewhere.issuers, application.clock)
    app.state.secure = secure = secure or elsewhere.secure  # then cookies may demand it
    for routes in CALLS:
        app.include_router(routes.router, dependencies=STRICT)
    for pages in PAGES:
        app.include_router(pages.router)
    describe(app)
    app.mount("/static/swagger", reference.SWAGGER)
    app.mount("/static", signing.STATIC_FILES)
    app.add_exception_handler(CarewayError, on_error)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_bad_parameters)
    app.add_middleware(Conditional)
    app.add_middleware(Ends)
    app.add_middleware(Limited, rates=rates or Rates(), told=told)
    app.add_middleware(Guarded, secure=secure)
    app.add_middleware(Logged, randomness=application.randomness, told=told)
    return app
