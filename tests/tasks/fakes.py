"""A task's workspace and record in memory, and a bench with them: what the tools' tests stand on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from agents.personas.persona import Persona, Profile
from agents.tasks.artifact import Artifact, Note, Source
from agents.tasks.plan import Check, Outline, Plan, Tick, Verdict
from agents.tasks.question import Question
from agents.tasks.task import Stage, State, Task
from agents.tasks.toolbox.paths import inside
from agents.tasks.tools import Bench, Entry, Part, Ran, ToolFailed

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
FOLDERS = ("output", "research", "shared", "src")


class MemoryWorkspace:
    """Files are a dictionary; a command runs for real, on a copy of them, and what it leaves is taken back."""

    def __init__(self, files: Mapping[str, str | bytes] | None = None) -> None:
        self.files: dict[str, bytes] = {
            path: data.encode() if isinstance(data, str) else data for path, data in (files or {}).items()
        }
        self.installed: list[str] = []
        self._running: subprocess.Popen[bytes] | None = None
        self._asked = threading.Event()

    def read(self, path: str, limit: int = 1_000_000) -> bytes:
        data = self._file(path)
        if len(data) > limit:
            raise ToolFailed(f"{path} is larger than {limit} bytes.")
        return data

    def write(self, path: str, data: bytes) -> None:
        plain = _changeable(path)
        if plain in self._folders() or any(above in self.files for above in _above(plain)):
            raise ToolFailed(f"{path!r} is a folder, or a file stands on the way to it.")
        self.files[plain] = data

    def list(self, path: str = "", limit: int = 500) -> Sequence[Entry]:
        plain = _plain(path)
        if plain and plain not in self._folders():
            raise ToolFailed(f"There is no folder {path}.")
        entries = [Entry(name, len(data), False) for name, data in self.files.items()]
        entries += [Entry(name, 0, True) for name in self._folders()]
        below = (entry for entry in entries if not plain or entry.path.startswith(f"{plain}/"))
        return sorted(below, key=lambda entry: entry.path)[:limit]

    def delete(self, path: str) -> None:
        for name in self._under(path):
            del self.files[name]

    def move(self, path: str, to: str) -> None:
        names, start, end = self._under(path), _plain(path), _changeable(to)
        if end in self._folders() or f"{end}/".startswith(f"{start}/"):
            raise ToolFailed(f"{path} cannot be moved to {to}: a folder stands there, or it is below it.")
        for name in names:
            self.files[end + name.removeprefix(start)] = self.files.pop(name)

    def checksum(self, path: str) -> str:
        return sha256(self._file(path)).hexdigest()

    def run(self, argv: Sequence[str], *, folder: str = "", stdin: bytes = b"", timeout_s: float = 60) -> Ran:
        with tempfile.TemporaryDirectory() as top:
            self._lay_out(Path(top))
            ran = self._ran(argv, Path(top, _plain(folder)), stdin, timeout_s)
            self.files = {
                path.relative_to(top).as_posix(): path.read_bytes()
                for path in Path(top).rglob("*")
                if path.is_file() and "__pycache__" not in path.parts
            }
        return ran

    def may_install(self, packages: Sequence[str]) -> None:
        if not_listed := [package for package in packages if package.startswith("unlisted")]:
            raise ToolFailed(f"{not_listed[0]} is not among the packages that may be installed.")

    def install(self, packages: Sequence[str], timeout_s: float = 120) -> Ran:
        self.installed += packages
        return Ran(0, f"installed {' '.join(packages)}", 0.1)

    def stop(self) -> None:
        self._asked.set()
        if (running := self._running) is not None:
            os.killpg(running.pid, signal.SIGKILL)

    def _lay_out(self, top: Path) -> None:
        for name in FOLDERS:
            (top / name).mkdir()
        for name, data in self.files.items():
            (top / name).parent.mkdir(parents=True, exist_ok=True)
            (top / name).write_bytes(data)

    def _ran(self, argv: Sequence[str], folder: Path, stdin: bytes, timeout_s: float) -> Ran:
        program, begun, stopped = sys.executable if argv[0] == "python" else argv[0], time.monotonic(), ""
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        try:
            self._running = running = subprocess.Popen(  # type: ignore[call-overload]
                [program, *argv[1:]],
                cwd=folder,
                env={"PATH": os.environ["PATH"]},
                start_new_session=True,
                **streams,
            )
        except OSError as error:
            if not folder.is_dir():
                raise ToolFailed(f"There is no folder {folder.name}.") from None
            return Ran(127, f"{argv[0]}: {error.strerror}", 0.0)
        try:
            output, _ = running.communicate(stdin, timeout_s)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            output, stopped = running.communicate()[0], "time"
        stopped = "asked" if self._asked.is_set() else stopped
        return Ran(running.returncode, output.decode(errors="replace"), time.monotonic() - begun, 0, stopped)

    def _folders(self) -> set[str]:
        return {*FOLDERS, *(above for name in self.files for above in _above(name))}

    def _file(self, path: str) -> bytes:
        try:
            return self.files[_plain(path)]
        except KeyError:
            raise ToolFailed(f"There is no file {path}.") from None

    def _under(self, path: str) -> Sequence[str]:
        plain = _changeable(path)
        names = [name for name in self.files if f"{name}/".startswith(f"{plain}/")]
        if not names:
            raise ToolFailed(f"There is nothing at {path!r}.")
        return names


def _plain(path: str) -> str:
    try:
        return inside(path)
    except ValueError as error:
        raise ToolFailed(f"The path {path!r} {error}.") from None


def _changeable(path: str) -> str:
    plain = _plain(path)
    if not plain or ".git" in plain.split("/"):
        raise ToolFailed(f"{path!r} is not to be changed.")
    return plain


def _above(path: str) -> Iterator[str]:
    names = path.split("/")
    return ("/".join(names[:count]) for count in range(1, len(names)))


@dataclass
class MemoryRecord:
    """What was noted stands in its lists, for the tests to read."""

    task: Task
    plans: list[Plan] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    cited: list[Source] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    questions: dict[str, Question] = field(default_factory=dict)
    parts: dict[str, list[Task]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    delivered: dict[str, tuple[Artifact, bytes]] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    of_parts: dict[str, dict[str, bytes]] = field(default_factory=dict)
    """What each part handed over, by path."""

    def plan(self, outline: Outline) -> Plan:
        if self.plans and self.plans[-1].outline == outline:
            return self.plans[-1]
        ticks = (Tick.OPEN,) * len(outline.steps)
        self.plans.append(Plan(self.task.id, len(self.plans) + 1, outline, ticks, NOW))
        return self.plans[-1]

    def tick(self, number: int, tick: Tick) -> Plan:
        if not self.plans or not 1 <= number <= len(self.plans[-1].ticks):
            raise ToolFailed(f"The plan has no step {number}.")
        ticks = list(self.plans[-1].ticks)
        ticks[number - 1] = tick
        self.plans[-1] = replace(self.plans[-1], ticks=tuple(ticks))
        return self.plans[-1]

    def check(self, check: Check) -> None:
        self.checks.append(check)

    def verdict(self, verdict: Verdict) -> None:
        self.verdicts[verdict.number] = verdict

    def cite(self, url: str, title: str) -> Source:
        known = next((source for source in self.cited if source.url == url), None)
        if known is None:
            known = Source(self.task.id, len(self.cited) + 1, url, title, NOW)
            self.cited.append(known)
        return known

    def sources(self) -> Sequence[Source]:
        return self.cited

    def see(self, urls: Sequence[str]) -> None:
        self.shown += urls

    def has_seen(self, url: str) -> bool:
        return url in self.shown

    def words(self) -> Sequence[str]:
        return [self.task.title, self.task.brief]

    def searched(self, query: str) -> None:
        self.queries.append(query)

    def remember(self, text: str, *, beyond: bool) -> Note:
        of = "" if beyond else self.task.id
        known = (note for note in self.notes if (note.text, note.task_id) == (text, of))
        if (same := next(known, None)) is not None:
            return same
        note = Note(f"n{len(self.notes)}", self.task.persona_id, of, text, NOW)
        self.notes.insert(0, note)
        return note

    def recall(self, words: str) -> Sequence[Note]:
        wanted = words.lower().split()
        found = [n for n in self.notes if not wanted or any(word in n.text.lower() for word in wanted)]
        return found[:50]

    def ask(self, call_id: str, text: str, options: Sequence[str]) -> Question:
        asked = Question(f"q-{call_id}", self.task.id, call_id, text, NOW, tuple(options))
        return self.questions.setdefault(call_id, asked)

    def answer(self, call_id: str, answer: str, by: str) -> None:
        """By a person, behind the tool's back."""
        self.questions[call_id] = replace(
            self.questions[call_id], answer=answer, answered_by=by, answered_at=NOW
        )

    def split(self, call_id: str, parts: Sequence[Part]) -> Sequence[Task]:
        made = [
            replace(self.task, id=f"{call_id}-{n}", title=part.title, brief=part.brief, state=State.QUEUED)
            for n, part in enumerate(parts)
        ]
        return self.parts.setdefault(call_id, made)

    def end(self, call_id: str, *states: State, trouble: str = "") -> None:
        """Its parts, behind the tool's back."""
        pairs = zip(self.parts[call_id], states, strict=True)
        self.parts[call_id] = [replace(part, state=state, trouble=trouble) for part, state in pairs]

    def handed_over(self, part: Task) -> Sequence[Artifact]:
        files = self.of_parts.get(part.id, {})
        return [
            Artifact(path, part.id, path, "", len(data), sha256(data).hexdigest(), NOW)
            for path, data in sorted(files.items())
        ]

    def contents(self, artifact: Artifact) -> bytes:
        if artifact.task_id == self.task.id:
            return self.delivered[artifact.path][1]
        return self.of_parts[artifact.task_id][artifact.path]

    def say(self, text: str) -> None:
        if self.said[-1:] != [text]:
            self.said.append(text)

    def deliver(self, path: str, data: bytes, kind: str, preview: bytes = b"") -> Artifact:
        digest = sha256(data).hexdigest()
        artifact = Artifact(f"a-{path}", self.task.id, path, kind, len(data), digest, NOW)
        self.delivered[path] = (artifact, data)
        return artifact

    def deliverables(self) -> Sequence[Artifact]:
        return [artifact for artifact, _ in self.delivered.values()]


