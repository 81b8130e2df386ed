"""Errors raised on purpose: one family, stable codes, and nothing in them that only a face may know."""

import ast
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import engine
import pathways
from engine.errors import CarewayError

FACES_ONLY = {"HTTPException", "HTTPStatus", "SystemExit", "exit_code", "status_code"}


def family(base: type[CarewayError]) -> Iterator[type[CarewayError]]:
    yield base
    for child in base.__subclasses__():
        yield from family(child)


def every_error() -> list[type[CarewayError]]:
    for package in (engine, pathways):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    return list(family(CarewayError))


def test_every_error_has_a_code_of_its_own() -> None:
    errors = every_error()
    codes = [error.code for error in errors]

    assert len(errors) > 1
    assert len(set(codes)) == len(codes), codes
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes), codes


def test_every_error_says_what_happened() -> None:
    assert not [error.__name__ for error in every_error() if not error.__doc__]


def test_statuses_and_exit_codes_are_known_to_api_only(root: Path) -> None:
    known = [
        (str(path.relative_to(root)), node.lineno)
        for package in ("engine", "pathways")
        for path in (root / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Name) and node.id in FACES_ONLY)
        or (isinstance(node, ast.Attribute) and node.attr in FACES_ONLY)
    ]

    assert not known
