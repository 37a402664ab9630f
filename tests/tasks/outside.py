"""What the tools that reach outside need in a test: a folder for a workspace, and a record that remembers."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from agents.personas.persona import Persona
from agents.tasks.artifact import Artifact, Source
from agents.tasks.task import Task
from agents.tasks.tools import Bench, Entry, Ran, Record, ToolFailed, Workspace

NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)


@dataclass
class Folder:
    """A workspace without its walls: what the tools need of it is real, what keeps it in is tested elsewhere."""

    root: Path

    def read(self, path: str, limit: int = 1_000_000) -> bytes:
        try:
            data = (self.root / path).read_bytes()
        except OSError as error:
            raise ToolFailed(f"There is no file {path}.") from error
        if len(data) > limit:
            raise ToolFailed(f"{path} is longer than {limit:,} bytes.")
        return data

    def write(self, path: str, data: bytes) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(data)

    def list(self, path: str = "", limit: int = 500) -> Sequence[Entry]:
        found = sorted((self.root / path).rglob("*"))[:limit]
        return [Entry(str(one.relative_to(self.root)), 0, one.is_dir()) for one in found]

    def delete(self, path: str) -> None:
        try:
            (self.root / path).unlink()
        except OSError as error:
            raise ToolFailed(f"There is no file {path}.") from error

    def move(self, path: str, to: str) -> None:
        (self.root / path).rename(self.root / to)

    def checksum(self, path: str) -> str:
        return hashlib.sha256(self.read(path)).hexdigest()

    def run(self, argv: Sequence[str], *, folder: str = "", stdin: bytes = b"", timeout_s: float = 60) -> Ran:
        env = {"PATH": "/usr/bin:/bin", "HOME": str(self.root), "GIT_CONFIG_NOSYSTEM": "1"}
        ended = subprocess.run(
            argv,
            cwd=self.root / folder,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=env,
            timeout=timeout_s,
        )
        return Ran(ended.returncode, ended.stdout.decode(errors="replace"), 0.0)

    def may_install(self, packages: Sequence[str]) -> None:
        """Everything."""

    def install(self, packages: Sequence[str], timeout_s: float = 120) -> Ran:
        raise ToolFailed("Nothing is installed here.")

    def stop(self) -> None:
        """Nothing runs when nobody looks."""


@dataclass
class Notebook:
    """The part of a record that these tools write in."""

    cited: list[Source] = field(default_factory=list)
    delivered: list[tuple[str, bytes, str, bytes]] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)

    def cite(self, url: str, title: str) -> Source:
        for source in self.cited:
            if source.url == url:
                return source
        self.cited.append(Source("t1", len(self.cited) + 1, url, title, NOW))
        return self.cited[-1]

    def sources(self) -> Sequence[Source]:
        return self.cited

    def see(self, urls: Sequence[str]) -> None:
        self.shown += urls

    def has_seen(self, url: str) -> bool:
        return url in self.shown

    def words(self) -> Sequence[str]:
        return self.written

    def searched(self, query: str) -> None:
        self.queries.append(query)

    def deliver(self, path: str, data: bytes, kind: str, preview: bytes = b"") -> Artifact:
        self.delivered.append((path, data, kind, preview))
        return self.deliverables()[-1]

    def deliverables(self) -> Sequence[Artifact]:
        return [
            Artifact(f"a{number}", "t1", path, kind, len(data), hashlib.sha256(data).hexdigest(), NOW)
            for number, (path, data, kind, _) in enumerate(self.delivered)
        ]


@dataclass(frozen=True)
class Ada:
    """As much of a persona as a tool asks for."""

    id: str = "p1"
    name: str = "Ada Okafor"
    handle: str = "ada"


def bench(
    root: Path,
    outside: Mapping[str, Any],
    *,
    record: Notebook | None = None,
    call_id: str = "call_1",
    task_id: str = "t1",
) -> Bench:
    return Bench(
        Task(task_id, "A task", "Do it.", "u1", "", NOW),
        cast(Persona, Ada()),
        cast(Workspace, Folder(root)),
        cast(Record, record or Notebook()),
        NOW,
        call_id,
        outside,
    )
