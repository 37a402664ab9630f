"""A card as HTML: the third twin, beside Slack's and Discord's. Pure: the same card, zone and moment give the same text.

A page has no limits of its own, so nothing is dropped. What is long and not being approved is folded, and opens.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bot.cards import (
    Author,
    Block,
    Button,
    Card,
    Chart,
    Check,
    Checks,
    Diff,
    Field,
    Fields,
    File,
    Link,
    Menu,
    Picture,
    Progress,
    Stream,
    Text,
)
from bot.web.charts import chart_html
from bot.web.times import time_html
from bot.web.words import attribute, link, prose, safe_url, shown

FOLD = 1200
"""Characters from which a text is folded, unless it is `whole`."""
FOLD_SHOWS = 280
"""Characters of a folded text that are seen before it is opened."""


def card_html(card: Card, reader_zone: ZoneInfo, now: datetime) -> Markup:
    return Markup(
        '<article class="card tone-{tone}" aria-label="{label}">'
        '<header>{avatar}<div class="who">{by}<h3>{title}</h3></div>{badge}</header>'
        '<div class="blocks">{blocks}</div>{actions}</article>'
    ).format(
        tone=card.tone.value,
        label=attribute(f"{card.title}{f', {card.badge}' if card.badge else ''}"),
        avatar=avatar_html(card.author),
        by=_by(card),
        title=shown(card.title),
        badge=Markup('<span class="badge">{}</span>').format(shown(card.badge)) if card.badge else "",
        blocks=Markup().join(block_html(block, reader_zone, now) for block in card.blocks),
        actions=_actions(card),
    )


def _by(card: Card) -> Markup:
    """Who speaks, unless the title begins with the name already."""
    if card.title.startswith(card.author.name):
        return Markup()
    return Markup('<span class="by">{}</span>').format(shown(card.author.name))


def avatar_html(author: Author) -> Markup:
    """Decoration only: the name stands beside it."""
    if author.avatar:
        source = f"/picture/{author.avatar}"
    elif author.kind != "troupe" and author.id:
        source = f"/avatar/{author.id}"
    else:
        source = "/avatar/troupe"
    return Markup('<img class="avatar" src="{}" alt="" width="36" height="36" loading="lazy">').format(
        attribute(source)
    )


def block_html(block: Block, zone: ZoneInfo, now: datetime) -> Markup:
    match block:
        case Text():
            return _text(block)
        case Fields(fields):
            return _fields(fields, zone, now)
        case Checks(items):
            return Markup('<ul class="checks">{}</ul>').format(Markup().join(map(_check, items)))
        case Diff(pieces, title):
            return _diff(pieces, title)
        case Picture(source, alt, title, goes_out):
            return _picture(source, alt, title, goes_out=goes_out)
        case Chart():
            return chart_html(block)
        case Progress(label, done, total):
            return _progress(label, done, total)
        case Stream(text, done):
            return Markup('<p class="stream" aria-live="polite" aria-busy="{}">{}</p>').format(
                "false" if done else "true", prose(text)
            )
        case File(source, name, size):
            return Markup(
                '<p class="file"><a href="/file/{}" download="{}">{}</a> <span>{}</span></p>'
            ).format(attribute(source), attribute(name), shown(name), file_size(size))
        case Link(url, title, description, thumb):
            return _preview(url, title, description, thumb)


def _text(block: Text) -> Markup:
    match block.style:
        case "heading":
            return Markup("<h4>{}</h4>").format(shown(block.text))
        case "code":
            return Markup('<pre tabindex="0"><code>{}</code></pre>').format(shown(block.text))
        case "quote":
            return Markup('<blockquote class="{}" dir="auto">{}</blockquote>').format(
                "whole" if block.whole else "", _foldable(block)
            )
        case style:
            return Markup('<p class="text {}{}" dir="auto">{}</p>').format(
                style, " whole" if block.whole else "", _foldable(block)
            )


def _foldable(block: Text) -> Markup:
    if block.whole or len(block.text) <= FOLD:
        return prose(block.text)
    return Markup(
        '<span class="fold"><button type="button" class="unfold" aria-expanded="false">'
        '<span class="start">{}… </span><span class="more">Show all {:,} characters</span></button>'
        '<span class="rest" hidden>{}</span></span>'
    ).format(shown(block.text[:FOLD_SHOWS]), len(block.text), prose(block.text))


def _fields(fields: tuple[Field, ...], zone: ZoneInfo, now: datetime) -> Markup:
    def value(field: Field) -> Markup:
        return time_html(field.value, zone, now) if isinstance(field.value, datetime) else prose(field.value)

    rows = (Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(shown(f.name), value(f)) for f in fields)
    return Markup('<dl class="fields">{}</dl>').format(Markup().join(rows))


_MARKS = {"passed": "✓", "warned": "!", "failed": "✗", "pending": "…"}


def _check(check: Check) -> Markup:
    return Markup(
        '<li class="{state}"><span class="mark" aria-hidden="true">{mark}</span>'
        '<span class="unseen">{state}: </span>{name}{reason}</li>'
    ).format(
        state=attribute(check.state),
        mark=_MARKS.get(check.state, "–"),
        name=shown(check.name),
        reason=Markup('<span class="reason"> {}</span>').format(prose(check.reason)) if check.reason else "",
    )


_PIECES = {"same": Markup("{}"), "added": Markup("<ins>{}</ins>"), "removed": Markup("<del>{}</del>")}


def _diff(pieces: tuple[tuple[str, str], ...], title: str) -> Markup:
    caption = Markup("<figcaption>{}</figcaption>").format(shown(title)) if title else ""
    return Markup('<figure class="diff">{}<p dir="auto">{}</p></figure>').format(
        caption, Markup().join(_PIECES[kind].format(shown(text)) for kind, text in pieces)
    )


def _picture(source: str, alt: str, title: str, *, goes_out: bool) -> Markup:
    """The alternative text stands under a picture that goes out with a post: people approve it too."""
    said = Markup("Alternative text: {}").format(shown(alt)) if alt else "No alternative text."
    return Markup(
        '<figure class="picture"><a href="{url}" target="_blank" rel="noopener"><img src="{url}" alt="{alt}" loading="lazy"></a>'
        "<figcaption>{title}{said}</figcaption></figure>"
    ).format(
        url=attribute(f"/picture/{source}"),
        alt=attribute(alt),
        title=Markup("<b>{}</b> ").format(shown(title)) if title else "",
        said=Markup('<span class="alt">{}</span>').format(said) if goes_out else "",
    )


def _progress(label: str, done: int, total: int) -> Markup:
    if not total:
        return Markup(
            '<div class="progress"><span>{}…</span><progress aria-label="{}"></progress></div>'
        ).format(shown(label), attribute(label))
    return Markup(
        '<div class="progress"><span>{} <b>{} of {}</b></span><progress aria-label="{}" value="{}" max="{}"></progress></div>'
    ).format(shown(label), done, total, attribute(label), min(done, total), total)


def _preview(url: str, title: str, description: str, thumb: str) -> Markup:
    picture = (
        Markup('<img src="{}" alt="" loading="lazy">').format(attribute(f"/picture/{thumb}")) if thumb else ""
    )
    inside = Markup(
        '{}<span class="words"><b>{}</b><span class="about">{}</span><span class="address">{}</span></span>'
    ).format(picture, shown(title), shown(description), shown(url))
    return link(url, inside, "preview")


def _actions(card: Card) -> Markup:
    if not card.all_buttons:
        return Markup()
    menu = _menu(card.menu) if card.menu and card.menu.options else Markup()
    return Markup('<footer class="actions">{}{}</footer>').format(
        Markup().join(map(button_html, card.buttons)), menu
    )


def button_html(button: Button) -> Markup:
    """One that opens a page is a link; one that acts carries its action, and what to ask before it."""
    if button.url:
        return link(safe_url(button.url), shown(button.label), f"button {button.style}")
    ask = Markup()
    if button.confirm:
        ask = Markup(' data-confirm="{}" data-yes="{}" data-no="{}"').format(
            attribute(button.confirm.question), attribute(button.confirm.yes), attribute(button.confirm.no)
        )
    return Markup('<button type="button" class="button {}" data-action="{}"{}>{}</button>').format(
        button.style, attribute(button.action), ask, shown(button.label)
    )


def _menu(menu: Menu) -> Markup:
    return Markup(
        '<details class="menu"><summary class="button plain">{}</summary><div>{}</div></details>'
    ).format(shown(menu.label), Markup().join(map(button_html, menu.options)))


def file_size(size: int) -> str:
    """ "640 bytes", "12.4 kB", "3.1 MB"."""
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1000:.1f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"
