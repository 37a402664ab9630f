"""Between GitHub and a workspace: a bundle goes in, a pack comes out. Every git here runs in the sandbox, without a token."""

from __future__ import annotations

import re
from contextlib import suppress

from agents.tasks.toolbox.fenced import data
from agents.tasks.toolbox.hub import Bundle
from agents.tasks.tools import Bench, ToolFailed

PACK_LIMIT = 50_000_000
NOWHERE = "troupe.invalid"
"""Of the authors' addresses: any other would make GitHub show a commit as somebody's who has that name there."""
SAID = 800
"""Characters of git's complaints."""
COMMIT = re.compile(r"[0-9a-f]{40}")
ENDINGS = ("pack", "idx", "rev")
QUIET = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "gc.auto=0", "-c", "commit.gpgSign=false")  # fmt: skip


def clone(repo: str, bundle: Bundle, bench: Bench) -> str:
    """The folder that the repository is in then. Raises ToolFailed if it is there already."""
    folder, carried = f"src/{repo.partition('/')[2]}", "research/clone.bundle"
    if _holds_files(folder, bench):
        raise ToolFailed(f"{folder} is there already.", remedy="Work in it, or move it away first.")
    bench.workspace.write(carried, bundle.data)
    try:
        git(bench, "", "clone", "--quiet", "--template=", "--branch", bundle.branch, carried, folder)
        git(bench, folder, "remote", "set-url", "origin", bundle.url)
    finally:
        bench.workspace.delete(carried)
    return folder


def commit(folder: str, message: str, bench: Bench) -> str:
    """The id of what the folder holds, committed if it was not. Raises ToolFailed if it is no clone."""
    if git(bench, folder, "rev-parse", "--show-prefix").strip():
        raise ToolFailed(f"{folder} is inside a clone, and not the clone itself.")
    git(bench, folder, "add", "--all")
    if git(bench, folder, "status", "--porcelain"):
        who = (
            f"user.name={bench.persona.name}",
            f"user.email={bench.persona.handle}@{NOWHERE}",
        )
        named = [word for line in who for word in ("-c", line)]
        git(bench, folder, *named, "commit", "--quiet", "--no-verify", "--file=-", stdin=message.encode())
    at = git(bench, folder, "rev-parse", "--verify", "HEAD^{commit}").strip()
    if not COMMIT.fullmatch(at):
        raise ToolFailed(f"{folder} holds no commit that can be pushed.")
    return at


def pack(folder: str, at: str, bench: Bench) -> bytes:
    """Everything that the commit needs and that was not cloned."""
    cloned = git(bench, folder, "for-each-ref", "--format=^%(objectname)", "refs/remotes").split()
    wanted = "\n".join([at, *cloned]) + "\n"
    objects = ("pack-objects", "--quiet", "--revs", "research/push")
    bench.workspace.write("research/push.tmp", b"")  # so that there is such a folder
    digest = ""
    try:
        digest = git(bench, "", f"--git-dir={folder}/.git", *objects, stdin=wanted.encode()).strip()
        if not COMMIT.fullmatch(digest):
            raise ToolFailed(f"{folder} cannot be packed.\n{data('What git said', digest, SAID)}")
        return bench.workspace.read(f"research/push-{digest}.pack", PACK_LIMIT)
    finally:
        for left in ("push.tmp", *(f"push-{digest}.{ending}" for ending in ENDINGS)):
            with suppress(ToolFailed):
                bench.workspace.delete(f"research/{left}")


def _holds_files(folder: str, bench: Bench) -> bool:
    with suppress(ToolFailed):  # there is no such folder
        return bool(bench.workspace.list(folder, 1))
    return False


def git(bench: Bench, folder: str, *args: str, stdin: bytes = b"") -> str:
    """What it prints. Raises ToolFailed with the end of that."""
    ran = bench.workspace.run(["git", *QUIET, *args], folder=folder, stdin=stdin, timeout_s=120)
    if ran.exit:
        why = ran.output.strip() or ran.stopped or f"it ended with {ran.exit}"
        raise ToolFailed(f"git failed in {folder or 'the workspace'}.\n{data('What it said', why, SAID)}")
    return ran.output
