"""The port to a persona's tools: what each one is called, how dangerous it is, and what it has at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel

from agents.errors import TroupeError
from agents.money import MicroUSD
from agents.personas.persona import Persona
from agents.tasks.artifact import Artifact, Note, Source
from agents.tasks.family import Family
from agents.tasks.plan import Check, Outline, Plan, Tick, Verdict
from agents.tasks.question import Question
from agents.tasks.task import Stage, Task, Wait


class Risk(StrEnum):
    READ = "read"
    """Looks only: runs."""
    WRITE = "write"
    """Changes nothing but the workspace and the task's own notes: runs."""
    LEAVES = "leaves"
    """Leaves the workspace, spends, installs or publishes: a person approves exactly it before it runs."""


class ToolFailed(TroupeError):
    """The tool could not do it, and nothing happened. The persona reads it and goes on."""

    code = "tool_failed"


class Unsure(TroupeError):
    """It may have happened or not, and nobody can look: a person is asked."""

    code = "unsure"


class Waits(Exception):
    """Raised by a tool that cannot answer before somebody else has acted: the run ends here, without a cost, and the same
    call is made again when that has happened."""

    def __init__(self, wait: Wait) -> None:
        super().__init__(wait.value)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a task that another persona is to do.  handle: "" for whoever is free.  budget: out of the task's own."""

    title: str
    brief: str
    handle: str
    budget: MicroUSD


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended.  exit: its code; -N for signal N.  output: both streams as they came, at most what the limits allow.

    cut: bytes of output that were thrown away.
    stopped: "" or why it was killed: "time", "output", "memory", "disk", "files" (too many of them), "asked".
    """

    exit: int
    output: str
    seconds: float
    cut: int = 0
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or a folder.  path: relative to the workspace, with slashes.  size: bytes, 0 for a folder."""

    path: str
    size: int
    is_folder: bool


class Workspace(Protocol):
    """A task's own folder: src/ output/ research/ shared/ README.md. Whatever path is given, links and races included, nothing outside is
    touched. Everything raises ToolFailed in words that a persona can act on."""

    def read(self, path: str, limit: int = 1_000_000) -> bytes: ...
    def write(self, path: str, data: bytes) -> None:
        """Makes the folders on the way; replaces a file in one move."""

    def list(self, path: str = "", limit: int = 500) -> Sequence[Entry]:
        """All below, in order of their paths."""

    def delete(self, path: str) -> None: ...
    def move(self, path: str, to: str) -> None: ...
    def checksum(self, path: str) -> str:
        """SHA-256 in hex."""

    def run(self, argv: Sequence[str], *, folder: str = "", stdin: bytes = b"", timeout_s: float = 60) -> Ran:
        """In the sandbox: no network, no secrets, nothing else to write to. argv[0] may be "python": the task's own."""

    def may_install(self, packages: Sequence[str]) -> None:
        """Raises ToolFailed where one of them is not on the allow-list."""

    def install(self, packages: Sequence[str], timeout_s: float = 120) -> Ran:
        """Packages from the allow-list into the task's Python environment. Only an approved action calls this."""

    def stop(self) -> None:
        """Ends whatever runs in it, at once, from any thread."""


class Record(Protocol):
    """What a tool notes about its task. Each call is a transaction of its own, and people see it at once."""

    def plan(self, outline: Outline) -> Plan: ...
    def tick(self, number: int, tick: Tick) -> Plan:
        """number: from 1. Raises ToolFailed if there is no such step."""

    def check(self, check: Check) -> None: ...
    def verdict(self, verdict: Verdict) -> None: ...
    def cite(self, url: str, title: str) -> Source:
        """The same page keeps its number."""

    def sources(self) -> Sequence[Source]: ...
    def see(self, urls: Sequence[str]) -> None:
        """Addresses that a page or a search showed: they may be opened from here on."""

    def has_seen(self, url: str) -> bool:
        """In this task, or in one that it is a part of."""

    def words(self) -> Sequence[str]:
        """Everything that people wrote about it, and nothing that a persona did: what was asked for, the thread, answers."""

    def searched(self, query: str) -> None:
        """People can read what search engines were told."""

    def remember(self, text: str, *, beyond: bool) -> Note:
        """The same again is one note."""

    def recall(self, words: str) -> Sequence[Note]:
        """The persona's notes that have any of these words, newest first; all, for no words. At most 50."""

    def ask(self, call_id: str, text: str, options: Sequence[str]) -> Question:
        """The same call is asked once, however often it is run; its answer is in it when there is one."""

    def split(self, call_id: str, parts: Sequence[Part]) -> Sequence[Task]:
        """The parts as they stand now; made at the first call. Raises ToolFailed where depth or number forbid it."""

    def handed_over(self, part: Task) -> Sequence[Artifact]:
        """By a part of this task, in order of their paths."""

    def contents(self, artifact: Artifact) -> bytes: ...
    def say(self, text: str) -> None:
        """In the task's thread, in the persona's name. The same twice in a row is said once."""

    def deliver(self, path: str, data: bytes, kind: str, preview: bytes = b"") -> Artifact:
        """path: below output/. A later one of the same path takes its place."""

    def deliverables(self) -> Sequence[Artifact]: ...


@dataclass(frozen=True, slots=True)
class Bench:
    """What a tool has at hand while it runs.  call_id: the model's id of this call.  outside: adapters by name
    ("web", "github", "mail", …), None where the installation has none."""

    task: Task
    persona: Persona
    workspace: Workspace
    record: Record
    now: datetime
    call_id: str
    outside: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a tool that leaves the workspace would do: what a person reads before it is approved.

    shown: exactly the command, the diff or the message.  attachments: path in the workspace → SHA-256.
    """

    title: str
    shown: str
    attachments: Mapping[str, str] = field(default_factory=dict)


class Tool(Protocol):
    """name: what the model calls it.  arguments: a Pydantic model; its descriptions are what the model reads."""

    @property
    def name(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def family(self) -> Family: ...
    @property
    def risk(self) -> Risk: ...
    @property
    def arguments(self) -> type[BaseModel]: ...
    @property
    def stages(self) -> frozenset[Stage]:
        """In which it can be used."""

    @property
    def needs(self) -> str:
        """The adapter in `Bench.outside` that it cannot do without, "" for none."""

    def run(self, given: Any, bench: Bench) -> str:
        """given: an instance of `arguments`. What the model is told. Raises ToolFailed. Not called where the risk is LEAVES."""


class Leaving(Tool, Protocol):
    """A tool whose risk is LEAVES. It runs in three calls, so that it happens once."""

    def wish(self, given: Any, bench: Bench) -> Wish:
        """Raises ToolFailed where it could not be done anyhow: nobody is asked in vain."""

    def act(self, given: Any, bench: Bench, key: str) -> str:
        """Does it, and tells what came of it.  key: the same at every try: what the outside can recognise it by.

        Raises ToolFailed if it definitely did not happen, Unsure if nobody can tell.
        """

    def find(self, given: Any, bench: Bench, key: str) -> str | None:
        """After a try that broke off: what it left behind; None if it surely did nothing. Raises Unsure."""


@runtime_checkable
class Asking(Tool, Protocol):
    """A tool that reads, and by some of what it is given tells the outside something: then a person approves it first, as if
    it left the workspace. It may be run again."""

    def asks(self, given: Any, bench: Bench) -> Wish | None:
        """What a person is to read first, None if it just runs."""


class Toolbox(Protocol):
    """Every tool that there is."""

    def __iter__(self) -> Iterator[Tool]: ...
    def get(self, name: str) -> Tool: ...
