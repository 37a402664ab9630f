"""Small processes for the supervisor to keep. Run as `python tests/ground/toy.py KIND`; each notes its pid in TROUPE_HOME."""

import http.server
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from bot.supervise import gate

HOME = Path(os.environ["TROUPE_HOME"])


def note(name: str) -> None:
    with (HOME / "pids").open("a") as pids:
        pids.write(f"{name} {os.getpid()}\n")


def serve() -> None:
    """A console that answers, and says one thing of each sort."""
    for level in ("info", "warning"):
        print(
            json.dumps({"level": level, "event": f"toy.{level}", "key": os.environ.get("OPENAI_API_KEY", "")})
        )
    address = (os.environ["HOST"], int(os.environ["PORT"]))
    http.server.ThreadingHTTPServer(address, Answer).serve_forever()


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing: what comes on stderr is shown."""


def parent() -> None:
    """A worker with a child in its own group, and one in a group for itself, as RQ's work horses are."""
    subprocess.Popen([sys.executable, __file__, "child"])
    subprocess.Popen([sys.executable, __file__, "child"], process_group=0)
    time.sleep(1000)


def stubborn() -> None:
    """Does not end when asked to."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    note("deaf")
    time.sleep(1000)


def broken() -> None:
    """Cannot live."""
    sys.exit("no such module")


if __name__ == "__main__":
    kind = sys.argv[1]
    note(kind)
    if kind != "child":
        gate.wait()
    {
        "serve": serve,
        "parent": parent,
        "child": lambda: time.sleep(1000),
        "stubborn": stubborn,
        "broken": broken,
    }[kind]()
