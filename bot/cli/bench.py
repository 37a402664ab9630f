"""`troupe bench`. What measures lives with the tests, whose servers it needs; nothing of it is imported before it is asked for."""

import sys
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


class Database(StrEnum):
    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


@app.command(name="bench")
def command(
    parts: Annotated[
        list[str] | None,
        typer.Argument(
            help="transaction, jobs, claim, due, click, up, memory, slack, discord, oncall, tasks; all of them unless named.",
            show_default=False,
        ),
    ] = None,
    database: Annotated[
        list[Database] | None, typer.Option(help="Only on this one; may be given twice.", show_default=False)
    ] = None,
    json: Annotated[
        Path | None, typer.Option(help="Write the figures to this file too.", show_default=False)
    ] = None,
    check: Annotated[bool, typer.Option(help="End with status 1 if a figure misses its target.")] = False,
    chaos: Annotated[
        bool, typer.Option(help="Instead: kill everything at random while posts go out, and count them.")
    ] = False,
    posts: Annotated[int, typer.Option(min=1, max=2000, help="For --chaos: how many go out.")] = 200,
) -> None:
    """Measure what is promised about speed and size, each figure beside a bare peer in the same run.

    It starts servers of its own on loopback and touches no installation. On a busy machine trust the ratios.
    """
    if find_spec("pytest") is None:  # it stands for everything that comes with the tests
        sys.exit("troupe: The bench needs what the tests need. Install it: ./troupe test tests/bench")
    from tests.bench import run
    from tests.bench.figures import Options

    if chaos:
        sys.exit(0 if run.chaos(posts) else 1)
    if unknown := set(parts or ()) - set(run.PARTS):
        sys.exit(f"troupe: There is no part {sorted(unknown)[0]!r}. There are: {', '.join(run.PARTS)}")
    databases = tuple(each.value for each in database or Database)
    met = run.bench(parts or run.PARTS, Options(databases), json)
    sys.exit(1 if check and not met else 0)
