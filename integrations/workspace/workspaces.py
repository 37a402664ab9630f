"""All workspaces: one folder for each task, below TROUPE_HOME/tasks."""

from __future__ import annotations

import os
import re
import threading
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from filelock import FileLock

from agents.tasks.task import Task
from agents.tasks.tools import ToolFailed
from integrations.sandbox import users
from integrations.sandbox.box import Sandbox
from integrations.sandbox.cell import Owner, is_root
from integrations.sandbox.limits import Limits
from integrations.workspace import environment
from integrations.workspace.installer import Installer
from integrations.workspace.workspace import Place, TaskWorkspace, make_folder, obliterate

ROOT = Path(__file__).resolve().parents[2]
"""Our own code, and the .env beside it."""
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
OWN = ("src", "output", "research")
KINDRED = "family"
"""A file beside the workspace: the id of the task at the root of its family."""


class Workspaces:
    """home: TROUPE_HOME.  secret: folders that no command may see, wherever they lie: ours are among them anyway.

    Safe to use from any thread and any process of this machine.
    """

    def __init__(
        self,
        home: Path,
        *,
        limits: Limits | None = None,
        installer: Installer | None = None,
        sandbox: Sandbox | None = None,
        secret: Sequence[Path] = (),
    ) -> None:
        self._tasks = home.resolve() / "tasks"
        self._limits, self._installer = limits or Limits(), installer or Installer()
        self.sandbox = sandbox or Sandbox(self._tasks)
        self._hidden = (home.resolve(), ROOT, *(path.resolve() for path in secret))
        self._open: dict[str, TaskWorkspace] = {}
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """What takes some seconds the first time: the shared packages, and a look at the sandbox."""
        self._base()
        _ = self.sandbox.found

    def of(self, task: Task) -> TaskWorkspace:
        """The same one for the same task in this process; made if it is not there."""
        with self._lock:
            known = self._open.get(task.id)
            if known is None or not known.place.work.is_dir():
                known = self._open[task.id] = self._opened(task)
            return known

    def exists(self, task_id: str) -> bool:
        return (self._top(task_id) / "work").is_dir()

    def remove(self, task_id: str) -> None:
        """All of it, and whatever runs in it; fine if it is gone already. What a family shares goes with its first task."""
        with self._lock:
            known = self._open.pop(task_id, None)
        if known:
            known.stop()
        top = self._top(task_id)
        if top.is_dir():
            # First out of everybody's sight: what is half removed is never taken for a workspace.
            gone = self._tasks / f".gone-{task_id}-{os.getpid()}"
            top.rename(gone)
            obliterate(gone)

    def _opened(self, task: Task) -> TaskWorkspace:
        root = self._family_of(task)
        if root != task.id:
            self._make(root, root)
        place = self._make(task.id, root)
        return TaskWorkspace(place, self.sandbox, self._limits, self._installer, self._hidden)

    def _family_of(self, task: Task) -> str:
        if not task.parent_id:
            return task.id
        noted = self._top(task.parent_id) / KINDRED
        return noted.read_text() if noted.is_file() else task.parent_id

    def _make(self, task_id: str, root: str) -> Place:
        """Idempotent."""
        top, base = self._top(task_id), self._base()
        self._tasks.mkdir(parents=True, exist_ok=True)
        self._tasks.chmod(0o711)
        with FileLock(self._tasks / ".lock"):
            owner = self._owner(task_id, root)
            place = Place(top, self._top(root) / "shared", self._top(root) / "shared.lock", base, owner)
            make_folder(top, 0o711, None)
            for folder in (place.tmp, place.trash, *([place.shared] if root == task_id else [])):
                # Of a family's folder all parts are owners: by their group.
                make_folder(
                    folder,
                    0o770 if folder == place.shared else 0o700,
                    None if folder == place.trash else owner,
                )
            self._furnish(place, owner)
            (top / KINDRED).write_text(root)
        return place

    def _furnish(self, place: Place, owner: Owner | None) -> None:
        """work/ last: it is what says that all is there."""
        environment.make(place.env)
        if owner:
            for folder in (
                place.env,
                place.env / "bin",
                place.env / environment.SITE,
            ):  # where uv puts things
                os.chown(folder, owner.uid, owner.gid)
        if not place.work.is_dir():
            beside = place.top / ".work"
            make_folder(beside, 0o700, owner)
            for name in (*OWN, "shared"):
                make_folder(beside / name, 0o770, owner)
            beside.rename(place.work)

    def _owner(self, task_id: str, root: str) -> Owner | None:
        """As root: a user of its own for each task, and a group for each family: that of the user of its first task.

        What it was given is written down by whose tmp/ is, so that a task keeps it. Call it under the lock.
        """
        if not is_root():
            return None
        own = self._user_of(task_id)
        if own is None:
            taken = {number for other in self._ids() if (number := self._user_of(other)) is not None}
            own = users.free(taken, zlib.crc32(task_id.encode()))
        family = own if root == task_id else self._user_of(root)
        if family is None:
            raise ToolFailed("The workspace of the task that this is a part of is gone.")
        return Owner(own, family)

    def _user_of(self, task_id: str) -> int | None:
        try:
            number = (self._top(task_id) / "tmp").stat().st_uid
        except FileNotFoundError:
            return None
        return number if users.is_ours(number) else None

    def _ids(self) -> Iterator[str]:
        return (folder.name for folder in self._tasks.iterdir() if ID.fullmatch(folder.name))

    def _top(self, task_id: str) -> Path:
        if not ID.fullmatch(task_id):
            raise ToolFailed(f"{task_id!r} is no task's id.")
        return self._tasks / task_id

    def _base(self) -> Path:
        return environment.base(self._tasks / ".base")
