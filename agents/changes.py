"""What changed between two values, as the audit trail keeps it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel


def changed(before: BaseModel, after: BaseModel) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both sides of every field that differs, as JSON values; "voice.tone" is the name of an inner one."""
    was, now = (dict(_flat(value.model_dump(mode="json"))) for value in (before, after))
    names = [name for name in now if was.get(name) != now[name]]
    return {name: was.get(name) for name in names}, {name: now[name] for name in names}


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
