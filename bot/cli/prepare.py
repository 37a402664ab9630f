"""`troupe prepare`."""

import sys

import typer

from bot import logs
from bot.settings import Settings, load_or_exit

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
ANSWER_S = 5.0


@app.command(name="prepare")
def command() -> None:
    """Bring the database up to date and seed an empty one with a cast. Prints the path to sign in by, once.

    `up` does this by itself. With a supervisor of your own, do it after every update, before the processes start.
    """
    settings = load_or_exit()
    for secret in settings.secrets():
        logs.redact(secret)
    _check_redis(settings)
    from sqlalchemy.exc import OperationalError

    from bot import seed
    from storage import migrate

    try:
        migrate.upgrade(settings.database_url)
    except OperationalError as error:
        sys.exit(
            f"troupe: The database does not answer: {logs.clean(str(error.orig))}. Start it, or look at DATABASE_URL"
        )
    sys.stdout.write(f"{seed.seed(settings) or ''}\n")


def _check_redis(settings: Settings) -> None:
    """Ours is watched by `up`; somebody else's is asked once, so that not every process says on its own that it is away."""
    if settings.brings_redis:
        return
    import redis

    try:
        redis.Redis.from_url(
            settings.redis_url, socket_connect_timeout=ANSWER_S, socket_timeout=ANSWER_S
        ).ping()
    except redis.RedisError as error:
        sys.exit(
            f"troupe: The Redis at REDIS_URL does not answer: {logs.clean(str(error))}. "
            "Start it, or leave REDIS_URL out for one of our own"
        )
