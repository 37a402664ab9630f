"""Which tier is taken, what each is started with, and that without one nothing runs."""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from pathlib import Path

import pytest

from agents.tasks.tools import ToolFailed
from integrations.sandbox import bwrap, cell, confine, landlock, probe, seccomp, syscalls, users
from integrations.sandbox.box import Sandbox
from integrations.sandbox.bwrap import Bwrap
from integrations.sandbox.cell import Cell, Mount
from integrations.sandbox.landlock import Landlock
from integrations.sandbox.limits import Limits
from integrations.sandbox.run import Command, run
from integrations.sandbox.tier import Start, Tier, Unfit
from integrations.workspace.workspace import TaskWorkspace
from integrations.workspace.workspaces import Workspaces
from tests.sandbox.world import a_task, workspace

"""Sandboxed `true`."""


def test_this_machine_has_the_first_tier(tmp_path: Path) -> None:
    found = probe.look(tmp_path)
    assert found.tier is not None, found.missed
    assert found.tier.name == "bubblewrap", found.missed
    assert list(tmp_path.iterdir()) == [], "it leaves nothing"


def test_both_tiers_hold(tmp_path: Path, tier: Tier) -> None:
    assert probe.try_out(tier, tmp_path) == ""


class Open:
    """A tier that keeps nothing in: runs it just so."""

    name = "open"
    words = ""

    def place(self, mount: Mount) -> str:
        return str(mount.source)

    def needs(self, cell: Cell) -> Sequence[Path]:
        return [mount.source for mount in cell.mounts]

    def start(self, cell: Cell, argv: Sequence[str], folder: str, limits: Limits) -> Start:
        from contextlib import ExitStack

        work = cell.mounts[0].source
        return Start(["/bin/sh", "-c", 'cd "$0" && exec "$@"', str(work), *argv], ExitStack())


def test_a_tier_that_does_not_hold_is_found_out(tmp_path: Path) -> None:
    assert probe.try_out(Open(), tmp_path) == "it could read a file outside"


def test_a_broken_bubblewrap_is_found_out(tmp_path: Path) -> None:
    assert probe.try_out(Bwrap(Path("/usr/bin/false")), tmp_path)
    assert probe.try_out(Bwrap(Path("/nowhere/bwrap")), tmp_path)


def test_without_a_tier_nothing_runs(homes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bwrap, "programs", lambda: iter(()))
    monkeypatch.setattr(landlock, "why_not", lambda: "Landlock's version here is 0, 3 is needed (Linux 6.2)")
    home = homes / "none"
    home.mkdir()
    room = Workspaces(home).of(a_task())
    with pytest.raises(
        ToolFailed, match=r"no sandbox, so no command runs.*there is none here.*Linux 6.2"
    ) as refused:
        room.run(["touch", "ran"])
    assert "doctor sandbox" in refused.value.remedy
    assert not (room.place.work / "ran").exists()
    room.write("src/a", b"files need none")
    assert room.read("src/a") == b"files need none"


