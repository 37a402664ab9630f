"""What is sent to somebody outside of chat: a card in words for a mail, and as JSON values for a program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

from agents.oncall.alert import Alert
from agents.oncall.reach import CODE_LIVES, Contact
from agents.people import Person
from bot.cards import Block, Card, Field, Fields, Text, plain
from bot.invisible import visible
from bot.times import zone_named

_WHY = "You get this because you are on call in Troupe. /reach me in your chat says how you are reached."
_PAGE = Markup(
    '<!doctype html><html><body style="font:16px/1.5 sans-serif;max-width:40em">{}'
    '<p><a href="{}">Open Troupe</a></p><p style="color:#666">{}</p></body></html>'
)


@dataclass(frozen=True, slots=True)
class Letter:
    """id: the same whenever it is sent again.  about: of those that hang together, "" for none.

    data: for programs; `type` says what it is, `timestamp` when it was made.
    """

    id: str
    subject: str
    text: str
    html: str
    data: Mapping[str, Any]
    about: str = ""


def of_alert(page_id: str, alert: Alert, card: Card, to: Person, public_url: str, now: datetime) -> Letter:
    """card: as that person sees it in chat; what cannot be pressed outside of it is left out."""
    subject = f"[{alert.severity.value}] {card.title}"  # the same each time: mail programs gather by it
    data = {
        "id": alert.id,
        "kind": alert.kind.value,
        "severity": alert.severity.value,
        "state": alert.state.value,
        "drill": alert.drill,
        "title": card.title,
        "what": alert.what,
        "kept": alert.kept,
        "remedy": alert.remedy,
        "count": alert.count,
        "first_at": alert.first_at.isoformat(),
        "last_at": alert.last_at.isoformat(),
        "link": alert.link,
    }
    made = _letter(
        page_id, subject, card, to, public_url, "alert.page", {"page": page_id, "alert": data}, now
    )
    return replace(made, about=f"alert-{alert.id}")


def test(contact: Contact, to: Person, public_url: str, now: datetime) -> Letter:
    id = f"test-{contact.id}-{int(now.timestamp())}"
    what = "This is a test. Nothing has failed, and there is nothing to do: you asked whether you are reached here."
    card = Card("Troupe reaches you here", (Text(what), Fields((Field("Asked for", now),))))
    return _letter(id, f"TEST: {card.title}", card, to, public_url, "reach.test", {"test": True}, now)


def confirmation(contact: Contact, code: str, to: Person, public_url: str, now: datetime) -> Letter:
    """The only letter to an address of which nobody knows yet whose it is, so it says nothing else."""
    id = f"code-{contact.id}-{int(now.timestamp())}"
    lines = (
        Text("Somebody wants Troupe to send alerts to this address. If it was you, say this in your chat:"),
        Text(f"/reach confirm {code}", "code"),
        Fields((Field("Good until", now + CODE_LIVES),)),
        Text("If it was not you, there is nothing to do: without the code nothing more is sent."),
    )
    card = Card("Confirm this address", lines)
    return _letter(id, "Confirm this address for Troupe", card, to, public_url, "reach.code", {}, now)


def _letter(
    id: str,
    subject: str,
    card: Card,
    to: Person,
    public_url: str,
    type: str,
    data: Mapping[str, Any],
    now: datetime,
) -> Letter:
    told = visible(_told(card, to, now))
    text = f"{plain(told)}\n\n{public_url}\n\n{_WHY}\n"
    html = _PAGE.format(_html(told), public_url, _WHY)
    whole = {"type": type, "timestamp": now.isoformat(), "data": {**data, "url": public_url}}
    return Letter(id, subject, text, str(html), whole)


def _told(card: Card, to: Person, now: datetime) -> Card:
    """Without buttons, and with times in that person's zone."""
    return replace(
        card, blocks=tuple(_in_zone(block, to.zone) for block in card.blocks), buttons=(), menu=None
    )


def _in_zone(block: Block, zone: str) -> Block:
    if not isinstance(block, Fields):
        return block
    return Fields(tuple(replace(field, value=_moment(field.value, zone)) for field in block.fields))


def _moment(value: str | datetime, zone: str) -> str:
    return (
        value if isinstance(value, str) else f"{value.astimezone(zone_named(zone)):%-d %b %Y, %H:%M} {zone}"
    )


def _html(card: Card) -> Markup:
    badge = Markup(" <small>[{}]</small>").format(card.badge) if card.badge else ""
    head = Markup('<h2 style="margin:0 0 .5em">{}{}</h2>').format(card.title, badge)
    return head + Markup("").join(_block(block) for block in card.blocks)


def _block(block: Block) -> Markup:
    if isinstance(block, Fields):
        row = Markup('<tr><th align="left" style="padding-right:1em">{}</th><td>{}</td></tr>')
        rows = Markup("").join(row.format(field.name, field.value) for field in block.fields)
        return Markup("<table>{}</table>").format(rows)
    lines = plain(Card("", (block,))).splitlines()
    words = Markup("<br>").join(escape(line) for line in lines if line)
    shape = Markup("<p><code>{}</code></p>") if _is_code(block) else Markup("<p>{}</p>")
    return shape.format(words)


def _is_code(block: Block) -> bool:
    return isinstance(block, Text) and block.style == "code"
