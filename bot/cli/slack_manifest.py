"""`troupe slack-manifest`."""

import sys
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(name="slack-manifest")
def command(
    url: Annotated[
        str, typer.Option(help="Where Slack reaches this installation, https://…; Socket Mode unless given.")
    ] = "",
) -> None:
    """Print the manifest to paste at api.slack.com/apps under “Create New App”, “From a manifest”. See docs/slack.md."""
    if url and not url.startswith("https://"):
        sys.exit(
            "troupe: Slack calls https addresses only. Give one such as --url https://troupe.example.com"
        )
    from bot import commands
    from bot.slack import manifest

    commands.load()
    sys.stdout.write(manifest.text(url.rstrip("/") or None))
