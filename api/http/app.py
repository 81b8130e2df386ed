"""The application over HTTP: routes, problems and the log, put together."""

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.application import Application
from api.http.log import Logged
from api.http.problems import on_bad_parameters, on_error, on_http_error
from api.http.routes import audit, content, events, health, patients, states
from engine.errors import CarewayError

ROUTERS = tuple(routes.router for routes in (health, patients, events, states, content, audit))

DESCRIPTION = """
Patients on clinical treatment pathways: data in, where each patient stands, why, and what comes next.
Careway recommends; a clinician decides.

Every call but the health checks needs `Authorization: Bearer …`. Errors are `application/problem+json`
with a stable `code` and a JSON pointer to each problem. Decimal numbers in answers are text.
"""


def create_app(application: Application) -> FastAPI:
    """Return the HTTP face of an application, which stays open for as long as this is used."""
    app = FastAPI(
        title="Careway",
        version="1",
        description=DESCRIPTION,
        docs_url=None,  # the interactive pages load their parts from elsewhere
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    app.state.application = application
    for each in ROUTERS:
        app.include_router(each)
    app.add_exception_handler(CarewayError, on_error)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_bad_parameters)
    app.add_middleware(Logged, randomness=application.randomness)
    return app
