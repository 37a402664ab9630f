"""A profile as a text that people keep, send and edit: YAML, or JSON. What cannot be read is told field by field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from agents.errors import Invalid
from agents.personas.persona import Profile

LIMIT = 64 * 1024
"""Bytes in UTF-8: a long profile with ten samples has a tenth of it."""
SHOWN = 8
"""How many mistakes are told at once."""


def write(profile: Profile) -> str:
    """YAML that `read` makes the same profile of."""
    values = profile.model_dump(mode="json")
    return yaml.dump(values, Dumper=_Faithful, sort_keys=False, allow_unicode=True, width=100)


def read(text: str) -> Profile:
    """text: YAML or JSON, at most LIMIT bytes. Raises Invalid: what is wrong, where, and how to mend it."""
    size = len(text.encode("utf-8", "replace"))
    if size > LIMIT:
        raise Invalid(
            f"That is {size - LIMIT:,} bytes too long; a persona may have {LIMIT:,}.",
            remedy="Leave out some of the samples.",
            field="text",
        )
    values = _json(text) if text.lstrip("\ufeff \t\r\n").startswith("{") else _yaml(text)
    if not isinstance(values, dict):
        raise Invalid(
            "That is not a persona: it should be lines like “name: Ada”.",
            remedy="Look at one with /persona export.",
            field="text",
        )
    try:
        return profile(values)
    except Invalid as error:
        error.field = "text"
        raise


def profile(values: Mapping[str, Any]) -> Profile:
    """Raises Invalid: every mistake with its place, and how to mend it."""
    try:
        return Profile.model_validate(values)
    except ValidationError as error:
        raise _mistaken(error) from None


class _Faithful(yaml.SafeDumper):
    """Escapes the rarer line breaks, which PyYAML writes as they are and reads as another one."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    rare = any(character in text for character in "\x85\u2028\u2029")
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if rare else None)


_Faithful.add_representer(str, _text)


class _Plain(yaml.SafeLoader):
    """Every scalar is a text (so `language: no` is Norwegian), no aliases (so that 1 kB cannot become 1 GB)."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012  PyYAML's own protocol

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # its stub has no types
            raise yaml.MarkedYAMLError(None, None, "an alias (*name) is not understood here", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen if isinstance(key.value, str) else True:
                problem = f"{key.value} stands there twice" if isinstance(key.value, str) else "no field name"
                raise yaml.MarkedYAMLError(None, None, problem, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _yaml(text: str) -> Any:
    try:
        return yaml.load(text.lstrip("\ufeff"), _Plain)  # noqa: S506  a SafeLoader with less
    except yaml.MarkedYAMLError as error:
        where = error.problem_mark or error.context_mark
        place = f"line {where.line + 1}, column {where.column + 1}" if where else "some line"
        raise _unreadable("YAML", f"{place}: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise _unreadable("YAML", str(error).splitlines()[0]) from None
    except RecursionError:
        raise _unreadable("YAML", "it is nested too deeply") from None


def _json(text: str) -> Any:
    try:
        return json.loads(text.lstrip("\ufeff"), object_pairs_hook=_no_twins)
    except json.JSONDecodeError as error:
        raise _unreadable("JSON", f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise _unreadable("JSON", "it is nested too deeply") from None
    except ValueError as error:
        raise _unreadable("JSON", str(error)) from None


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    twins = {name for name in names if names.count(name) > 1}
    if twins:
        raise ValueError(f"{sorted(twins)[0]} stands there twice")
    return dict(pairs)


def _unreadable(kind: str, why: str) -> Invalid:
    return Invalid(
        f"That cannot be read as {kind}: {why}.", remedy="Mend it there, and send it again.", field="text"
    )


def _mistaken(error: ValidationError) -> Invalid:
    """Every mistake with its place: "voice.topics[2] is 12 characters too long"."""
    mistakes = error.errors(include_url=False)
    found = [_sentence(m["type"], m["loc"], m.get("ctx", {}), m["msg"]) for m in mistakes]
    more = f" And {len(found) - SHOWN} more." if len(found) > SHOWN else ""
    return Invalid(
        "That is not a valid persona. " + " ".join(found[:SHOWN]) + more,
        remedy="Mend it there, and send it again; nothing was kept.",
        field=next((part for part in reversed(mistakes[0]["loc"]) if isinstance(part, str)), None),
    )


def _sentence(kind: str, place: tuple[int | str, ...], limits: Mapping[str, Any], message: str) -> str:
    where = _path(place)
    if kind == "extra_forbidden":
        return f"{where} is no field of a persona{_instead(place)}"
    if kind == "value_error":
        return f"{where}: {limits['error']}."
    if kind == "string_pattern_mismatch":
        return f"{where} should be {_PATTERNS[str(place[-1])]}."
    words = _WORDS.get(kind, message[0].lower() + message[1:])
    return f"{where} {words.format(**limits).replace('input should', 'should')}."


def _path(place: Iterable[int | str]) -> str:
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place)
    return "".join(parts).removeprefix(".")


def _instead(place: tuple[int | str, ...]) -> str:
    """What was meant: a near name at that level, the same name at another one, else all that may stand there."""
    model: type[BaseModel] = Profile
    for part in place[:-1]:
        model = _group(model, str(part)) or model
    name, names = str(place[-1]), list(model.model_fields)
    if near := get_close_matches(name, names, n=1):
        return f"; did you mean {near[0]}?"
    for outer in Profile.model_fields:
        if (group := _group(Profile, outer)) is not None and name in group.model_fields:
            return f"; it belongs under {outer}."
    return f"; there is {', '.join(names)}."


def _group(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    """The model of a field that is a group of fields itself."""
    inner = model.model_fields[name].annotation
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None


_PATTERNS = {
    "handle": "2 to 30 of a-z, 0-9, _ and -, with a letter first (ada, ada-lovelace)",
    "language": "a language tag such as en, de or pt-BR",
}
_WORDS = {
    "missing": "is missing",
    "string_too_long": "is too long: at most {max_length} characters",
    "string_too_short": "is empty; it needs {min_length} characters",
    "too_long": "has {actual_length} entries; at most {max_length}",
    "string_type": "should be a text",
    "tuple_type": "should be a list, one entry a line with “- ” in front",
    "model_type": "should be a group of fields, indented below it",
    "bool_parsing": "should be true or false",
    "bool_type": "should be true or false",
    "decimal_parsing": "should be a number",
    "decimal_type": "should be a number",
    "finite_number": "should be a number",
    "greater_than_equal": "should be at least {ge}",
    "less_than_equal": "should be at most {le}",
}
