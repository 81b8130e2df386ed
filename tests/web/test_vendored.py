"""Files of others: each is as it was published, with its licence, and no page asks another host for one."""

import re
from hashlib import sha256
from pathlib import Path

VENDORED = Path("api/web/static/vendored")


def test_every_file_is_the_one_that_was_checked(root: Path) -> None:
    lines = (root / VENDORED / "SHA256SUMS").read_text().splitlines()
    told = {name: checked for checked, name in (line.split("  ") for line in lines)}
    there = {file.name: sha256(file.read_bytes()).hexdigest() for file in (root / VENDORED).iterdir()}
    del there["SHA256SUMS"]
    assert there == told


def test_every_library_has_its_licence(root: Path) -> None:
    names = {file.name for file in (root / VENDORED).iterdir()}
    libraries = {name.partition(".")[0] for name in names if name.endswith((".js", ".css"))}
    assert libraries == {"htmx", "pico"}
    assert {f"{library}.LICENSE" for library in libraries} <= names


def test_no_template_and_no_style_names_another_host(root: Path) -> None:
    for file in (root / "api/web").rglob("*.html"):
        assert not re.findall(r"""(?:src|href|action)=["']?https?:""", file.read_text()), file.name
    for file in (root / "api/web/static").glob("*.*"):
        assert not re.search(r"https?://(?!www\.w3\.org)", file.read_text()), file.name
