"""Plain top-level names are safe only while they are ours: where they live, and what the wheel holds.

Another distribution that ships a package called `pathways` would take its place without a word.
"""

import os
import subprocess
import sys
import zipfile
from importlib import import_module
from importlib.resources import files
from pathlib import Path

import pytest
from ruamel.yaml import YAML

PACKAGES = ("engine", "pathways", "api")


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked: what an installation without the checkout has."""
    made, unpacked = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(made)]
    subprocess.run(build, cwd=root, check=True, capture_output=True)
    (path,) = made.glob("careway-*.whl")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(unpacked)
    return unpacked


def test_the_three_packages_live_under_one_parent() -> None:
    homes = {name: import_module(name).__file__ for name in PACKAGES}

    assert all(homes.values()), homes
    assert len({Path(str(home)).parents[1] for home in homes.values()}) == 1, homes


def test_the_migrations_directory_does_not_hide_the_library(root: Path) -> None:
    assert (root / "alembic").is_dir()
    assert not (root / "alembic" / "__init__.py").exists()


def test_no_test_directory_is_a_package(root: Path) -> None:
    assert not list((root / "tests").rglob("__init__.py"))


@pytest.mark.parametrize("name", ["vocabulary.yaml", "pm_ild/v1.yaml", "pm_ild/sources.yaml"])
def test_content_is_read_through_the_package(name: str) -> None:
    document = YAML(typ="safe").load(files("pathways").joinpath(name).read_text(encoding="utf-8"))

    assert isinstance(document, dict)
    assert document


def test_the_wheel_holds_every_module_and_every_content_file(root: Path, wheel: Path) -> None:
    ours = {
        path.relative_to(root)
        for name in PACKAGES
        for path in (root / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    shipped = {path.relative_to(wheel) for path in wheel.rglob("*") if path.is_file()}

    assert not ours - shipped
    assert all(path.parts[0] in PACKAGES or path.parts[0].endswith(".dist-info") for path in shipped)


def test_the_wheel_alone_migrates_a_database(wheel: Path, tmp_path: Path) -> None:
    script = (
        "from engine.store import migrate\n"
        "from engine.store.database import open_database\n"
        f"assert str(migrate.migrations()).startswith({str(wheel)!r})\n"
        "database = open_database('sqlite:///careway.db')\n"
        "migrate.upgrade(database)\n"
        "migrate.check(database)\n"
        "database.close()\n"
    )

    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(wheel)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert (tmp_path / "careway.db").exists()


def test_the_wheel_alone_checks_its_own_content(wheel: Path, tmp_path: Path) -> None:
    script = (
        "import sys, engine, pathways, api.cli\n"
        f"assert all(m.__file__.startswith({str(wheel)!r}) for m in (engine, pathways, api.cli))\n"
        "sys.argv = ['careway', 'pathway', 'check']\n"
        "api.cli.main()\n"
    )

    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(wheel)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
