"""How a call to a server can fail, in the protocol's own terms; what that means to a caller is said elsewhere."""

from __future__ import annotations

from datetime import datetime

from agents.writing.length import clip

MESSAGE_GRAPHEMES = 300


class CallFailed(Exception):
    """One call to a server did not end well; inside this package only.

    message: for people, one sentence without its full stop; a server's own words are clipped.
    status: the HTTP status of a refusal, None when no proper answer came.
    error: the protocol's name of the error ("ExpiredToken"), "" when there is none; InvalidResponse, ours, for an
           answer that is none of the protocol.
    sent: False when nothing of the request left this machine.
    permanent: the same call will fail again, as the door itself refused it.
    retry_after_s, reset_at: when the server wants to be asked again, as far as it said.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        error: str = "",
        sent: bool = True,
        permanent: bool = False,
        retry_after_s: float | None = None,
        reset_at: datetime | None = None,
    ) -> None:
        super().__init__(message)
        self.message = clip(message.strip().rstrip("."), MESSAGE_GRAPHEMES)
        self.status = status
        self.error = error
        self.sent = sent
        self.permanent = permanent
        self.retry_after_s = retry_after_s
        self.reset_at = reset_at

    @property
    def closes_the_account(self) -> bool:
        """The account is taken down, suspended or deactivated."""
        return self.error in {"AccountTakedown", "AccountSuspended", "AccountDeactivated"}

    @property
    def refuses_the_token(self) -> bool:
        """Servers say 400 to an expired or a broken token, and 401 to none."""
        return not self.closes_the_account and (
            self.status == 401 or self.error in {"ExpiredToken", "InvalidToken"}
        )

    @property
    def refuses_the_request(self) -> bool:
        """The server itself said no. What has a 4xx status and no error's name comes from a gateway before it."""
        return self.status == 413 or (self.status in range(400, 500) and bool(self.error))

    @property
    def refuses_for_good(self) -> bool:
        """To whoever wants a session: these credentials will not do, now or later. A gateway cannot know that."""
        return self.status in {400, 401, 403} and bool(self.error)
