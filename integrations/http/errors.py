"""Why something was not fetched. Every message is written for the person who gave the address.

The family is also httpx's, so that a library which speaks httpx (the AT Protocol's SDK, OpenAI's) treats
a late or a broken trip as what it is, while our own code catches `FetchError`.
"""

from typing import ClassVar

import httpx

from agents.errors import TroupeError


class FetchError(TroupeError, httpx.TransportError):
    """The trip through the door failed.

    permanent: asking again for the same thing will fail again.
    sent: the request may have reached the other side. False means that nothing of it left this machine, so
          even a request with an effect may safely be made again.
    """

    code = "fetch_failed"
    permanent: ClassVar[bool] = True
    sent: bool = True

    def __init__(self, what: str, *, remedy: str = "", sent: bool | None = None) -> None:
        super().__init__(what, remedy=remedy)
        if sent is not None:
            self.sent = sent


class Refused(FetchError):
    """The door does not go there: not the web, a port that is not open to us, a password in the address."""

    code = "address_refused"
    sent = False


class NotPublic(Refused):
    """The address leads into a private network, to this machine, or nowhere on the public internet."""


class TooLarge(FetchError):
    """The answer is longer than the caller can use, counted after decompression."""

    code = "answer_too_large"


class NotAllowedType(FetchError):
    """The answer is of a kind, or in a compression, that was not asked for."""

    code = "answer_of_wrong_type"


class TookTooLong(FetchError, httpx.TimeoutException):
    """The whole trip, redirects and every byte included, did not fit into the time allowed."""

    code = "took_too_long"
    permanent = False


class Unreachable(FetchError, httpx.NetworkError):
    """The other side could not be reached, broke off, or did not speak proper HTTP."""

    code = "unreachable"
    permanent = False


class NobodyThere(Unreachable):
    """The name does not exist, or nothing listens where it leads."""

    sent = False
