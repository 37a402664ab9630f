"""Whose lease has to be waited for."""

from __future__ import annotations

import socket
import subprocess
import sys

from bot.outbox.outbox import holder_name, is_dead


def test_a_dead_process_of_this_machine_is_not_waited_for() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert is_dead(f"{socket.gethostname()}:{gone.pid}")


def test_whoever_lives_or_is_elsewhere_is() -> None:
    assert not is_dead(holder_name())
    assert not is_dead("elsewhere.example.com:1")
    assert not is_dead("")
    assert not is_dead("a name that is none")
