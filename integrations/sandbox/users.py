"""As whom commands run when Troupe runs as root: users that exist nowhere else, one for each task."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Collection
from functools import cache
from typing import Any

FIRST, COUNT = 1_610_600_000, 1_000_000
"""Beyond what machines, directories and subordinate ids (/etc/subuid) usually hand out, below 2^31."""


def free(taken: Collection[int], wish: int) -> int:
    """The first from `wish` on, around, that is not taken.  wish: any number, to spread them.

    Raises LookupError when all are.
    """
    for step in range(COUNT):
        number = FIRST + (wish + step) % COUNT
        if number not in taken:
            return number
    raise LookupError("every user number is taken")


def is_ours(number: int) -> bool:
    return FIRST <= number < FIRST + COUNT


def becoming(uid: int, gid: int) -> tuple[list[str], dict[str, Any]]:
    """Begins a command of that user: the words before its own, and options for subprocess.

    With util-linux's setpriv in between: Python changes the user only after a copy of the whole process was made (fork), which
    takes the longer the larger this process is; 7 ms of a command's 20 in one of 163 MiB (measured). Without it Python does it.
    """
    program = _setpriv()
    if program is None:
        return [], {"user": uid, "group": gid, "extra_groups": []}
    return [program, f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--"], {}


@cache
def _setpriv() -> str | None:
    """Where it is, if it can do this: not every program of that name does."""
    program = shutil.which("setpriv", path="/usr/local/bin:/usr/bin:/bin")
    if program is None:
        return None
    itself = [program, "--reuid=0", "--regid=0", "--clear-groups", "--", program, "--version"]
    works = subprocess.run(itself, capture_output=True, check=False).returncode == 0  # noqa: S603  our own words
    return program if works else None
