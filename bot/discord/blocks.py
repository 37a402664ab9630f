"""Every kind of block of a card as components of Discord; pure, and legal by themselves unless they are too long."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

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
from bot.discord.components import Json, beside, file, gallery, texts
from bot.discord.markdown import BOLD_UNDERLINED, STRUCK, bold, code, date, escape, quoted, small, styled
from bot.invisible import named
from bot.signs import MARKS
from bot.split import units

Files = Mapping[str, str]
"""Id of a picture or of a file -> the name under which it is attached to the message."""

MUTED = 600
"""Small grey letters longer than this are hard to read; such a remark is an ordinary paragraph."""


def of(block: Block, files: Files) -> list[Json]:
    """[] where there is nothing to show."""
    match block:
        case Text():
            return texts(_text(block))
        case Fields(fields):
            return texts("\n".join(_field(field) for field in fields))
        case Checks(items):
            return texts("\n".join(_check(check) for check in items))
        case Diff(pieces, title):
            return texts(_diff(pieces, title))
        case Picture():
            return _picture(block, files)
        case Chart(title):
            return texts("\n".join(part for part in (bold(title), code(charts.drawn(block))) if part))
        case Progress(label, done, total):
            if total:
                return texts(f"{charts.progress(done, total)}  {escape(label)} ({done} of {total})")
            return texts(f"⏳ {escape(label)}…")
        case Stream(words, done):
            return texts(escape(words) + ("" if done else "… ✍️"))
        case File(source, name, size):
            told = texts(f"📎 {bold(name)}, {size:,} bytes")
            return [*told, file(files[source])] if source in files else told
        case Link():
            return _preview(block, files)


def _text(block: Text) -> str:
    match block.style:
        case "heading":
            return bold(block.text)
        case "code":
            return code(block.text)
        case "quote":
            return quoted(escape(block.text)) if block.text.strip() else ""
        case "muted" if units(block.text) <= MUTED and not URL.search(block.text):
            return small(block.text)
        case _:
            return escape(block.text)


def _field(field: Field) -> str:
    name = f"{bold(field.name)}:" if field.name.strip() else ""
    value = escape(field.value) if isinstance(field.value, str) else date(field.value)
    return f"{name} {value}".strip(" ")


def _check(check: Check) -> str:
    """The marks differ in shape as in colour, and what did not pass is bold."""
    name = bold(check.name) if check.state in ("failed", "warned") else escape(check.name)
    return f"{MARKS[check.state]}  {name}" + (f": {escape(check.reason)}" if check.reason else "")


_PIECES = {"added": BOLD_UNDERLINED, "removed": STRUCK}


def _diff(pieces: tuple[tuple[str, str], ...], title: str) -> str:
    """Added words are bold and underlined, removed ones struck out: readable without colour."""
    joined = [
        (kind, "".join(words for _, words in some)) for kind, some in groupby(pieces, lambda piece: piece[0])
    ]
    marked = [styled(words, _PIECES[kind]) if kind in _PIECES else escape(words) for kind, words in joined]
    return (f"{bold(title)}\n" if title.strip() else "") + "".join(marked)


def _picture(picture: Picture, files: Files) -> list[Json]:
    """The alternative text stands under a picture that goes out with a post: people approve it too."""
    said = f"Alternative text: {picture.alt}" if picture.alt.strip() else "No alternative text."
    if picture.source not in files:
        return texts(f"🖼️ {bold(picture.title if picture.title.strip() else 'A picture')}\n{escape(said)}")
    image = gallery(files[picture.source], picture.alt if picture.alt.strip() else said)
    under = texts(small(said) if units(said) <= MUTED else escape(said)) if picture.goes_out else []
    return [*texts(bold(picture.title)), image, *under]


def _preview(link: Link, files: Files) -> list[Json]:
    """The address is always shown whole and opens only itself: people see where a post sends its readers."""
    address = named(link.url)
    lines = [f"🔗 {bold(link.title)}" if link.title.strip() else "🔗", escape(link.description)]
    lines.append(f"<{link.url}>" if is_web(link.url) else escape(address))
    markup = quoted("\n".join(line for line in lines if line.strip()))
    if not link.thumb:
        return texts(markup)
    if link.thumb not in files:
        return texts(f"{markup}\n{small('🖼️ The preview has a picture.')}")
    return [beside(markup, files[link.thumb], "The picture of the preview")]
