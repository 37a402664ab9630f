"""`troupe up`."""

import asyncio
import sys
from typing import Annotated

import typer

from bot.settings import load_or_exit
from bot.supervise.up import up

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(name="up")
def command(
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show every line of every process.")
    ] = False,
) -> None:
    """Start everything, print the console's address and stay until Ctrl-C, which stops all of it.

    What the processes log is in TROUPE_HOME/logs; warnings and errors are shown as well.
    """
    sys.exit(asyncio.run(up(load_or_exit(), everything=verbose)))
