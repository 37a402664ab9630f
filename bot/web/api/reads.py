"""What programs look at: cards as they are now, channels, what was said, and who did what."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from agents.errors import NotFound
from agents.events import Subject
from agents.people import Role
from bot.present.draw import DRAWERS
from bot.web.api.access import Asking, troupe_of
from bot.web.api.bodies import KeyedRoute
from bot.web.api.seen import channel_seen, channels_seen, must_see_message
from bot.web.api.shapes import (
    ChannelOut,
    EventOut,
    MessageOut,
    Name,
    Reply,
    card_of,
    channel_of,
    event_of,
    message_of,
)

router = APIRouter(route_class=KeyedRoute, tags=["Looking"])

Many = Annotated[int, Query(ge=1, le=200, description="At most so many.")]
Before = Annotated[
    int | None, Query(ge=0, lt=2**63, description="Only what came before this id: pages back.")
]


@router.get("/cards/{kind}/{id}", summary="A subject's card, as it is now")
def card(
    request: Request,
    caller: Asking,
    kind: Annotated[Name, Path(examples=["post"])],
    id: Annotated[Name, Path(examples=["f3k9w2m7qd"])],
) -> Reply:
    drawer = DRAWERS.get(kind)
    if drawer is None:
        raise NotFound.named("kind of card", kind, DRAWERS, field="kind")
    with troupe_of(request).storage.reading() as work:
        drawn = replace(drawer(id, work, caller.person), subject=Subject(kind, id))
    if drawn.audience not in ("", caller.person.id):
        raise NotFound(f"There is no such {kind}.", remedy="It may be for somebody else.")
    return Reply(card=card_of(drawn), correlation_id=request.state.correlation)


@router.get("/channels", summary="The channels")
def channels(request: Request, caller: Asking) -> list[ChannelOut]:
    with troupe_of(request).storage.reading() as work:
        return [channel_of(channel) for channel in channels_seen(caller.person, work)]


@router.get("/channels/{name}/messages", summary="What was said in a channel, or in one of its threads")
def messages(
    request: Request,
    caller: Asking,
    name: Annotated[Name, Path(description="Its name or id.", examples=["general"])],
    thread: Annotated[Name, Query(description="What it is said about, as kind:id.")] = "",
    limit: Many = 50,
    before: Before = None,
) -> list[MessageOut]:
    """Oldest first, the newest `limit` of them."""
    with troupe_of(request).storage.reading() as work:
        channel = channel_seen(name, caller.person, work)
        if not thread:
            found = work.messages.in_channel(channel.id, caller.person.id, limit=limit, before_id=before)
        else:
            kind, _, id = thread.partition(":")
            must_see_message(Subject(kind, id), caller.person, work)
            said = work.messages.in_thread(thread, caller.person.id)
            found = [m for m in said if m.channel_id == channel.id and (before is None or m.id < before)][
                -limit:
            ]
    return [message_of(message) for message in found]


@router.get("/audit", summary="Who did what")
def audit(
    request: Request,
    caller: Asking,
    actor: Annotated[Name, Query(description="Name or id of who did it.")] = "",
    matching: Annotated[Name, Query(description="Part of an event's name or subject.")] = "",
    limit: Many = 50,
    before: Before = None,
) -> list[EventOut]:
    """Newest first. Refused attempts are in it as well."""
    caller.person.must_be(Role.EDITOR, "read the audit trail")
    with troupe_of(request).storage.reading() as work:
        found = work.events.latest(limit=limit, before_id=before, actor=actor, matching=matching)
    return [event_of(recorded) for recorded in found]
