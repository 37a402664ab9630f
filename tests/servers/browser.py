"""A real Chromium, driven by Playwright: the machine's, else Debian's package when we are root, else Playwright's own."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.servers.processes import ServerError

NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
ON_MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
FLAGS = [  # Playwright adds its own; these keep it from looking for a GPU and from calling home
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
INSTALL_S = 900


@contextlib.contextmanager
def running() -> Iterator[Browser]:
    """A headless Chromium. Until the end, this thread counts as running an event loop: `asyncio.run` fails in it."""
    program = chromium()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield launched
        finally:
            launched.close()


@cache
def chromium() -> Path:
    """The browser's program, installed when there is none. Raises ServerError with the command that gets one."""
    with _alone():
        return _on_machine() or _of_playwright() or _installed()


def _on_machine() -> Path | None:
    for name in NAMES:
        program = shutil.which(name)
        # asked, because Ubuntu's chromium-browser may be a script that only says what to install
        if program and subprocess.run([program, "--version"], capture_output=True).returncode == 0:
            return Path(program)
    return None


def _of_playwright() -> Path | None:
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return own if own.exists() else None


def _installed() -> Path:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _run("apt-get", "update")
        _run("apt-get", "install", "-y", "--no-install-recommends", "chromium")
    else:
        _run(sys.executable, "-m", "playwright", "install", "chromium")
    found = _on_machine() or _of_playwright()
    if found is None:
        raise ServerError("Chromium was installed, but does not start. Try: chromium --version")
    return found


def _run(*command: str) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=INSTALL_S)
    if done.returncode:
        raise ServerError(
            f"No Chromium here, and getting one failed. Run as root: apt-get install -y chromium, "
            f"or as yourself: python -m playwright install --with-deps chromium\n"
            f"What was tried: {' '.join(command)}\n{(done.stdout + done.stderr)[-2000:]}"
        )


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Two installations at once would trip over each other."""
    with Path(__file__).open("rb") as held:  # closing it lets go
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
