"""Encryption at rest: Fernet keys, the newest first, so that a key can be rotated without a pause."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from agents.errors import Invalid, TroupeError


class Sealed(TroupeError):
    """Stored credentials cannot be read with the keys that this process has."""

    code = "sealed"


class Box:
    """Seals and opens small secrets. The first key seals; all of them open."""

    def __init__(self, keys: Sequence[str]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise Invalid(
                "TROUPE_SECRET_KEYS holds something that is no Fernet key.",
                remedy="Make one with ./troupe rotate-key --print, or leave it unset.",
            ) from error

    def seal(self, secret: dict[str, str]) -> bytes:
        return self._fernet.encrypt(json.dumps(secret, sort_keys=True).encode())

    def open(self, sealed: bytes) -> dict[str, str]:
        """Raises Sealed if none of the keys fits."""
        try:
            opened: dict[str, str] = json.loads(self._fernet.decrypt(sealed))
        except InvalidToken as error:
            raise Sealed(
                "An account's credentials were sealed with a key that is not here any more.",
                remedy="Put the old key back behind the new one in TROUPE_SECRET_KEYS, or connect the account again.",
            ) from error
        return opened

    def reseal(self, sealed: bytes) -> bytes:
        """The same secret under the newest key."""
        return self._fernet.rotate(sealed)


def keys_from(configured: str, home: Path) -> list[str]:
    """The keys from the environment (comma-separated, newest first), else from a file that only we may read.

    The file `secret.keys` under `home` is made on first use, mode 0600, one key a line, newest first.
    """
    given = [key.strip() for key in configured.split(",") if key.strip()]
    if given:
        return given
    path = home / "secret.keys"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        _write(path, [Fernet.generate_key().decode()])
    return path.read_text().split()


def add_key(home: Path) -> list[str]:
    """A new first key in the file; the old ones stay until everything is resealed."""
    keys = [Fernet.generate_key().decode(), *keys_from("", home)]
    _write(home / "secret.keys", keys)
    return keys


def keep_newest(home: Path) -> None:
    _write(home / "secret.keys", keys_from("", home)[:1])


def _write(path: Path, keys: Sequence[str]) -> None:
    """Whole or not at all; two processes that start at once end with the same file."""
    temporary = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("\n".join(keys) + "\n")
        file.flush()
        os.fsync(file.fileno())
    if path.exists() or len(keys) > 1:
        temporary.replace(path)
        return
    try:
        os.link(temporary, path)  # fails if the other process was first, and then its key is the one
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
