"""Whatever is shown as a token, it is refused in words or read; nothing else happens."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from api.errors import ProofRefused
from api.issuers.tokens import KIND, opened
from tests.oidc.forging import part

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
HEADERS = JSON | st.fixed_dictionaries(
    {"alg": st.sampled_from(["RS256", "none", "HS256"]) | JSON},
    optional={"kid": JSON, "crit": JSON, "b64": JSON, "typ": JSON, "zip": JSON},
)
PARTS = st.builds(
    lambda header, payload, end: f"{part(header)}.{part(payload)}.{end}", HEADERS, JSON, st.text()
)


@given(st.text() | PARTS)
def test_any_text(text: str) -> None:
    with suppress(ProofRefused):
        found = opened(text, tuple(KIND))
        assert found.key[1] in ("RSA", "EC")
        assert isinstance(found.issuer(), str)
