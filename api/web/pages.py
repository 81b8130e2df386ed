"""Pages: templates that decide nothing, filled and sent with what keeps a browser safe."""

from functools import cache
from http import HTTPStatus
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.web import words

HERE = Path(__file__).parent
STATIC = HERE / "static"

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page of ours may load and where its forms may go: nothing from and nothing to anywhere else."""


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "day": words.day,
        "plainly": words.plainly,
        "upper_first": words.first_upper,
        "counted": words.count,
        "brief": words.brief,
    }
    return made


def page(template: str, status: HTTPStatus = HTTPStatus.OK, **values: object) -> HTMLResponse:
    """Return a page made from a template; whatever is put into it shows as text."""
    content = _templates().get_template(f"{template}.html").render(**values)
    return HTMLResponse(content, status, {"Content-Security-Policy": POLICY})
