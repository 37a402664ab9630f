"""What a failed call means for whoever wanted to publish: again, later, never, or ask a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from agents.clock import Clock
from agents.publishing.platform import (
    Account,
    OutcomeUnknown,
    PublishError,
    RateLimited,
    Rejected,
    SignInNeeded,
)
from integrations.bluesky.failures import CallFailed

NOTHING_OUT = "Nothing of it is out."

PAUSE_S = 60.0
"""How long to wait where a server says "too many" and not how long."""
LONGEST_PAUSE_S = 86_400.0
"""The longest window in which Bluesky counts is a day (https://docs.bsky.app/docs/advanced-guides/rate-limits)."""


@contextmanager
def outcomes(
    account: Account, clock: Clock, *, refused: str = NOTHING_OUT, lost: str | None = None
) -> Iterator[None]:
    """Turns CallFailed into the right PublishError.

    refused: how things stand if the server did not do it.
    lost: how they stand if it may have done it and the answer was lost; None: no different.
    """
    try:
        yield
    except CallFailed as failed:
        raise outcome(failed, account, clock(), refused=refused, lost=lost or refused) from failed


def outcome(failed: CallFailed, account: Account, now: datetime, *, refused: str, lost: str) -> PublishError:
    """The kind of PublishError, by what the server said and not by the class that the SDK raised for it."""
    server, status = account.base_url, failed.status
    if status == 429:
        pause = _pause(failed, now)
        return RateLimited(f"{server} asks us to wait {pause:.0f} s. {refused}", retry_after_s=pause)
    if failed.closes_the_account or failed.refuses_the_token:
        return sign_in_needed(account, failed.message)
    if failed.permanent or failed.refuses_the_request:
        return Rejected(f"{server} does not take it: {failed.message}. {refused}")
    return OutcomeUnknown(
        f"{server} did not answer properly: {failed.message}. {lost if failed.sent else refused}"
    )


def sign_in_needed(account: Account, why: str) -> SignInNeeded:
    return SignInNeeded(
        f"{account.base_url} no longer lets @{account.handle} in: {why}.",
        remedy="Connect the account again with a new app password; whatever waits for it then goes on.",
    )


def _pause(failed: CallFailed, now: datetime) -> float:
    if failed.retry_after_s is not None:
        asked = failed.retry_after_s
    elif failed.reset_at is not None:
        asked = (failed.reset_at - now).total_seconds()
    else:
        asked = PAUSE_S
    return min(max(asked, 0.0), LONGEST_PAUSE_S)
