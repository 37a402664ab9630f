"""What one value in a body may be: small checks that say what is wrong in Discord's words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from tests.discord.emulator.errors import Json, Path, Problem


class Pattern(Protocol):
    """Of re or of regex."""

    def match(self, string: str, /) -> object | None: ...


Check = Callable[[Any, Path], Iterator[Problem]]
LINK = re.compile(r"^(https?|discord)://\S+$")
MEDIA = re.compile(r"^(https?://\S+|attachment://\S+)$")


def text(most: int, least: int = 0) -> Check:
    def check(value: Any, path: Path) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem(path, "STRING_TYPE_CONVERT", "Could not interpret value as string.")
        elif len(value) > most:
            yield Problem(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
        elif len(value) < max(least, 0) or (least and not value.strip()):
            yield Problem(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")

    return check


def number(least: int, most: int) -> Check:
    def check(value: Any, path: Path) -> Iterator[Problem]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield Problem(path, "NUMBER_TYPE_COERCE", f"Value {value!r} is not int.")
        elif not least <= value <= most:
            yield Problem(path, "NUMBER_TYPE_RANGE", f"Must be between {least} and {most}.")

    return check


def flag(value: Any, path: Path) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield Problem(path, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")


def items(least: int, most: int, each: Check | None = None) -> Check:
    def check(value: Any, path: Path) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return
        if not least <= len(value) <= most:
            yield Problem(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
        for at, item in enumerate(value):
            yield from each(item, (*path, at)) if each else ()

    return check


def matches(pattern: Pattern, what: str) -> Check:
    def check(value: Any, path: Path) -> Iterator[Problem]:
        if not isinstance(value, str) or not pattern.match(value):
            yield Problem(path, "URL_TYPE_INVALID_URL", f"Not a well formed {what}.")

    return check


def media(value: Any, path: Path) -> Iterator[Problem]:
    yield from fields(value, path, {"url": matches(MEDIA, "URL or attachment:// reference")}, {"url"})


def anything(value: Any, path: Path) -> Iterator[Problem]:
    yield from ()


def fields(value: Any, path: Path, known: Mapping[str, Check], required: set[str]) -> Iterator[Problem]:
    """An object with these fields and no others; null counts as left out."""
    if not isinstance(value, dict):
        yield Problem(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return
    for name in sorted(required):
        if value.get(name) is None:
            yield Problem((*path, name), "BASE_TYPE_REQUIRED", "This field is required")
    for name, inner in value.items():
        if name not in known:
            yield Problem((*path, name), "UNKNOWN_FIELD", f"There is no field {name!r} here")
        elif inner is not None:
            yield from known[name](inner, (*path, name))


def record(known: Mapping[str, Check], *required: str) -> Check:
    return lambda value, path: fields(value, path, known, set(required))


def unique(values: list[Any], path: Path, code: str, words: str) -> Iterator[Problem]:
    if len(values) != len(set(values)):
        yield Problem(path, code, words)


def listed(body: Json, key: str) -> list[Json]:
    """The objects in a list, whatever else may have been sent there."""
    value = body.get(key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
