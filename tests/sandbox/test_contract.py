"""The real workspace keeps to what every workspace keeps to, in both tiers."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from integrations.sandbox.tier import Tier
from integrations.workspace.workspace import TaskWorkspace
from tests.sandbox.world import workspace
from tests.tasks.workspace_contract import WorkspaceContract


class TestTaskWorkspace(WorkspaceContract):
    @pytest.fixture
    def workspace(self, homes: Path, tier: Tier) -> TaskWorkspace:
        return workspace(homes / tier.name, tier, task=f"c-{secrets.token_hex(4)}")
