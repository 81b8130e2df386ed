"""A site's own ladder over HTTP: shown to its people, with what is to come, and not to others."""

from engine.core.site_ladders import LadderChange
from engine.services.access import OPERATOR
from engine.services.ladders import change_ladder
from tests.http.conftest import Web, problem
from tests.stores.kit import writing

LADDER = "/v1/pathways/pm-ild/ladder"


def test_a_site_is_shown_its_own(web: Web) -> None:
    published = web.get(LADDER, role="viewer").json()
    app = web.application
    change = LadderChange.model_validate({"reviews": {"upcoming": {"offset": -42}}})
    with writing(app.store) as uow:
        rules = app.shelf.pathway("pm-ild").definition
        change_ladder(uow, "main", rules, change, "booked early", by=OPERATOR, clock=web.clock)
    shown = web.get(LADDER, role="viewer").json()
    web.people("south", " elsewhere")

    assert (published["site"], published["differences"], published["coming"]) == ("main", [], None)
    assert shown["ladder"] == published["ladder"]
    assert shown["coming"]["since"] == "2024-01-21"
    assert shown["coming"]["differences"] == [
        {"pointer": "/reviews/upcoming/offset", "published": -28, "here": -42}
    ]
    assert web.get(LADDER, role="viewer elsewhere").json()["coming"] is None
    problem(web.get("/v1/pathways/nowhere/ladder", role="viewer"), 404, "not-found")
