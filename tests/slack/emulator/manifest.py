"""What the workspace has granted the app: its manifest, as an admin has pasted it.

docs.slack.dev/reference/app-manifest.  Without a manifest everything is granted and every command can be typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

COMMAND = re.compile(r"/[a-z0-9_-]{1,31}")
MOST_COMMANDS = 50
EVERYTHING = frozenset(
    [
        "app_mentions:read",
        "assistant:write",
        "bookmarks:read",
        "channels:history",
        "channels:join",
        "channels:manage",
        "channels:read",
        "chat:write",
        "chat:write.customize",
        "chat:write.public",
        "commands",
        "emoji:read",
        "files:read",
        "files:write",
        "groups:history",
        "groups:read",
        "groups:write",
        "im:history",
        "im:read",
        "im:write",
        "links:read",
        "links.embed:write",
        "metadata.message:read",
        "mpim:history",
        "mpim:read",
        "mpim:write",
        "pins:read",
        "reactions:read",
        "reactions:write",
        "team:read",
        "usergroups:read",
        "users:read",
        "users:read.email",
        "users:write",
        "users.profile:read",
    ]
)


@dataclass(frozen=True)
class Manifest:
    """scopes: of the bot token.  None for commands, shortcuts and events: whatever is asked for."""

    scopes: frozenset[str] = EVERYTHING
    commands: Mapping[str, Mapping[str, Any]] | None = None  # "/post" -> its entry
    shortcuts: tuple[Mapping[str, Any], ...] | None = None  # {name, type: message|global, callback_id}
    events: frozenset[str] | None = None
    home: bool = True
    interactive: bool = True
    socket_mode: bool = True

    @classmethod
    def read(cls, given: Mapping[str, Any] | str | Path | None) -> Manifest:
        """given: the manifest as a mapping, as YAML text, or the path of such a file."""
        if given is None:
            return cls()
        if isinstance(given, Path):
            given = given.read_text("utf-8")
        document: Any = yaml.safe_load(given) if isinstance(given, str) else given
        if not isinstance(document, dict) or "display_information" not in document:
            raise ValueError("not an app manifest: display_information is missing")
        features, settings = document.get("features") or {}, document.get("settings") or {}
        scopes = ((document.get("oauth_config") or {}).get("scopes") or {}).get("bot") or ()
        events = (settings.get("event_subscriptions") or {}).get("bot_events") or ()
        commands = [each["command"] for each in features.get("slash_commands") or ()]
        _legal(commands, scopes)
        return cls(
            scopes=frozenset(scopes),
            commands={each["command"]: each for each in features.get("slash_commands") or ()},
            shortcuts=tuple(features.get("shortcuts") or ()),
            events=frozenset(events),
            home=bool((features.get("app_home") or {}).get("home_tab_enabled")),
            interactive=bool((settings.get("interactivity") or {}).get("is_enabled")),
            socket_mode=bool(settings.get("socket_mode_enabled")),
        )

    def subscribes(self, event: str, needs: str | None) -> bool:
        """Whether an event of this subscription is sent: named in the manifest, and its scope granted."""
        return (self.events is None or event in self.events) and (needs is None or needs in self.scopes)


def _legal(commands: Sequence[str], scopes: Iterable[str]) -> None:
    """Raises ValueError for what Slack says of a manifest when it is pasted (app-manifest page)."""
    wrong = [name for name in commands if not COMMAND.fullmatch(name)]
    wrong += sorted({name for name in commands if commands.count(name) > 1})
    wrong += [scope for scope in scopes if scope not in EVERYTHING]
    if wrong or len(commands) > MOST_COMMANDS:
        raise ValueError(f"Slack refuses this manifest: {wrong or f'more than {MOST_COMMANDS} commands'}")
    if commands and "commands" not in scopes:
        raise ValueError("Slack refuses this manifest: slash commands need the scope `commands`")
