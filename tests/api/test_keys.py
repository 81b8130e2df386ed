"""The signing key: made once, for its owner alone, and known again by its fingerprint."""

import hmac
import json
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.errors import KeyPlaceMissing, KeyUnusable
from api.keys import KeyRing, PublicKey, SigningKey, key_file, key_of, read_key, signing_key
from api.settings import Settings, read_settings


def settings(folder: Path, **more: str) -> Settings:
    return read_settings(f"sqlite:///{folder}/c.db", more)


def test_it_lies_beside_the_database_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    made = signing_key(settings(tmp_path))

    file = tmp_path / "c.db.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert signing_key(settings(tmp_path)).fingerprint == made.fingerprint
    assert [path.name for path in tmp_path.iterdir()] == ["c.db.key"]
    file.chmod(0o644)
    with pytest.raises(KeyUnusable, match="chmod 600"):
        signing_key(settings(tmp_path))


def test_many_that_begin_at_once_have_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: signing_key(settings(tmp_path)).fingerprint, range(16)))

    assert len(set(made)) == 1


def test_the_environment_may_name_another_place_and_a_server_needs_one(tmp_path: Path) -> None:
    assert key_file(settings(tmp_path, CAREWAY_KEY="/etc/careway/key")) == Path("/etc/careway/key")
    with pytest.raises(KeyPlaceMissing, match="set CAREWAY_KEY in the environment to a file"):
        key_file(read_settings("postgresql://u@h/n", {}))


@pytest.mark.parametrize("content", ["", "no key", '{"kty": "RSA"}', '{"kty":"OKP","crv":"X25519","x":"AA"}'])
def test_what_is_no_key_is_said_to_be_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "k").write_text(content)
    with pytest.raises(KeyUnusable, match="no key we know"):
        read_key(tmp_path / "k")
    with pytest.raises(KeyUnusable, match="cannot be read"):
        read_key(tmp_path / "none")
    with pytest.raises(KeyUnusable, match="cannot be made"):
        signing_key(settings(tmp_path / "none"))


def test_the_public_half_checks_and_cannot_sign(tmp_path: Path) -> None:
    mine, other = (signing_key(settings(tmp_path, CAREWAY_KEY=str(tmp_path / name))) for name in "ab")
    (tmp_path / "public").write_text(json.dumps(mine.shown))
    public = read_key(tmp_path / "public")

    signature = mine.sign("what is signed")
    assert isinstance(public, PublicKey)
    assert not isinstance(public, SigningKey)
    assert set(mine.shown) >= {"kty", "crv", "x"}
    assert "d" not in mine.shown
    assert public.fingerprint == mine.fingerprint == key_of(mine.shown).fingerprint
    assert public.genuine("what is signed", signature)
    assert KeyRing((other, public)).genuine("what is signed", signature)
    assert not public.genuine("what is not", signature)
    assert not other.genuine("what is signed", signature)
    assert not public.genuine("what is signed", "")
    with pytest.raises(KeyUnusable, match="private one is needed"):
        signing_key(settings(tmp_path, CAREWAY_KEY=str(tmp_path / "public")))


def test_a_signature_with_any_other_character_is_none(tmp_path: Path) -> None:
    key = signing_key(settings(tmp_path))
    signature = key.sign("text")
    for place, character in enumerate(signature):
        changed = signature[:place] + ("A" if character != "A" else "B") + signature[place + 1 :]
        assert not key.genuine("text", changed), place
    for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        assert key.genuine("text", signature[:-1] + last) == (last == signature[-1])


def test_secrets_for_other_purposes_follow_from_the_key_and_from_nothing_else(tmp_path: Path) -> None:
    key, other = (signing_key(settings(tmp_path, CAREWAY_KEY=str(tmp_path / name))) for name in "ab")
    again = signing_key(settings(tmp_path, CAREWAY_KEY=str(tmp_path / "a")))

    made = [key.derived("one"), key.derived("another"), other.derived("one")]
    assert len(set(made)) == 3
    assert {len(each) for each in made} == {32}
    assert again.derived("one") == made[0]


def test_secrets_are_derived_as_rfc_5869_says() -> None:
    seed = bytes(range(32))
    private = urlsafe_b64encode(seed).decode().rstrip("=")
    public = "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg"
    key = key_of({"kty": "OKP", "crv": "Ed25519", "x": public, "d": private})
    assert isinstance(key, SigningKey)

    extracted = hmac.digest(bytes(32), seed, "sha256")
    assert key.derived("what for") == hmac.digest(extracted, b"what for\x01", "sha256")
