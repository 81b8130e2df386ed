"""What stands behind `Authorization: Bearer`: a secret of ours, or a token of an issuer we trust.

An issuer's token is checked here, before any transaction, because its keys may have to be fetched.
"""

from fastapi import Request

from api.errors import ProofRefused
from api.http.problems import CredentialNeeded
from api.issuers.issuers import Issuers
from api.issuers.tokens import looks_signed
from engine.core.people import Scope
from engine.services.admission import Claims, Proof, Token

SITE = "careway_site"
"""The claim that says at which site its holder means to act."""


async def bearer(request: Request, shown: str) -> Proof:
    """Return the proof behind what a caller shows.

    Raises:
        CredentialNeeded: it is an issuer's token and cannot be believed.
        ProviderUnavailable: its issuer cannot be asked for its keys.
    """
    if not looks_signed(shown):
        return Token(shown)
    issuers: Issuers = request.app.state.issuers
    try:
        claims = await issuers.access(shown)
        site = claims.get(SITE)
        if not isinstance(site, str | None):
            raise ProofRefused(f"The claim {SITE} of the token must be text.")
    except ProofRefused as error:
        raise CredentialNeeded(str(error)) from None
    return Claims(claims["iss"], claims["sub"], site, _reach(claims.get("scope")))


def _reach(scope: object) -> frozenset[str] | None:
    """Return those scopes of a token that are ours; None when none is, as an issuer may not know of them."""
    ours = frozenset(Scope) & frozenset(scope.split() if isinstance(scope, str) else ())
    return frozenset(map(str, ours)) or None
