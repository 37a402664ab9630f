"""What somebody says, as a message of Discord: words are words, whatever signs are in them."""

from __future__ import annotations

from bot.discord import components as c
from bot.discord.markdown import escape, small
from bot.discord.render import Attachment, Message
from bot.fit import Overflow
from bot.invisible import named
from bot.split import clip, split, units

WHOLE = 3800
"""UTF-16 units, escaped: a message holds 4,000, with room for who speaks."""
BEGINNING = 1500
"""Of a longer one, in plain words; escaping at most doubles them."""
NAME = "answer.txt"


def message(text: str, *, speaker: str = "", done: bool = True) -> Message:
    """speaker: who says it, where the message is not signed by them.  done: False while it grows."""
    shown = named(text).strip() or "…"
    head = c.texts(small(named(speaker)))
    markup = escape(shown if done else f"{shown} …")
    if units(markup) <= WHOLE:
        return Message(clip(shown, 300), [*head, *c.texts(markup)])
    first = split(shown, BEGINNING)[0]
    if not done:  # the beginning was read already
        last = "".join(split(shown, BEGINNING // 2)[-2:])
        return Message(clip(shown, 300), [*head, *c.texts(f"… {escape(last)} …")])
    parts = [*head, *c.texts(escape(first)), *c.texts(small("It goes on in the file.")), c.file(NAME)]
    return Message(clip(shown, 300), parts, (Overflow(NAME, shown),), (Attachment(NAME, text=shown),))
