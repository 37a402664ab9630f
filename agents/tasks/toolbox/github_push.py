"""Pushing a branch: what a person sees is one commit, taken out of the workspace; that commit is pushed, and no other."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, cast

from pydantic import AfterValidator, Field

from agents.tasks.family import Family
from agents.tasks.task import Stage
from agents.tasks.toolbox.base import MAKING, Arguments, LeavingTool, adapter
from agents.tasks.toolbox.fenced import readable, visible
from agents.tasks.toolbox.github_workspace import commit, pack
from agents.tasks.toolbox.hub import Branch, Hub, Push, Repo
from agents.tasks.toolbox.paths import FolderPath
from agents.tasks.tools import Bench, ToolFailed, Unsure, Wish

SHOWN = 6_000
"""Characters of a diff that are read in the card; a longer one is read in its file, whole."""


class Pushed(Arguments):
    folder: Annotated[FolderPath, Field(description="The clone in the workspace, like src/name")]
    repo: Repo
    branch: Annotated[Branch, Field(description="Where it goes to; a new one unless you were told otherwise")]
    message: Annotated[
        str, AfterValidator(readable), Field(min_length=3, max_length=2_000, description="Of the commit")
    ]


def wish(given: Pushed, bench: Bench) -> Wish:
    """Commits what the folder holds and takes it out of the workspace. The same call shows the same ever after."""
    hub, name = cast(Hub, adapter("github", bench)), _name(given, bench)
    push = hub.prepared(name, given.repo, given.branch)
    if push is None:
        at = commit(given.folder, given.message, bench)
        push = hub.prepare(name, given.repo, given.branch, at, pack(given.folder, at, bench))
    text, path = document(push), _path(push)
    bench.workspace.write(path, text.encode())
    checksum = sha256(text.encode()).hexdigest()
    if len(text) > SHOWN:
        _hand_over(path, text, checksum, bench)
    count = f"{len(push.commits)} commits" if len(push.commits) != 1 else "1 commit"
    title = f"Push {count} to {push.branch} of {push.repo}"
    return Wish(title, visible(text if len(text) <= SHOWN else _too_long(push, path, text)), {path: checksum})


def act(given: Pushed, bench: Bench, key: str) -> str:
    hub = cast(Hub, adapter("github", bench))
    push = hub.prepared(_name(given, bench), given.repo, given.branch)
    if push is None:
        raise ToolFailed("What was approved is not kept here any more; nothing was pushed.")
    if bench.workspace.checksum(_path(push)) != sha256(document(push).encode()).hexdigest():
        raise ToolFailed(f"{_path(push)} was changed after it was shown; nothing was pushed.")
    hub.push(push)
    return _done(push)


def find(given: Pushed, bench: Bench, key: str) -> str | None:
    hub = cast(Hub, adapter("github", bench))
    push = hub.prepared(_name(given, bench), given.repo, given.branch)
    there = hub.is_there(push) if push else None
    if push is None or there is None:
        raise Unsure(f"Nobody can tell whether {given.branch} of {given.repo} was pushed.")
    return _done(push) if there else None


def document(push: Push) -> str:
    """Everything that is pushed, in one text: whoever has its checksum knows the commit."""
    return "\n".join([*_head(push), "", push.stat, "", push.patch])


def _head(push: Push) -> list[str]:
    onto = f"now at {push.base}" if push.base else "a new one"
    lines = [f"Repository: {push.repo}", f"Branch: {push.branch}, {onto}", f"Commit: {push.commit}"]
    if push.is_default:
        lines.append("This is the default branch: everybody gets it.")
    if " .github/" in f" {push.stat}".replace("\n", " "):
        lines.append("It changes .github/: what runs there may see the secrets of the repository.")
    return [*lines, "", "Commits:", *push.commits]


def _too_long(push: Push, path: str, text: str) -> str:
    """Says what is not shown here, and where it stands whole."""
    lines = [*_head(push)[: SHOWN // 80], ""]
    if len(push.stat) <= SHOWN // 2:
        lines += [push.stat, ""]
    count = push.patch.count("\n")
    return "\n".join([*lines, f"The diff has {count:,} lines and is not shown here: read all of it in {path}, which stands among the files of the task."])  # fmt: skip


def _hand_over(path: str, text: str, checksum: str, bench: Bench) -> None:
    """So that whoever decides can open it where they decide."""
    if all(artifact.sha256 != checksum for artifact in bench.record.deliverables()):
        bench.record.deliver(path.rpartition("/")[2], text.encode(), "text/x-diff")


def _done(push: Push) -> str:
    return f"{push.branch} of {push.repo} is at {push.commit[:12]} now."


def _path(push: Push) -> str:
    return f"research/push-{push.commit[:12]}.patch"


def _name(given: Pushed, bench: Bench) -> str:
    """Some models count their calls anew and use an id twice: the same id with other arguments is another push."""
    return f"{bench.task.id}/{bench.call_id} {given.model_dump_json()}"


github_push = LeavingTool(
    "github_push",
    "Commit everything in a clone and push it to a branch on GitHub. A person approves exactly this diff first.",
    Family.GITHUB,
    Pushed,
    frozenset((*MAKING, Stage.REVIEW)),
    wish,
    act,
    find,
    needs="github",
)
