"""The committed lock names no host and no path, pins and hashes everything, and fits pyproject.toml."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

LOCKS = ("*.lock", "pylock*.toml", "package-lock.json", "npm-shrinkwrap.json")


@pytest.fixture(scope="module")
def locked(root: Path) -> dict[str, str]:
    """Requirement by distribution name, options and all, each on one line."""
    text = (root / "requirements.lock").read_text(encoding="utf-8")
    joined = re.sub(r"\\\n\s*", "", text)
    lines = [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return {canonicalize_name(line.split("==")[0]): line for line in lines}


def test_no_lock_names_a_host_or_a_path(root: Path) -> None:
    homes = (root, root / "tests" / "oidc")
    locks = [path for home in homes for name in LOCKS for path in home.glob(name) if path.name != "uv.lock"]
    assert {path.name for path in locks} >= {"requirements.lock", "package-lock.json"}

    for path in locks:
        text = path.read_text(encoding="utf-8")
        assert "://" not in text, path.name
        assert not re.search(r"(^|\s)(-i|--[a-z-]*index[a-z-]*|--find-links|--trusted-host|/\S+)", text), (
            path.name
        )


def test_every_requirement_is_pinned_and_hashed(locked: dict[str, str]) -> None:
    loose = [line for line in locked.values() if "==" not in line or "--hash=sha256:" not in line]

    assert not loose


def test_every_package_of_the_provider_is_pinned_and_hashed(root: Path) -> None:
    home = root / "tests" / "oidc"
    wanted = json.loads((home / "package.json").read_text(encoding="utf-8"))["dependencies"]
    packages = json.loads((home / "package-lock.json").read_text(encoding="utf-8"))["packages"]

    assert packages.pop("")["dependencies"] == wanted
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert all(each["integrity"].startswith("sha512-") for each in packages.values())


def test_the_lock_fits_the_project(root: Path, locked: dict[str, str]) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *project["dependency-groups"]["dev"],
    ]

    for requirement in map(Requirement, wanted):
        line = locked.get(canonicalize_name(requirement.name))
        assert line, f"{requirement.name} is not locked: run `make lock`"
        version = Version(re.split(r"[\s;]", line.split("==")[1])[0])
        assert version in requirement.specifier, f"{requirement} is locked at {version}: run `make lock`"
