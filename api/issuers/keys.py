"""Public keys as they are published: those that may check a signature, by their names."""

from collections.abc import Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.util import base64_to_int

Key = RSAKey | ECKey
Keys = Mapping[tuple[str, str], Key]
"""By name (`kid`) and kind (`kty`), so that one of another kind cannot stand in."""

KINDS: dict[str, type[RSAKey] | type[ECKey]] = {"RSA": RSAKey, "EC": ECKey}
CURVES = ("P-256", "P-384")
SHORTEST = 2048
"""Bits an RSA key must have."""
MOST = 100
"""Keys a set may have."""


def keys_in(document: Any) -> Keys:
    """Return the usable keys of a JSON Web Key Set; others, as for encryption, are passed over.

    Raises:
        ValueError: it is no such set, or it has too many keys.
    """
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list) or len(listed) > MOST:
        raise ValueError(f"This is no JSON Web Key Set with 1 to {MOST} keys.")
    found: dict[tuple[str, str], Key] = {}
    for each in listed:
        key = _key_of(each)
        if key is not None and key.kid is not None:
            found[key.kid, key.key_type] = key
    return found


def _key_of(described: Any) -> Key | None:
    """Return a key; None for one that cannot check a signature, or that should never have been shown."""
    if not isinstance(described, dict) or not isinstance(described.get("kid"), str):
        return None
    kind = KINDS.get(str(described.get("kty")))
    if kind is None or described.get("use", "sig") != "sig" or "d" in described:
        return None
    try:
        if kind is RSAKey and base64_to_int(described["n"]).bit_length() < SHORTEST:
            return None
        key = kind.import_key(described)
        return None if isinstance(key, ECKey) and key.curve_name not in CURVES else key
    except (JoseError, ValueError, TypeError, KeyError):
        return None
