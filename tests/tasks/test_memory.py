"""The workspace and the record in memory, on which the tools are tested, are such."""

import pytest

from tests.tasks.fakes import MemoryRecord, MemoryWorkspace, desk
from tests.tasks.record_contract import RecordContract
from tests.tasks.workspace_contract import WorkspaceContract


class TestWorkspace(WorkspaceContract):
    @pytest.fixture
    def workspace(self) -> MemoryWorkspace:
        return MemoryWorkspace()


class TestRecord(RecordContract):
    @pytest.fixture
    def record(self) -> MemoryRecord:
        return desk().record
