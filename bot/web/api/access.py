"""Who asks: an API key acts as the person who made it, and never above its own role."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from agents.errors import NotFound, NotSignedIn
from agents.people import Person
from bot.web.api import limits
from bot.web.api.errors import TooMany
from bot.web.api.limits import Limits
from storage.access import KEY_PREFIX, ApiKey

if TYPE_CHECKING:
    from bot.wiring import Troupe

NOTED_EVERY = timedelta(minutes=1)
MAKE_ONE = (
    "Make a key with ./troupe api-key create NAME --role ROLE, and send it as Authorization: Bearer troupe_…"
)

bearer = HTTPBearer(
    scheme_name="API key",
    description="A key that `./troupe api-key create NAME --role ROLE` printed.",
    auto_error=False,
)


@dataclass(frozen=True, slots=True)
class Caller:
    """person: with the lower one of their own role and the key's."""

    person: Person
    key: ApiKey

    @property
    def via(self) -> str:
        return self.key.name


def troupe_of(request: Request) -> Troupe:
    found: Troupe = request.app.state.troupe
    return found


def admit(request: Request, *, basic: bool = False, token: str = "") -> Caller:
    """Blocks on the database. Raises NotSignedIn, or TooMany for a key that asks too often and for too many wrong keys.

    basic: whether the key may come as the password of basic authentication too.  token: a key that came in another way.
    """
    troupe, counted = troupe_of(request), request.app.state.limits
    try:
        caller = caller_of_token(token or _token(request, basic), troupe)
    except NotSignedIn:
        _count_failure(request, counted)
        raise
    if wait := counted.hit(limits.PER_KEY, f"key:{caller.key.id}"):
        raise TooMany(
            f"The API key {caller.key.name} asks too often.",
            retry_after_s=wait,
            remedy="Wait as long as Retry-After says.",
        )
    _note_use(caller.key, troupe)
    return caller


def caller_of_token(token: str, troupe: Troupe) -> Caller:
    """Raises NotSignedIn for what is no key (any more), also once its person was removed."""
    with troupe.storage.reading() as work:
        key = work.access.key(token, work.now)
        try:
            person = work.people.get(key.person_id)
        except NotFound:
            raise NotSignedIn("The person behind this API key is gone.", remedy=MAKE_ONE) from None
    if person.removed_at is not None:
        raise NotSignedIn(
            f"{person.name}, in whose name this API key acts, was removed from this team.",
            remedy="Ask an owner for another key.",
        )
    return Caller(replace(person, role=key.role if person.role.covers(key.role) else person.role), key)


def _token(request: Request, basic: bool) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if basic and scheme.lower() == "basic":
        scheme, token = "bearer", _password(token)
    if scheme.lower() != "bearer" or not token.strip().startswith(KEY_PREFIX):
        raise NotSignedIn("There is no API key in this request.", remedy=MAKE_ONE)
    return token.strip()


def _password(credentials: str) -> str:
    """ "" for what is no user and password; whatever the user is called."""
    try:
        return base64.b64decode(credentials.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _count_failure(request: Request, counted: Limits) -> None:
    address = request.client.host if request.client else "unknown"
    if wait := counted.hit(limits.FAILED, f"address:{address}"):
        raise TooMany(
            f"Too many requests without a good key came from {address}.", retry_after_s=wait, remedy=MAKE_ONE
        )


def _note_use(key: ApiKey, troupe: Troupe) -> None:
    """At most once a minute: most requests write nothing."""
    if key.last_used_at is None or troupe.clock() - key.last_used_at >= NOTED_EVERY:
        with troupe.storage.unit_of_work() as work:
            work.access.note_use(key, work.now)


def _caller(request: Request, _: Annotated[object, Depends(bearer)]) -> Caller:
    """The route found it before the body was read; here only the handler gets it, and OpenAPI the scheme."""
    found: Caller = request.state.caller
    return found


Asking = Annotated[Caller, Depends(_caller)]
