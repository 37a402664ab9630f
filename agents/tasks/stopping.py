"""How work ends before it is done: a person said stop, it cannot go on by itself, or no model answers."""

from __future__ import annotations

from agents.errors import TroupeError


class Interrupted(KeyboardInterrupt):
    """The task is not to be worked on any more. No error: raised in the middle of whatever runs, from a signal's handler.

    A KeyboardInterrupt, because that is what every library on the way lets through and cleans up after: as a plain
    exception OpenAI's client would try again, and psycopg would leave a query running.
    """


class Stuck(TroupeError):
    """It cannot go on by itself: it runs in circles, or reached a limit. What it made is kept."""

    code = "stuck"


class ModelFailed(TroupeError):
    """A language model did not answer.  again: whether the same call may succeed a moment later."""

    code = "model_failed"

    def __init__(self, what: str, *, again: bool) -> None:
        super().__init__(what)
        self.again = again
