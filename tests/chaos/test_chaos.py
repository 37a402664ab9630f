"""The short form, on both databases: workers, clock, web and Redis are killed about once a second, and every post is out once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.chaos import driver
from tests.chaos.killer import KINDS
from tests.servers.pds import Pds

POSTS, KILL_EVERY_S = 24, 1.0


@pytest.mark.parametrize(("database", "seed"), [("sqlite", 1), ("postgresql", 2)])
def test_every_post_is_out_exactly_once_whatever_is_killed(
    database: str, seed: int, tmp_path: Path, pds: Pds, request: pytest.FixtureRequest
) -> None:
    url: str | None = request.getfixturevalue("postgres_url") if database == "postgresql" else None
    outcome = driver.run(
        POSTS,
        seed=seed,
        kill_every_s=KILL_EVERY_S,
        home=tmp_path / "home",
        pds=pds,
        database_url=url,
        progress=lambda _: None,
    )
    sys.stdout.write(f"{outcome}\n")
    assert set(outcome.kills) == set(KINDS), f"not everything was killed:\n{outcome}"
    assert outcome.segments == POSTS + POSTS // 4 * 2
    assert outcome.well, str(outcome)
