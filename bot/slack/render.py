"""A card as a message of Slack: the twin of the console's renderer. Pure: no clock, no network.

Head (title, who speaks and how it stands), the blocks, one row of buttons. What does not fit into one message is told where
it would stand, and goes in whole into a file that the wire attaches to the card's thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.cards import Block, Card, Text
from bot.fit import Overflow, Room, file_name, fitted, in_whole
from bot.invisible import visible
from bot.signs import notice, standing
from bot.slack import blocks as parts
from bot.slack import buttons, figures
from bot.slack.limits import size
from bot.slack.mrkdwn import escape
from bot.slack.rich import Json
from bot.split import clip, units

NOTIFICATION = 300
"""Characters of a message's text: a telephone shows fewer."""


@dataclass(frozen=True, slots=True)
class Message:
    """text: for notifications and screen readers, escaped; send it with `mrkdwn: false`."""

    text: str
    blocks: list[Json]
    overflow: tuple[Overflow, ...] = ()


def message(card: Card, *, files: Mapping[str, str] = {}, now: datetime) -> Message:
    """The card as it is sent.

    files: picture id -> Slack file id; a picture that is not in it is told in words.
    now: as the twins take it; it changes nothing here, for Slack's clients tell times by themselves.
    """
    shown = visible(card)
    head, body, tail = _laid_out(shown, files)
    name = file_name(shown.title)
    room = Room(
        figures.MESSAGE_BLOCKS - len(head) - len(tail), figures.MESSAGE_SIZE - size(head) - size(tail)
    )
    said = (
        f"📎 What stands here is too long for one message. It is in whole in {name}, in this card's thread."
    )
    kept, left = fitted(
        body,
        room,
        measure=lambda made: Room(len(made), size(made)),
        remark=parts.context(said),
        draw=lambda block: parts.of(block, {}),
    )
    overflow = (Overflow(name, in_whole(shown, left)),) if left else ()
    blocks = [*head, *kept, *tail] or parts.context("This card is empty.")
    return Message(_notification(shown), blocks, overflow)


def whole(card: Card, *, files: Mapping[str, str] = {}) -> tuple[list[Json], list[Json]]:
    """For a view, which may be longer: all that the card tells, and what can be pressed."""
    head, body, tail = _laid_out(visible(card), files)
    return [*head, *(each for _, made in body for each in made)], tail


def _notification(card: Card) -> str:
    return escape(clip(notice(card), NOTIFICATION)) or "Troupe"


def _laid_out(
    card: Card, files: Mapping[str, str]
) -> tuple[list[Json], list[tuple[Block, list[Json]]], list[Json]]:
    """Head, body and buttons, however long."""
    head = [*parts.header(card.title), *parts.context(standing(card))]
    return head, [(block, parts.of(block, files)) for block in _body(card)], buttons.row(card)


def _body(card: Card) -> list[Block]:
    """The card's blocks, and what head and buttons could not say in full."""
    title = [Text(card.title, "heading")] if units(" ".join(card.title.split())) > figures.HEADER else []
    told = buttons.words(card)
    return [*title, *card.blocks, *([Text(told)] if told else [])]
