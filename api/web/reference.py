"""The page of every call over HTTP, for developers to read and try; it loads nothing from elsewhere."""

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles

from api.web.pages import page

router = APIRouter(include_in_schema=False)

SWAGGER = StaticFiles(directory=Path(str(files("fastapi_offline"))) / "static")
"""Swagger UI as its package brings it."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Swagger UI writes styles into its elements and draws with `data:` images; its scripts are files."""


@router.get("/docs")
async def reference() -> Response:
    """Show the page."""
    shown = page("reference")
    shown.headers["Content-Security-Policy"] = POLICY
    return shown
