"""Cards and messages as they stand on a page: drawn from the present, each marked with the subject that it shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from agents.errors import NotFound
from agents.events import Subject
from agents.people import Person
from agents.talk.message import Message
from agents.writing.post import State
from bot.cards import Author, Card
from bot.present.draw import draw
from bot.times import zone_named
from bot.web.render import avatar_html, card_html
from bot.web.times import time_html
from bot.web.words import attribute, prose, shown
from storage.unit_of_work import UnitOfWork

_WRITING = Markup('<p class="writing"><span class="dots" aria-hidden="true"></span>{} is writing…</p>')
_MENTION_CLASS = {"person": "person", "persona": "persona", "system": "troupe"}


def counts(work: UnitOfWork) -> dict[str, Any]:
    """What the menu tells on every page: how much waits behind an address, and whether Troupe is halted."""
    halted = work.switches.halted
    return {
        "counts": {
            "/queue": work.posts.count([State.IN_REVIEW]),
            "/tasks": work.tasks.count_for_people(),
            "/status": len(work.alerts.unresolved()),
        },
        "halted": f"Halted by {halted.get('by', 'somebody')}: nothing goes out." if halted else "",
    }


def live(subject: Subject, work: UnitOfWork, reader: Person) -> Markup:
    """A card that is redrawn where it stands."""
    return living(subject, card_html(draw(subject, work, reader), zone_named(reader.zone), work.now))


def living(subject: Subject, html: Markup) -> Markup:
    return Markup('<div class="live" data-card="{}">{}</div>').format(attribute(str(subject)), html)


def note(card: Card, reader: Person, now: datetime) -> Markup:
    """An answer for one person, shown once. One about a subject lives as long as it is shown."""
    html = card_html(card, zone_named(reader.zone), now)
    return Markup(
        '<div class="note" tabindex="-1">{}<p class="only-you">Only you can see this. '
        '<button type="button" class="link" data-dismiss>Dismiss</button></p></div>'
    ).format(living(card.subject, html) if card.subject else html)


def items(messages: Sequence[Message], work: UnitOfWork, reader: Person, *, threads: bool = True) -> Markup:
    """Messages and cards in order.  threads: whether each offers its thread; inside of one none does."""
    sizes = work.messages.thread_sizes([m.own_thread for m in messages]) if threads else {}
    return Markup().join(item(message, work, reader, sizes if threads else None) for message in messages)


def item(message: Message, work: UnitOfWork, reader: Person, sizes: Mapping[str, int] | None) -> Markup:
    """sizes: how many answers each thread has; None where no thread is offered."""
    zone = zone_named(reader.zone)
    if message.card:
        body = live(message.card, work, reader)
    else:
        body = _said(message, zone, work) if message.done else _being_said(message, zone, work)
    private = Markup('<p class="only-you">Only you can see this.</p>') if message.audience else Markup()
    foot = Markup() if sizes is None else _thread_button(message, sizes.get(message.own_thread, 0))
    return Markup('<li class="item" id="m{id}" data-message="{id}">{body}{private}{foot}</li>').format(
        id=message.id, body=body, private=private, foot=foot
    )


def redrawn(messages: Iterable[Message]) -> list[Subject]:
    """What of them changes where it stands: cards, and what is still being written."""
    found = (m.card or (None if m.done else m.subject) for m in messages)
    return [subject for subject in found if subject]


def words_now(subject: Subject, work: UnitOfWork, reader: Person) -> Markup | None:
    """A message as it stands now, for who may see it; None for whoever may not, and where there is none."""
    try:
        message = work.messages.get(int(subject.id) if subject.id.isdecimal() and len(subject.id) < 19 else 0)
    except NotFound:
        return None
    direct_to = work.channels.get(message.channel_id).direct_to
    if not {message.audience, direct_to} <= {"", reader.id}:
        return None
    return _said(message, zone_named(reader.zone), work)


def _being_said(message: Message, zone: ZoneInfo, work: UnitOfWork) -> Markup:
    """Grows without a word from a screen reader, which tells it once it is done."""
    return Markup('<div class="live saying" data-card="{}" aria-live="off">{}</div>').format(
        attribute(str(message.subject)), _said(message, zone, work)
    )


def _said(message: Message, zone: ZoneInfo, work: UnitOfWork) -> Markup:
    by = message.author
    author = Author(by.name, "troupe" if by.kind == "system" else by.kind, by.id)
    text = (
        Markup('<p class="text" dir="auto">{}</p>').format(prose(message.text)) if message.text else Markup()
    )
    return Markup(
        '<article class="said {kind}" aria-label="{name}"{busy}>{avatar}<div>'
        "<header><b>{by}</b>{badge} {at}</header>{text}{writing}</div></article>"
    ).format(
        kind=_MENTION_CLASS[by.kind],
        name=attribute(by.name),
        busy=Markup() if message.done else Markup(' aria-busy="true"'),
        avatar=avatar_html(author),
        by=shown(by.name),
        badge=Markup(' <span class="kind">AI</span>') if by.kind == "persona" else Markup(),
        at=time_html(message.at, zone, work.now),
        text=text,
        writing=Markup() if message.done else _WRITING.format(shown(by.name)),
    )


def _thread_button(message: Message, size: int) -> Markup:
    words = {0: "Reply in thread", 1: "1 reply"}.get(size, f"{size} replies")
    return Markup('<button type="button" class="link thread-button{}" data-thread="{}">{}</button>').format(
        " has" if size else "", attribute(message.own_thread), words
    )
