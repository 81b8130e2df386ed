"""Health: whether the process lives, and whether it can do its work. Public, and without patient data."""

from datetime import datetime

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from api.application import Application
from api.http.problems import StartingUp, TickStale
from engine.core.ticks import stale, to_come
from engine.services.ticks import ticks

router = APIRouter(tags=["running"])


@router.get("/livez", summary="Whether the process lives")
async def livez() -> dict[str, str]:
    """Answer at once, without looking at anything."""
    return {"status": "ok"}


@router.get("/startupz", summary="Whether Careway has begun its work")
async def startupz(request: Request) -> dict[str, str]:
    """Answer 200 as soon as everything it does by itself came on once since it began; 503 until then."""
    state = request.app.state
    application: Application = state.application

    def look() -> list[str]:
        with application.store.reading() as uow:
            return to_come(state.every, ticks(uow), state.begun)

    if found := await run_in_threadpool(look):
        raise StartingUp(found)
    return {"status": "started"}


@router.get("/readyz", summary="Whether Careway can do its work")
async def readyz(request: Request) -> dict[str, str]:
    """Answer 200 when the database answers and what is done by itself comes on.

    503 with a problem otherwise.
    """
    state = request.app.state
    application: Application = state.application

    def look() -> dict[str, datetime]:
        with application.store.reading() as uow:
            return stale(state.every, ticks(uow), application.clock.now(), state.begun)

    found = await run_in_threadpool(look)
    if found:
        raise TickStale(found)
    return {"status": "ready"}
