"""Whether the readers of a post would find something behind its link."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from integrations.http.door import Door
from integrations.http.errors import FetchError, NobodyThere, NotPublic, Refused, TookTooLong

GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


class Life(StrEnum):
    ALIVE = "alive"
    DEAD = "dead"
    UNSURE = "unsure"
    """It could not be checked: the server turns programs away, is overloaded, slow or down just now."""


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """What was found behind `url`; `reason` is a sentence for a person, "" when the link is alive."""

    url: str
    life: Life
    reason: str = ""


def check(url: str, door: Door, *, timeout_s: float = 8.0) -> LinkCheck:
    """Asks with HEAD, and with GET where HEAD was not answered well. Never raises for a bad link.

    timeout_s: of each of the two.
    """
    try:
        return _judged(url, _status(url, door, timeout_s))
    except (NobodyThere, NotPublic) as error:
        return LinkCheck(url, Life.DEAD, str(error))
    except FetchError as error:
        return LinkCheck(url, Life.UNSURE, str(error))


def _status(url: str, door: Door, timeout_s: float) -> int:
    """What GET would say. Many servers refuse HEAD, or answer it with 404 for pages that exist."""
    try:
        status = door.status(url, method="HEAD", timeout_s=timeout_s)
    except (Refused, NobodyThere, TookTooLong):
        raise
    except FetchError:  # some break off at a HEAD
        status = HTTPStatus.METHOD_NOT_ALLOWED
    return status if status < 400 else door.status(url, method="GET", timeout_s=timeout_s)


def _judged(url: str, status: int) -> LinkCheck:
    if status < 400:
        return LinkCheck(url, Life.ALIVE)
    said = f"It answers {status}{_phrase(status)}."
    return LinkCheck(url, Life.DEAD if status in GONE else Life.UNSURE, said)


def _phrase(status: int) -> str:
    return f" {HTTPStatus(status).phrase}" if status in HTTPStatus._value2member_map_ else ""
