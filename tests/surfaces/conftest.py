"""A team at work in each chat, by turns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.surfaces.chats import SURFACES, opened
from tests.surfaces.hands import Hands


@pytest.fixture(params=SURFACES)
def at(request: pytest.FixtureRequest, tmp_path: Path, redis_url: str) -> Iterator[Hands]:
    with opened(request.param, tmp_path, redis_url) as hands:
        yield hands
