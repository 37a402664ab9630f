"""Work with repositories: clone and read them, push a branch, open issues and pull requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, TypeVar, cast

from pydantic import AfterValidator, Field

from agents.tasks.family import Family
from agents.tasks.task import Stage
from agents.tasks.toolbox.addresses import asks_for_repo
from agents.tasks.toolbox.base import MAKING, Arguments, LeavingTool, adapter, tool
from agents.tasks.toolbox.fenced import data, one_line, readable
from agents.tasks.toolbox.github_push import github_push
from agents.tasks.toolbox.github_workspace import clone
from agents.tasks.toolbox.hub import Branch, BranchOrDefault, Draft, Hub, Repo
from agents.tasks.tools import Bench, Risk, Wish

CLOCKS = timedelta(hours=1)
"""By how much GitHub's clock and ours may differ."""
Title = Annotated[str, AfterValidator(one_line), Field(min_length=3, max_length=200, description="One line")]
Body = Annotated[
    str, AfterValidator(readable), Field(min_length=1, max_length=30_000, description="Markdown")
]


class Cloned(Arguments):
    repo: Repo
    branch: BranchOrDefault = ""


class Read(Arguments):
    repo: Repo
    path: Annotated[
        str, Field(max_length=500, description='A file, a folder ("" for the top), or #12 for issue or PR 12')
    ] = ""
    ref: BranchOrDefault = ""


class Issue(Arguments):
    repo: Repo
    title: Title
    body: Body


class PullRequest(Issue):
    head: Annotated[Branch, Field(description="The branch that holds the changes; push it first")]
    base: Annotated[Branch, Field(description="The branch that they go to")]


def _asks(given: Cloned | Read, bench: Bench) -> Wish | None:
    rest = f"Path: {given.path}\nRef: {given.ref}" if isinstance(given, Read) else f"Branch: {given.branch}"
    adapter("github", bench)
    return asks_for_repo(given.repo, rest, bench)


@tool(Family.GITHUB, Risk.READ, MAKING, needs="github", asks=_asks)
def github_clone(given: Cloned, bench: Bench) -> str:
    """Clone a repository of GitHub into src/, with the history of one branch. Commit and branch there with git as usual."""
    bundle = cast(Hub, adapter("github", bench)).bundle(given.repo, given.branch)
    folder = clone(given.repo, bundle, bench)
    return f"{given.repo} is in {folder}, at {bundle.commit[:12]}."


@tool(Family.GITHUB, Risk.READ, needs="github", asks=_asks)
def github_read(given: Read, bench: Bench) -> str:
    """Read one file, a folder's list, or an issue or pull request with its comments, without cloning."""
    hub = cast(Hub, adapter("github", bench))
    name = f"{given.repo} {given.path}".strip()
    return data(name, hub.read(given.repo, given.path, given.ref))


Given = TypeVar("Given", Issue, PullRequest)


def _opening(arguments: type[Given], name: str, summary: str, noun: str) -> LeavingTool:
    """The two differ in their fields alone."""

    def wish(given: Given, bench: Bench) -> Wish:
        adapter("github", bench)
        return Wish(f"Open {noun} in {given.repo}: {given.title}", _shown(given))

    def act(given: Given, bench: Bench, key: str) -> str:
        return f"Opened: {cast(Hub, adapter('github', bench)).open(_draft(given, key))}"

    def find(given: Given, bench: Bench, key: str) -> str | None:
        since = bench.task.created_at - CLOCKS
        found = cast(Hub, adapter("github", bench)).opened(_draft(given, key), since)
        return f"Opened: {found}" if found else None

    stages = frozenset((*MAKING, Stage.REVIEW))
    return LeavingTool(name, summary, Family.GITHUB, arguments, stages, wish, act, find, needs="github")


def _draft(given: Issue, key: str) -> Draft:
    mark = f"<!-- troupe {sha256(key.encode()).hexdigest()[:32]} -->"
    branches = (given.head, given.base) if isinstance(given, PullRequest) else ("", "")
    return Draft(given.repo, given.title, given.body, mark, *branches)


def _shown(given: Issue) -> str:
    lines = [f"Repository: {given.repo}"]
    if isinstance(given, PullRequest):
        lines.append(f"From branch {given.head} into {given.base}")
    lines += [f"Title: {given.title}", "", given.body, ""]
    return "\n".join([*lines, "(A hidden mark is put under it, by which Troupe recognises its own.)"])


_ASKED: Callable[[str], str] = "{} A person approves exactly this text first.".format

github_issue = _opening(Issue, "github_issue", _ASKED("Open an issue in a repository of GitHub."), "an issue")
github_pull_request = _opening(
    PullRequest,
    "github_pull_request",
    _ASKED("Open a pull request in a repository of GitHub, from a branch that was pushed."),
    "a pull request",
)

TOOLS = (github_clone, github_read, github_push, github_issue, github_pull_request)
