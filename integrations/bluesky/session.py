"""The session of one account: kept in the vault and shared by all processes, so that almost nothing ever logs in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import TypeVar

from agents.clock import Clock
from agents.publishing.platform import Account, OutcomeUnknown, Vault
from integrations.bluesky.failures import CallFailed
from integrations.bluesky.outcomes import outcomes, sign_in_needed
from integrations.bluesky.xrpc import Pds, Tokens, token_ends

MARGIN = timedelta(minutes=1)
"""A token this near to its end is renewed first: it must outlive the call, uploads included."""

NOTHING_SENT = "Nothing was sent yet."

T = TypeVar("T")

Credentials = dict[str, str]
"""access_jwt, refresh_jwt, app_password; any of them may be missing or empty."""


class Session:
    """Makes calls in the name of an account."""

    def __init__(self, account: Account, pds: Pds, vault: Vault, clock: Clock) -> None:
        self._account = account
        self._pds = pds
        self._vault = vault
        self._clock = clock

    def call(self, request: Callable[[str], T]) -> T:
        """request: makes one call with the access token it is given; it is made again, once, if the token is refused.

        Raises CallFailed as `request` does; SignInNeeded, RateLimited or OutcomeUnknown if there is no token to be had.
        """
        token = self._vault.read(self._account.id).get("access_jwt", "")
        if not token or self._ends_soon(token):
            token = self._renewed(token)
        try:
            return request(token)
        except CallFailed as failed:
            if not failed.refuses_the_token:
                raise
        return request(self._renewed(token))

    def _ends_soon(self, token: str) -> bool:
        ends = token_ends(token)
        return ends is not None and ends - MARGIN <= self._clock()

    def _renewed(self, old: str) -> str:
        """An access token newer than `old`.

        A refresh token is good for one refresh, so only one of us does it; whoever comes second finds it done.
        """
        with self._alone(), outcomes(self._account, self._clock, refused=NOTHING_SENT):
            held = self._vault.read(self._account.id)
            newest = held.get("access_jwt", "")
            if newest and newest != old:
                return newest
            tokens = self._refreshed(held) or self._logged_in(held)
            if self._account.external_id not in ("", tokens.did):
                raise sign_in_needed(self._account, f"it answers for {tokens.did} instead")
            self._vault.write(self._account.id, held | kept(tokens))
            return tokens.access

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with ExitStack() as stack:
            try:
                stack.enter_context(self._vault.locked(self._account.id))
            except TimeoutError as error:
                raise OutcomeUnknown(
                    f"The session of @{self._account.handle} is being renewed elsewhere, for too long. {NOTHING_SENT}"
                ) from error
            yield

    def _refreshed(self, held: Credentials) -> Tokens | None:
        """None if the server refuses for good; a broken connection is no refusal and is raised."""
        if not held.get("refresh_jwt"):
            return None
        try:
            return self._pds.refresh_session(held["refresh_jwt"])
        except CallFailed as failed:
            if failed.refuses_for_good:
                return None
            raise

    def _logged_in(self, held: Credentials) -> Tokens:
        """With the stored app password. One that is refused is forgotten: servers count failed logins."""
        if not held.get("app_password"):
            raise sign_in_needed(self._account, "it has run out, and no app password is stored")
        try:
            # By the permanent id: a handle may have changed hands.
            return self._pds.create_session(
                self._account.external_id or self._account.handle, held["app_password"]
            )
        except CallFailed as failed:
            if not failed.refuses_for_good:
                raise
            if not failed.closes_the_account:
                self._vault.write(self._account.id, held | {"app_password": ""})
            raise sign_in_needed(self._account, failed.message) from failed


def kept(tokens: Tokens) -> Credentials:
    """What of a new session goes into the vault: never an empty token over a good one."""
    return {
        name: token
        for name, token in (("access_jwt", tokens.access), ("refresh_jwt", tokens.refresh))
        if token
    }
