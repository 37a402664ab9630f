"""What to do about each kind of alert: pages for somebody who was just woken up, read where they stand, in chat or in a browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from agents.errors import NotFound
from agents.oncall.kinds import AlertKind
from bot.cards import Block, Button, Card, Text

FOLDER = Path(__file__).parents[2] / "docs" / "runbooks"
SECTIONS = (
    "What it means",
    "What was not lost",
    "Look first at",
    "What to press",
    "If that does not help",
    "How it comes about",
)
"""Of every page, in this order."""


@dataclass(frozen=True, slots=True)
class Runbook:
    """text: all of it, Markdown.  sections: by heading, as they stand there."""

    title: str
    text: str
    sections: Mapping[str, str]


@cache
def read(kind: AlertKind) -> Runbook:
    """Kept for the life of the process: the pages come with the code."""
    text = (FOLDER / f"{kind.value}.md").read_text(encoding="utf-8")
    head, *parts = text.split("\n## ")
    named = (part.partition("\n") for part in parts)
    return Runbook(
        head.strip().removeprefix("# "), text, {name.strip(): body.strip() for name, _, body in named}
    )


def kind_of(word: str) -> AlertKind:
    """Raises NotFound with the nearest one."""
    if word not in set(AlertKind):
        raise NotFound.named("runbook", word, [kind.value for kind in AlertKind])
    return AlertKind(word)


def card(kind: AlertKind, public_url: str) -> Card:
    """The whole page, and the address under which the console shows it."""
    page = read(kind)
    blocks: list[Block] = []
    for name, body in page.sections.items():
        blocks += [Text(name, "heading"), Text(_in_words(body))]
    address = f"{public_url}/runbooks/{kind.value}"
    return Card(f"Runbook: {page.title}", tuple(blocks), (Button("Open as a page", url=address),))


def _in_words(markdown: str) -> str:
    """Marks of emphasis and code are gone, and a paragraph that was broken into lines is one line again."""
    lines: list[str] = []
    for line in markdown.replace("**", "").replace("`", "").split("\n"):
        goes_on = lines and lines[-1] and line.strip() and not line.lstrip().startswith(("- ", *_NUMBERED))
        if goes_on:
            lines[-1] += f" {line.strip()}"
        else:
            lines.append(line.strip())
    return "\n".join(lines)


_NUMBERED = tuple(f"{number}. " for number in range(1, 10))
