"""The real workspace, in its sandbox, keeps what every workspace keeps to."""

from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from agents.tasks.toolbox import terminal, toolbox
from agents.tasks.toolbox.offer import given
from agents.tasks.tools import ToolFailed
from integrations.workspace.workspace import TaskWorkspace
from integrations.workspace.workspaces import Workspaces
from tests.tasks.fakes import desk
from tests.tasks.workspace_contract import WorkspaceContract


@pytest.fixture(scope="module")
def workspaces(tmp_path_factory: pytest.TempPathFactory) -> Workspaces:
    """The packages that all share are made once."""
    return Workspaces(tmp_path_factory.mktemp("home"))


@pytest.fixture
def workspace(workspaces: Workspaces, tmp_path: Path) -> Iterator[TaskWorkspace]:
    task = desk(id=tmp_path.name).record.task
    yield workspaces.of(task)
    workspaces.remove(task.id)


class TestTaskWorkspace(WorkspaceContract):
    """Everything is in the contract."""


def use(workspace: TaskWorkspace, name: str, **arguments: Any) -> str:
    tool = toolbox().get(name)
    return tool.run(given(tool, arguments), replace(desk().bench(), workspace=workspace))


def test_the_tools_work_on_it(workspace: TaskWorkspace) -> None:
    use(workspace, "write_file", path="src/adding.py", text="def add(a, b):\n    return a - b\n")
    check = {"command": ["python", "-c", "from src.adding import add; assert add(2, 2) == 4"]}
    assert "did not pass" in use(workspace, "run_check", **check)
    use(workspace, "edit_file", path="/work/src/adding.py", find="a - b", replace="a + b")
    assert "The check passed" in use(workspace, "run_check", **check)
    told = use(
        workspace, "run_python", code="import src.adding as a; open('output/n', 'w').write(str(a.add(2, 3)))"
    )
    assert told.startswith("Exit code 0")
    assert "\n5\n" in use(workspace, "read_file", path="output/n")
    use(workspace, "move_file", path="output/n", to="output/five.txt")
    use(workspace, "delete_file", path="src/adding.py")
    files = [
        entry.path for entry in workspace.list() if not entry.is_folder and "__pycache__" not in entry.path
    ]
    assert files == ["output/five.txt"]


def test_a_traceback_shows_the_lines_of_what_ran(workspace: TaskWorkspace) -> None:
    told = use(workspace, "run_python", code="figures = {}\nprint(figures['sum'])")
    assert "print(figures['sum'])" in told
    assert "KeyError: 'sum'" in told


def test_nobody_is_asked_about_what_is_not_on_the_list(workspace: TaskWorkspace) -> None:
    tool, bench = terminal.install_packages, replace(desk().bench(), workspace=workspace)
    assert tool.wish(given(tool, {"packages": ["pandas==2.2.3"]}), bench).shown == "pandas==2.2.3"
    with pytest.raises(ToolFailed, match="evil-package is not among"):
        tool.wish(given(tool, {"packages": ["pandas==2.2.3", "evil-package==6.6.6"]}), bench)


def test_what_is_installed_is_found_in_it(workspace: TaskWorkspace) -> None:
    tool, bench = terminal.install_packages, replace(desk().bench(), workspace=workspace)
    there = f"PyYAML=={version('pyyaml')}"
    assert tool.find(given(tool, {"packages": [there]}), bench, "key") == f"Installed: {there}."
    assert tool.find(given(tool, {"packages": ["PyYAML==0.1"]}), bench, "key") is None
    assert tool.find(given(tool, {"packages": ["pandas==2.2.3"]}), bench, "key") is None
