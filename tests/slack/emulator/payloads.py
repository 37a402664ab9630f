"""What Slack sends when a person does something: commands and interactions.

docs.slack.dev/interactivity/implementing-slash-commands and /reference/interaction-payloads.
"""

from __future__ import annotations

import time
from typing import Any

from tests.slack.emulator import posting
from tests.slack.emulator.errors import Json
from tests.slack.emulator.inputs import STATES
from tests.slack.emulator.methods import views
from tests.slack.emulator.state import Channel, Message, User, View
from tests.slack.emulator.world import World

NAMES = {"group": "privategroup", "im": "directmessage", "mpim": "mpdm"}


def command(world: World, user: User, channel: Channel, name: str, text: str) -> Json:
    return {
        "token": "verification",
        "team_id": world.workspace.team,
        "team_domain": world.workspace.domain,
        "channel_id": channel.id,
        "channel_name": NAMES.get(channel.kind, channel.name),
        "user_id": user.id,
        "user_name": user.name,
        "command": name,
        "text": text,
        "api_app_id": world.app_id,
        "is_enterprise_install": "false",
        "response_url": world.response_url(channel.id, user.id),
        "trigger_id": world.trigger(user.id),
    }


def _base(world: World, user: User, kind: str) -> Json:
    team = {"id": world.workspace.team, "domain": world.workspace.domain}
    return {
        "type": kind,
        "team": team,
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": world.workspace.team},
        "api_app_id": world.app_id,
        "token": "verification",
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _live(world: World, message: Message) -> Message:
    """The message itself, where somebody acts on what their client still shows of it."""
    return world.workspace.message(message.channel, message.ts) or message


def _channel(world: World, message: Message) -> Json:
    channel = world.workspace.channels[message.channel]
    return {"id": channel.id, "name": NAMES.get(channel.kind, channel.name)}


def action(block: Json, element: Json, chosen: Json | None) -> Json:
    """The entry in `actions`.  chosen: the state of the element, or the option of an overflow menu."""
    told: Json = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": f"{time.time():.6f}",
    }
    for key in ("text", "value", "style", "url", "placeholder", "confirm"):
        if key in element:
            told[key] = element[key]
    return told | (chosen or {})


def on_message(world: World, user: User, message: Message, done: Json) -> Json:
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": message.only_for is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload = _base(world, user, "block_actions") | {
        "container": container,
        "trigger_id": world.trigger(user.id),
        "channel": _channel(world, message),
        "state": {"values": views.values_of({"blocks": message.blocks})},
        "response_url": world.response_url(message.channel, user.id, _live(world, message)),
        "actions": [done],
    }
    if message.only_for is None:
        payload["message"] = posting.told(world, message, metadata=True)
    return payload


def on_view(world: World, user: User, view: View, done: Json) -> Json:
    shown = views.told(world, view)
    return _base(world, user, "block_actions") | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": world.trigger(user.id, view.id),
        "view": shown,
        "state": shown["state"],
        "actions": [done],
    }


def submission(world: World, user: User, view: View) -> Json:
    return _base(world, user, "view_submission") | {
        "trigger_id": world.trigger(user.id, view.id),
        "view": views.told(world, view),
        "response_urls": [],
    }


def closed(world: World, user: User, view: View, cleared: bool) -> Json:
    return _base(world, user, "view_closed") | {"view": views.told(world, view), "is_cleared": cleared}


def message_shortcut(world: World, user: User, message: Message, callback: str) -> Json:
    return _base(world, user, "message_action") | {
        "callback_id": callback,
        "trigger_id": world.trigger(user.id),
        "response_url": world.response_url(message.channel, user.id),
        "message_ts": message.ts,
        "channel": _channel(world, message),
        "message": posting.told(world, message),
        "action_ts": f"{time.time():.6f}",
    }


def shortcut(world: World, user: User, callback: str) -> Json:
    return _base(world, user, "shortcut") | {
        "callback_id": callback,
        "trigger_id": world.trigger(user.id),
        "action_ts": f"{time.time():.6f}",
    }


def suggestion(world: World, user: User, block: Json, element: Json, query: str, where: Json) -> Json:
    told = {"action_id": element["action_id"], "block_id": block["block_id"], "value": query}
    return _base(world, user, "block_suggestion") | told | where


def chosen(element: Json, state: Json) -> Json:
    """The part of an element's state that goes into its action."""
    key = STATES[element["type"]][0]
    value: Any = state[key]
    return {key: value}
