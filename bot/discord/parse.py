"""What Discord hands in, as ours: who, where, which words, which button."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypedDict

import discord

from agents.errors import Invalid
from bot.chat.desk import Pressed
from bot.chat.intake import Speech
from bot.chat.rooms import Room
from bot.chat.rooms import channel_of as row_of
from bot.discord import commands, ids, markdown
from bot.discord.api import SURFACE
from bot.discord.ear import Ear
from bot.discord.forms import Sent
from storage.unit_of_work import UnitOfWork


class Names(TypedDict):
    """From an id to how it is written."""

    user: Callable[[str], str]
    channel: Callable[[str], str]
    role: Callable[[str], str]


SPOKEN = (discord.MessageType.default, discord.MessageType.reply)


def room_of(channel: Any) -> tuple[Room, str]:
    """The channel, and the message that its thread hangs under: a thread has the id of the message it was made of."""
    if isinstance(channel, discord.Thread):
        name = channel.parent.name if channel.parent else ""
        return Room(SURFACE, str(channel.parent_id), name), str(channel.id)
    if channel is None or isinstance(channel, discord.DMChannel):
        return Room(SURFACE, str(channel.id) if channel else "", direct=True), ""
    return Room(SURFACE, str(channel.id), str(getattr(channel, "name", "") or "")), ""


def ear_of(interaction: discord.Interaction) -> Ear:
    return Ear(str(interaction.user.id), str(interaction.id), interaction.token, "new")


def id_of(interaction: discord.Interaction) -> ids.Id:
    """Of a button, a select's option or a modal. Raises Invalid for a select that chose nothing, and for none of ours."""
    data: Mapping[str, Any] = interaction.data or {}
    action = str(data.get("custom_id", ""))
    if "values" in data:
        if not data["values"]:
            raise Invalid("That menu chose nothing.", remedy="Choose again.")
        action = str(data["values"][0])
    return ids.read(action)


def pressed(id: ids.Id, interaction: discord.Interaction) -> Pressed:
    room, root = room_of(interaction.channel)
    return Pressed(
        id.action,
        _label(interaction),
        room,
        message_id=_card_of(interaction),
        root_id=root,
        asks_first=id.asks_first,
        once=f"click:{interaction.id}",
    )


def answers_question(interaction: discord.Interaction) -> bool:
    """Whether what was pressed stands on a question of ours: beside what says no to it."""
    return any(getattr(part, "custom_id", "") == ids.DISMISS for part in _parts(interaction.message))


def _card_of(interaction: discord.Interaction) -> str:
    """The message that it is about: of a question the one whose button asks."""
    message = interaction.message
    if message is not None and answers_question(interaction):
        asked = message.interaction_metadata
        return str(asked.interacted_message_id or "") if asked else ""
    return str(message.id) if message else ""


def _label(interaction: discord.Interaction) -> str:
    """What stands on the button, or on the option, that was chosen."""
    data: Mapping[str, Any] = interaction.data or {}
    chosen = (data.get("values") or [data.get("custom_id")])[0]
    for part in _parts(interaction.message):
        for each in (part, *getattr(part, "options", ())):
            if chosen in (getattr(each, "custom_id", None), getattr(each, "value", None)):
                return str(getattr(each, "label", None) or "")
    return ""


def _parts(message: discord.Message | None) -> Iterator[Any]:
    """All components of it, however deep."""
    inner: list[Any] = list(message.components) if message else []
    while inner:
        part = inner.pop(0)
        yield part
        inner += getattr(part, "children", ())


def sent_of(interaction: discord.Interaction) -> Sent:
    """A modal. Raises Invalid for none of ours."""
    data: Mapping[str, Any] = interaction.data or {}
    attachments = (data.get("resolved") or {}).get("attachments") or {}
    files = {str(id): str(one.get("url", "")) for id, one in attachments.items()}
    return Sent(
        ids.read(str(data.get("custom_id", ""))), list(data.get("components", ())), files, str(interaction.id)
    )


def speech_of(message: discord.Message, bot_user_id: int) -> Speech | None:
    """None for what no person said."""
    if message.author.bot or message.webhook_id or message.type not in SPOKEN or not message.content:
        return None
    room, root = room_of(message.channel)
    reference = message.reference.message_id if message.reference else None
    return Speech(
        user=str(message.author.id),
        room=room,
        id=str(message.id),
        at=message.created_at,
        text=message.content,
        mention=any(user.id == bot_user_id for user in message.mentions),
        root_id=root or (str(reference) if reference else ""),
        root_at=discord.utils.snowflake_time(int(root)) if root else None,
    )


class Reading:
    """How our parser reads what is written in Discord: people by name, channels by surface and name, roles by id."""

    def __init__(self, bot_user_id: str, name_of: Callable[[str], str]) -> None:
        """name_of: a channel's name by its id, "" for one that the bot does not see."""
        self._bot_user_id, self._name_of = bot_user_id, name_of

    def words(self, text: str, work: UnitOfWork) -> str:
        names = self._names(work)
        return markdown.plain(text, **names, bot_user_id=self._bot_user_id).strip()

    def line(self, line: str, work: UnitOfWork) -> str:
        """A command's line as `commands.line` made it."""
        names = self._names(work)
        return commands.in_words(line, lambda value: markdown.mentions(value, **names))

    def _names(self, work: UnitOfWork) -> Names:
        def user(id: str) -> str:
            person = work.people.known_as(SURFACE, id)
            return person.name if person else f"@{id}"

        def channel(id: str) -> str:
            room = Room(SURFACE, id, self._name_of(id))
            return f"{SURFACE}/{row_of(room, None, work).name}"

        def role(id: str) -> str:
            return f"{SURFACE}:{id}/{id}"

        return {"user": user, "channel": channel, "role": role}
