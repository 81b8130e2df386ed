"""The command line: `careway …`. Commands are in `api.commands`; here they are put together.

An error raised on purpose is shown as its sentence and becomes an exit code. Anything else that is raised
is a defect of ours and is said to be one; a stack trace is shown only when it is asked for.
"""

import os
import sys
from importlib.metadata import version as installed
from io import TextIOWrapper
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from api.commands import (
    audit,
    client,
    compare,
    db,
    demo,
    doctor,
    evaluate,
    export,
    import_,
    pathway,
    receipt,
    reminders,
    replay,
    serve,
    site,
    token,
    user,
    what_if,
    worker,
)
from api.errors import FAILED, exit_code
from engine.errors import CarewayError

TRACE = "CAREWAY_TRACE"
"""Set to 1, this environment variable lets the stack trace of a defect of ours be seen."""


class Commands(TyperGroup):
    """The group of all commands; it turns errors raised on purpose into sentences and exit codes."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except CarewayError as error:
            typer.echo(f"careway: {error}", err=True)
            raise typer.Exit(exit_code(error)) from None


app = typer.Typer(
    name="careway",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # help and errors without boxes
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("evaluate")(evaluate.command)
app.command("compare")(compare.command)
app.command("what-if")(what_if.command)
app.add_typer(pathway.app, name="pathway")
app.add_typer(site.app, name="site")
app.add_typer(user.app, name="user")
app.add_typer(token.app, name="token")
app.add_typer(client.app, name="client")
app.add_typer(db.app, name="db")
app.add_typer(audit.app, name="audit")
app.add_typer(receipt.app, name="receipt")
app.add_typer(reminders.app, name="reminders")
app.command("serve")(serve.command)
app.command("worker")(worker.command)
app.command("demo")(demo.command)
app.command("import")(import_.command)
app.add_typer(export.app, name="export")
app.command("replay")(replay.command)
app.command("doctor")(doctor.command)


def _say_version(wanted: bool) -> None:  # noqa: FBT001 - called by Typer with the option's value
    if wanted:
        typer.echo(f"careway {installed('careway')}")
        raise typer.Exit


@app.callback()
def careway(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Show the version and stop."),
    ] = False,
) -> None:
    """Clinical treatment pathways that move with each patient's data, and explain every step.

    It recommends; a clinician decides.

    Example: careway evaluate patient.yaml --as-of 2024-06-03

    Exit codes: 0 done, 1 the answer is no, 2 cannot be done as asked,
    3 Careway itself failed, 130 stopped from the keyboard.
    """


def main() -> None:
    """Run the command line; the entry point of the installed command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without our characters gets question marks
    try:
        app()
    except Exception as error:
        if os.environ.get(TRACE) == "1":
            raise
        typer.echo(
            f"careway: this is a defect of Careway, not of what you asked: {type(error).__name__}: {error}\n"
            f"To see where it happened, run the command again with {TRACE}=1 in the environment.",
            err=True,
        )
        sys.exit(FAILED)
