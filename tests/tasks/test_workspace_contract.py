"""The real workspace, in its sandbox, keeps what every workspace keeps to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.workspace.workspace import TaskWorkspace
from integrations.workspace.workspaces import Workspaces
from tests.tasks.fakes import desk
from tests.tasks.workspace_contract import WorkspaceContract


@pytest.fixture(scope="module")
def workspaces(tmp_path_factory: pytest.TempPathFactory) -> Workspaces:
    """The packages that all share are made once."""
    return Workspaces(tmp_path_factory.mktemp("home"))


class TestTaskWorkspace(WorkspaceContract):
    @pytest.fixture
    def workspace(self, workspaces: Workspaces, tmp_path: Path) -> Iterator[TaskWorkspace]:
        task = desk(id=tmp_path.name.replace("_", "-")[:60]).record.task
        yield workspaces.of(task)
        workspaces.remove(task.id)
