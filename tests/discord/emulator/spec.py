"""Request bodies against Discord's own OpenAPI description, where it lies beside the repository."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path as File
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from tests.discord.emulator.errors import Json, Path, Problem

DESCRIPTION = File(__file__).parents[3].parent / "shared" / "specs" / "discord-openapi.json"
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
CODES = {
    "maxLength": "BASE_TYPE_MAX_LENGTH",
    "minLength": "BASE_TYPE_MIN_LENGTH",
    "maxItems": "BASE_TYPE_BAD_LENGTH",
    "minItems": "BASE_TYPE_BAD_LENGTH",
    "required": "BASE_TYPE_REQUIRED",
    "enum": "BASE_TYPE_CHOICES",
    "const": "BASE_TYPE_CHOICES",
    "additionalProperties": "UNKNOWN_FIELD",
}


def is_there() -> bool:
    return DESCRIPTION.is_file()


def problems(method: str, template: str, body: Any) -> list[Problem]:
    """What the description says against a body; nothing for a route that takes none, or without the description."""
    validator = _validator(method, template)
    if validator is None:
        return []
    return [each for error in validator.iter_errors(body) for each in _told(error, ())]


@lru_cache(maxsize=1)
def _description() -> Json:
    whole: Json = json.loads(DESCRIPTION.read_text()) if is_there() else {"paths": {}, "components": {}}
    schemas = whole["components"].get("schemas", {})
    if schemas:
        schemas["SnowflakeType"] = {"type": ["string", "integer"], "pattern": "^(0|[1-9][0-9]*)$"}
        for name in COMMANDS:
            schemas[name]["properties"] |= MENDED
        for name in EDITS:
            schemas[name]["properties"]["tts"] = {"type": "boolean"}
    for name, schema in schemas.items():
        if (
            name.split("Partial")[0].endswith("Request")
            or "Option" in name
            or name.startswith("ApplicationCommand")
        ):
            _close(schema)
    return whole


def _close(schema: Json) -> None:
    """No other fields than the ones described: Discord passes over most, and a typing error goes unseen."""
    if "properties" in schema:
        schema.setdefault("additionalProperties", False)


@lru_cache(maxsize=256)
def _validator(method: str, template: str) -> Draft202012Validator | None:
    whole = _description()
    operation = whole["paths"].get(template, {}).get(method.lower(), {})
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return None
    schema = copy.deepcopy(content["application/json"]["schema"])
    _close(schema)
    return Draft202012Validator({**schema, "components": whole["components"]})


def _told(error: ValidationError, above: Path) -> Iterator[Problem]:
    """An error; of a union the errors of the branch that was meant."""
    path = (*above, *error.relative_path)
    if error.context:
        for each in _meant(error):
            yield from _told(each, path)
    elif error.validator == "required":
        missing = error.message.split("'")[1]
        yield Problem((*path, missing), CODES["required"], "This field is required")
    elif error.validator == "additionalProperties":
        schema, body = cast("Json", error.schema), cast("Json", error.instance)
        for unknown in sorted(set(body) - set(schema["properties"])):
            yield Problem((*path, unknown), CODES["additionalProperties"], "There is no such field here")
    else:
        yield Problem(path, CODES.get(str(error.validator), "BASE_TYPE_INVALID"), error.message[:300])


def _meant(error: ValidationError) -> list[ValidationError]:
    """The branch whose `type` is the body's; among several the one with the fewest errors, the deepest first."""
    branches: dict[int, list[ValidationError]] = {}
    for each in error.context or ():
        branches.setdefault(int(each.relative_schema_path[0]), []).append(each)

    def rank(found: list[ValidationError]) -> tuple[bool, bool, int]:
        other_type = any(list(each.relative_path)[:1] == ["type"] for each in found)
        not_this = any(not each.relative_path and each.validator == "type" for each in found)
        return other_type, not_this, len(found)

    return min(branches.values(), key=rank)
