"""`troupe sign-in`."""

from typing import Annotated

import typer

from bot.cli.desk import note, open_desk, person_named, tell

app = typer.Typer(add_completion=False)


@app.command(name="sign-in")
def command(
    person: Annotated[str, typer.Argument(help="Who is to be signed in; the owner unless given.")] = "",
) -> None:
    """Print a fresh link that opens the console as that person, once."""
    from agents import access
    from bot.present.person import sign_in_link

    with open_desk() as troupe, troupe.storage.unit_of_work() as work:
        who = person_named(person, work)
        code = access.code(access.SIGN_IN, who, work)
    tell(sign_in_link(troupe.public_url, code))
    minutes = int(access.CODE_LIVES.total_seconds() // 60)
    note(f"It works once, within {minutes} minutes, and signs in {who.name}.")
