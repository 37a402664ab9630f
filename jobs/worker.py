"""`python -m jobs.worker now|long`: RQ workers. Simple ones for what people wait for, forking ones for what is long."""

from __future__ import annotations

import sys

from rq import Queue, SimpleWorker, Worker
from rq.worker.base import BaseWorker

from agents.jobs import Queue as Urgency
from bot import heart, logs, wiring
from bot.supervise import gate
from bot.wiring import Troupe
from integrations import queue

WORKER_TTL_S = 30
"""RQ forgets a dead worker after this. Recovery does not wait for it: the leases on our rows do that."""
LONGEST_RECONNECT_S = 2.0
"""RQ waits up to a minute between attempts to reach a Redis that was away; people wait for these jobs."""


def main(urgency: Urgency) -> None:
    """Works until it is told to stop."""
    troupe = wiring.process()
    settings = troupe.settings
    logs.setup(level=settings.log_level, form=settings.log_format, secrets=settings.secrets())
    preload(urgency)
    gate.wait()
    name = "worker" if urgency is Urgency.NOW else "writer"
    with heart.beating(troupe.storage, name):
        worker(urgency, troupe).work(logging_level=settings.log_level)


def worker(urgency: Urgency, troupe: Troupe) -> BaseWorker:
    connection = queue.connect(troupe.settings.redis_url)
    queues = [Queue(urgency.value, connection=connection)]
    kind = SimpleWorker if urgency is Urgency.NOW else Worker
    made = kind(queues, connection=connection, worker_ttl=WORKER_TTL_S)
    made.max_connection_wait_time = LONGEST_RECONNECT_S
    return made


def preload(urgency: Urgency) -> None:
    """Imports what this worker's jobs need, before the first one: a forked child that imports LangChain itself takes
    four seconds, one whose parent has it 26 ms."""
    import jobs.run  # noqa: F401

    if urgency is Urgency.LONG:
        from integrations.llm.build import preload as preload_models

        preload_models()
    else:
        import integrations.bluesky.publisher
        import integrations.stage.publisher  # noqa: F401


if __name__ == "__main__":
    main(Urgency(sys.argv[1]))
