"""Health: whether the process lives, and whether it can do its work. Public, and without patient data."""

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from api.application import Application

router = APIRouter(tags=["running"])


@router.get("/livez", summary="Whether the process lives")
async def livez() -> dict[str, str]:
    """Answer at once, without looking at anything."""
    return {"status": "ok"}


@router.get("/readyz", summary="Whether Careway can do its work")
async def readyz(request: Request) -> dict[str, str]:
    """Answer 200 when the database answers; 503 with a problem otherwise."""
    application: Application = request.app.state.application

    def look() -> None:
        with application.store.reading() as uow:
            uow.settings.get("ready")

    await run_in_threadpool(look)
    return {"status": "ready"}
