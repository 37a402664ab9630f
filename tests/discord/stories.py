"""What the stories of the Discord surface share: asking and hearing the answer, filling in forms, and what the rows say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.effects.effect import EffectState
from agents.people import Person
from agents.writing.post import State, Variant
from tests.discord.emulator import Message, Modal, NotPossible, Room, seeing
from tests.discord.emulator import Person as User
from tests.discord.team import Team
from tests.surfaces import rows

WAITING = "waiting for approval"


def ask(who: User, line: str, room: Room, words: str, timeout_s: float = 10.0, **options: Any) -> Message:
    """A slash command, and what comes of it: something with these words that the person can see and that was not there before."""
    before = {message.id: message.words for message in who.sees(room)}
    answer = who.types(line, in_=room, **options)
    assert answer.ok, f"{line}: {answer.error}"

    def fresh() -> list[Message]:
        return [message for message in who.sees(room) if message.words != before.get(message.id)]

    def told() -> Message | None:
        return next((message for message in fresh() if words in message.words), None)

    try:
        found = who.discord.until(told, timeout_s)
    except NotPossible as error:
        raise AssertionError(
            f"{line} {options}: nothing with {words!r}, but {[m.words for m in fresh()]}: {error}"
        ) from error
    assert isinstance(found, Message)
    return found


def draft(crew: Team, about: str, *, who: str = "bob", room: Room | None = None) -> Message:
    """A post that waits for approval, asked for in Discord: its card."""
    place = room or crew.general
    assert crew.users[who].types("/post draft", in_=place, persona="@ada", about=about).ok
    return shows(place, about, WAITING)


def shows(room: Room, *words: str, timeout_s: float = 15.0) -> Message:
    """Waits for one message of the app that has all of these words."""

    def there() -> Message | None:
        return next((m for m in reversed(room.posts) if all(word in m.words for word in words)), None)

    try:
        found = room.discord.until(there, timeout_s)
    except NotPossible as error:
        raise AssertionError(
            f"no message with {words}, but {[m.words for m in room.posts]}: {error}"
        ) from error
    assert isinstance(found, Message)
    return found


def has(crew: Team, message: Message, *words: str, timeout_s: float = 15.0) -> Message:
    """Waits until this very message has all of these words."""
    try:
        crew.discord.until(lambda: all(word in message.words for word in words), timeout_s)
    except NotPossible as error:
        raise AssertionError(f"not {words}, but {message.words}: {error}") from error
    return message


def opens(who: User, button: str, on: Message, title: str) -> Modal:
    """Presses a button, or chooses what a menu offers, and waits for the modal."""
    pressed = who.clicks(button, on=on) if button in labels(on) else who.chooses(button, on=on)
    assert pressed.ok, pressed.error
    return who.modal_titled(title)


def fill(who: User, button: str, on: Message, title: str, values: Mapping[str, object]) -> Modal:
    """The same, filled in and sent."""
    modal = opens(who, button, on, title)
    submitted = modal.fill(values).submit()
    assert submitted.action == "closed", submitted
    return modal


def labels(card: Message) -> list[str]:
    return seeing.labels(card.components)


def offered(card: Message) -> list[str]:
    return seeing.options(card.components)


def known(crew: Team, who: User) -> Person | None:
    with crew.troupe.storage.reading() as work:
        return work.people.known_as("discord", who.id)


def variant(crew: Team, about: str) -> Variant:
    """The post whose brief begins so."""
    return rows.variant(crew.troupe, about)


def put(
    crew: Team, about: str, *states: State, effect: tuple[EffectState, ...] = (), **changes: Any
) -> Variant:
    """A post as it stands after what takes days or luck."""
    return rows.put(crew.troupe, about, *states, effect=effect, **changes)
