"""A task that works again after its workspace was removed finds what it had there, out of its archive."""

from __future__ import annotations

import io
import zipfile

from agents.tasks.asking import ARCHIVE
from agents.tasks.task import Task
from agents.tasks.tools import Workspace
from bot.wiring import Troupe
from integrations.workspace.archive import LEFT_OUT
from integrations.workspace.workspace import TaskWorkspace

UNDER_WAY = ".unpacking"
"""Stands in the workspace until everything is back, so that whoever follows a worker that died does it again."""
LARGEST = 100 * 1024 * 1024
"""Bytes of all files together: more is no archive of ours."""


def workspace_of(task: Task, troupe: Troupe) -> TaskWorkspace:
    """Made if it is not there, with what the task had when it was put away."""
    was_there = troupe.workspaces.exists(task.id)
    workspace = troupe.workspace(task)
    if was_there and not any(entry.path == UNDER_WAY for entry in workspace.list("", limit=50)):
        return workspace
    with troupe.storage.reading() as work:
        archive = next((file for file in work.artifacts.of_task(task.id) if file.path == ARCHIVE), None)
        data = work.artifacts.data(archive.id) if archive else b""
    if data:
        unpack(data, workspace)
    return workspace


def unpack(data: bytes, workspace: Workspace) -> None:
    """data: a zip that `workspace.zip` made. Every file goes through the workspace, which lets none out."""
    workspace.write(UNDER_WAY, b"")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        left = LARGEST
        for entry in archive.infolist():
            left -= entry.file_size
            if left < 0:
                break
            if entry.filename != LEFT_OUT:
                workspace.write(entry.filename, archive.read(entry))
    workspace.delete(UNDER_WAY)
