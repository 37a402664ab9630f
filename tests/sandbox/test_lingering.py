"""Nothing outlives its command: not by time, not by a stop, not by its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from agents.tasks.tools import Ran
from integrations.sandbox.tier import Tier
from integrations.workspace.workspace import TaskWorkspace
from integrations.workspace.workspaces import ROOT
from tests.sandbox.world import workspace

BEAT = """
import time
while True:
    open("beat", "a").write(".")
    time.sleep(0.05)
"""
DAEMON = f"""
import os, signal, sys
for name in ("SIGTERM", "SIGHUP", "SIGINT", "SIGPIPE"):
    signal.signal(getattr(signal, name), signal.SIG_IGN)
if os.fork(): READY
try: os.setsid()
except OSError: pass
if os.fork(): os._exit(0)
for number in (0, 1, 2):
    os.close(number)
{BEAT}
"""


def python(room: TaskWorkspace, script: str, timeout_s: float = 20) -> Ran:
    return room.run(["python", "-"], stdin=script.encode(), timeout_s=timeout_s)


def assert_still(room: TaskWorkspace) -> None:
    beat = room.place.work / "beat"
    before = beat.stat().st_size
    assert before > 0, "it never ran"
    time.sleep(0.4)
    assert beat.stat().st_size == before, "it goes on"


@pytest.fixture
def fresh(room: TaskWorkspace) -> TaskWorkspace:
    (room.place.work / "beat").unlink(missing_ok=True)
    return room


def test_a_daemon_does_not_outlive_the_end(fresh: TaskWorkspace) -> None:
    ran = python(fresh, DAEMON.replace("READY", "import time; time.sleep(0.5); os._exit(3)"))
    assert ran.exit == 3
    assert_still(fresh)


def test_a_daemon_does_not_outlive_its_time(fresh: TaskWorkspace) -> None:
    ran = python(fresh, DAEMON.replace("READY", "import time; time.sleep(60)"), timeout_s=1)
    assert ran.stopped == "time"
    assert_still(fresh)


def test_whoever_ignores_signals_is_ended(fresh: TaskWorkspace) -> None:
    started = time.monotonic()
    ran = fresh.run(
        ["sh", "-c", "trap '' TERM HUP INT QUIT PIPE; while :; do printf . >> beat; sleep 0.05; done"],
        timeout_s=1,
    )
    assert (ran.stopped, ran.exit) == ("time", -9)
    assert time.monotonic() - started < 4
    assert_still(fresh)


def test_whoever_closes_its_output_and_goes_on_is_ended(fresh: TaskWorkspace) -> None:
    ran = python(fresh, f"import os\nos.close(1); os.close(2)\n{BEAT}", timeout_s=1)
    assert ran.stopped == "time"
    assert_still(fresh)


def test_whoever_closes_its_output_is_waited_for(fresh: TaskWorkspace) -> None:
    ran = python(
        fresh,
        "import os, time\nprint('said', flush=True); os.close(1); os.close(2); time.sleep(0.4); os._exit(5)",
    )
    assert (ran.exit, ran.output) == (5, "said\n")
    assert ran.seconds > 0.4


def test_a_child_that_holds_the_output_holds_nobody_up(fresh: TaskWorkspace) -> None:
    started = time.monotonic()
    ran = fresh.run(["sh", "-c", "sleep 30 & echo done"])
    assert (ran.exit, ran.output) == (0, "done\n")
    assert time.monotonic() - started < 5


def test_a_stopped_child_is_ended(fresh: TaskWorkspace) -> None:
    ran = python(fresh, "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", timeout_s=1)
    assert ran.stopped == "time"


def test_stop_ends_it_from_another_thread(fresh: TaskWorkspace) -> None:
    def stop() -> None:
        for _ in range(200):
            beat = fresh.place.work / "beat"
            if beat.exists() and beat.stat().st_size:
                break
            time.sleep(0.05)
        fresh.stop()

    thread = threading.Thread(target=stop)
    thread.start()
    started = time.monotonic()
    ran = python(fresh, BEAT)
    thread.join()
    assert (ran.stopped, ran.exit) == ("asked", -9)
    assert time.monotonic() - started < 15
    assert_still(fresh)
    assert fresh.run(["true"]).exit == 0, "what is asked for later runs"


def test_an_exception_in_the_waiting_thread_ends_it(fresh: TaskWorkspace) -> None:
    """The way a worker is told to let go: a signal whose handler raises."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 1)
        with pytest.raises(KeyboardInterrupt):
            python(fresh, BEAT)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert_still(fresh)


def test_when_troupe_is_killed_the_command_ends(tier: Tier, homes: Path) -> None:
    """A worker that gets SIGKILL cannot clean up; what it ran ends all the same."""
    room = workspace(homes / tier.name, tier, task="orphan")
    script = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from tests.sandbox.world import tiers, workspace
room = workspace(Path({str(homes / tier.name)!r}), tiers()[{tier.name!r}], task="orphan")
room.run(["python", "-"], stdin={BEAT.encode()!r}, timeout_s=60)
"""
    # Not through a shell: the process that we kill is the one that waits for the command.
    worker = subprocess.Popen(
        [sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": ":".join(sys.path)}
    )
    beat = room.place.work / "beat"
    for _ in range(400):
        if beat.exists() and beat.stat().st_size:
            break
        assert worker.poll() is None, "the worker failed"
        time.sleep(0.05)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    time.sleep(0.5)
    assert_still(room)


def test_no_process_is_left_behind(fresh: TaskWorkspace) -> None:
    for _ in range(5):
        python(fresh, "import subprocess; [subprocess.Popen(['sleep', '60']) for _ in range(5)]")
    left = [
        p
        for p in psutil.Process().children(recursive=True)
        if p.name() in ("bwrap", "python", "sleep") and "60" in p.cmdline()
    ]
    assert left == []
    assert not [p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == ["sleep", "60"]]
