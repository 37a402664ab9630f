"""The workspace in memory, on which the tools are tested, is one."""

from tests.tasks.fakes import MemoryWorkspace
from tests.tasks.workspace_contract import WorkspaceContract


class TestMemory(WorkspaceContract):
    def open(self) -> MemoryWorkspace:
        return MemoryWorkspace()
