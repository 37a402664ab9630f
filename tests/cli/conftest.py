from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.wiring import Troupe
from tests.cli.desk import Desk, Done


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "var")


@pytest.fixture
def troupe(desk: Desk) -> Troupe:
    return desk.prepare()


@pytest.fixture
def run(desk: Desk, troupe: Troupe) -> Callable[..., Done]:
    """Runs a command where everything is prepared."""
    return desk.run
