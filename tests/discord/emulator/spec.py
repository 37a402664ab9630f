"""Request bodies against Discord's own OpenAPI description, where it lies beside the repository."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from tests.discord.emulator import description
from tests.discord.emulator.errors import Json, Path, Problem

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
    return description.FILE.is_file()


def problems(method: str, template: str, body: Any) -> list[Problem]:
    """What the description says against a body; nothing for a route that takes none, or without the description."""
    validator = _validator(method, template)
    if validator is None:
        return []
    return [each for error in validator.iter_errors(body) for each in _told(error, ())]


def answer_problems(method: str, template: str, status: int, body: Any) -> list[Problem]:
    """The same for what is answered: whether we tell of things as Discord does."""
    schema = description.answer(method, template, status)
    if schema is None:
        return []
    validator = Strict({**schema, "components": {"schemas": description.schemas()}})
    return [each for error in validator.iter_errors(body) for each in _told(error, ())]


@lru_cache(maxsize=256)
def _validator(method: str, template: str) -> Any:
    schema = copy.deepcopy(description.body(method, template))
    if schema is None:
        return None
    description.close(schema)
    return Strict({**schema, "components": {"schemas": description.schemas()}})


def _told(error: ValidationError, above: Path) -> Iterator[Problem]:
    """An error; of a union the errors of the branch that came nearest."""
    path = (*above, *error.relative_path)
    if error.context:
        for each in _nearest(error):
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


def _nearest(error: ValidationError) -> list[ValidationError]:
    """Of a branch that expects another kind of value least is to be learned, then of one with many errors."""
    branches: dict[int, list[ValidationError]] = {}
    for each in error.context or ():
        branches.setdefault(int(each.relative_schema_path[0]), []).append(each)

    def rank(found: list[ValidationError]) -> tuple[bool, int]:
        return any(not each.relative_path and each.validator == "type" for each in found), len(found)

    return min(branches.values(), key=rank)


def _may_mean(branch: Json, instance: Any) -> bool:
    if branch.get("type") == "null" or instance is None:
        return branch.get("type") == "null" and instance is None
    types = description.types(branch)
    return types is None or (isinstance(instance, dict) and instance.get("type") in types)


def _by_type(keyword: str) -> Any:
    """A union whose branches are told apart by `type` is judged by the one that is meant: faster, and better said."""
    whole = Draft202012Validator.VALIDATORS[keyword]

    def check(validator: Any, branches: list[Json], instance: Any, schema: Json) -> Iterator[ValidationError]:
        meant = [each for each in branches if _may_mean(each, instance)]
        if len(meant) == 1:
            yield from validator.descend(instance, meant[0])
        else:
            yield from whole(validator, branches, instance, schema)

    return check


Strict: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {"oneOf": _by_type("oneOf"), "anyOf": _by_type("anyOf")}
)
