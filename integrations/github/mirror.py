"""A bare mirror of each repository that a task works on: what a workspace has is never what is pushed from.

A workspace gets a bundle; what comes back is a pack, checked object by object, kept under refs/troupe/TASK/CALL. What a
person approved is the commit that is noted there, whatever becomes of the workspace.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from filelock import FileLock, Timeout

from agents.tasks.toolbox.fenced import data
from agents.tasks.toolbox.hub import Bundle, Push
from agents.tasks.tools import ToolFailed, Unsure
from integrations.github.git import SAID, Ended, Git, in_words

MAX_BUNDLE, MAX_PACK, MAX_UNPACKED, MAX_PATCH = 150_000_000, 50_000_000, 100_000_000, 15_000_000
"""Bytes: of a history that is handed out, of what comes back, packed and not, and of a diff that anybody could look at."""
LOCK_S = 60
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
NOT_SENT = re.compile(r"Could not resolve host|Failed to connect|Connection refused|error: 40[134]|Authentication failed|could not read Username|[Nn]ot found")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mirrors:
    """root: where they are kept.  base: "https://github.com"."""

    root: Path
    base: str
    git: Git

    def bundle(self, repo: str, branch: str) -> Bundle:
        """The history of a branch ("" for the default one)."""
        with self._mirror(repo) as folder:
            heads, default = self._heads(folder, repo, branch)
            branch = branch or default
            if branch not in heads:
                raise ToolFailed(f"{repo} has no branch called {branch}." if branch else f"{repo} is empty.")
            self._fetch(folder, repo, branch)
            data = self.git.run(folder, "bundle", "create", "--quiet", "-", f"refs/heads/{branch}")
            if len(data) > MAX_BUNDLE:
                raise ToolFailed(f"The history of {repo} is over {MAX_BUNDLE // 1_000_000} MB.")
            return Bundle(data, branch, heads[branch], self.url(repo))

    def prepare(self, name: str, repo: str, branch: str, commit: str, pack: bytes) -> Push:
        """Takes a commit in, and notes it under `name` together with where the branch is now.

        Raises ToolFailed unless the branch can go straight on to it.
        """
        with self._mirror(repo) as folder:
            heads, default = self._heads(folder, repo, branch)
            for known in heads:
                self._fetch(folder, repo, known)
            self._take_in(folder, commit, pack)
            base = heads.get(branch, "")
            if base == commit:
                raise ToolFailed(f"{branch} of {repo} is at {commit[:12]} already: there is nothing to push.")
            if base and self.git.try_(folder, "merge-base", "--is-ancestor", base, commit).exit != 0:
                raise ToolFailed(
                    f"{branch} of {repo} has commits that yours does not stand on.",
                    remedy="Push to a new branch, or clone it again and make the changes there.",
                )
            start = base or self._common(folder, commit, heads.get(default, ""))
            onto_default = commit if branch == default else ""
            for what, at in (("base", base), ("start", start), ("onto-default", onto_default)):
                if at and at != EMPTY_TREE:  # a tree is no commit, and its absence says the same
                    self.git.run(folder, "update-ref", f"{_ref(name)}/{what}", at)
            self.git.run(
                folder, "update-ref", f"{_ref(name)}/commit", commit
            )  # last: from here on it is prepared
            return self._described(folder, name, repo, branch)

    def prepared(self, name: str, repo: str, branch: str) -> Push | None:
        with self._mirror(repo) as folder:
            if not self._noted(folder, name, "commit"):
                return None
            return self._described(folder, name, repo, branch)

    def push(self, push: Push) -> None:
        """Exactly this commit, if the branch is still where it was. Raises ToolFailed, or Unsure."""
        with self._mirror(push.repo) as folder:
            ended = self.git.try_(
                folder,
                "push",
                "--porcelain",
                "--no-verify",
                f"--force-with-lease=refs/heads/{push.branch}:{push.base}",
                self.url(push.repo),
                f"{push.commit}:refs/heads/{push.branch}",
                speaks=True,
            )
        if ended.exit == 0:
            return
        if NOT_SENT.search(ended.err) and "RPC failed" not in ended.err:
            raise ToolFailed(f"{in_words(ended.err)} Nothing was pushed.")
        if self.is_there(
            push
        ):  # a refusal, too: curl asks again when the line drops, and the branch is there already
            return
        _refused(ended, push)
        raise Unsure(f"GitHub broke off while {push.commit[:12]} was pushed: {in_words(ended.err)}")

    def is_there(self, push: Push) -> bool | None:
        """Whether the branch holds the commit. None if it is neither there nor where it was: nobody can tell."""
        with self._mirror(push.repo) as folder:
            try:
                heads, _ = self._heads(folder, push.repo, push.branch)
                head = heads.get(push.branch, "")
                if head in (push.commit, push.base):
                    return head == push.commit
                if not head:
                    return None
                self._fetch(folder, push.repo, push.branch)
            except ToolFailed as error:
                raise Unsure(f"Nobody can see whether {push.commit[:12]} was pushed: {error}") from error
            reached = self.git.try_(folder, "merge-base", "--is-ancestor", push.commit, head)
            return True if reached.exit == 0 else None

    def forget(self, task_id: str) -> None:
        """What was prepared for a task; and mirrors for which nothing is prepared any more, as they can be had again."""
        for folder in self.root.glob("*/*.git"):
            with self._mirror(str(folder.relative_to(self.root)).removesuffix(".git")):
                for ref in self._refs(folder, f"refs/troupe/{task_id}"):
                    self.git.run(folder, "update-ref", "-d", ref)
                if not self._refs(folder, "refs/troupe"):
                    shutil.rmtree(folder)

    def _refs(self, folder: Path, below: str) -> list[str]:
        return self.git.text(folder, "for-each-ref", "--format=%(refname)", below).split()

    def url(self, repo: str) -> str:
        return f"{self.base}/{repo}.git"

    @contextmanager
    def _mirror(self, repo: str) -> Iterator[Path]:
        """Under a lock: several tasks may work on one repository."""
        folder = self.root / f"{repo.lower()}.git"
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with FileLock(f"{folder}.lock", timeout=LOCK_S):
                folder.mkdir(exist_ok=True, mode=0o700)
                if not (folder / "HEAD").exists():
                    self.git.run(folder, "init", "--quiet", "--bare", "--template=")
                yield folder
        except Timeout as error:
            raise ToolFailed(f"Others are busy with {repo}.", remedy="Try again in a minute.") from error

    def _heads(self, folder: Path, repo: str, branch: str) -> tuple[dict[str, str], str]:
        """Where the branch and the default one are, as far as they exist, and the default one's name."""
        wanted = ["HEAD", f"refs/heads/{branch}"] if branch else ["HEAD"]
        said = self.git.text(folder, "ls-remote", "--symref", self.url(repo), *wanted, speaks=True)
        heads, default = {}, ""
        for line in said.splitlines():
            at, _, ref = line.partition("\t")
            if at.startswith("ref: refs/heads/"):
                default = at.removeprefix("ref: refs/heads/")
            elif ref == "HEAD" and default:
                heads[default] = at
            elif ref == f"refs/heads/{branch}":  # ls-remote matches the ends of names
                heads[branch] = at
        return heads, default

    def _fetch(self, folder: Path, repo: str, branch: str) -> None:
        refspec = f"+refs/heads/{branch}:refs/heads/{branch}"
        self.git.run(
            folder,
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
            self.url(repo),
            refspec,
            speaks=True,
        )

    def _take_in(self, folder: Path, commit: str, pack: bytes) -> None:
        """Checks every object, and that none is missing that the commit stands on."""
        if pack:
            args = ("index-pack", "--strict", "--fix-thin", "--stdin", f"--max-input-size={MAX_PACK}")
            if (ended := self.git.try_(folder, *args, stdin=pack)).exit != 0:
                raise ToolFailed(f"What would be pushed is not sound. {in_words(ended.err)}")
        listed = ("rev-list", "--objects", "--no-object-names", commit, "--not", "--branches")
        if (new := self.git.try_(folder, *listed)).exit != 0:
            raise ToolFailed(
                "What would be pushed stands on commits that are not on GitHub.",
                remedy="Clone the repository again and make the changes there.",
            )
        sizes = self.git.run(folder, "cat-file", "--batch-check=%(objectsize)", stdin=new.out).split()
        if sum(map(int, sizes)) > MAX_UNPACKED:
            raise ToolFailed(f"What would be pushed is over {MAX_UNPACKED // 1_000_000} MB.")

    def _common(self, folder: Path, commit: str, default: str) -> str:
        if not default:
            return EMPTY_TREE
        return self.git.try_(folder, "merge-base", default, commit).out.decode().strip() or EMPTY_TREE

    def _noted(self, folder: Path, name: str, what: str) -> str:
        ended = self.git.try_(folder, "rev-parse", "--verify", "--quiet", f"{_ref(name)}/{what}")
        return ended.out.decode().strip()

    def _described(self, folder: Path, name: str, repo: str, branch: str) -> Push:
        commit, base = self._noted(folder, name, "commit"), self._noted(folder, name, "base")
        start = self._noted(folder, name, "start") or EMPTY_TREE
        span = commit if start == EMPTY_TREE else f"{start}..{commit}"
        plain = ("--no-color", "--no-ext-diff", "--no-textconv")
        patch = self.git.run(folder, "diff", *plain, "--full-index", start, commit)
        if len(patch) > MAX_PATCH:
            raise ToolFailed("What would be pushed is more than anybody could look at.")
        return Push(
            repo,
            branch,
            base,
            commit,
            tuple(self.git.text(folder, "log", "--no-color", "--format=%H %s", span).splitlines()),
            self.git.text(folder, "diff", *plain, "--stat=120", "--stat-count=200", start, commit),
            patch.decode(errors="backslashreplace"),
            is_default=bool(self._noted(folder, name, "onto-default")),
        )


def _ref(name: str) -> str:
    """name: "TASK/CALL"; the call's half is the model's own words, so only its digest becomes part of a path."""
    task, _, call = name.partition("/")
    return f"refs/troupe/{task}/{sha256(call.encode()).hexdigest()[:24]}"


def _refused(ended: Ended, push: Push) -> None:
    """Raises ToolFailed where GitHub said no."""
    line = next((one for one in ended.out.decode(errors="replace").splitlines() if one.startswith("!")), "")
    if "stale info" in line:
        raise ToolFailed(
            f"{push.branch} of {push.repo} moved since this was prepared; nothing was pushed.",
            remedy="Clone it again and make the changes there.",
        )
    if line:
        raise ToolFailed(
            f"GitHub refuses it, and nothing was pushed.\n{data('What it said', ended.err, SAID)}"
        )
