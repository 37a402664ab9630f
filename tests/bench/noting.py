"""Jobs that tell when their first line ran, and what they had to import: ours and a bare one, noted by the same lines."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps

from redis import Redis

from bot import wiring
from tests.servers.processes import ServerError

LIST = "bench:noted"
MODELS = ("langchain", "langgraph", "openai")
PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Noted:
    """at: on the monotonic clock, which all processes of a machine share.  models: modules of LangChain's it imported."""

    id: str
    at: float
    models: int


def noting(function: Callable[[str], None]) -> Callable[[str], None]:
    @wraps(function)
    def noted(id: str) -> None:
        at, before = time.monotonic(), set(sys.modules)
        function(id)
        models = sum(name.startswith(MODELS) for name in sys.modules.keys() - before)
        with Redis.from_url(wiring.process().redis_url) as redis:
            redis.rpush(LIST, json.dumps([id, at, models]))

    return noted


@noting
def nothing(id: str) -> None:
    """What a bare RQ runs."""


BARE = f"{__name__}.nothing"


def take(redis: Redis, count: int) -> Iterator[Noted]:
    """As they ran. Raises ServerError when nothing runs any more."""
    for _ in range(count):
        found = redis.blpop([LIST], timeout=PATIENCE_S)
        if not isinstance(found, (list, tuple)):
            raise ServerError(f"no job ran within {PATIENCE_S} s")
        yield Noted(*json.loads(found[1]))


def wait(redis: Redis, id: str) -> Noted:
    """The next job that ran, which must be that one."""
    (noted,) = take(redis, 1)
    assert noted.id == id, f"waited for job {id}, but {noted.id} ran"
    return noted
