"""Who plays in these stories: a door that leads to this machine, a vault in a file, a picture album in memory."""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import httpx
from PIL import Image

from agents.publishing.platform import Account
from agents.writing.content import Picture
from integrations.bluesky.connect import Connected
from integrations.http.door import Door
from integrations.http.resolve import Resolved


class Loopback:
    """Vouches for this machine, and knows no other."""

    def resolve(self, host: str, port: int) -> Sequence[Resolved]:
        return [Resolved("127.0.0.1", trusted=True)]


def open_door() -> Door:
    return Door(Loopback(), ports=None)


class Scripted:
    """A door behind which a function answers."""

    def __init__(self, answer: httpx.MockTransport) -> None:
        self._answer = answer

    def transport(self, *, max_bytes: int, timeout_s: float) -> httpx.BaseTransport:
        return self._answer


class FileVault:
    """One file per account, one holder at a time over threads and processes."""

    def __init__(self, folder: Path, patience_s: float = 10.0) -> None:
        self.folder = folder
        self.patience_s = patience_s

    def read(self, account_id: str) -> dict[str, str]:
        return dict(json.loads((self.folder / account_id).read_text()))

    def write(self, account_id: str, credentials: dict[str, str]) -> None:
        fresh = self.folder / f"{account_id}.new"
        fresh.write_text(json.dumps(credentials))
        fresh.rename(self.folder / account_id)

    @contextmanager
    def locked(self, account_id: str) -> Iterator[None]:
        patience = time.monotonic() + self.patience_s
        with (self.folder / f"{account_id}.lock").open("w") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > patience:
                        raise TimeoutError from None
                    time.sleep(0.005)
            yield


class Album(dict[str, bytes]):
    """Pictures by their id."""

    def data(self, picture_id: str) -> bytes:
        return self[picture_id]

    def paint(
        self, id: str, colour: str, width: int, height: int, alt: str = "", kind: str = "png"
    ) -> Picture:
        file = BytesIO()
        Image.new("RGB", (width, height), colour).save(file, kind)
        self[id] = file.getvalue()
        hashed = sha256(self[id]).hexdigest()
        return Picture(id, hashed, f"image/{kind}", width, height, len(self[id]), alt)


def joined(connected: Connected, vault: FileVault) -> Account:
    """What the product does once an account is connected."""
    account = Account(
        connected.handle, "persona", "bluesky", connected.handle, connected.base_url, connected.external_id
    )
    vault.write(account.id, connected.credentials)
    return account


def clock() -> datetime:
    return datetime.now(UTC)
