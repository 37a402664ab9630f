"""Secrets that slip into a channel: what looks like one is refused before it is kept, shown or logged anywhere."""

from __future__ import annotations

import re

from agents.errors import Invalid

_SHAPES = {
    # Bluesky makes them of a-z and 2-7; a slug of four such words stands in a link, after a slash
    "an app password": r"(?<![\w/-])(?:[a-z2-7]{4}-){3}[a-z2-7]{4}(?![\w-])",
    "an API key": r"\b(?:sk|rk|pk)-[\w-]{16,}|\btroupe_[\w-]{40,}|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{30,}|\bAIza[\w-]{30,}",
    "a bot's token": r"\bx(?:ox[a-z]|app)-[\w-]{10,}|\b[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,}",
    "a session's token": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
}
_SECRETS = {name: re.compile(shape) for name, shape in _SHAPES.items()}


def refuse_secrets(text: str) -> None:
    """Raises Invalid, which does not repeat the text."""
    for name, shape in _SECRETS.items():
        if shape.search(text):
            raise Invalid(
                f"That holds what looks like {name}, so it was not read, and nothing was kept of it.",
                remedy="Others may have seen it: make a new one. Accounts are connected through a form, "
                "/persona connect, or with ./troupe connect.",
            )
