"""The workspace and the record in memory, on which the tools are tested, are such."""

from tests.tasks.fakes import MemoryRecord, MemoryWorkspace, desk
from tests.tasks.record_contract import RecordContract
from tests.tasks.workspace_contract import WorkspaceContract


class TestWorkspace(WorkspaceContract):
    def open(self) -> MemoryWorkspace:
        return MemoryWorkspace()


class TestRecord(RecordContract):
    def open(self) -> MemoryRecord:
        return desk().record
