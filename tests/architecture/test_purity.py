"""The engine names no disease and no rule, its core touches nothing outside, no number is a float."""

import ast
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

PLAIN_ENGLISH = {"other"}
"""Ids of the vocabulary that are also everyday words: `other` is a vaccine, and half of English."""

OUTSIDE = {"__import__", "breakpoint", "compile", "eval", "exec", "globals", "input", "open", "print"}
"""Built-in functions that reach out of a pure module; the import contracts see to the rest."""


def content(pattern: str) -> dict[str, Any]:
    """Documents among the pathway files, by path."""
    home = Path(str(files("pathways")))
    documents = {str(path.relative_to(home)): path.read_text(encoding="utf-8") for path in home.glob(pattern)}
    assert documents, pattern
    return {path: YAML(typ="safe").load(text) for path, text in documents.items()}


def sources(root: Path, *packages: str) -> Iterator[tuple[str, str]]:
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            yield str(path.relative_to(root)), path.read_text(encoding="utf-8")


def floats(source: str) -> list[int]:
    """Lines with a float: a literal, a conversion, an annotation. Asking whether a value is one is fine."""
    tree = ast.parse(source)
    asked = {
        name
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "isinstance"
        for argument in call.args[1:]
        for name in ast.walk(argument)
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float | complex))
        or (isinstance(node, ast.Name) and node.id == "float" and node not in asked)
    ]


SENT_BY_CLIENTS = ("api/demo/answers.py", "api/http/examples.py")
"""Ids as a client sends them in decisions; the only modules that may name rules, and they only name."""


def reaches_out(source: str) -> list[str]:
    return [
        node.func.id
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in OUTSIDE
    ]


def test_the_engine_names_no_disease_drug_or_test(root: Path) -> None:
    (vocabulary,) = content("vocabulary.yaml").values()
    ids = {key for group in ("items", "drugs", "conditions", "vaccines") for key in vocabulary[group]}
    assert ids >= PLAIN_ENGLISH
    pathways = {path.partition("/")[0] for path in content("*/v*.yaml")}
    ids |= pathways | {name.replace("_", "-") for name in pathways}
    names = "|".join(sorted(map(re.escape, ids - PLAIN_ENGLISH)))
    word = re.compile(rf"(?<!\w)({names})(?!\w)", re.IGNORECASE)

    named = [(path, found.group()) for path, text in sources(root, "engine") for found in word.finditer(text)]

    assert not named


def test_no_code_depends_on_the_id_of_a_rule(root: Path) -> None:
    rules = {
        rule["id"]
        for definition in content("*/v*.yaml").values()
        for group in ("transitions", "actions", "reviews")
        for rule in definition.get(group, ())
    }
    assert rules

    named = [
        (path, node.lineno, node.value)
        for path, text in sources(root, "engine", "pathways", "api")
        if path not in SENT_BY_CLIENTS
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in rules
    ]

    assert not named


def test_no_number_is_a_binary_float(root: Path) -> None:
    found = {path: lines for path, text in sources(root, "engine", "pathways") if (lines := floats(text))}

    assert not found


@pytest.mark.parametrize("source", ["x = 0.5", "x = float('1')", "def f(x: float) -> None: ...", "x = 1j"])
def test_a_float_is_found(source: str) -> None:
    assert floats(source) == [1]


@pytest.mark.parametrize(
    "source", ["x = 5", "ok = isinstance(x, int | float)", "x = Decimal('0.5')  # not 0.5"]
)
def test_what_is_not_a_float_is_left_alone(source: str) -> None:
    assert floats(source) == []


def test_the_core_and_the_facts_call_nothing_that_reaches_out(root: Path) -> None:
    found = {
        path: names
        for path, text in sources(root, "engine/core", "pathways/facts")
        if (names := reaches_out(text))
    }

    assert not found
    assert reaches_out("open('x')") == ["open"]
