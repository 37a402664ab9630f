"""`troupe say`."""

import sys
from typing import Annotated

import typer

from bot.cli.desk import note, open_desk, person_named, tell

app = typer.Typer(add_completion=False)


@app.command(name="say", context_settings={"ignore_unknown_options": True})
def command(
    words: Annotated[
        list[str], typer.Argument(help="The command, as in a chat, best in quotes: '/post queue'.")
    ],
    as_: Annotated[str, typer.Option("--as", help="Who says it; the owner unless given.")] = "",
    channel: Annotated[str, typer.Option(help="The channel where its card is to stand.")] = "",
) -> None:
    """Run a command of the chat from here and print its card in words. Plain words need a channel."""
    from agents.errors import Invalid
    from bot.calls import Place
    from bot.cards import Card, plain

    text = " ".join(words)
    with open_desk() as troupe:
        with troupe.storage.reading() as work:
            person = person_named(as_, work)
            place = Place("cli", work.channels.by_name("console", channel).id if channel else "")
        if not text.lstrip().startswith("/"):
            if not channel:
                raise Invalid(
                    "Plain words are said in a channel.",
                    remedy="Name one with --channel, or begin with a slash.",
                )
            troupe.dispatcher.say(text, person, place)
            note(f"Said in #{channel.removeprefix('#')}.")
            return
        answer = troupe.dispatcher.command(text, person, place)
    if answer.error is not None:
        sys.exit(f"troupe: {answer.error}")
    if isinstance(answer.outcome, Card):
        tell(plain(answer.outcome))
