"""SIGKILL in the middle of an answer, with a real client, a real stream and a real database: still one message."""

from __future__ import annotations

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler

import pytest

from agents.talk.message import Message
from bot import wiring
from bot.settings import ROOT
from jobs.run import run
from storage.tables import JobRow
from tests.bench.house import House
from tests.servers.processes import Process
from tests.writing.serving import serving

WORKER = """
import sys
from datetime import timedelta
from agents.jobs import Queue
from bot import wiring
from bot.settings import load_or_exit
from bot.wiring import Troupe
from tests.system.process import Loopback
wiring.use(Troupe(load_or_exit(), Loopback(), dict.fromkeys(Queue, timedelta(seconds=1))))
from jobs.run import run
run(sys.argv[1])
"""


def thread(house: House, of: Message) -> list[Message]:
    with house.troupe.storage.reading() as work:
        return work.messages.in_thread(of.own_thread)


def test_killed_while_the_model_speaks(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def speaks(handler: BaseHTTPRequestHandler) -> None:
        """Begins, and never comes to an end."""
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.end_headers()
        for word in ("Once", " upon", " a time"):
            choice = {"index": 0, "delta": {"content": word}, "finish_reason": None}
            chunk = {
                "id": "1",
                "object": "chat.completion.chunk",
                "created": 1,
                "model": "m",
                "choices": [choice],
            }
            handler.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
            handler.wfile.flush()
            time.sleep(1)
        over.wait(15)

    said = house.troupe.dispatcher.say("@zoe tell me a story", house.alice, house.place)
    with house.troupe.storage.reading() as work:
        id = work.connection.execute(JobRow.__table__.select()).one().id
    with serving(speaks) as url:
        keys = {"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": url, "PYTHONPATH": str(ROOT)}
        worker = Process(
            [sys.executable, "-c", WORKER, id],
            log=house.troupe.settings.troupe_home / "worker.log",
            ready=lambda: any("Once upon" in message.text for message in thread(house, said)),
            env=house.environment | keys,
            cwd=ROOT,
        )
        with worker:
            worker.kill()
        over.set()
    (cut,) = thread(house, said)
    assert (cut.text.startswith("Once upon"), cut.done) == (True, False)
    with house.troupe.storage.reading() as work:
        money = work.budgets.of(house.zoe, house.troupe.clock())
    assert money.reserved > 0, "nobody can tell what it took, so it stays set aside"

    monkeypatch.setattr(wiring, "_process", house.troupe)
    time.sleep(1.1)  # the lease of the dead
    run(id)
    (answer,) = thread(house, said)
    assert (answer.id, answer.done) == (cut.id, True)
    assert "rehears" in answer.text
