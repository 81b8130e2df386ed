"""The page of all calls: there for everybody, and whole without anything from elsewhere."""

import re

from tests.http.conftest import Web


def test_the_page_loads_nothing_from_elsewhere(web: Web) -> None:
    page = web.get("/docs", role=None)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    parts = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert "/static/swagger/swagger-ui-bundle.js" in parts
    for part in parts:
        assert part.startswith("/"), part
        assert web.get(part, role=None).status_code == 200, part
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
