"""GitHub as the tools see it: the port, the values that go through it, and what its names may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol

from pydantic import AfterValidator, Field


def _repo(text: str) -> str:
    owner, _, name = text.partition("/")
    if name in (".", "..") or name.endswith((".git", ".lock")) or owner.startswith("-"):
        raise ValueError("is no repository; write it like owner/name")
    return text


def _branch(text: str) -> str:
    if any(part in text for part in ("..", "//", "/.", "./", ".lock")) or text.endswith(("/", ".")):
        raise ValueError("is no branch")
    return text


Repo = Annotated[
    str,
    AfterValidator(_repo),
    Field(pattern=r"^[A-Za-z0-9_-]{1,60}/[A-Za-z0-9._-]{1,100}$", description="owner/name"),
]
Branch = Annotated[
    str,
    AfterValidator(_branch),
    Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,150}$", description="A branch of it"),
]
BranchOrDefault = Annotated[
    str,
    AfterValidator(_branch),
    Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9._/-]{0,150})?$", description="Empty for the default one"),
]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A branch's history as git carries it in a file.  url: of the repository, without any token."""

    data: bytes
    branch: str
    commit: str
    url: str


@dataclass(frozen=True, slots=True)
class Push:
    """base: where the branch is on GitHub, "" while it does not exist.  commits: "ID subject", newest first.

    stat, patch: from where they begin to `commit`.
    """

    repo: str
    branch: str
    base: str
    commit: str
    commits: tuple[str, ...]
    stat: str
    patch: str
    is_default: bool = False
    """Whether it is the branch that everybody gets."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An issue, or with `head` and `base` a pull request.  mark: hidden in its body; by it a repeat is recognised."""

    repo: str
    title: str
    body: str
    mark: str
    head: str = ""
    base: str = ""


class Hub(Protocol):
    """Raises ToolFailed where nothing happened, Unsure where nobody can tell."""

    def bundle(self, repo: str, branch: str) -> Bundle:
        """branch: "" for the default one."""

    def prepare(self, name: str, repo: str, branch: str, commit: str, pack: bytes) -> Push:
        """Takes a commit out of a workspace and keeps it under `name`: from then on nothing in a workspace changes it."""

    def prepared(self, name: str, repo: str, branch: str) -> Push | None: ...
    def push(self, push: Push) -> None:
        """Exactly this commit, if the branch is still at its base."""

    def is_there(self, push: Push) -> bool | None:
        """Whether the branch holds the commit; None if nobody can tell."""

    def read(self, repo: str, path: str, ref: str) -> str:
        """A file, what a folder holds, or with "#12" an issue or a pull request."""

    def open(self, draft: Draft) -> str:
        """Its address."""

    def opened(self, draft: Draft, since: datetime) -> str | None:
        """The address of what was opened with this mark; None if nothing was."""

    def look(self) -> tuple[str, Sequence[str]]:
        """Whose token it is, and what it may do, as far as GitHub says."""
