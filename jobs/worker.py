"""`python -m jobs.worker now|long|tasks`: RQ workers. Simple ones for what people wait for, forking ones for what is long."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from types import FrameType

import structlog
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker, Worker
from rq.exceptions import StopRequested

from agents.jobs import Queue as Urgency
from bot import heart, logs, wiring
from bot.supervise import gate
from bot.wiring import Troupe
from integrations import queue
from storage.checkpoints import prepare

WORKER_TTL_S = 30
"""RQ forgets a dead worker after this. Recovery does not wait for it: the leases on our rows do that."""
NAMES = {Urgency.NOW: "worker", Urgency.LONG: "writer", Urgency.TASKS: "agent"}
log = structlog.get_logger()
RECONNECT_S = 0.5
LONGEST_RECONNECT_S = 2.0
"""RQ waits up to a minute between attempts to reach a Redis that was away; people wait for these jobs."""


def main(urgency: Urgency) -> None:
    """Works until it is told to stop."""
    troupe = wiring.process()
    settings = troupe.settings
    logs.setup(level=settings.log_level, form=settings.log_format, secrets=settings.secrets())
    preload(urgency)
    gate.wait()
    if urgency is Urgency.TASKS:
        prepare(
            settings.database_url
        )  # LangGraph's tables, and below what workspaces share: once, not in each fork
        troupe.workspaces.prepare()
    with heart.beating(troupe.storage, NAMES[urgency]):
        keep_working(urgency, troupe)


def keep_working(urgency: Urgency, troupe: Troupe) -> None:
    """Works until it is told to stop. When Redis goes away in the middle of a job RQ's own loop ends, and is begun again
    here: a writer takes seconds to start."""
    while True:
        made = worker(urgency, troupe)
        try:
            made.work(logging_level=troupe.settings.log_level)
        except RedisError as error:
            log.warning("worker.lost_redis", error=type(error).__name__)
        if made.told_to_stop:
            return
        with suppress(StopRequested):
            time.sleep(RECONNECT_S)


class _Told:
    """Remembers that it was told to stop, which RQ's `work` does not tell from having stumbled."""

    told_to_stop = False

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.told_to_stop = True
        super().request_stop(signum, frame)  # type: ignore[misc]  # RQ's, whose class stands behind this one


class NowWorker(_Told, SimpleWorker):
    """Runs jobs in this very process."""


class LongWorker(_Told, Worker):
    """Forks for each job."""


def worker(urgency: Urgency, troupe: Troupe) -> NowWorker | LongWorker:
    connection = queue.connect(troupe.settings.redis_url, answers_within_s=None)
    queues = [Queue(urgency.value, connection=connection)]
    kind = NowWorker if urgency is Urgency.NOW else LongWorker
    made = kind(queues, connection=connection, worker_ttl=WORKER_TTL_S)
    made.max_connection_wait_time = LONGEST_RECONNECT_S
    return made


def preload(urgency: Urgency) -> None:
    """Imports what this worker's jobs need, before the first one: a forked child that imports LangChain itself takes
    four seconds, one whose parent has it 26 ms."""
    import jobs.run

    if urgency is not Urgency.NOW:
        from integrations.llm.build import preload as preload_models

        preload_models()
    if urgency is Urgency.TASKS:
        import jobs.work  # noqa: F401
    elif urgency is Urgency.NOW:
        import integrations.bluesky.publisher
        import integrations.stage.publisher  # noqa: F401


if __name__ == "__main__":
    main(Urgency(sys.argv[1]))
