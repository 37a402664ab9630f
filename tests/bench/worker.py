"""`python -m tests.bench.worker now|long`: the real worker, whose jobs are noted."""

from __future__ import annotations

import sys

from agents.jobs import Queue
from jobs import run, worker
from tests.bench.noting import noting

if __name__ == "__main__":
    run.run = noting(run.run)  # type: ignore[assignment]  # RQ finds it by its name
    worker.main(Queue(sys.argv[1]))
