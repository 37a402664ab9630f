from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.publishing.platform import Account
from integrations.bluesky.connect import Connected, connect
from integrations.bluesky.publisher import BlueskyPublisher
from tests.bluesky.cast import Album, FileVault, clock, joined, open_door
from tests.servers.pds import Pds


@pytest.fixture
def vault(tmp_path: Path) -> FileVault:
    return FileVault(tmp_path)


@pytest.fixture
def album() -> Album:
    return Album()


@pytest.fixture
def publisher(vault: FileVault, album: Album) -> Iterator[BlueskyPublisher]:
    made = BlueskyPublisher(vault, album, open_door(), clock, total_s=10.0)
    yield made
    made.close()


@pytest.fixture(scope="module")
def people(pds_process: Pds) -> dict[str, Connected]:
    """Those who are in several stories; to make an account and to sign in is what takes the server longest."""
    pds_process.calm()
    made = {name: pds_process.account(name) for name in ("ada", "bob")}
    return {
        name: connect(pds_process.url, account.handle, account.app_password, door=open_door())
        for name, account in made.items()
    }


@pytest.fixture
def ada(pds: Pds, people: dict[str, Connected], vault: FileVault) -> Account:
    """Ada's account, her session in the vault."""
    return joined(people["ada"], vault)
