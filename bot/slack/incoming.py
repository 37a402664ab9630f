"""What Slack hands in, as ours: which channel and thread, which words, which button. Reads rows; changes none but channels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.errors import Invalid
from agents.people import Person
from agents.talk.message import Channel
from bot.calls import Place
from bot.lookups import quoted
from bot.slack import mrkdwn
from bot.slack.api import SURFACE
from bot.slack.buttons import ASK, MENU
from storage.unit_of_work import UnitOfWork

DIRECT = "D"
"""What the ids of direct conversations begin with."""
_GROUP = re.compile(r"<!subteam\^(\w+)(?:\|@?([^<>]*))?>")


def channel_of(external_id: str, name: str, person: Person | None, work: UnitOfWork) -> Channel:
    """Our row of a channel there; made when something is first said in it.  person: whose it is, if it is a direct one."""
    if external_id.startswith(DIRECT) and person is not None:
        return work.channels.direct(person.id, work.now, surface=SURFACE)
    found = work.channels.known_as(SURFACE, external_id)
    return found or work.channels.add(SURFACE, name or external_id, work.now, external_id=external_id)


def thread_of(channel: Channel, thread_ts: str, work: UnitOfWork) -> str:
    """What the thread there is about, "" for one that is none of ours."""
    root = work.deliveries.at(channel.id, thread_ts) if thread_ts else None
    return root.message.own_thread if root else ""


def place_of(channel: Channel, thread: str = "") -> Place:
    return Place(SURFACE, channel.id, thread)


def words_of(text: str, bot_user_id: str, work: UnitOfWork) -> str:
    """As our parser reads them: people by name, channels by surface and name, user groups by id and name."""

    def user(id: str) -> str:
        person = work.people.known_as(SURFACE, id)
        return quoted(person.name) if person else f"@{id}"

    def channel(id: str, name: str) -> str:
        known = work.channels.known_as(SURFACE, id)
        return f"{SURFACE}/{known.name if known else name or id}"

    text = _GROUP.sub(lambda found: f"{SURFACE}:{found[1]}/{found[2] or found[1]}", text)
    text = mrkdwn.plain(text, user=user, channel=channel, bot_user_id=bot_user_id)
    return text.strip()


@dataclass(frozen=True, slots=True)
class Pressed:
    """action: of ours.  asks_first: whether it must be confirmed before.  label: what stood on it."""

    action: str
    label: str
    asks_first: bool = False


def pressed(action: Mapping[str, Any]) -> Pressed | None:
    """A button or a menu's option; None for one that only opened a page. Raises Invalid for what is none of ours."""
    action_id = str(action.get("action_id", ""))
    if action_id.startswith("open:"):
        return None
    if not action_id.startswith(MENU):
        return Pressed(action_id, str((action.get("text") or {}).get("text", "")))
    option = action.get("selected_option")
    if not isinstance(option, Mapping):
        raise Invalid("That menu chose nothing.", remedy="Choose again.")
    value = str(option.get("value", ""))
    if value == "open":
        return None
    label = str((option.get("text") or {}).get("text", ""))
    return Pressed(value.removeprefix(ASK), label, value.startswith(ASK))
