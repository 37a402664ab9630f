"""What would use the machine up is ended in time, and says why."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from agents.tasks.tools import Ran, ToolFailed
from integrations.sandbox.limits import MIB, Limits
from integrations.sandbox.tier import Tier
from integrations.workspace.workspace import TaskWorkspace
from tests.sandbox.world import workspace

SMALL = Limits(
    memory=200 * MIB, file=20 * MIB, disk=60 * MIB, files=3_000, processes=40, output=4 * MIB, kept=2_000
)


@pytest.fixture
def small(homes: Path, tier: Tier, request: pytest.FixtureRequest) -> TaskWorkspace:
    """A workspace of each test's own, with little room."""
    return workspace(homes / tier.name, tier, SMALL, task=f"b-{abs(hash(request.node.name))}")


def python(room: TaskWorkspace, script: str, timeout_s: float = 30) -> Ran:
    return room.run(["python", "-"], stdin=script.encode(), timeout_s=timeout_s)


def living(room: TaskWorkspace) -> int:
    """What it runs. Who is dead, and waits for somebody to notice, does not count."""
    uid = room.place.owner.uid if room.place.owner else os.getuid()
    seen = psutil.process_iter(["status", "uids", "cmdline"])
    return sum(
        p.info["cmdline"] == ["python", "-"]
        and p.info["uids"].real == uid
        and p.info["status"] != psutil.STATUS_ZOMBIE
        for p in seen
    )


def test_a_fork_bomb_has_no_more_processes_than_it_may(small: TaskWorkspace) -> None:
    ran = python(
        small,
        """
import os, time
made = 0
for _ in range(300):
    try:
        if not os.fork():
            time.sleep(20); os._exit(0)
        made += 1
    except BlockingIOError:
        break
print("made", made)
""",
    )
    assert ran.exit == 0
    assert 10 < int(ran.output.split()[1]) < SMALL.processes
    assert living(small) == 0


def test_a_fork_bomb_that_goes_on_is_ended(small: TaskWorkspace) -> None:
    started = time.monotonic()
    ran = small.run(["bash", "-c", "bomb() { bomb | bomb & }; bomb; sleep 30"], timeout_s=2)
    assert ran.stopped == "time" or ran.exit != 0
    assert time.monotonic() - started < 12


def test_one_process_has_no_more_memory_than_it_may(homes: Path, tier: Tier) -> None:
    limits = replace(SMALL, address_space=300 * MIB)
    room = workspace(homes / tier.name, tier, limits, task="memory")
    ran = python(room, "held = bytearray(400 * 2**20)")
    assert ran.exit != 0
    assert "MemoryError" in ran.output


def test_many_processes_have_no_more_memory_together(small: TaskWorkspace) -> None:
    ran = python(
        small,
        """
import os, time
for _ in range(8):
    if not os.fork():
        held = bytearray(b"x") * (60 * 2**20)
        time.sleep(20)
time.sleep(20)
""",
    )
    assert ran.stopped == "memory"
    assert ran.exit == -9


@pytest.mark.parametrize(
    "made", ["os.memfd_create('x')", "os.open('f', os.O_CREAT | os.O_RDWR), os.unlink('f')"]
)
def test_files_without_a_name_count_too(small: TaskWorkspace, made: str) -> None:
    ran = python(
        small,
        f"""
import os, time
for _ in range(30):
    held = {made}
    number = held[0] if isinstance(held, tuple) else held
    for _ in range(15): os.write(number, bytes(2**20))
time.sleep(20)
""",
    )
    assert ran.stopped == "memory"


def test_much_output_is_cut_in_the_middle(small: TaskWorkspace) -> None:
    ran = python(small, "print('begin'); print('x' * 2**20); print('end')")
    assert ran.exit == 0
    assert ran.output.startswith("begin")
    assert ran.output.rstrip().endswith("end")
    assert len(ran.output) < SMALL.kept + 100
    assert ran.cut == len("begin\n") + 2**20 + 1 + len("end\n") - SMALL.kept


