import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot.settings import ROOT
from bot.supervise import claim

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ADDRESS = "http://127.0.0.1:8420"


def test_a_home_has_one_holder_and_is_free_again_afterwards(tmp_path: Path) -> None:
    held = claim.take(tmp_path, ADDRESS, NOON)
    assert isinstance(held, int)

    assert claim.take(tmp_path, "http://other", NOON) == claim.Running(os.getpid(), NOON.isoformat(), ADDRESS)

    os.close(held)
    again = claim.take(tmp_path, ADDRESS, NOON)
    assert isinstance(again, int)
    os.close(again)


def test_what_a_killed_run_left_is_waited_for(tmp_path: Path) -> None:
    """The holder is gone, and its guardian has the lock until it has ended what there was."""
    words = (
        "import subprocess, sys; from datetime import datetime, UTC; from pathlib import Path; from bot.supervise import claim;"
        "held = claim.take(Path(sys.argv[1]), 'http://old', datetime.now(UTC));"
        "subprocess.Popen(['sleep', '1'], pass_fds=[held])"
    )
    subprocess.run([sys.executable, "-c", words, str(tmp_path)], cwd=ROOT, check=True)

    held = claim.take(tmp_path, ADDRESS, NOON)

    assert isinstance(held, int)
    os.close(held)
