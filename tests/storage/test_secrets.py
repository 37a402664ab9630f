"""The keys that seal credentials: made once, kept to ourselves, changed without a pause."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from agents.errors import Invalid
from storage import secrets
from storage.accounts import Vault
from storage.secrets import Box, Sealed, keys_from, rotate
from storage.unit_of_work import Storage
from tests.storage.cast import KEY, Now, account, opened, persona
from tests.storage.processes import in_processes

SECRET = {"access_jwt": "a", "app_password": "b"}


def new_key() -> str:
    return Fernet.generate_key().decode()


def test_what_is_sealed_opens_and_shows_nothing(tmp_path: Path) -> None:
    box = Box(lambda: [KEY])
    sealed = box.seal(SECRET)
    assert box.open(sealed) == SECRET
    assert b"access_jwt" not in sealed
    assert box.seal(SECRET) != sealed


def test_another_key_does_not_open_it_and_says_what_to_do() -> None:
    sealed = Box(lambda: [KEY]).seal(SECRET)
    with pytest.raises(Sealed, match="TROUPE_SECRET_KEYS"):
        Box(lambda: [new_key()]).open(sealed)
    with pytest.raises(Sealed):
        Box(lambda: [KEY]).open(b"scribble")


def test_what_is_no_key_stops_the_start() -> None:
    with pytest.raises(Invalid, match="no Fernet key"):
        Box(lambda: ["scribble"])


def test_keys_of_the_environment_go_first_and_make_no_file(tmp_path: Path) -> None:
    one, two = new_key(), new_key()
    assert keys_from(f" {one} , {two},", tmp_path) == [one, two]
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_made_once_for_us_alone(tmp_path: Path) -> None:
    home = tmp_path / "var"
    old = os.umask(0)
    try:
        [key] = keys_from("", home)
    finally:
        os.umask(old)
    assert keys_from("", home) == [key]
    assert stat.S_IMODE((home / secrets.FILE).stat().st_mode) == 0o600
    assert [file.name for file in home.iterdir()] == [secrets.FILE]


def make_file(home: Path) -> list[str]:
    return keys_from("", home)


def test_processes_that_make_the_file_at_once_get_the_same_key(tmp_path: Path) -> None:
    keys = in_processes(4, make_file, tmp_path / "var")
    assert [len(key) for key in keys] == [1] * 4
    assert len({key[0] for key in keys}) == 1
    assert keys_from("", tmp_path / "var") == keys[0]


def test_who_comes_second_to_the_file_takes_the_key_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between our look for the file and our making it, another process makes it, and may have sealed with its key."""
    generate, theirs = Fernet.generate_key, list[str]()

    def late() -> bytes:
        monkeypatch.setattr(Fernet, "generate_key", generate)
        theirs.extend(keys_from("", tmp_path))
        return generate()

    monkeypatch.setattr(Fernet, "generate_key", late)
    assert keys_from("", tmp_path) == theirs
    assert keys_from("", tmp_path) == theirs


def test_a_rotation_seals_everything_anew_and_keeps_the_key_before(tmp_path: Path) -> None:
    [old] = keys_from("", tmp_path)
    box = Box(lambda: keys_from("", tmp_path))
    stored = [box.seal(SECRET), box.seal({"other": "c"})]

    def reseal() -> int:
        stored[:] = map(box.reseal, stored)
        return len(stored)

    assert rotate(tmp_path, reseal) == 2
    new, before = keys_from("", tmp_path)
    assert before == old and new != old
    assert Box(lambda: [new]).open(stored[0]) == SECRET
    assert stat.S_IMODE((tmp_path / secrets.FILE).stat().st_mode) == 0o600
    assert rotate(tmp_path, reseal) == 2
    assert keys_from("", tmp_path)[1:] == [new]
    with pytest.raises(Sealed):
        Box(lambda: [old]).open(stored[0])


def test_a_rotation_that_fails_keeps_every_key(tmp_path: Path) -> None:
    [first] = keys_from("", tmp_path)
    sealed = Box(lambda: [first]).seal(SECRET)

    def fail() -> int:
        raise OSError("the database is away")

    for _ in range(3):
        with pytest.raises(OSError, match="away"):
            rotate(tmp_path, fail)
    assert len(keys_from("", tmp_path)) == 4
    assert Box(lambda: keys_from("", tmp_path)).open(sealed) == SECRET


def test_a_running_process_follows_a_rotation(tmp_path: Path) -> None:
    """Both ways: it opens what was resealed, and what it seals from then on is sealed with the new key."""
    running = Box(lambda: keys_from("", tmp_path))
    rotate(tmp_path, lambda: 0)
    new = keys_from("", tmp_path)[0]
    assert running.open(Box(lambda: [new]).seal(SECRET)) == SECRET
    assert Box(lambda: [new]).open(running.seal(SECRET)) == SECRET


def rotate_in(home: Path, url: str) -> int:
    storage = opened(url)
    storage.box = Box(lambda: keys_from("", home))

    def reseal() -> int:
        with storage.unit_of_work() as work:
            return work.accounts.reseal_all()

    done = rotate(home, reseal)
    storage.engine.dispose()
    return done


def test_rotations_at_once_lose_nothing(
    storage: Storage, database_url: str, tmp_path: Path, now: Now
) -> None:
    home = tmp_path / "var"
    storage.box = Box(lambda: keys_from("", home))
    with storage.unit_of_work() as work:
        accounts = [account(work, persona(work, f"ada{n}")) for n in range(5)]
    assert in_processes(3, rotate_in, home, database_url) == [5, 5, 5]
    assert len(keys_from("", home)) == 2
    vault = Vault(storage.engine, storage.box, now)
    assert [vault.read(a.id) for a in accounts] == [{"token": "t0"}] * 5
