"""git, run outside the sandbox: only on bare repositories of our own, and so that nothing in them makes it run anything.

The token reaches it through a pipe that is read once. It stands on no command line, in no environment and in no file.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from agents.tasks.toolbox.fenced import data
from agents.tasks.tools import ToolFailed

TIMEOUT_S, SAID = 120.0, 800
"""Seconds of one command, and characters of its complaints."""
CONFIG = (
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "core.fsmonitor=false",
    "core.bigFileThreshold=20m",  # beyond it no file is held in memory
    "core.askPass=",
    "credential.helper=",  # empties the list
    "gc.auto=0",
    "maintenance.auto=false",
    "http.followRedirects=false",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=30",
    "protocol.allow=never",
    "submodule.recurse=false",
    "fetch.fsckObjects=true",
    # Old mistakes that well-known repositories carry for ever, and that harm nobody.
    "fetch.fsck.badTimezone=ignore",
    "fetch.fsck.zeroPaddedFilemode=ignore",
    "fetch.fsck.missingSpaceBeforeDate=ignore",
)
ENVIRONMENT = {
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",  # what it says is read by us
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
}


@dataclass(frozen=True, slots=True)
class Ended:
    """exit: None if it took too long."""

    exit: int | None
    out: bytes
    err: str


@dataclass(frozen=True, slots=True)
class Git:
    """scheme: the one protocol it speaks.  token: "" for none."""

    scheme: str = "https"
    token: str = ""

    def try_(
        self, folder: Path, *args: str, stdin: bytes = b"", speaks: bool = False, timeout_s: float = TIMEOUT_S
    ) -> Ended:
        """speaks: whether it may go to the network, and is given the token for it."""
        with self._credentials(speaks) as (extra, pipes):
            protocol = (f"protocol.{self.scheme}.allow=always",) if speaks else ()
            config = [word for line in (*CONFIG, *protocol, *extra) for word in ("-c", line)]
            argv = ["git", f"--git-dir={folder}", *config, *args]
            exit, out, err = _ran(argv, folder, pipes, stdin, timeout_s)
        return Ended(exit, out, self._harmless(err))

    def run(self, folder: Path, *args: str, stdin: bytes = b"", speaks: bool = False) -> bytes:
        """What it prints. Raises ToolFailed in git's last words."""
        ended = self.try_(folder, *args, stdin=stdin, speaks=speaks)
        if ended.exit != 0:
            raise ToolFailed(in_words(ended.err))
        return ended.out

    def text(self, folder: Path, *args: str, speaks: bool = False) -> str:
        return self.run(folder, *args, speaks=speaks).decode(errors="replace").strip()

    @contextmanager
    def _credentials(self, speaks: bool) -> Iterator[tuple[Sequence[str], Sequence[int]]]:
        if not (speaks and self.token):
            yield (), ()
            return
        ours, theirs = os.pipe()
        try:
            os.write(theirs, f"username=x-access-token\npassword={self.token}\n".encode())
            os.close(theirs)
            helper = f'credential.helper=!f() {{ test "$1" = get && cat /dev/fd/{ours}; }}; f'
            yield (helper,), (ours,)
        finally:
            os.close(ours)

    def _harmless(self, said: bytes) -> str:
        text = said.decode(errors="replace")
        return text.replace(self.token, "***") if self.token else text


def _ran(
    argv: Sequence[str], folder: Path, pipes: Sequence[int], stdin: bytes, timeout_s: float
) -> tuple[int | None, bytes, bytes]:
    """Whatever ends this ends git's helpers, too: one of them may be pushing."""
    outside = {"PATH": os.environ.get("PATH", os.defpath)} | _authorities()
    try:
        ran = subprocess.Popen(  # noqa: S603  no shell; what others name was checked (agents/tasks/toolbox/hub.py)
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT | outside,
            pass_fds=pipes,
            cwd=folder,
            start_new_session=True,
        )
    except FileNotFoundError:
        raise ToolFailed("This machine has no git.", remedy="Whoever runs Troupe can install it.") from None
    with ran:
        try:
            out, err = ran.communicate(stdin, timeout_s)
        except subprocess.TimeoutExpired:
            return None, b"", b"it took too long"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(ran.pid, signal.SIGKILL)
    return ran.returncode, out, err


def in_words(err: str) -> str:
    """What git's complaint means for somebody who did not run it."""
    if "Authentication failed" in err or "could not read Username" in err or "error: 401" in err:
        return "GitHub does not accept the token that this installation has."
    if "error: 403" in err:
        return "The token that this installation has may not do that there."
    if "not found" in err.lower() or "error: 404" in err:
        return "There is no such repository, or the token that this installation has cannot see it."
    if any(word in err for word in ("Could not resolve host", "Failed to connect", "Connection refused")):
        return "GitHub cannot be reached from here."
    return f"git could not do it.\n{data('What it said', err.strip() or 'Nothing.', SAID)}\n"


def _authorities() -> dict[str, str]:
    """Whom the rest of Troupe trusts, where that is not whom git trusts."""
    file = os.environ.get("SSL_CERT_FILE")
    return {"GIT_SSL_CAINFO": file} if file else {}
