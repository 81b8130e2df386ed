"""Files imported for a test, and what became of their rows."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from api.application import Application
from api.imports.files import read
from api.imports.importing import run
from engine.core.kept import Identifier
from engine.services.access import MAIN
from engine.services.importing import Imported
from engine.services.patients import Sender

REGISTER = "system,identifier,date,iim_dx,ild_confirmed,sex,birth_date\n"
INTEGRATOR = Sender("integrator", MAIN)


def imported(application: Application, file: Path, kind: str, *, trial: bool = False) -> list[Imported]:
    told: list[Imported] = []
    with file.open("rb") as source:
        rows = read(source, kind, application.shelf.vocabulary, "x")
        for _ in run(application, INTEGRATOR, rows, told.append, trial=trial):
            pass
    return told


def lines(folder: Path, messages: Iterable[Mapping[str, Any]]) -> Path:
    """Write messages as JSON lines."""
    file = folder / "lines.ndjson"
    file.write_text("\n".join(map(json.dumps, messages)))
    return file


def patient(application: Application, number: str, system: str = "h") -> str:
    """Return our id of the patient with a number."""
    with application.store.reading() as uow:
        found = uow.patients.identified(MAIN, Identifier(system, number))
    assert found is not None
    return found.id
