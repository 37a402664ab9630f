"""What the short form would show only now and then: no worker is overtaken while it waits for one slow answer."""

from agents.jobs import LEASES, Queue
from integrations.bluesky.xrpc import TOTAL_S
from jobs.run import FRESH


def test_a_lease_is_longer_than_the_longest_call_although_it_is_not_always_renewed_before_it() -> None:
    assert (LEASES[Queue.NOW] * (1 - FRESH)).total_seconds() > TOTAL_S
