"""The file tools keep to the workspace, whatever lies in it and whatever a command does meanwhile."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import multiprocessing
import os
import socket
import stat
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from agents.tasks.tools import ToolFailed
from integrations.sandbox.limits import MIB, Limits
from integrations.sandbox.tier import Tier
from integrations.workspace import beneath
from integrations.workspace.workspace import TaskWorkspace
from integrations.workspace.workspaces import Workspaces
from tests.sandbox.world import WORD, World, a_task, workspace

RACE_S = 1.0


@pytest.fixture(params=["openat2", "walk"])
def own(request: pytest.FixtureRequest, homes: Path, monkeypatch: pytest.MonkeyPatch) -> TaskWorkspace:
    """A workspace of the test's own, with the kernel's way of opening files and with ours."""
    from tests.sandbox.world import tiers

    monkeypatch.setattr(beneath, "_has_openat2", request.param == "openat2")
    # What differs by its parameters alone leaves nothing behind, and can share one.
    leaves_nothing = request.node.originalname == "test_a_path_that_leads_elsewhere_is_refused"
    told_apart_by = (request.param, request.node.originalname if leaves_nothing else request.node.name)
    name = f"f-{abs(hash(told_apart_by))}"
    return workspace(homes / "files", tiers()["bubblewrap"], Limits(file=5 * MIB, disk=50 * MIB), task=name)


BAD_PATHS = (
    *(
        "../outside",
        "src/../../outside",
        "..",
        "src/..",
        "/etc/passwd",
        "/",
        "~/x",
        "//etc/passwd",
        "a\0b",
        "src/\0",
    ),
    *(
        "/workx/y",
        "/work/../etc/passwd",
        "src/a\nb",
        "x" * 300,
        "/".join(["d"] * 40),
        "\ud800",
        "./../x",
        "src//../../x",
    ),
)
USES: dict[str, Callable[[TaskWorkspace, str], object]] = {
    "read": lambda room, path: room.read(path),
    "write": lambda room, path: room.write(path, b"x"),
    "list": lambda room, path: room.list(path),
    "delete": lambda room, path: room.delete(path),
    "move": lambda room, path: room.move(path, "src/mine"),
    "move to": lambda room, path: room.move("src/own", path),
    "checksum": lambda room, path: room.checksum(path),
    "run": lambda room, path: room.run(["true"], folder=path),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("path", BAD_PATHS, ids=repr)
def test_a_path_that_leads_elsewhere_is_refused(own: TaskWorkspace, use: str, path: str) -> None:
    own.write("src/own", b"own")
    with pytest.raises(ToolFailed):
        USES[use](own, path)
    assert own.read("src/own") == b"own"


@pytest.mark.parametrize("use", [use for use in USES if use != "run"])
def test_a_link_is_not_followed(own: TaskWorkspace, outside: World, use: str) -> None:
    own.write("src/own", b"own")
    work = own.place.work
    (work / "file").symlink_to(outside.secret)
    (work / "folder").symlink_to(outside.outside)
    (work / "dangling").symlink_to(outside.outside / "new")
    (work / "up").symlink_to("..")
    (work / "proc").symlink_to("/proc/self/root")
    for path in (
        "folder/secret",
        "folder/new",
        "folder/sub/new",
        "up/env/pyvenv.cfg",
        f"proc{outside.secret}",
    ):
        with pytest.raises(ToolFailed):
            USES[use](own, path)
    for path in ("file", "dangling"):
        try:
            got = USES[use](own, path)
        except ToolFailed:
            continue
        assert use in ("write", "delete", "move", "move to"), got  # what is done to the link itself
    outside.is_untouched()


def test_writing_to_a_links_name_takes_its_place(own: TaskWorkspace, outside: World) -> None:
    (own.place.work / "file").symlink_to(outside.secret)
    own.write("file", b"mine")
    assert own.read("file") == b"mine"
    assert not (own.place.work / "file").is_symlink()
    outside.is_untouched()


def test_deleting_a_folder_deletes_no_links_target(own: TaskWorkspace, outside: World) -> None:
    own.write("src/deep/file", b"x")
    (own.place.work / "src/deep/folder").symlink_to(outside.outside)
    own.delete("src/deep")
    assert [entry.path for entry in own.list("src")] == []
    outside.is_untouched()


@pytest.mark.parametrize("use", ["read", "checksum"])
def test_what_is_no_file_is_not_waited_for(own: TaskWorkspace, use: str) -> None:
    os.mkfifo(own.place.work / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        here = os.open(own.place.work, os.O_RDONLY)  # its whole path would be too long for a socket's name
        listening.bind(f"/proc/self/fd/{here}/socket")
        os.close(here)
    for path in ("pipe", "socket", "src"):
        started = time.monotonic()
        with pytest.raises(ToolFailed):
            USES[use](own, path)
        assert time.monotonic() - started < 1
    assert not {"pipe", "socket"} & {entry.path for entry in own.list()}
    assert "pipe" not in zipfile.ZipFile(io.BytesIO(own.zip())).namelist()


def test_a_device_is_not_read(own: TaskWorkspace) -> None:
    """Root can make one; whoever cannot is refused by the kernel already."""
    device = own.place.work / "zero"
    try:
        os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except PermissionError:
        assert os.geteuid() != 0
        return
    with pytest.raises(ToolFailed, match="no file"):
        own.read("zero")


def test_another_name_of_a_file_outside_is_not_read(own: TaskWorkspace, outside: World) -> None:
    beside = own.place.top / "beside"
    beside.write_text(WORD)
    os.link(beside, own.place.work / "src/mine")
    for use in ("read", "checksum"):
        with pytest.raises(ToolFailed, match="another name"):
            USES[use](own, "src/mine")
    assert WORD.encode() not in own.zip()
    own.write("src/mine", b"new")
    assert beside.read_text() == WORD


def test_two_names_inside_are_read(own: TaskWorkspace) -> None:
    own.write("src/one", b"both")
    os.link(own.place.work / "src/one", own.place.work / "src/two")
    assert own.read("src/two") == b"both"


def test_a_huge_file_is_not_read_whole(own: TaskWorkspace) -> None:
    with (own.place.work / "src/holes").open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(ToolFailed, match="bytes"):
        own.read("src/holes")
    with pytest.raises(ToolFailed, match="bytes"):
        own.write("src/large", bytes(6 * MIB))
    held = zipfile.ZipFile(io.BytesIO(own.zip()))
    assert "src/holes" in held.read("LEFT-OUT.txt").decode()


def test_what_git_runs_is_not_written(own: TaskWorkspace) -> None:
    own.write("src/a.py", b"x")
    for path in (".git/hooks/pre-commit", "src/.git/config", ".GIT/config", "repo/.git/info/attributes"):
        with pytest.raises(ToolFailed, match="git"):
            own.write(path, b"x")
        with pytest.raises(ToolFailed, match="git"):
            own.move("src/a.py", path)
        with pytest.raises(ToolFailed, match="git"):
            own.delete(path)


def test_an_archive_carries_no_hooks(own: TaskWorkspace) -> None:
    own.run(
        ["sh", "-c", "git init -q repo && echo evil > repo/.git/hooks/post-checkout && echo x > repo/file"]
    )
    names = zipfile.ZipFile(io.BytesIO(own.zip())).namelist()
    assert "repo/file" in names
    assert not [name for name in names if ".git" in name]


def test_files_of_a_command_and_of_the_tools_are_the_same(own: TaskWorkspace) -> None:
    own.write("src/deep/er/a.sh", b"echo hello > ../made; rm a.sh")
    own.run(["sh", "a.sh"], folder="src/deep/er")
    assert own.read("src/deep/made") == b"hello\n"
    own.write("src/deep/made", b"tools")
    assert (
        own.run(["sh", "-c", "echo more >> /work/src/deep/made; cat src/deep/made"]).output == "toolsmore\n"
    )
    own.write("/work/src/deep/made", b"again")
    assert own.checksum("src/deep/made") == hashlib.sha256(b"again").hexdigest()
    assert [entry.path for entry in own.list("src")] == ["src/deep", "src/deep/er", "src/deep/made"]
    own.move("src/deep/made", "output/report.txt")
    assert own.read("output/report.txt") == b"again"
    with pytest.raises(ToolFailed, match="folder"):
        own.write("src/deep", b"x")
    with pytest.raises(ToolFailed, match="into itself"):
        own.move("src", "src/deep/er/src")
    with pytest.raises(ToolFailed, match="no folder"):
        own.run(["true"], folder="nowhere")


def test_a_program_stays_one_when_it_is_edited(own: TaskWorkspace) -> None:
    own.run(["sh", "-c", "printf '#!/bin/sh\\necho one\\n' > tool && chmod 755 tool"])
    own.write("tool", b"#!/bin/sh\necho two\n")
    assert own.run(["./tool"]).output == "two\n"


def _swap(work: Path, target: Path, until: float) -> None:
    """As fast as it can: a file and a link in its place, a folder and a link in its place."""
    (work / "real").mkdir(exist_ok=True)
    (work / "real" / "secret").write_text("mine")
    (work / "trap").symlink_to(target)
    file, folder = work / "file", work / "swapped"
    while time.time() < until:
        file.unlink(missing_ok=True)
        file.symlink_to(target / "secret")
        file.unlink()
        file.write_text("mine")
        (work / "real").rename(folder)
        folder.rename(work / "real")
        (work / "trap").rename(folder)
        folder.rename(work / "trap")


@pytest.fixture
def racing(own: TaskWorkspace, outside: World) -> Iterator[float]:
    """Until when."""
    until = time.time() + RACE_S
    process = multiprocessing.get_context("spawn").Process(
        target=_swap, args=(own.place.work, outside.outside, until + 0.5)
    )
    process.start()
    while not (own.place.work / "trap").is_symlink() and process.is_alive():
        time.sleep(0.01)
    yield time.time() + RACE_S
    process.join()


def test_a_race_leads_nowhere(own: TaskWorkspace, outside: World, racing: float) -> None:
    tried = 0
    while time.time() < racing:
        for path in ("file", "swapped/secret"):
            with contextlib.suppress(ToolFailed):
                assert own.read(path) in (b"mine", b"", b"tools")
            with contextlib.suppress(ToolFailed):
                own.files.write(path, b"tools")
        for change in (
            partial(own.files.write, "swapped/new", b"x"),
            partial(own.files.delete, "swapped/new"),
        ):
            with contextlib.suppress(ToolFailed):
                change()
        assert WORD.encode() not in b"".join(e.path.encode() for e in own.list())
        tried += 1
    assert tried > 20
    outside.is_untouched()


def test_names_that_are_no_text_are_listed(own: TaskWorkspace) -> None:
    own.run(["python", "-c", "open(b'src/\\xff\\xfe', 'w').write('x')"])
    assert [entry.path for entry in own.list("src")] == ["src/\ufffd\ufffd"]
    assert own.zip()


def test_nothing_gets_out_of_its_folder_where_the_archive_is_unpacked(own: TaskWorkspace) -> None:
    """On Windows a backslash parts folders, and a colon ends a drive."""
    for name in ("..\\..\\evil.txt", "C:evil.txt"):
        own.write(f"output/{name}", b"x")
    names = zipfile.ZipFile(io.BytesIO(own.zip())).namelist()
    assert {"output/.._.._evil.txt", "output/C_evil.txt"} <= set(names)
    assert not any(sign in name for name in names for sign in "\\:")


def test_the_archive_is_bounded(own: TaskWorkspace) -> None:
    own.write("README.md", b"# It")
    for n in range(4):
        own.write(f"output/{n}.bin", os.urandom(MIB))
    held = own.zip(limit=3 * MIB)
    assert len(held) < 3 * MIB
    archive = zipfile.ZipFile(io.BytesIO(held))
    assert archive.namelist()[0] == "README.md"
    assert "output/3.bin (1,048,576 bytes)" in archive.read("LEFT-OUT.txt").decode()


def test_an_argument_that_no_command_can_have_is_refused(own: TaskWorkspace) -> None:
    for argv in ([], [""], ["echo", "a\0b"], ["echo", "\ud800"], ["echo", "x" * 200_000], ["echo"] * 2_000):
        with pytest.raises(ToolFailed):
            own.run(argv)
    assert own.run(["echo", "$HOME; `id`", "&& true"]).output == "$HOME; `id` && true\n"


def test_a_family_shares_a_folder_and_nothing_else(homes: Path, tier: Tier) -> None:
    home = homes / f"family-{tier.name}"
    first = workspace(home, tier, task="first")
    all_of_them = Workspaces(home, sandbox=first._sandbox)
    one, two = all_of_them.of(a_task("one", "first")), all_of_them.of(a_task("two", "one"))
    assert one.place.shared == two.place.shared == first.place.shared
    one.write("shared/found.txt", b"one")
    assert two.run(["sh", "-c", "cat shared/found.txt && echo two >> shared/found.txt"]).exit == 0
    assert first.read("shared/found.txt") == b"one" + b"two\n"
    two.write("shared/deep/more.txt", b"more")
    assert one.run(["sh", "-c", "echo one > shared/deep/own && cat shared/deep/more.txt"]).output == "more"
    one.write("src/secret", b"mine")
    assert two.run(["cat", str(one.place.work / "src/secret")]).exit != 0
    assert {"shared", "shared/deep", "shared/deep/own"} <= {entry.path for entry in two.list()}
    if os.geteuid() == 0:
        assert len({room.place.work.stat().st_uid for room in (first, one, two)}) == 3


def test_shared_files_are_written_by_one_at_a_time(homes: Path, tier: Tier) -> None:
    home = homes / f"family-{tier.name}"
    first = workspace(home, tier, task="first")
    rooms = [first, Workspaces(home, sandbox=first._sandbox).of(a_task("writer", "first"))]
    failures: list[BaseException] = []

    def write(room: TaskWorkspace) -> None:
        try:
            for n in range(20):
                room.write("shared/race/file", b"%d" % n * 1000)
                room.delete("shared/race/file")
        except ToolFailed as error:
            if "There is no" not in error.what:
                failures.append(error)

    threads = [threading.Thread(target=write, args=(room,)) for room in rooms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_openat2_and_the_walk_refuse_the_same(own: TaskWorkspace, outside: World) -> None:
    (own.place.work / "link").symlink_to(outside.outside)
    root = os.open(own.place.work, os.O_RDONLY)
    try:
        for opened in (beneath.walk_to, beneath.open_beneath):
            with pytest.raises(OSError) as refused:
                opened(root, ("link", "secret"), os.O_RDONLY)
            assert refused.value.errno in (errno.ELOOP, errno.ENOTDIR)
    finally:
        os.close(root)
