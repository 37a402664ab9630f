"""The process that outlives `up` for as long as it takes to end everything when `up` itself was killed.

A killed process cannot clean up after itself, and a parent's death reaches its children at best, not theirs. So `up`
tells its guardian, over a pipe, each session that begins (`+pid`) and ends (`-pid`); when the pipe breaks, the guardian
ends those still open. It also holds the lock of `up` meanwhile: the next `up` waits until the ground is clear.
"""

import asyncio
import subprocess
import sys
from contextlib import suppress

from bot.supervise import family


class Guardian:
    """The end of the pipe that `up` holds. `lock` is a file descriptor the guardian keeps open as well."""

    def __init__(self, lock: int) -> None:
        command = [sys.executable, "-m", __name__]
        self._process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, start_new_session=True, pass_fds=[lock]
        )

    def began(self, leader: int) -> None:
        self._say(f"+{leader}\n")

    def ended(self, leader: int) -> None:
        self._say(f"-{leader}\n")

    def dismiss(self) -> None:
        """Let it go. What has not ended by now, it ends."""
        self._process.communicate()

    def _say(self, line: str) -> None:
        assert self._process.stdin  # noqa: S101  it was opened as a pipe above
        with suppress(BrokenPipeError):  # somebody killed the guardian; `up` still ends what it started
            self._process.stdin.write(line.encode())
            self._process.stdin.flush()


async def watch() -> None:
    """The guardian's whole life."""
    leaders: set[int] = set()
    for line in sys.stdin:  # blocking is all it does until the pipe breaks
        (leaders.add if line[0] == "+" else leaders.discard)(int(line[1:]))
    await asyncio.gather(*map(family.end, leaders))


if __name__ == "__main__":
    asyncio.run(watch())