@dataclass
class Desk:
    """A bench whose parts a test may look into."""

    workspace: MemoryWorkspace
    record: MemoryRecord
    persona: Persona
    outside: Mapping[str, Any]

    def bench(self, call_id: str = "call-1") -> Bench:
        return Bench(self.record.task, self.persona, self.workspace, self.record, NOW, call_id, self.outside)


def desk(
    files: Mapping[str, str | bytes] | None = None,
    *,
    outside: Mapping[str, Any] | None = None,
    tools: Sequence[str] | None = None,
    **task: Any,
) -> Desk:
    """Ada at work.  files: in the workspace.  tools: families that she is permitted; None for the usual ones."""
    permitted = {} if tools is None else {"tasks": {"tools": tools}}
    profile = Profile.model_validate({"name": "Ada", "handle": "ada", **permitted})
    known: dict[str, Any] = {
        **{"id": "t1", "title": "Compare queues", "brief": "Compare three."},
        **{"requested_by": "alice", "origin": "general", "created_at": NOW},
        **{"stage": Stage.BUILD, "state": State.WORKING, "persona_id": "p1"},
        **task,
    }
    record = MemoryRecord(Task(**known))
    return Desk(MemoryWorkspace(files), record, Persona(id="p1", profile=profile), outside or {})
