"""Arguments of a Web API call, however they came: form, JSON, or an empty body that calls itself JSON."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from tests.slack.emulator.errors import Json, Refused


class Args:
    """Typed access; what is missing or malformed is Slack's `invalid_arguments` with the field's name."""

    def __init__(self, given: Json) -> None:
        self.given = given

    def __contains__(self, key: str) -> bool:
        return self.given.get(key) is not None

    def text(self, key: str, default: str = "") -> str:
        value = self.given.get(key)
        return default if value is None else str(value)

    def need(self, key: str) -> str:
        value = self.text(key)
        if not value:
            raise Refused("invalid_arguments", messages=[f"missing required field: {key}"])
        return value

    def json(self, key: str) -> Any:
        """A structured argument: as it is in a JSON body, as JSON text in a form."""
        value = self.given.get(key)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise Refused("invalid_blocks_format" if key == "blocks" else "invalid_arguments") from None

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.given.get(key)
        return default if value is None else str(value).lower() in {"true", "1"}

    def number(self, key: str, default: int) -> int:
        value = self.given.get(key)
        try:
            return default if value is None else int(value)
        except (TypeError, ValueError):
            raise Refused("invalid_arguments", messages=[f"must be an integer: {key}"]) from None


async def read(request: web.Request) -> Args:
    """Raises Refused invalid_json or json_not_object for a JSON body that is none."""
    given: Json = dict(request.query)
    if request.content_type == "application/json":
        body = await request.read()
        try:
            decoded = json.loads(body) if body.strip() else {}
        except ValueError:
            raise Refused("invalid_json") from None
        if not isinstance(decoded, dict):
            raise Refused("json_not_object")
        given |= decoded
    elif request.method == "POST":
        given |= {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    return Args(given)


def page(items: list[Json], args: Args, key: str, default: int = 100) -> Json:
    """One page of a list, with the cursor of the next, as conversations.list, users.list and others give them."""
    limit = args.number("limit", default)
    if not 1 <= limit <= 1000:
        raise Refused("invalid_limit")
    cursor = args.text("cursor")
    if cursor and not cursor.startswith("next:"):
        raise Refused("invalid_cursor")
    start = int(cursor.removeprefix("next:")) if cursor else 0
    after = start + limit
    more = f"next:{after}" if after < len(items) else ""
    return {key: items[start:after], "response_metadata": {"next_cursor": more}}
