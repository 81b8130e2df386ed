"""Documentation that lags fails the build: decisions, commands, links."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from api.cli import app

SECTIONS = ["Context", "Decision", "Consequences", "Alternatives", "Enforced by"]


@pytest.fixture(scope="module")
def decisions(root: Path) -> list[Path]:
    return sorted(path for path in (root / "docs" / "adr").glob("*.md") if path.name != "README.md")


def commands(command: Any, *name: str) -> Iterator[tuple[str, Any]]:
    """Every command that does something, with the words that call it."""
    children: dict[str, Any] = getattr(command, "commands", {})
    if not children:
        yield " ".join(name), command
    for word, child in children.items():
        yield from commands(child, *name, word)


COMMANDS = dict(commands(typer.main.get_command(app), "careway"))


def test_decisions_are_numbered_without_gaps(decisions: list[Path]) -> None:
    assert decisions
    assert [path.name[:5] for path in decisions] == [f"{n:04}-" for n in range(1, len(decisions) + 1)]


def test_every_decision_has_the_five_sections_and_half_a_page(decisions: list[Path]) -> None:
    for path in decisions:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(path.name[:4])}. "), path.name
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS, path.name
        assert len(text.split()) <= 300, f"{path.name} is longer than half a page"


def test_the_index_names_every_decision_by_its_title(root: Path, decisions: list[Path]) -> None:
    index = (root / "docs" / "adr" / "README.md").read_text(encoding="utf-8")

    for path in decisions:
        title = path.read_text(encoding="utf-8").splitlines()[0].partition(". ")[2]
        assert f"[{title}]({path.name})" in index, path.name


def test_what_enforces_a_decision_exists(root: Path, decisions: list[Path]) -> None:
    missing = [
        (path.name, named)
        for path in decisions
        for named in re.findall(
            r"`((?:tests|bench|docs|engine|pathways|api)/[\w/.-]+)`", path.read_text(encoding="utf-8")
        )
        if not (root / named).exists()
    ]

    assert not missing


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(root: Path, name: str) -> None:
    pages = [root / "README.md", root / "docs" / "reference" / "cli.md"]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages if page.exists())

    assert name in text
    assert COMMANDS[name].help


def test_every_link_inside_the_documentation_leads_somewhere(root: Path) -> None:
    pages = [root / "README.md", *(root / "docs").rglob("*.md"), *(root / "pathways").rglob("*.md")]

    broken = [
        (str(page.relative_to(root)), link)
        for page in pages
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if "://" not in link and not link.startswith("mailto:") and not (page.parent / link).exists()
    ]

    assert not broken
