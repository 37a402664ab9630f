"""Every kind of block of a card as blocks of Slack; pure, and legal by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from bot import charts
from bot.addresses import URL, is_web
from bot.cards import (
    Block,
    Chart,
    Check,
    Checks,
    Diff,
    Field,
    Fields,
    File,
    Link,
    Picture,
    Progress,
    Stream,
    Text,
)
from bot.cards import moment as in_utc
from bot.invisible import named
from bot.signs import MARKS
from bot.slack import figures, mrkdwn, rich
from bot.slack.rich import Json, plain_text, text
from bot.split import clip, split, units

Files = Mapping[str, str]
"""Picture id -> Slack file id."""

MUTED = 600
"""Small grey letters longer than this are hard to read; such a remark is an ordinary paragraph."""
FACT = 300
"""A longer value has a paragraph of its own instead of half a line."""
_CONTEXT = 2000


def of(block: Block, files: Files) -> list[Json]:
    """[] where there is nothing to show."""
    match block:
        case Text():
            return _text(block)
        case Fields(fields):
            return list(_fields(fields))
        case Checks(items):
            return _checks(items)
        case Diff(pieces, title):
            return _diff(pieces, title)
        case Picture():
            return _picture(block, files)
        case Chart():
            return _chart(block)
        case Progress(label, done, total):
            words = (
                f"{charts.progress(done, total)}  {label} ({done} of {total})" if total else f"⏳ {label}…"
            )
            return rich.blocks([text(words)])
        case Stream(words, done):
            return rich.blocks([*rich.prose(words), *([] if done else [text("… ✍️")])])
        case File(_, name, size):
            return rich.blocks([text("📎 "), text(name, bold=True), text(f", {size:,} bytes")])
        case Link():
            return _preview(block, files)


def header(title: str) -> list[Json]:
    """The title on one line, clipped where it is longer than a header may be."""
    words = clip(" ".join(title.split()), figures.HEADER)
    return [{"type": "header", "text": plain_text(words)}] if words else []


def context(words: str) -> list[Json]:
    """Small grey letters."""
    if not words.strip():
        return []
    pieces = [plain_text(piece) for piece in split(words, _CONTEXT)]
    size = figures.CONTEXT_ELEMENTS
    return [{"type": "context", "elements": pieces[i : i + size]} for i in range(0, len(pieces), size)]


def _text(block: Text) -> list[Json]:
    match block.style:
        case "heading":
            return rich.blocks([text(block.text, bold=True)])
        case "code":
            return rich.blocks(rich.prose(block.text), "preformatted")
        case "quote":
            return rich.blocks(rich.prose(block.text), "quote")
        case "muted" if units(block.text) <= MUTED and not URL.search(block.text):
            return context(block.text)
        case _:
            return rich.blocks(rich.prose(block.text))


def _fields(fields: tuple[Field, ...]) -> Iterator[Json]:
    """Two columns of short facts, ten to a section; what is long, or cannot stand in a column, is a line of its own."""
    columns: list[Json] = []
    for field in fields:
        column = _column(field)
        if columns and (column is None or len(columns) == figures.SECTION_FIELDS):
            yield {"type": "section", "fields": columns}
            columns = []
        if column is None:
            yield from rich.blocks(_row(field))
        else:
            columns.append(column)
    if columns:
        yield {"type": "section", "fields": columns}


def _column(field: Field) -> Json | None:
    """The name in bold over the value; without bold where Slack would read markup out of the words."""
    name, value = field.name.strip(), field.value
    if units(f"{name}{value}") > FACT or not name:
        return None
    if isinstance(value, datetime):
        return (
            rich.verbatim(f"*{mrkdwn.escape(name)}*\n{mrkdwn.date(value)}") if mrkdwn.is_name(name) else None
        )
    if not value.strip() or URL.search(value):
        return None
    if mrkdwn.is_name(name) and mrkdwn.is_inert(value):
        return rich.verbatim(f"*{mrkdwn.escape(name)}*\n{mrkdwn.escape(value)}")
    return plain_text(f"{field.name}\n{value}")


def _row(field: Field) -> list[Json]:
    name = text(f"{field.name}: ", bold=True)
    if isinstance(field.value, str):
        return [name, *rich.prose(field.value)]
    date = {
        "type": "date",
        "timestamp": int(field.value.timestamp()),
        "format": mrkdwn.DATE_FORMAT,
        "fallback": in_utc(field.value),
    }
    return [name, date]


def _checks(items: tuple[Check, ...]) -> list[Json]:
    """A line each: the marks differ in shape as in colour, and what did not pass is bold."""
    elements: list[Json] = []
    for index, check in enumerate(items):
        new_line = "\n" if index else ""
        style = {"bold": True} if check.state in ("failed", "warned") else {}
        elements += [text(f"{new_line}{MARKS[check.state]}  "), *rich.words(check.name, **style)]
        elements += rich.prose(f": {check.reason}") if check.reason else []
    return rich.blocks(elements)


_PIECES: dict[str, dict[str, bool]] = {
    "same": {},
    "added": {"bold": True, "underline": True},
    "removed": {"strike": True},
}


def _diff(pieces: tuple[tuple[str, str], ...], title: str) -> list[Json]:
    """Added words are bold and underlined, removed ones struck out: readable without colour."""
    caption = [text(f"{title}\n", bold=True)] if title else []
    return rich.blocks([*caption, *(e for kind, words in pieces for e in rich.words(words, **_PIECES[kind]))])


def _picture(picture: Picture, files: Files) -> list[Json]:
    """The alternative text stands under a picture that goes out with a post: people approve it too."""
    said = f"Alternative text: {picture.alt}" if picture.alt.strip() else "No alternative text."
    title = picture.title if picture.title.strip() else ""
    if picture.source not in files:
        return rich.blocks([text("🖼️ "), text(title or "A picture", bold=True), text(f"\n{said}")])
    image: Json = {
        "type": "image",
        "slack_file": {"id": files[picture.source]},
        "alt_text": clip(picture.alt, figures.IMAGE_ALT) if picture.alt.strip() else said,
    }
    under = context(said) if picture.goes_out else []
    if title and units(title) <= figures.IMAGE_TITLE:
        return [{**image, "title": plain_text(title)}, *under]
    return [image, *context(title), *under]


def _chart(chart: Chart) -> list[Json]:
    title = rich.blocks(rich.words(chart.title, bold=True))
    return [*title, *rich.blocks([text(charts.drawn(chart))], "preformatted")]


def _preview(link: Link, files: Files) -> list[Json]:
    """The address is always shown whole: people see where a post sends its readers."""
    address = named(link.url)
    title = link.title if link.title.strip() else address
    opens = is_web(link.url) and units(title) <= figures.TEXT
    elements = [rich.link(link.url, title, bold=True)] if opens else rich.words(title, bold=True)
    elements += rich.words(f"\n{link.description}") if link.description else []
    elements += [text("\n"), rich.link(address) if is_web(link.url) else text(address)] if address else []
    return [*rich.blocks([text("🔗 "), *elements], "quote"), *_thumb(link, files)]


def _thumb(link: Link, files: Files) -> list[Json]:
    if not link.thumb:
        return []
    if link.thumb not in files:
        return context("🖼️ The preview has a picture.")
    words = "The picture of the preview"
    image = {"type": "image", "slack_file": {"id": files[link.thumb]}, "alt_text": words}
    return [{"type": "context", "elements": [image, plain_text(words)]}]
