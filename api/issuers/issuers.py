"""The issuers an installation trusts: what they publish, and whether their tokens can be believed."""

from dataclasses import dataclass
from typing import Any

from api.addresses import reachable
from api.errors import ProofRefused, ProviderUnavailable
from api.issuers.configured import Issuer
from api.issuers.documents import Documents
from api.issuers.keys import keys_in
from api.issuers.tokens import Unverified, check_claims, opened, verified
from engine.ports import Clock

METADATA = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Metadata:
    """Where an issuer can be asked what."""

    issuer: str
    keys: str
    authorization: str | None
    token: str | None


class Issuers:
    """Checks tokens of the issuers an installation trusts."""

    def __init__(self, trusted: tuple[Issuer, ...], clock: Clock) -> None:
        """Trust these issuers, and nobody else."""
        self.trusted = {each.issuer: each for each in trusted}
        self.clock = clock
        self._metadata = Documents(clock, metadata_in)
        self.keys = Documents(clock, keys_in)

    async def metadata(self, issuer: Issuer) -> Metadata:
        """Return where an issuer can be asked what; raises `ProviderUnavailable`."""
        found = await self._metadata.at(issuer.issuer.rstrip("/") + METADATA)
        if found.issuer != issuer.issuer:
            raise ProviderUnavailable("An issuer names itself otherwise than the settings do.")
        return found

    async def access(self, text: str) -> dict[str, Any]:
        """Return the claims of an access token that is meant for us.

        Raises:
            ProofRefused: it cannot be believed.
            ProviderUnavailable: its issuer cannot be asked for its keys.
        """
        token = opened(text, tuple(dict.fromkeys(a for i in self.trusted.values() for a in i.algorithms)))
        issuer = self.trusted.get(token.issuer())
        if issuer is None or issuer.audience is None:
            raise ProofRefused("The issuer of the token is not one whose access tokens are accepted here.")
        return await self.believed(token, issuer, issuer.audience)

    async def identity(self, text: str, issuer: Issuer, nonce: str) -> dict[str, Any]:
        """Return the claims of an ID token an issuer made for us, in answer to this one sign-in.

        Raises:
            ProofRefused: it cannot be believed.
            ProviderUnavailable: its issuer cannot be asked for its keys.
        """
        assert issuer.client_id is not None
        claims = await self.believed(opened(text, issuer.algorithms), issuer, issuer.client_id, ("nonce",))
        if claims["nonce"] != nonce:
            raise ProofRefused("The answer of the provider belongs to another sign-in.")
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else issuer.client_id) != issuer.client_id:
            raise ProofRefused("The answer of the provider was made for another party.")
        return claims

    async def believed(
        self, token: Unverified, issuer: Issuer, audience: str, needed: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """Return the claims of a token that this issuer signed for an audience, and that is good now."""
        if token.algorithm not in issuer.algorithms:
            raise ProofRefused(f"This issuer's tokens must be signed with {', '.join(issuer.algorithms)}.")
        metadata = await self.metadata(issuer)
        keys = await self.keys.at(metadata.keys, lambda found: token.key in found)
        claims = verified(token, keys)
        now = self.clock.now()
        check_claims(claims, now, issuer=issuer.issuer, audience=audience, needed=("iat", *needed))
        return claims


def metadata_in(document: Any) -> Metadata:
    """Return what an issuer publishes about itself; raises ValueError when it cannot be used."""
    if not isinstance(document, dict):
        raise ValueError("This is not what an issuer publishes about itself.")
    names = ("issuer", "jwks_uri", "authorization_endpoint", "token_endpoint")
    told = [document.get(name) for name in names]
    if not all(isinstance(each, str) for each in told[:2]):
        raise ValueError("An issuer must name itself and where its keys are.")
    if not all(each is None or (isinstance(each, str) and reachable(each)) for each in told[1:]):
        raise ValueError("An issuer names an address that cannot be trusted.")
    return Metadata(*told)  # type: ignore[arg-type]