def test_endless_output_is_ended(small: TaskWorkspace) -> None:
    ran = small.run(["yes"], timeout_s=30)
    assert ran.stopped == "output"
    assert ran.cut > 0


def test_a_huge_file_is_not_written(small: TaskWorkspace) -> None:
    ran = python(small, "open('huge', 'wb').write(b'x' * (30 * 2**20))")
    assert ran.exit != 0
    assert (small.place.work / "huge").stat().st_size <= SMALL.file


def test_a_file_of_holes_is_no_larger(small: TaskWorkspace) -> None:
    ran = small.run(["truncate", "-s", "10T", "holes"])
    assert ran.exit != 0


@pytest.mark.parametrize("place", ["/work", "/tmp", "/dev/shm"])
def test_the_disk_is_not_filled(small: TaskWorkspace, place: str, tier: Tier) -> None:
    if tier.name == "landlock":
        place = {"/work": ".", "/tmp": "$TMPDIR"}.get(place, place)
    ran = small.run(
        ["sh", "-c", f"i=0; while :; do i=$((i+1)); head -c 10000000 /dev/zero > {place}/f$i || exit 9; done"]
    )
    assert ran.stopped == "disk" or (ran.exit != 0 and place == "/dev/shm")


def test_no_file_system_of_its_own_is_memory(small: TaskWorkspace, tier: Tier) -> None:
    """Everything that it can write to lies on disk, where it is counted."""
    ran = python(
        small,
        """
import os
for line in open("/proc/self/mounts") if os.access("/proc/self/mounts", os.R_OK) and os.path.isdir("/work") else ():
    _, place, kind, options, *_ = line.split()
    if kind == "tmpfs" and "rw" in options.split(","):
        try: open(place + "/x", "w"); print("memory at", place)
        except OSError: pass
print("looked")
"""
        if tier.name == "bubblewrap"
        else "print('looked')",
    )
    assert ran.output == "looked\n"


def test_a_million_files_are_not_made(small: TaskWorkspace) -> None:
    script = """
import time
for n in range(10**6):
    open(f"f{n}", "w").close()
    if not n % 100: time.sleep(0.01)  # what it makes has to be removed again
"""
    ran = python(small, script)
    assert ran.stopped == "files"
    with pytest.raises(ToolFailed, match="files"):
        small.write("one-more.txt", b"x")
    with pytest.raises(ToolFailed, match="files"):
        small.run(["true"])


def test_folders_without_end_are_removed(small: TaskWorkspace) -> None:
    ran = python(
        small,
        """
import os
os.makedirs("deep"); os.chdir("deep")
for _ in range(1200):
    os.mkdir("d"); os.chdir("d")
""",
    )
    assert ran.exit == 0 or ran.stopped == "files"
    with pytest.raises(ToolFailed, match="files"):
        small.run(["true"])
    small.delete("deep")
    assert not list(small.place.trash.iterdir())
    assert small.list("", limit=10)


def test_a_folder_without_rights_is_removed(small: TaskWorkspace) -> None:
    small.run(
        ["sh", "-c", "mkdir -p src/locked/in && touch src/locked/in/file && chmod 000 src/locked; true"]
    )
    small.delete("src/locked")
    assert not list(small.place.trash.iterdir())


def test_a_processor_is_not_used_for_ever(homes: Path, tier: Tier) -> None:
    room = workspace(homes / tier.name, tier, replace(SMALL, cpu_s=1), task="cpu")
    started = time.monotonic()
    ran = python(room, "while True: pass")
    assert ran.exit in (-9, -24)  # SIGKILL, SIGXCPU
    assert time.monotonic() - started < 15


def test_it_does_not_open_more_files_than_it_may(small: TaskWorkspace) -> None:
    ran = python(small, "held = [open('/dev/null') for _ in range(5000)]")
    assert ran.exit != 0
    assert "Too many open files" in ran.output
