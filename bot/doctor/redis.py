"""Redis: the doorbell. Without it everything still happens, seconds later."""

from __future__ import annotations

import time
from collections.abc import Iterator

from redis.exceptions import RedisError

from bot import logs
from bot.doctor.finding import Finding, fail, ok
from bot.doctor.patient import Patient

OLDEST = 5
"""RQ's own limit."""
PATIENCE_S = 3


def answers(patient: Patient) -> Iterator[Finding]:
    from redis import Redis

    settings = patient.settings
    client = Redis.from_url(settings.redis_url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S)
    begun = time.perf_counter()
    try:
        number = str(client.info("server")["redis_version"])
        took = time.perf_counter() - begun
    except (RedisError, OSError) as error:
        remedy = "./troupe up starts it." if settings.brings_redis else "Start it, or look at REDIS_URL."
        yield fail("redis", f"It does not answer: {logs.clean(str(error))}", remedy)
        return
    finally:
        client.close()
    if int(number.split(".")[0]) < OLDEST:
        yield fail(
            "redis",
            f"It is Redis {number}; {OLDEST} or newer is needed.",
            "Update it, or leave REDIS_URL out.",
        )
    else:
        own = "our own" if settings.brings_redis else "by REDIS_URL"
        yield ok("redis", f"Redis {number}, {own}, answers in {took * 1000:.0f} ms")


CHECKS = (answers,)
