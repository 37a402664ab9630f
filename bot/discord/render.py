"""A card as a message of Discord: the twin of Slack's renderer. Pure: no clock, no network.

One container: head (title, who speaks and how it stands), the blocks, rows of buttons. What does not fit into one message is
told where it would stand, and goes in whole into a text file that is attached to the same message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards import Block, Button, Card, Confirm, Picture, Text, Tone, pictures
from bot.cards import files as card_files
from bot.discord import blocks as parts
from bot.discord import buttons, figures, ids
from bot.discord import components as c
from bot.discord.components import Json
from bot.discord.markdown import escape, small
from bot.fit import Overflow, Room, file_name, fitted, in_whole
from bot.invisible import visible
from bot.signs import notice, standing
from bot.split import clip, units

NOBODY = {"parse": list[str]()}
"""allowed_mentions of everything that we send: no word of anybody pings anybody."""
TITLE = 150
"""A longer one stands below its beginning in full."""
NOTIFICATION = 300
QUESTION = 1500
"""Of a question; twice as long where every sign of it has to be escaped."""
COLOURS = {
    Tone.NEUTRAL: None,
    Tone.WAITING: 0xE0A100,
    Tone.BUSY: 0x3B82F6,
    Tone.GOOD: 0x22A559,
    Tone.BAD: 0xDA373C,
}
"""Of the bar at a card's side. The badge says the same in words and by a sign."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """To be sent along under this name: a picture of ours or a task's file, by its id, or else the text.

    description: its alternative text, "" for none.
    """

    name: str
    picture: str = ""
    file: str = ""
    text: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """text: in plain words, for logs and for what shows no components.  overflow: stands among the attachments as well."""

    text: str
    components: list[Json]
    overflow: tuple[Overflow, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    def payload(self, mark: int = 0, *, ephemeral: bool = False) -> Json:
        """As Discord takes it. The n-th attachment's bytes go with it as files[n].

        mark: a number by which the message can be found again; its first component carries it. 0 for none.
        """
        first, *others = self.components
        return {
            "flags": c.V2 | (c.EPHEMERAL if ephemeral else 0),
            "components": [first | ({"id": mark} if mark else {}), *others],
            "allowed_mentions": NOBODY,
            "attachments": [
                {"id": number, "filename": one.name}
                | ({"description": one.description} if one.description else {})
                for number, one in enumerate(self.attachments)
            ],
        }


def message(card: Card, *, files: Mapping[str, str] = {}, now: datetime) -> Message:
    """The card as it is sent.

    files: id of a picture or file -> the name under which the wire attaches it; what is not in it is told in words.
    now: as the twins take it; it changes nothing here, for Discord's clients tell times by themselves.
    """
    shown = visible(card)
    files = _attachable(shown, files)
    head, tail = _head(shown), _tail(shown)
    kept, left = _fitted(shown, files, head, tail)
    name = file_name(shown.title)
    overflow = (Overflow(name, in_whole(shown, left)),) if left else ()
    body = [*head, *kept, *(c.file(one.name) for one in overflow), *tail] or c.texts(
        small("This card is empty.")
    )
    components = [c.container(body, COLOURS[shown.tone])]
    return Message(
        _notification(shown), components, overflow, _attachments(shown, components, files, overflow)
    )


def question(button: Button) -> Message:
    """Asks before the button acts, for it has no question of its own on Discord. Send it ephemeral."""
    asked = button.confirm or Confirm(f"{button.label}?")
    words = clip(buttons.said(visible(asked.question), "Do it?"), QUESTION)
    style = c.DANGER if button.style == "danger" else c.PRIMARY
    yes = buttons.acting(visible(asked.yes) or "Yes", ids.of_button(button.action), style)
    no = buttons.acting(visible(asked.no) or "No", ids.DISMISS)
    return Message(words, [*c.texts(escape(words)), c.row([yes, no])])


def _notification(card: Card) -> str:
    return clip(notice(card), NOTIFICATION) or "Troupe"


def _head(card: Card) -> list[Json]:
    title = clip(" ".join(card.title.split()), TITLE)
    lines = [f"### {escape(title)}" if title else "", small(" ".join(standing(card).split()))]
    return c.texts("\n".join(line for line in lines if line.strip()))


def _tail(card: Card) -> list[Json]:
    rows = buttons.rows(card)
    return [c.separator(), *rows] if rows else []


def _body(card: Card) -> list[Block]:
    """The card's blocks, and what head and buttons could not say in full."""
    title = [Text(card.title, "heading")] if units(" ".join(card.title.split())) > TITLE else []
    told = buttons.words(card)
    return [*title, *card.blocks, *([Text(told)] if told else [])]


def _fitted(
    card: Card, files: Mapping[str, str], head: Sequence[Json], tail: Sequence[Json]
) -> tuple[list[Json], list[Block]]:
    """The components between head and buttons, and what is left for the file, for which a place is kept as well."""
    body = [(block, parts.of(block, files)) for block in _body(card)]
    taken = c.measure([c.container([*head, *tail])])
    room = Room(figures.COMPONENTS - taken.pieces, figures.TEXTS - taken.size)
    said = (
        f"📎 What stands here is too long for one message. It is in whole in {file_name(card.title)}, below."
    )

    def fit(room: Room) -> tuple[list[Json], list[Block]]:
        remark = c.texts(small(said))
        return fitted(body, room, measure=c.measure, remark=remark, draw=lambda block: parts.of(block, {}))

    kept, left = fit(room)
    return fit(room._replace(pieces=room.pieces - 1)) if left else (kept, left)


def _attachable(card: Card, files: Mapping[str, str]) -> dict[str, str]:
    """As many pictures and files as a message takes beside the file of what does not fit; the others are told in words."""
    ids = [id for id in (*pictures(card), *(one.source for one in card_files(card))) if id in files]
    return {id: files[id] for id in ids[: figures.ATTACHMENTS - 1]}


def _attachments(
    card: Card, components: Sequence[Json], files: Mapping[str, str], overflow: Sequence[Overflow]
) -> tuple[Attachment, ...]:
    """Those that the message shows, in the order in which it does."""
    alts = {b.source: b.alt for b in card.blocks if isinstance(b, Picture)}
    handed = {one.source for one in card_files(card)}
    known = {
        name: Attachment(name, file=id)
        if id in handed
        else Attachment(name, picture=id, description=clip(alts.get(id, "").strip(), figures.DESCRIPTION))
        for id, name in files.items()
    }
    known |= {one.name: Attachment(one.name, text=one.text) for one in overflow}
    return tuple(known[name] for name in c.attached(components))
