"""The app manifest: what a workspace admin pastes to create the app. Commands come from the registry.

Fields and limits: docs.slack.dev/reference/app-manifest, and json.schemastore.org/slack-app-manifest.json for the lengths
that the page leaves out. What is asked for is what the code uses: a scope is here because of an event or a method.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from bot.commands import ABOUT
from bot.registry import REGISTRY, Command

Json = dict[str, Any]

OWN = "troupe"
"""`/troupe GROUP …` reaches every command."""
_BUILT_IN = """
apps archive away call collapse dm dnd expand feed feedback help invite join kick leave me msg mute open prefs pro remind
remove rename search shortcuts shrug star status topic unarchive who
"""
BUILT_IN = frozenset(_BUILT_IN.split())
"""Slack's own commands (its help page "Slash commands in Slack", and the ones of older clients). An app cannot have one:
Slack then refuses the whole manifest with "the slash command has an invalid name" (NousResearch/hermes-agent #17054,
openclaw/openclaw #29032)."""
COMMANDS_LIMIT = 50
DESCRIPTION_LIMIT = 2000
HINT_LIMIT = 1000
MAKE_POST, GIVE_TASK = "make_post", "give_task"
"""callback_ids of *Make a post from this* and *Give this to a persona*, under a message."""
PATH = "/slack/events"
"""Where signed requests arrive, of every kind: Bolt's own default."""

EVENTS: Mapping[str, str] = {
    "app_home_opened": "",
    "app_mention": "app_mentions:read",
    "app_uninstalled": "",
    "channel_archive": "channels:read",
    "channel_deleted": "channels:read",
    "channel_left": "channels:read",
    "channel_rename": "channels:read",
    "channel_unarchive": "channels:read",
    "group_archive": "groups:read",
    "group_deleted": "groups:read",
    "group_left": "groups:read",
    "group_rename": "groups:read",
    "group_unarchive": "groups:read",
    "member_joined_channel": "channels:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "tokens_revoked": "",
}
"""By name, the scope without which Slack does not send it."""
_ANY_WORDS = ("channels:history", "groups:history", "im:history", "mpim:history")
METHODS: Mapping[str, tuple[str, ...]] = {
    "auth.test": (),
    "chat.appendStream": ("chat:write",),
    "chat.getPermalink": (),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write", "chat:write.customize", "chat:write.public"),
    "chat.startStream": ("chat:write",),
    "chat.stopStream": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.history": _ANY_WORDS,
    "conversations.info": ("channels:read", "groups:read"),
    "conversations.join": ("channels:join",),
    "conversations.open": ("im:write",),
    "conversations.replies": _ANY_WORDS,
    "files.completeUploadExternal": ("files:write",),
    "files.getUploadURLExternal": ("files:write",),
    "files.info": ("files:read",),
    "usergroups.users.list": ("usergroups:read",),
    "users.conversations": ("channels:read", "groups:read"),
    "users.info": ("users:read",),
    "views.open": (),
    "views.publish": (),
    "views.push": (),
    "views.update": (),
}
"""By name, what the bot's token needs for it: `customize` to speak as a persona, `public` to speak where it was not invited."""
SCOPES = tuple(
    sorted({"commands", *filter(None, EVENTS.values()), *(s for scopes in METHODS.values() for s in scopes)})
)
"""All that the bot asks for. `commands` is for slash commands and shortcuts."""


def manifest(http_url: str | None = None, commands: Iterable[Command] | None = None) -> Json:
    """As Slack takes it.

    http_url: where Slack reaches us, https and without a slash at the end; None for Socket Mode.
    commands: those of the registry unless given.
    """
    url = {"request_url": f"{http_url}{PATH}"} if http_url else {}
    listed = list(REGISTRY.commands.values() if commands is None else commands)
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": _DISPLAY,
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Troupe", "always_online": True},
            "shortcuts": [
                _under_message(
                    "Make a post from this", MAKE_POST, "Have a persona draft a post from this message"
                ),
                _under_message(
                    "Give this to a persona", GIVE_TASK, "Hand this message over as a piece of work"
                ),
            ],
            "slash_commands": [each | _address(http_url) for each in slash_commands(listed)],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": url | {"bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True} | url,
            "org_deploy_enabled": False,
            "socket_mode_enabled": http_url is None,
            "token_rotation_enabled": False,
        },
    }


def text(http_url: str | None = None) -> str:
    """As a person pastes it."""
    return yaml.safe_dump(manifest(http_url), sort_keys=False, allow_unicode=True, width=110)


def slash_commands(commands: Iterable[Command]) -> list[Json]:
    """One for each group that may have one, after the one that reaches all. Raises ValueError for more than Slack takes."""
    groups: dict[str, list[Command]] = {}
    for each in commands:
        groups.setdefault(each.group, []).append(each)
    free = [_of_group(group, members) for group, members in groups.items() if group not in BUILT_IN]
    if len(free) >= COMMANDS_LIMIT:
        raise ValueError(f"Slack takes {COMMANDS_LIMIT} slash commands, and there are {len(free) + 1}")
    return [_entry(OWN, "Everything that can be asked of Troupe", " | ".join(groups)), *free]


def only_through_own(commands: Iterable[Command]) -> list[str]:
    """Groups whose name Slack keeps for itself: they are typed as `/troupe GROUP …`."""
    return sorted({each.group for each in commands} & BUILT_IN)


def _of_group(group: str, members: list[Command]) -> Json:
    first = members[0]
    if first.path == group:
        return _entry(group, first.summary, first.usage.removeprefix(f"/{group}").strip())
    verbs = [each.path.partition(" ")[2] for each in members]
    return _entry(group, ABOUT.get(group, first.summary), " | ".join(verbs))


def _entry(name: str, description: str, hint: str) -> Json:
    """`should_escape`: people, channels and user groups arrive as ids, not as words that anybody may have typed."""
    entry: Json = {"command": f"/{name}", "description": description[:DESCRIPTION_LIMIT]}
    return entry | ({"usage_hint": hint[:HINT_LIMIT]} if hint else {}) | {"should_escape": True}


def _under_message(name: str, callback_id: str, description: str) -> Json:
    return {"name": name, "type": "message", "callback_id": callback_id, "description": description}


def _address(http_url: str | None) -> Json:
    return {"url": f"{http_url}{PATH}"} if http_url else {}


_DISPLAY = {
    "name": "Troupe",
    "description": "AI personas draft posts in their own voices; your team approves them here, by button.",
    "long_description": (
        "Troupe puts a cast of AI personas into your channels. They draft social posts in their own voices, your team reviews"
        " them on cards with buttons, and what was approved goes out: exactly what was seen, exactly once. A persona"
        " proposes, a person decides. Troupe runs on a machine of yours; this app connects it with the workspace."
    ),
    "background_color": "#1f2a44",
}
