"""Content: the pathways that are served, their rules and their diagrams. No patient data."""

from typing import Any

from fastapi import APIRouter, Response

from api.http.calls import By
from api.present.ladder import LadderView, ladder_view
from engine.core.diagram import diagram
from engine.core.result import View
from engine.services.ladders import at_site

router = APIRouter(prefix="/v1/pathways", tags=["content"])

MERMAID = "text/vnd.mermaid"


class VersionView(View):
    """A version of a pathway."""

    version: str
    label: str
    digest: str
    """SHA-256 of everything that decides; equal digests mean equal rules."""
    status: str


class PathwayList(View):
    """A pathway with its versions."""

    id: str
    title: str
    versions: tuple[VersionView, ...]


def listed(by: By, name: str, versions: tuple[str, ...]) -> PathwayList:
    """Return a pathway as listed."""
    found = [by.application.shelf.pathway(name, version) for version in versions]
    return PathwayList(
        id=name,
        title=found[0].definition.title,
        versions=tuple(
            VersionView(
                version=p.definition.version,
                label=p.definition.label,
                digest=p.digest,
                status=p.definition.content.status,
            )
            for p in found
        ),
    )


@router.get("")
async def pathways(by: By) -> dict[str, tuple[PathwayList, ...]]:
    """List the pathways that are served."""
    await by.admit()
    return {"items": tuple(listed(by, *each) for each in by.application.shelf.available())}


@router.get("/{pathway}")
async def show_pathway(pathway: str, by: By) -> PathwayList:
    """Show one pathway."""
    await by.admit()
    by.application.shelf.pathway(pathway)
    return next(listed(by, *each) for each in by.application.shelf.available() if each[0] == pathway)


@router.get("/{pathway}/ladder", response_model=LadderView)
async def ladder(pathway: str, by: By) -> LadderView:
    """Show by which steps the caller's site reminds, where that is not as published, and what is to come."""
    application = by.application
    rules = application.shelf.pathway(pathway).definition
    found = await by.read(lambda uow, sender: at_site(uow, sender.site, rules, application.clock))
    return ladder_view(rules, found)


@router.get("/{pathway}/versions/{version}")
async def definition(pathway: str, version: str, by: By) -> dict[str, Any]:
    """Show the complete definition of a version, with what users must be told of it."""
    await by.admit()
    found = by.application.shelf.pathway(pathway, version)
    return {"digest": found.digest, "definition": found.definition.model_dump(mode="json", by_alias=True)}


@router.get(
    "/{pathway}/versions/{version}/diagram",
    response_class=Response,
    responses={200: {"content": {MERMAID: {"schema": {"type": "string"}}}}},
)
async def show_diagram(pathway: str, version: str, by: By) -> Response:
    """Draw the states and transitions of a version, as Mermaid."""
    await by.admit()
    text = diagram(by.application.shelf.pathway(pathway, version).definition)
    return Response(text, media_type=f"{MERMAID}; charset=utf-8")
