"""Commands run in this process, as a person would call them, and stories to run them on."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import app

Json = dict[str, Any]

ENROLLED = """\
id: mine
title: A patient
events:
  - {id: e1, recorded: 2024-01-08, effective: 2024-01-08, type: enrol,
     iim_dx: PM, ild_confirmed: true, sex: male, birth_date: "1975-03-02"}
"""
"""A story of one message; more may be written below it, two spaces in."""


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """Standard output on one line, so that it does not matter where lines were broken."""
        return " ".join(self.out.split())


def run(
    *arguments: str | Path, given: str | bytes | None = None, env: Mapping[str, str] | None = None
) -> Ran:
    """Run a command; anything raised that is not turned into an exit code fails the test."""
    result = CliRunner().invoke(
        app, [str(a) for a in arguments], input=given, env={"COLUMNS": "100", **(env or {})}
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert "Traceback" not in result.output
    return Ran(result.exit_code, result.stdout, result.stderr)


def written(folder: Path, text: str, name: str = "story.yaml") -> Path:
    """Write a document and return where it is."""
    path = folder / name
    path.write_text(dedent(text), encoding="utf-8")
    return path


def story(folder: Path, *messages: str) -> Path:
    """Write the story of an enrolled patient with further messages."""
    return written(folder, ENROLLED + "".join(f"  - {message}\n" for message in messages))


def answered(*arguments: str | Path) -> Json:
    """Evaluate, and return what a program gets."""
    ran = run("evaluate", *arguments, "--json")
    assert (ran.code, ran.err) == (0, "")
    answer: Json = json.loads(ran.out, parse_float=lambda text: pytest.fail(f"{text} is a float"))
    return answer
