"""`careway doctor`: is this installation sound?"""

import json
from typing import Annotated

import typer
from rich.text import Text

from api.clock import SystemClock
from api.commands.db import DATABASE
from api.errors import NO
from api.health import examine
from api.present.page import ALARM, GOOD, Page, console, count
from api.settings import read_settings
from api.wiring import Shelf


def command(
    *,
    database: DATABASE = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Check that this installation is sound.

    Packages, dependencies, time zones, content, stories, and the database
    if there is one, each in turn.

    Exit code 1 when a check fails.

    Example: careway doctor
    """
    findings = []
    page = None if as_json else Page(console())
    for finding in examine(Shelf(), SystemClock(), read_settings(database)):
        findings.append(finding)
        if page is not None:
            word = Text("ok      ", style=GOOD) if finding.ok else Text("failed  ", style=ALARM)
            page.put(f"{finding.name}: {finding.says}", mark=word)
    failed = [finding for finding in findings if not finding.ok]
    if page is None:
        rows = [{"name": f.name, "ok": f.ok, "says": f.says} for f in findings]
        typer.echo(json.dumps({"ok": not failed, "checks": rows}, indent=2))
    else:
        summary = f"{count(len(findings), 'check')}, {len(failed)} failed"
        page.put(summary, style=ALARM if failed else GOOD)
    if failed:
        raise typer.Exit(NO)
