"""What a task made and what it stands on: files, sources, notes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

FILE_LIMIT, FILES_LIMIT = 20 * 1024 * 1024, 50
"""Bytes of one deliverable, and how many a task may hand over."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that was handed over; its bytes are kept beside.  path: below output/.  preview: a picture id, "" without one."""

    id: str
    task_id: str
    path: str
    kind: str
    """Media type."""
    size: int
    sha256: str
    created_at: datetime
    preview: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """What a text may cite as [number].  accessed_at: when it was read."""

    task_id: str
    number: int
    url: str
    title: str
    accessed_at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """What a persona wants to remember.  task_id: "" for what holds beyond one task."""

    id: str
    persona_id: str
    task_id: str
    text: str
    at: datetime
