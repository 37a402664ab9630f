"""Every test of a sandbox runs in both tiers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.sandbox.tier import Tier
from integrations.workspace.workspace import TaskWorkspace, obliterate
from tests.sandbox.world import World, tiers, workspace, world


@pytest.fixture(params=["bubblewrap", "landlock"])
def tier(request: pytest.FixtureRequest) -> Tier:
    return tiers()[request.param]


@pytest.fixture(scope="module")
def outside() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture(scope="session")
def homes() -> Iterator[Path]:
    """Where homes of this run are, one for each tier: what takes some seconds to make is made once."""
    folder = Path(tempfile.mkdtemp(prefix="troupe-homes-"))
    folder.chmod(0o755)
    yield folder
    obliterate(folder)


@pytest.fixture
def room(homes: Path, tier: Tier) -> TaskWorkspace:
    """The workspace of a task, in either tier; the same for all."""
    return workspace(homes / tier.name, tier)
