"""Installs packages into a task's environment with uv: from the allow-list, wheels only, as the task's own user."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.tasks.tools import ToolFailed
from integrations.sandbox.cell import ENV, Cell, Mount
from integrations.workspace import packages

UV, FOLDER = "/uv", "/packages"
PASSED_ON = (
    *("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_NATIVE_TLS", "SSL_CERT_FILE"),
    *(
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "no_proxy",
    ),
)
"""Of our own environment, what says where packages come from. Nothing of a package runs while these are set."""


@dataclass(frozen=True, slots=True)
class Installer:
    """more: names beside the packaged list.  index: an address, or a folder of wheels; "" for uv's own."""

    more: tuple[str, ...] = ()
    index: str = ""

    @property
    def is_remote(self) -> bool:
        return self._folder is None

    def checked(self, wanted: Sequence[str]) -> list[str]:
        """Raises ToolFailed where one may not be installed."""
        return packages.checked(wanted, self.more)

    def needs(self) -> tuple[Sequence[Mount], Mapping[str, str]]:
        """What has to be seen, and known, inside."""
        mounts = [Mount(_uv(), UV), *([Mount(self._folder, FOLDER)] if self._folder else [])]
        passed = {name: value for name in PASSED_ON if (value := os.environ.get(name))}
        return mounts, passed if self.is_remote else {}

    def command(self, asked: Iterable[str], place: Callable[[Mount], str], cell: Cell) -> list[str]:
        at = {mount.at: place(mount) for mount in cell.mounts}
        argv = [at[UV], "pip", "install", "--python", f"{at[ENV]}/bin/python"]
        argv += [
            "--only-binary",
            ":all:",
            "--no-cache",
            "--no-config",
            "--no-python-downloads",
            "--link-mode",
            "copy",
        ]
        if self._folder:
            argv += ["--no-index", "--find-links", at[FOLDER]]
        elif self.index:
            argv += ["--default-index", self.index]
        return [*argv, "--", *asked]

    @property
    def _folder(self) -> Path | None:
        folder = Path(self.index) if self.index and "://" not in self.index else None
        return folder.resolve() if folder else None


def _uv() -> Path:
    try:
        from uv import find_uv_bin

        return Path(find_uv_bin())
    except (ImportError, FileNotFoundError) as error:
        raise ToolFailed(
            "Packages cannot be installed here: uv is missing.", remedy="./troupe up installs it."
        ) from error
