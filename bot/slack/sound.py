"""Whether a signed request is anything that Slack sends: Bolt would stumble over all else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

_MOMENT = re.compile(r"\d{1,12}\.\d{1,9}")


def is_sound(body: bytes) -> bool:
    try:
        given = _read(body.decode())
    except (ValueError, RecursionError):
        return False
    if not isinstance(given, Mapping):
        return False
    match given:
        case {"command": str(command), "user_id": str(), "channel_id": str()}:
            return command.startswith("/")
        case {"type": "event_callback", "event": event}:
            return _is_event(event)
        case {"type": "block_actions", "user": {"id": str()}, "actions": [{"action_id": str()}, *_]}:
            return True
        case {"type": "view_submission" | "view_closed", "user": {"id": str()}, "view": {"id": str()}}:
            return True
        case {"type": "shortcut" | "message_action", "user": {"id": str()}, "callback_id": str()}:
            return True
        case {"type": "url_verification"} | {"ssl_check": _}:
            return True
        case _:
            return False


def _read(text: str) -> Any:
    """Events are JSON; commands are forms; interactions are a form with JSON in it. Raises ValueError."""
    if text.startswith("{"):
        return json.loads(text)
    fields = dict(parse_qsl(text, strict_parsing=True, keep_blank_values=True))
    return json.loads(fields["payload"]) if "payload" in fields else fields


def _is_event(event: Any) -> bool:
    match event:
        case {"type": "message" | "app_mention", **said}:
            names = (said.get(key, "") for key in ("user", "channel", "ts", "thread_ts"))
            moments = [said[key] for key in ("ts", "thread_ts") if key in said]
            return all(isinstance(name, str) for name in names) and all(map(_is_moment, moments))
        case {"type": "app_home_opened", "user": str()}:
            return True
        case {"type": str(kind)}:
            return kind != "app_home_opened"
        case _:
            return False


def _is_moment(text: object) -> bool:
    return isinstance(text, str) and _MOMENT.fullmatch(text) is not None
