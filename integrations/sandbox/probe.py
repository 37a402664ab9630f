"""Which tier this machine can have: found by running something in it and looking whether it was kept in."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.errors import TroupeError
from integrations.sandbox import bwrap, confine, landlock, users
from integrations.sandbox.bwrap import Bwrap
from integrations.sandbox.cell import TMP, WORK, Cell, Mount, Owner, is_root
from integrations.sandbox.landlock import Landlock
from integrations.sandbox.limits import Limits
from integrations.sandbox.run import Command, run
from integrations.sandbox.tier import Tier

PATIENCE_S = 20.0
TRIAL = """
set -u
cat "$1" 2>/dev/null && exit 10
(echo x > "$2") 2>/dev/null && exit 11
echo kept > own && test "$(cat own)" = kept || exit 12
id=$(id -u) && test "$id" != 0 || exit 13
echo whole
"""
SAYS = {
    10: "it could read a file outside",
    11: "it could write a file outside",
    12: "it could not write its own files",
    13: "it ran as root",
}


@dataclass(frozen=True, slots=True)
class Found:
    """tier: None where neither can be had.  missed: why each better one cannot."""

    tier: Tier | None
    missed: tuple[str, ...]


def look(home: Path) -> Found:
    """home: a folder of ours, in which it may make one of its own for a moment."""
    missed: list[str] = []
    for tier in _candidates(missed):
        why = try_out(tier, home)
        if not why:
            return Found(tier, tuple(missed))
        missed.append(f"{tier.name}: {why}")
    return Found(None, tuple(missed))


def try_out(tier: Tier, home: Path) -> str:
    """ "" if it holds."""
    home.mkdir(parents=True, exist_ok=True)
    place, outside = Path(tempfile.mkdtemp(prefix=".probe-", dir=home)), Path(tempfile.mkdtemp())
    try:
        return _try_out(tier, place, outside)
    except TroupeError as error:
        return error.what
    except OSError as error:
        return f"{type(error).__name__}: {error}"
    finally:
        for folder in (place, outside):
            shutil.rmtree(folder, ignore_errors=True)


def _try_out(tier: Tier, place: Path, outside: Path) -> str:
    secret = outside / "secret"
    secret.write_text("secret")
    # Open to all but for the walls of the sandbox: those are what is tried.
    secret.chmod(0o666)
    outside.chmod(0o777)
    owner = Owner(users.FIRST - 1, users.FIRST - 1) if is_root() else None
    mounts = []
    for name, at in (("work", WORK), ("tmp", TMP)):
        folder = place / name
        folder.mkdir(mode=0o700)
        if owner:
            os.chown(folder, owner.uid, owner.gid)
        mounts.append(Mount(folder, at, writable=True))
    argv = ["/bin/sh", "-c", TRIAL, "sh", str(secret), str(outside / "left")]
    command = Command(argv, "", b"", PATIENCE_S, lambda: "", lambda running: None)
    ran = run(tier, Cell(tuple(mounts), owner), command, Limits())
    if ran.exit == 0 and ran.output == "whole\n":
        return ""
    return SAYS.get(ran.exit, f"it ended with {ran.exit}: {ran.output.strip()[:200]}")


def _candidates(missed: list[str]) -> Iterator[Tier]:
    programs: Sequence[Path] = list(bwrap.programs())
    if not programs:
        missed.append("bubblewrap: there is none here")
    yield from map(Bwrap, programs)
    why = landlock.why_not()
    if why:
        missed.append(f"landlock: {why}")
    else:
        yield Landlock(confine.landlock_abi())
