"""`troupe run`."""

import os
import sys
from typing import Annotated

import typer

from bot.settings import ROOT, load_or_exit
from bot.supervise import CannotStart, processes
from integrations.redis_server import RedisFailed

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(name="run")
def command(name: Annotated[str, typer.Argument(help="A name of the Procfile, or redis.")]) -> None:
    """Become one process of the Procfile, for a supervisor of your own. Run `./troupe prepare` once before."""
    settings = load_or_exit()
    missing = processes.misses(name, settings)
    if missing:
        sys.stderr.write(
            f"troupe: {name} joins when {missing} is set, in the environment or in .env: docs/{name}.md\n"
        )
        sys.exit(2)
    try:
        commands = processes.of(settings)
    except (CannotStart, RedisFailed) as error:
        sys.exit(f"troupe: {error}")
    if name not in commands:
        sys.exit(f"troupe: There is no process {name!r}. There are: {', '.join(commands)}")
    os.chdir(ROOT)
    env = processes.environment() | {"TROUPE_PROCESS": name}
    os.execvpe(commands[name][0], commands[name], env)  # noqa: S606  the Procfile is ours
