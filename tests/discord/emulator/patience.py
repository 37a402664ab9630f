"""How long Discord waits."""

from dataclasses import dataclass


@dataclass
class Patience:
    """In seconds; tests shorten it.

    A first response is due in 3 s, its token lives 15 min (docs.discord.com/developers/interactions/
    receiving-and-responding).  A heartbeat is due every 41.25 s; one identify is taken in 5 s
    (/events/gateway, rate limiting with max_concurrency 1).  How long a lost session can be resumed is not
    published; minutes are commonly seen.
    """

    ack_s: float = 3.0
    token_s: float = 15 * 60.0
    heartbeat_s: float = 41.25
    resume_s: float = 180.0
    identify_s: float = 5.0
