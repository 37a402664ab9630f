"""A message as a reader of Slack sees it: its words in order, and nothing that is no word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.slack import mrkdwn

HIDDEN = {"type", "action_id", "value", "style", "url", "confirm", "slack_file", "emoji", "verbatim"}


def seen(blocks: list[dict[str, Any]]) -> str:
    """Of a mrkdwn text what Slack makes of it, without the bold of our names."""
    return "".join(_seen(blocks))


def _seen(value: Any) -> Iterator[str]:
    match value:
        case {"type": "mrkdwn", "text": text}:
            yield _unmarked(text)
        case {"type": "link", "url": url, **more}:
            yield str(more.get("text", url))
        case {"type": "date", "fallback": fallback}:
            yield fallback
        case {"type": "actions", "elements": elements}:
            yield from (word for element in elements for word in (*_seen(element), *_addresses(element), " "))
        case dict():
            yield from (word for key, part in value.items() if key not in HIDDEN for word in _seen(part))
        case list():
            yield from (word for part in value for word in _seen(part))
        case str():
            yield value


def _addresses(element: dict[str, Any]) -> Iterator[str]:
    yield from (each["url"] for each in (element, *element.get("options", ())) if "url" in each)


def _unmarked(text: str) -> str:
    words = mrkdwn.plain(
        text, user=lambda id: f"USER {id}", channel=lambda id, _: f"CHANNEL {id}", bot_user_id=""
    )
    return re.sub(r"\A\*([^*]*)\*", r"\1", words)


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in it."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from nodes(part)
