"""The cookie by which a browser is known, and whether a call really began on a page of ours."""

from urllib.parse import urlsplit

from fastapi import Request, Response

PLAIN, SECURED = "careway", "__Host-careway"
"""Over TLS the browser itself sees to it that nobody else sets a cookie with the second name."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""


def _name(request: Request) -> str:
    return SECURED if request.app.state.secure else PLAIN


def session_cookie(request: Request, response: Response, secret: str) -> None:
    """Give a browser the secret of its session; scripts cannot read it, other sites' forms do not send it."""
    response.set_cookie(
        _name(request), secret, path="/", secure=request.app.state.secure, httponly=True, samesite="lax"
    )


def forget_session(request: Request, response: Response) -> None:
    """Have a browser forget its session."""
    response.delete_cookie(
        _name(request), path="/", secure=request.app.state.secure, httponly=True, samesite="lax"
    )


def session_of(request: Request) -> str | None:
    """Return the secret of the session a browser shows, or None."""
    return request.cookies.get(_name(request)) or None


def from_elsewhere(request: Request) -> bool:
    """Whether a page of somebody else made a browser send this call, which may change something.

    Browsers say so themselves; older ones name the page's origin at least. What says neither is no browser.
    """
    if request.method in SAFE:
        return False
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")