def test_what_the_probe_finds_holds_for_the_process(homes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Sandbox(homes / "once").found
    monkeypatch.setattr("integrations.sandbox.box.look", lambda home: pytest.fail("looked again"))
    assert Sandbox(homes / "once").found is first


def test_nothing_is_run_as_root(tmp_path: Path, tier: Tier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell, "is_root", lambda: True)
    mounts = (Mount(tmp_path, cell.WORK, writable=True), Mount(tmp_path, cell.TMP, writable=True))
    command = Command(["true"], "", b"", 5, lambda: "", lambda running: None)
    with pytest.raises(Unfit, match="as root"):
        run(tier, Cell(mounts), command, Limits())


def test_what_fails_before_the_command_is_told_as_such(room: TaskWorkspace) -> None:
    assert room.run(["no-such-program"]).exit == 127
    (room.place.work / "text").write_text("no program")
    assert room.run(["./text"]).exit in (126, 127)


def test_exits_and_signals_are_told_apart(room: TaskWorkspace) -> None:
    assert room.run(["sh", "-c", "exit 7"]).exit == 7
    assert room.run(["sh", "-c", "kill -KILL $$"]).exit == -9
    assert room.run(["python", "-c", "import os; os.kill(os.getpid(), 15)"]).exit == -15


def test_both_streams_come_as_they_came(room: TaskWorkspace) -> None:
    ran = room.run(["sh", "-c", "echo one; echo two >&2; cat"], stdin=b"three\n" * 3)
    assert ran.output == "one\ntwo\n" + "three\n" * 3
    assert ran.cut == 0


def test_input_of_any_size_is_read(room: TaskWorkspace) -> None:
    assert room.run(["wc", "-c"], stdin=b"x" * 3_000_000).output.strip() == "3000000"


def test_an_environment_works_offline(homes: Path, tier: Tier) -> None:
    workspace(homes / tier.name, tier)  # the shared packages are there
    room = workspace(homes / tier.name, tier, task="env")
    script = "import sys, PIL.Image, yaml, jinja2, lxml.etree; PIL.Image.new('RGB', (9, 9)).save('output/a.png'); print(sys.prefix != sys.base_prefix)"
    ran = room.run(["python", "-c", script])
    assert ran.output == "True\n"
    assert room.read("output/a.png").startswith(b"\x89PNG")
    assert room.run(["python", "-c", "import sqlalchemy"]).exit != 0, "ours are not theirs"


def test_programs_people_use_work(room: TaskWorkspace) -> None:
    script = """
set -e
git init -q r && cd r && echo a > f && git add f && git commit -qm one && git clone -q . ../c && cd ../c && git log --oneline | grep one
tar -czf /dev/null . && cp -a f g && chmod +x g && touch -d 2020-01-01 g && mv g h && ln -s f l && cat l | sort | grep a
cd .. && rm -rf r c
"""
    ran = room.run(["sh", "-c", script])
    assert ran.exit == 0, ran.output
    asynchronous = "import asyncio, subprocess, tempfile; asyncio.run(asyncio.sleep(0)); print(subprocess.check_output(['echo', 'x'])); tempfile.TemporaryFile().write(b'x')"
    assert room.run(["python", "-c", asynchronous]).exit == 0
    tests = b"import unittest\nclass T(unittest.TestCase):\n    def test(self): self.assertTrue(True)\n"
    room.write("src/test_it.py", tests)
    assert "OK" in room.run(["python", "-m", "unittest", "test_it"], folder="src").output


@pytest.mark.parametrize("machine", syscalls.MACHINES)
@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("owns_more", [False, True])
def test_the_filter_decides_as_it_says(machine: str, bare: bool, owns_more: bool) -> None:
    """Run by a small machine of our own, for machines that we do not have."""
    strict = seccomp.Strictness(bare=bare, owns_more=owns_more, signals=owns_more)
    program = seccomp.program(strict, machine)

    def verdict(name: str, *arguments: int, arch: int = syscalls.AUDIT_ARCH[machine]) -> int:
        number = syscalls.number(name, machine)
        assert number is not None
        return interpret(program, number, arch, arguments)

    refused, allowed = seccomp.ERRNO | 1, seccomp.ALLOW
    assert interpret(program, 0, 0x40000003, ()) == seccomp.KILL  # 32 bits on a machine of 64
    assert {verdict(name) for name in ("ptrace", "bpf", "mount", "keyctl", "io_uring_setup", "unshare")} == {
        refused
    }
    assert verdict("clone", 17) == allowed
    assert verdict("clone", 17 | 0x10000000) == refused
    assert verdict("clone3") == seccomp.ERRNO | 38
    assert verdict("socket", 40, 1) == seccomp.ERRNO | 97
    assert verdict("socket", 16, 3, 0) == (seccomp.ERRNO | 97 if bare else allowed)
    assert verdict("socket", 16, 3, 9) == seccomp.ERRNO | 97
    assert verdict("socket", 2, 1) == (seccomp.ERRNO | 97 if bare else allowed)
    assert verdict("ioctl", 3, 0x5412) == refused
    assert verdict("ioctl", 3, 0x5413) == allowed
    assert verdict("mknodat", 0, 0, 0o020666) == refused
    assert verdict("mknodat", 0, 0, 0o010666) == allowed
    assert verdict("prlimit64", 0) == allowed
    assert verdict("prlimit64", 77) == refused
    assert verdict("setsid") == (refused if bare else allowed)
    assert verdict("kill", 77) == (refused if owns_more else allowed)
    assert verdict("fchmodat") == (seccomp.ERRNO if bare and owns_more else allowed)
    assert verdict("utimensat", 3, 0) == allowed
    assert verdict("utimensat", 3, 1 << 32) == (seccomp.ERRNO if bare else allowed)
    assert verdict("openat2") == allowed
    if machine == "x86_64":
        assert interpret(program, 0x40000000 + 101, syscalls.AUDIT_ARCH[machine], ()) == refused


def interpret(program: bytes, number: int, arch: int, arguments: Sequence[int]) -> int:
    filled = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    data = struct.pack("=iIQ6Q", number, arch, 0, *filled)
    steps = list(struct.iter_unpack("=HBBI", program))
    at = held = 0
    while True:
        code, yes, no, value = steps[at]
        at += 1
        if code == seccomp.LOAD:
            held = struct.unpack_from("=I", data, value)[0]
        elif code == seccomp.AND:
            held &= value
        elif code == seccomp.RETURN:
            return int(value)
        else:
            tests = {
                seccomp.EQUAL: held == value,
                seccomp.ABOVE: held >= value,
                seccomp.ANY_BIT: bool(held & value),
            }
            at += yes if tests[code] else no


def test_users_are_nobody_elses() -> None:
    assert users.free(set(), 5) == users.FIRST + 5
    assert users.free({users.FIRST + 5}, 5) == users.FIRST + 6
    assert users.free({users.FIRST + users.COUNT - 1}, users.COUNT - 1) == users.FIRST
    assert users.is_ours(users.FIRST)
    assert not users.is_ours(1000)
    with pytest.raises(LookupError):
        users.free(range(users.FIRST, users.FIRST + users.COUNT), 0)


def test_a_task_keeps_its_user(homes: Path, tier: Tier) -> None:
    room = workspace(homes / tier.name, tier, task="kept")
    again = workspace(homes / tier.name, tier, task="kept")
    assert room is not again
    assert room.place == again.place
    if os.geteuid() == 0:
        assert room.place.owner is not None
        assert room.place.work.stat().st_uid == room.place.owner.uid
        assert room.run(["id", "-u"]).output.strip() in ("1000", str(room.place.owner.uid))


def test_removed_is_removed(homes: Path, tier: Tier) -> None:
    home = homes / "removed"
    home.mkdir(exist_ok=True)
    rooms = Workspaces(home, sandbox=Sandbox(home / "tasks", tier))
    room = rooms.of(a_task("gone"))
    room.write("src/a", b"x")
    assert rooms.exists("gone")
    rooms.remove("gone")
    rooms.remove("gone")
    assert not rooms.exists("gone")
    assert not [path for path in (home / "tasks").iterdir() if "gone" in path.name]
    with pytest.raises(ToolFailed, match="removed"):
        room.read("src/a")
    with pytest.raises(ToolFailed, match="id"):
        rooms.of(a_task("../gone"))
    assert rooms.of(a_task("gone")).list() == workspace(home, tier, task="other").list()


def test_landlock_is_as_new_as_it_has_to_be() -> None:
    assert confine.landlock_abi() >= landlock.OLDEST
    assert Landlock(confine.landlock_abi()).abi >= landlock.SCOPES, (
        "signals are kept in by Landlock itself here"
    )
