"""What the stories of every chat read and put into the rows behind it."""

from __future__ import annotations

from typing import Any

from agents.effects.effect import EffectState
from agents.events import TROUPE, Actor, Event, Subject
from agents.oncall.alert import Alert
from agents.oncall.kinds import AlertKind
from agents.oncall.reach import purpose
from agents.talk.delivery import DeliveryState
from agents.writing.post import State, Variant
from bot.wiring import Troupe


def variant(troupe: Troupe, about: str) -> Variant:
    """The post whose brief begins so."""
    with troupe.storage.reading() as work:
        found = [
            one
            for one in work.posts.in_states(list(State))
            if work.posts.post(one.post_id).brief.startswith(about)
        ]
    assert found, f"nobody asked for {about!r}"
    return found[-1]


def put(
    troupe: Troupe, about: str, *states: State, effect: tuple[EffectState, ...] = (), **changes: Any
) -> Variant:
    """A post as it stands after what takes days or luck: moved along allowed moves, and its cards hear of it.

    effect: the same for what publishes it.
    """
    one = variant(troupe, about)
    with troupe.storage.unit_of_work() as work:
        one = work.posts.variant(one.id)
        for state in states:
            one = work.posts.swap(one, "tell a story", state=state, **changes)
        for moved in effect:
            owed = work.effects.of_approval(one.approval_id)
            assert owed is not None, "nobody approved it"
            work.effects.swap(owed, state=moved)
        work.touch(one.subject)
    return one


# ---- cards in channels.  crew: a chat's team; room: of its emulator ----


def card(crew: Any, name: str, *rooms: Any) -> Subject:
    """A card that waits for people, with a word that can be changed: an alert's."""
    with crew.troupe.storage.unit_of_work() as work:
        alert, _ = work.alerts.open(
            AlertKind.JOB_FAILED,
            Subject("job", name),
            f"{name} 0.",
            work.now,
            kept="Nothing is lost.",
            remedy="Look.",
        )
        about = Subject("alert", alert.id)
        for room in rooms:
            channel = work.channels.known_as(crew.surface, room.id) or work.channels.add(
                crew.surface, room.name, work.now, external_id=room.id
            )
            work.place(channel.id, about)
    return about


def change(crew: Any, name: str, number: int) -> None:
    with crew.troupe.storage.unit_of_work() as work:
        alert, _ = work.alerts.open(
            AlertKind.JOB_FAILED,
            Subject("job", name),
            f"{name} {number}.",
            work.now,
            kept="Nothing is lost.",
            remedy="Look.",
        )
        work.record(Event("alert.raised", Subject("alert", alert.id), TROUPE))


def alerts(crew: Any, kind: AlertKind) -> list[Alert]:
    with crew.troupe.storage.reading() as work:
        return [alert for alert in work.alerts.unresolved() if alert.kind is kind]


def raised(crew: Any) -> None:
    """An alert that nobody is paged with, and no card of it."""
    card(crew, "backup")


def first_alert(crew: Any) -> Alert:
    with crew.troupe.storage.reading() as work:
        found: Alert = work.alerts.unresolved()[0]
        return found


def new_code(crew: Any, name: str) -> str:
    """For the address that somebody has not confirmed, as a mail has it."""
    with crew.troupe.storage.unit_of_work() as work:
        [contact] = [c for c in work.contacts.every(crew.people[name].id) if c.confirmed_at is None]
        code: str = work.access.new_code(contact.person_id, work.now, purpose=purpose(contact.id))
        return code


def state(crew: Any, subject: Subject, room: Any) -> DeliveryState | None:
    with crew.troupe.storage.reading() as work:
        channel = work.channels.known_as(crew.surface, room.id)
        delivery = work.deliveries.root(channel.id, str(subject)) if channel else None
        return delivery.state if delivery else None


def closed(crew: Any, room: Any) -> str:
    with crew.troupe.storage.reading() as work:
        channel = work.channels.known_as(crew.surface, room.id)
        return channel.closed if channel else ""


def say(crew: Any, room: Any, text: str) -> None:
    """Ada says something at the top of a channel."""
    assert crew.ada is not None
    with crew.troupe.storage.unit_of_work() as work:
        channel = work.channels.known_as(crew.surface, room.id) or work.channels.add(
            crew.surface, room.name, work.now, external_id=room.id
        )
        work.messages.say(channel.id, "", Actor("persona", crew.ada.id, "Ada"), text, work.now)
        work.touch(Subject("channel", channel.id))


def with_words(room: Any, words: str) -> list[Any]:
    return [message for message in room.posts if words in message.words]
