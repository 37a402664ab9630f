from __future__ import annotations

from pathlib import Path

import pytest

from bot.wiring import Troupe
from tests.cli.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "var")


@pytest.fixture
def troupe(desk: Desk) -> Troupe:
    """A prepared installation; nothing of it runs."""
    desk.home.mkdir(mode=0o700)
    return desk.prepare()
