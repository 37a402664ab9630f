"""A workspace while an approved step happens: of each file that goes along, exactly the bytes that a person approved."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, cast

from agents.tasks.tools import ToolFailed, Workspace


class Sealed:
    """attachments: path → SHA-256, as approved. Between the last look and the deed another part of the task may write in shared/."""

    def __init__(self, workspace: Workspace, attachments: Mapping[str, str]) -> None:
        self._workspace, self._attachments = workspace, attachments

    def read(self, path: str, limit: int = 1_000_000) -> bytes:
        data = self._workspace.read(path, limit)
        approved = self._attachments.get(path)
        if approved is not None and sha256(data).hexdigest() != approved:
            raise ToolFailed(f"{path} was changed after it was approved, so nothing was done.")
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._workspace, name)


def sealed(workspace: Workspace, attachments: Mapping[str, str]) -> Workspace:
    return cast(Workspace, Sealed(workspace, attachments)) if attachments else workspace
