"""A task that works again after its workspace was removed has in it what it had."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from agents.tasks.tools import ToolFailed
from integrations.workspace.workspace import TaskWorkspace
from integrations.workspace.workspaces import Workspaces
from jobs.unpacking import UNDER_WAY, unpack
from tests.tasks.fakes import MemoryWorkspace, desk


def files(workspace: TaskWorkspace | MemoryWorkspace) -> dict[str, bytes]:
    return {entry.path: workspace.read(entry.path) for entry in workspace.list() if not entry.is_folder}


def test_everything_is_back_but_what_is_made_anew(tmp_path: Path) -> None:
    workspaces, task = Workspaces(tmp_path), desk(id="again").record.task
    there = workspaces.of(task)
    there.write("src/deep/a.py", b"print(1)\n")
    there.write("output/report.md", "# Größe\n".encode())
    there.write("research/with space.txt", b"\x00\xff")
    before, data = files(there), there.zip()
    workspaces.remove(task.id)
    fresh = workspaces.of(task)
    assert "src/deep/a.py" not in files(fresh)
    unpack(data, fresh)
    assert files(fresh) == before
    assert fresh.run(["python", "src/deep/a.py"]).output == "1\n"
    workspaces.remove(task.id)


def test_what_broke_off_shows_and_is_done_again() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("output/a.txt", "a")
        archive.writestr("../outside.txt", "b")
    workspace = MemoryWorkspace()
    with pytest.raises(ToolFailed):
        unpack(held.getvalue(), workspace)
    assert set(workspace.files) == {UNDER_WAY, "output/a.txt"}
