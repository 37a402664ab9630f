"""Encryption at rest: Fernet keys, the newest first, so that a key can be rotated without a pause."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from tempfile import mkstemp

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from agents.errors import Invalid, TroupeError

FILE = "secret.keys"


class Sealed(TroupeError):
    """Stored credentials cannot be read with the keys that this process has."""

    code = "sealed"


Keys = Callable[[], Sequence[str]]
"""Answers the present keys, the newest first."""


class Box:
    """Seals and opens small secrets. The first key seals; all of them open.

    keys: asked each time, so that a running process follows a rotation at once and never seals with a key that is going.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        _fernet(tuple(keys()))

    @property
    def _fernet(self) -> MultiFernet:
        return _fernet(tuple(self._keys()))

    def seal(self, secret: dict[str, str]) -> bytes:
        return self._fernet.encrypt(json.dumps(secret, sort_keys=True).encode())

    def open(self, sealed: bytes) -> dict[str, str]:
        """Raises Sealed if none of the keys fits."""
        with _fitting():
            opened: dict[str, str] = json.loads(self._fernet.decrypt(sealed))
        return opened

    def reseal(self, sealed: bytes) -> bytes:
        """The same secret under the newest key. Raises Sealed if none of the keys fits."""
        with _fitting():
            return self._fernet.rotate(sealed)


@contextmanager
def _fitting() -> Iterator[None]:
    try:
        yield
    except InvalidToken as error:
        raise Sealed(
            "An account's credentials were sealed with a key that is not here any more.",
            remedy="Put the old key back behind the new one in TROUPE_SECRET_KEYS, or connect the account again.",
        ) from error


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError as error:
        raise Invalid(
            "Something among the keys for stored credentials is no Fernet key.",
            remedy="Mend TROUPE_SECRET_KEYS, or the file secret.keys in TROUPE_HOME.",
        ) from error


def keys_from(configured: str, home: Path) -> list[str]:
    """The keys from the environment (comma-separated, newest first), else from a file that only we may read.

    The file `secret.keys` under `home` is made on first use, mode 0600, one key a line, newest first. Of two processes
    that make it at once one wins, and both get its key.
    """
    given = [key.strip() for key in configured.split(",") if key.strip()]
    if given:
        return given
    path = home / FILE
    if not path.exists():
        with _written(home, [Fernet.generate_key().decode()]) as fresh, suppress(FileExistsError):
            os.link(fresh, path)
    return path.read_text().split()


def rotate(home: Path, reseal: Callable[[], int]) -> int:
    """A new first key in the file, then everything sealed anew by `reseal`, whose answer is returned.

    The key before stays: what somebody sealed with it at that very moment still opens, and goes with the next rotation.
    If `reseal` fails, every key stays. One rotation at a time; a second waits.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / f"{FILE}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        keys = [Fernet.generate_key().decode(), *keys_from("", home)]
        _replace(home, keys)
        resealed = reseal()
        _replace(home, keys[:2])
    return resealed


def _replace(home: Path, keys: Sequence[str]) -> None:
    with _written(home, keys) as fresh:
        fresh.replace(home / FILE)


@contextmanager
def _written(home: Path, keys: Sequence[str]) -> Iterator[Path]:
    """A file with the keys, whole and on the disk, mode 0600, beside the one that it is to become."""
    home.mkdir(parents=True, exist_ok=True)
    descriptor, name = mkstemp(prefix=f".{FILE}.", dir=home)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write("\n".join(keys) + "\n")
            file.flush()
            os.fsync(file.fileno())
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
