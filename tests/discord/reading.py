"""A message as a reader of Discord sees it: its words in order, and what is more than words.

The markdown is read by the rules of Discord's clients, in their order (the regular expressions are those that people who
rebuild the client use): a backslash first, then code, addresses, mentions, styles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.cards import moment

INLINE: Sequence[tuple[str, str]] = (
    ("escape", r"\\([^0-9A-Za-z\s])"),
    ("fence", r"```(?:[a-z0-9_+\-.#]+?\n)?\n*([^\n][\s\S]*?)\n*```"),
    ("code", r"(`+)([\s\S]*?[^`])\1(?!`)"),
    ("autolink", r"<([^: >]+:/[^ >]+)>"),
    ("url", r"((?:https?|steam)://[^\s<]+[^<.,:;\"'\]\s])"),
    ("link", r"\[((?:\[[^\]]*\]|[^\]]|\](?=[^\[]*\]))*)\]\(\s*<?([^\s)]*?)>?(?:\s+['\"][\s\S]*?['\"])?\s*\)"),
    ("everyone", r"@(everyone|here)"),
    ("user", r"<@!?(\d+)>"),
    ("role", r"<@&(\d+)>"),
    ("channel", r"<#(\d+)>"),
    ("time", r"<t:(-?\d{1,17})(?::([tTdDfFR]))?>"),
    ("guild", r"<id:\w+>"),
    ("command", r"</[^:<>]+:\d+>"),
    ("custom", r"<a?:(\w+):(\d+)>"),
    ("emoji", r":([^\s:]+?(?:::skin-tone-\d)?):"),
    ("strong", r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)"),
    ("underline", r"__((?:\\[\s\S]|[^\\])+?)__(?!_)"),
    ("strike", r"~~([\s\S]+?)~~(?!_)"),
    (
        "em",
        r"\b_((?:__|\\[\s\S]|[^\\_])+?)_\b|\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)",
    ),
    ("spoiler", r"\|\|([\s\S]+?)\|\|"),
)
BLOCK = re.compile(
    r"(?P<heading> *#{1,3}\s+)|(?P<small> *-#\s+)|(?P<quote> *>(?:>>)? )|(?P<list>\s*(?:[-*]|\d+\.) )"
)
RULES = [(name, re.compile(pattern)) for name, pattern in INLINE]
STYLES = ("strong", "underline", "strike", "em", "spoiler")


@dataclass(frozen=True, slots=True)
class Found:
    """kind: a rule's name.  text: what it stands around, or leads to."""

    kind: str
    text: str


def read(content: str) -> tuple[str, list[Found]]:
    """The words, and all that is markup but the escapes."""
    found: list[Found] = []
    fences = re.split(r"(```[\s\S]*?```)", content)
    words = [part if i % 2 else _lines(part, found) for i, part in enumerate(fences)]
    return _inline("".join(words), found), found


def _lines(content: str, found: list[Found]) -> str:
    """Without what lines begin with; a quote can hold the others."""
    lines = []
    for line in re.split(r"(?<=[\n\r\u2028\u2029])", content):
        while start := BLOCK.match(line):
            kind = str(start.lastgroup)
            found.append(Found(kind, line[start.end() :]))
            line = line[start.end() :]
            if kind != "quote":
                break
        lines.append(line)
    return "".join(lines)


def _inline(content: str, found: list[Found]) -> str:
    words: list[str] = []
    place = 0
    while place < len(content):
        for kind, rule in RULES:
            match = rule.match(content, place)
            if match:
                words.append(_of(kind, match, found))
                place = match.end()
                break
        else:
            words.append(content[place])
            place += 1
    return "".join(words)


def _of(kind: str, match: re.Match[str], found: list[Found]) -> str:
    inner = next((group for group in match.groups() if group is not None), match.group())
    if kind == "escape":
        return inner
    if kind in STYLES:
        seen = _inline(inner, found)
        found.append(Found(kind, seen))
        return seen
    if kind == "code":
        inner = match[2]
    found.append(Found(kind, inner))
    if kind == "time":
        return moment(datetime.fromtimestamp(int(inner), UTC)) if match[2] != "R" else ""
    return inner


def seen(components: Any) -> str:
    """All words of a message, as they are shown."""
    return "".join(_seen(components))


HIDDEN = {"type", "custom_id", "value", "style", "url", "id"}


def _seen(value: Any) -> Iterator[str]:
    match value:
        case {"type": 10, "content": content}:
            yield read(content)[0]
            yield "\n"
        case {"type": 2, "label": label, **more}:
            yield f"[{label}]{more.get('url', '')} "
        case dict():
            yield from (word for key, part in value.items() if key not in HIDDEN for word in _seen(part))
        case list():
            yield from (word for part in value for word in _seen(part))
        case str():
            yield value


def markup(components: Any) -> list[Found]:
    """All that is more than words."""
    return [
        found for node in nodes(components) if node.get("type") == 10 for found in read(node["content"])[1]
    ]


def nodes(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every object in it."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from nodes(part)
