"""What Slack hands in, as ours: who, where, which words, which button. Pure but for names, which the database knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from agents.errors import Invalid
from bot.cards import ACTION_LIMIT
from bot.chat.desk import Pressed
from bot.chat.intake import Speech
from bot.chat.rooms import Room
from bot.slack import mrkdwn
from bot.slack.api import SURFACE
from bot.slack.buttons import ASK, MENU
from storage.unit_of_work import UnitOfWork

Body = Mapping[str, Any]

OWN = "/troupe"
DIRECT = "D"
"""What the ids of direct conversations begin with."""
SPOKEN = (None, "thread_broadcast", "file_share")
"""Subtypes of messages that a person said; all others are joins, edits, bots."""
_GROUP = re.compile(r"<!subteam\^(\w+)(?:\|@?([^<>]*))?>")


@dataclass(frozen=True, slots=True)
class Ear:
    """Where somebody can be told something in private. All but `user` are Slack's own, "" where there is none.

    trigger_id: opens one modal within 3 s.  view_id: of the modal they look at.
    """

    user: str
    channel: str = ""
    thread_ts: str = ""
    response_url: str = ""
    trigger_id: str = ""
    view_id: str = ""


def room(id: str, name: str = "") -> Room:
    return Room(SURFACE, id, name, direct=id.startswith(DIRECT))


def command_line(body: Body) -> str:
    """What was typed, with the group's name in front."""
    name, text = str(body["command"]), str(body.get("text") or "").strip()
    return f"/{text or 'help'}" if name == OWN else f"{name} {text}"


def ear_of_command(body: Body) -> Ear:
    url, trigger = str(body.get("response_url") or ""), str(body.get("trigger_id") or "")
    return Ear(str(body["user_id"]), str(body["channel_id"]), "", url, trigger)


def ear_of(body: Body) -> Ear:
    """Of a click, a shortcut or a view."""
    container, view = _mapping(body, "container"), _mapping(body, "view")
    return Ear(
        user=str(_mapping(body, "user").get("id", "")),
        channel=channel_of(body).id,
        thread_ts=str(container.get("thread_ts") or ""),
        response_url=str(body.get("response_url") or ""),
        trigger_id=str(body.get("trigger_id") or ""),
        view_id=str(view.get("id") or "") if view.get("type") == "modal" else "",
    )


def channel_of(body: Body) -> Room:
    channel = _mapping(body, "channel")
    id = str(_mapping(body, "container").get("channel_id") or channel.get("id") or "")
    return room(id, str(channel.get("name") or ""))


def pressed(body: Body) -> Pressed | None:
    """A button or a menu's option; None for one that only opened a page. Raises Invalid for a menu that chose nothing."""
    element, container = body["actions"][0], _mapping(body, "container")
    action, label = str(element.get("action_id", "")), _label(element)
    if action.startswith(MENU):
        option = element.get("selected_option")
        if not isinstance(option, Mapping):
            raise Invalid("That menu chose nothing.", remedy="Choose again.")
        action, label = str(option.get("value", "")), _label(option)
    if action.startswith("open"):
        return None
    asks_first, action = action.startswith(ASK), action.removeprefix(ASK)
    if not 0 < len(action) <= ACTION_LIMIT:
        raise Invalid("That button does nothing.", remedy="Look for it on the card as it is now.")
    trigger = str(body.get("trigger_id") or "")
    return Pressed(
        action,
        label,
        channel_of(body),
        message_id=str(container.get("message_ts") or ""),
        root_id=str(container.get("thread_ts") or ""),
        asks_first=asks_first,
        once=f"click:{trigger}" if trigger else "",
    )


def speech_of(body: Body, bot_user_id: str) -> Speech | None:
    """None for what no person said."""
    event = _mapping(body, "event")
    if event.get("subtype") not in SPOKEN or event.get("bot_id"):
        return None
    user, ts, channel = (str(event.get(key) or "") for key in ("user", "ts", "channel"))
    if not (user and ts and channel) or user == bot_user_id:
        return None
    text, root = str(event.get("text") or ""), str(event.get("thread_ts") or "")
    return Speech(
        user=user,
        room=room(channel),
        id=ts,
        at=moment(ts),
        text=text,
        mention=f"<@{bot_user_id}" in text,
        root_id=root,
        root_at=moment(root) if root else None,
    )


def moment(ts: str) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC)


def words_for(bot_user_id: str) -> Callable[[str, UnitOfWork], str]:
    """How our parser reads what is written in Slack: people by name, channels by surface and name, user groups by id and name."""

    def words(text: str, work: UnitOfWork) -> str:
        def user(id: str) -> str:
            person = work.people.known_as(SURFACE, id)
            return person.name if person else f"@{id}"

        def channel(id: str, name: str) -> str:
            """Known from now on, so that cards can be sent where nobody spoke to Troupe yet."""
            known = work.channels.known_as(SURFACE, id)
            if known is None and name:
                known = work.channels.add(SURFACE, name, work.now, external_id=id)
            return f"{SURFACE}/{known.name if known else name or id}"

        text = _GROUP.sub(lambda found: f"{SURFACE}:{found[1]}/{found[2] or found[1]}", text)
        return mrkdwn.plain(text, user=user, channel=channel, bot_user_id=bot_user_id).strip()

    return words


def _label(element: Mapping[str, Any]) -> str:
    return str(_mapping(element, "text").get("text", ""))


def _mapping(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = body.get(key)
    return found if isinstance(found, Mapping) else {}
