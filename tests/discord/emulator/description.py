"""Discord's own OpenAPI description, where it lies beside the repository, mended and made strict."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from tests.discord.emulator.errors import Json

FILE = Path(__file__).parents[3].parent / "shared" / "specs" / "discord-openapi.json"
COMMANDS = (
    "ApplicationCommandCreateRequest",
    "ApplicationCommandUpdateRequest",
    "ApplicationCommandPatchRequestPartial",
)
MENDED = {  # the pages have nsfw and permissions as a string; the description knows neither
    "default_member_permissions": {"type": ["integer", "string", "null"], "pattern": "^[0-9]+$"},
    "nsfw": {"type": ["boolean", "null"]},
}
EDITS = (  # discord.py sends tts with every edit, and Discord passes over it
    "MessageEditRequestPartial",
    "IncomingWebhookUpdateRequestPartial",
    "IncomingWebhookUpdateForInteractionCallbackRequestPartial",
)

WHOLE = "MessageAttachmentRequest"  # discord.py names a file that stays by all that it knows of it


@lru_cache(maxsize=1)
def schemas() -> Json:
    """By name, as JSON Schemas.  Empty without the file."""
    found: Json = _whole().get("components", {}).get("schemas", {})
    if not found:
        return found
    found["SnowflakeType"] = {"type": ["string", "integer"], "pattern": "^(0|[1-9][0-9]*)$"}
    for name in COMMANDS:
        found[name]["properties"] |= MENDED
    for name in EDITS:
        found[name]["properties"]["tts"] = {"type": "boolean"}
    found[WHOLE]["additionalProperties"] = True
    for name, schema in found.items():
        asked = name.removesuffix("Partial").endswith(("Request", "RequestData")) or "Option" in name
        if asked or name.startswith("ApplicationCommand"):
            close(schema)
    for each in _objects(found):
        if "enum" in each:
            each.pop("allOf", None)  # it says the same again, and is slow
    return found


@lru_cache(maxsize=1)
def _whole() -> Json:
    whole: Json = json.loads(FILE.read_text()) if FILE.is_file() else {}
    return whole


def close(schema: Json) -> None:
    """No other fields than the ones described: Discord passes over most, and a typing error goes unseen."""
    if "properties" in schema:
        schema.setdefault("additionalProperties", False)


def _objects(node: Any) -> Iterator[Json]:
    if isinstance(node, dict):
        yield node
        for each in node.values():
            yield from _objects(each)
    elif isinstance(node, list):
        for each in node:
            yield from _objects(each)


def body(method: str, template: str) -> Json | None:
    """The schema of a route's JSON body; None for a route that takes none."""
    operation = _whole().get("paths", {}).get(template, {}).get(method.lower(), {})
    content = operation.get("requestBody", {}).get("content", {})
    schema: Json | None = content.get("application/json", {}).get("schema")
    return schema


def answer(method: str, template: str, status: int) -> Json | None:
    """The schema of what a route answers with this status; None when the description does not say."""
    operation = _whole().get("paths", {}).get(template, {}).get(method.lower(), {})
    content = operation.get("responses", {}).get(str(status), {}).get("content", {})
    schema: Json | None = content.get("application/json", {}).get("schema")
    return schema


def types(branch: Json) -> frozenset[Any] | None:
    """The values of `type` that one branch of a union is for; None when it says nothing of it."""
    name = str(branch.get("$ref", "")).removeprefix("#/components/schemas/")
    kind = schemas().get(name, branch).get("properties", {}).get("type", {})
    return frozenset(kind["enum"]) if "enum" in kind else None
