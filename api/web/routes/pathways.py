"""Pathways: their rules in words, drawn, with their sources, parameters, declared conflicts and limits."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from api.http.calls import By
from api.present.definition import pathway_page
from api.web.choices import choices
from api.web.frame import Place, show
from api.web.picture import picture
from api.web.sheet import Sheet
from engine.ports import UnitOfWork
from engine.services.patients import Sender

router = APIRouter(prefix="/pathways", include_in_schema=False)


@router.get("")
async def first_pathway(by: By) -> Response:
    """Lead to the first pathway; the others are a step from there."""
    await by.admit()
    name, _ = by.application.shelf.available()[0]
    return RedirectResponse(f"/pathways/{name}", HTTPStatus.SEE_OTHER)


@router.get("/{pathway}")
async def show_rules(pathway: str, by: By, version: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Show a version of a pathway, the newest one unless another is asked for."""
    shelf = by.application.shelf
    rules = shelf.pathway(pathway, version or None)

    def ask(_: UnitOfWork, __: Sender) -> Mapping[str, object]:
        versions = dict(shelf.available())[pathway]
        sheet = Sheet()
        pathway_page(sheet, rules, shelf.sources(pathway), versions)
        return {
            "title": rules.definition.title,
            "head": sheet.sections[0].lines[1:],
            "sections": sheet.sections[1:],
            "picture": picture(rules.definition),
            "versions": choices(((each, f"version {each}") for each in versions), rules.definition.version),
            "pathways": tuple(
                Place(shelf.pathway(name).definition.title, f"/pathways/{name}", name == pathway)
                for name, _ in shelf.available()
            ),
        }

    return await show(by, "pathway", ask)
