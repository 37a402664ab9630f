"""`troupe prepare`."""

import sys

import typer

from bot.settings import load_or_exit

app = typer.Typer(add_completion=False)


@app.command(name="prepare")
def command() -> None:
    """Bring the database up to date and seed an empty one with a cast. Prints the path to sign in by, once.

    `up` does this by itself. With a supervisor of your own, do it after every update, before the processes start.
    """
    settings = load_or_exit()
    from bot import seed
    from storage import migrate

    migrate.upgrade(settings.database_url)
    sys.stdout.write(f"{seed.seed(settings) or ''}\n")
