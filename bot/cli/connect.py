"""`troupe connect`."""

import sys
from getpass import getpass
from typing import Annotated

import typer

from bot.cli.desk import note, open_desk, person_named

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Connect a persona's account on a platform."
)


@app.callback()
def platforms() -> None:
    """One command for each platform."""


@app.command()
def bluesky(
    persona: Annotated[str, typer.Option(help="The persona's handle, such as ada.")],
    handle: Annotated[str, typer.Option(help="The account's handle, such as ada.bsky.social.")],
    pds: Annotated[
        str, typer.Option(help="The server the account lives on; Bluesky's own unless given.")
    ] = "",
    as_: Annotated[str, typer.Option("--as", help="Who connects it; the owner unless given.")] = "",
) -> None:
    """Sign in to Bluesky with an app password, which is asked for, or read from a pipe, and never an argument."""
    from bot.calls import Place
    from bot.cards import action
    from bot.forms import FormErrors

    with open_desk() as troupe:
        with troupe.storage.reading() as work:
            person = person_named(as_, work)
            whose = work.personas.by_handle(persona.removeprefix("@"))
        values = {"handle": handle, "app_password": _password(handle)} | ({"base_url": pds} if pds else {})
        button = action("persona.connect_bluesky", whose.id)
        answer = troupe.dispatcher.press(button, person, Place("cli"), values)
    if isinstance(answer.outcome, FormErrors):
        options = {"base_url": "--pds", "handle": "--handle", "app_password": "the app password"}
        told = (f"{options.get(name, name)}: {words}" for name, words in answer.outcome.errors.items())
        sys.exit(f"troupe: {'; '.join(told)}")
    if answer.error is not None:
        sys.exit(f"troupe: {answer.error}")
    note(
        f"@{whose.handle} posts on Bluesky as {handle.removeprefix('@')} from now on. Try: /post draft @{whose.handle} … on bluesky"
    )


def _password(handle: str) -> str:
    """Typed without being shown, or the first line of what is piped in."""
    if sys.stdin.isatty():
        return getpass(f"App password of {handle} (Bluesky: Settings, Privacy and security, App passwords): ")
    return sys.stdin.readline().strip()
