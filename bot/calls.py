"""What a surface hands in once it has acknowledged, checked and parsed: who, where, and what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.people import Person


@dataclass(frozen=True, slots=True)
class Place:
    """Where it happened.

    surface: slack, discord, console or api.  channel: id of our channel row, "" for none.
    thread: what the thread is about ("post:abc", "message:xyz"), "" for the channel itself.
    """

    surface: str = "api"
    channel: str = ""
    thread: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A command that somebody typed. `text` is the whole line, without secrets by design: forms carry those."""

    person: Person
    place: Place
    text: str
    via: str = ""
    """The API key's name when a program asked, else ""."""


@dataclass(frozen=True, slots=True)
class Click:
    """A button that somebody pressed; `values` are a submitted form's, None when only the button was pressed."""

    person: Person
    place: Place
    verb: str
    id: str
    fingerprint: str
    values: Mapping[str, Any] | None = None
    via: str = ""
