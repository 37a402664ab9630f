"""What the stories of the Slack surface share: asking and hearing the answer, and posts as they stand at some moment."""

from __future__ import annotations

from typing import Any

from agents.effects.effect import EffectState
from agents.writing.post import State, Variant
from tests.slack.emulator import Home, NotPossible, Room
from tests.slack.emulator import Person as User
from tests.slack.emulator.state import Message
from tests.slack.team import Team
from tests.surfaces import rows

WAITING = "waiting for approval"


def ask(who: User, line: str, room: Room, words: str, *, timeout_s: float = 10.0) -> Message:
    """Types a slash command and waits for what comes of it: something new, with these words, that the person can see."""
    before = {message.ts for message in who.sees(room)}
    answer = who.types(line, in_=room)
    assert answer.ok, f"{line}: {answer.error}"

    def new() -> Message | None:
        fresh = [message for message in who.sees(room) if message.ts not in before]
        return next((message for message in fresh if words in message.words), None)

    try:
        found = who.slack.until(new, timeout_s)
    except Exception as error:
        seen = [message.words for message in who.sees(room) if message.ts not in before]
        raise AssertionError(f"{line}: nothing with {words!r}, but {seen}") from error
    assert isinstance(found, Message)
    return found


def draft(crew: Team, about: str, *, who: str = "bob", room: Room | None = None) -> Message:
    """A post that waits for approval, asked for in Slack: its card."""
    place = room or crew.general
    crew.users[who].types(f'/post draft @ada "{about}"', in_=place)
    return shows(place, about, WAITING)


def shows(room: Room, *words: str, timeout_s: float = 15.0) -> Message:
    """Waits for one message of the app that has all of these words."""

    def there() -> Message | None:
        return next((m for m in reversed(room.posts) if all(word in m.words for word in words)), None)

    try:
        found = room.slack.until(there, timeout_s)
    except Exception as error:
        raise AssertionError(f"no message with {words}, but {[m.words for m in room.posts]}") from error
    assert isinstance(found, Message)
    return found


def has(crew: Team, message: Message, *words: str, timeout_s: float = 15.0) -> Message:
    """Waits until this very message has all of these words."""
    try:
        crew.slack.until(lambda: all(word in message.words for word in words), timeout_s)
    except Exception as error:
        raise AssertionError(f"not {words}, but {message.words}") from error
    return message


def variant(crew: Team, about: str) -> Variant:
    """The post whose brief begins so."""
    return rows.variant(crew.troupe, about)


def put(
    crew: Team, about: str, *states: State, effect: tuple[EffectState, ...] = (), **changes: Any
) -> Variant:
    """A post as it stands after what takes days or luck."""
    return rows.put(crew.troupe, about, *states, effect=effect, **changes)


def home(crew: Team, who: User, *words: str, timeout_s: float = 15.0) -> Home:
    """Waits until the Home tab of somebody has all of these words."""

    def there() -> Home | None:
        try:
            shown = who.home
        except NotPossible:
            return None
        return shown if all(word in shown.words for word in words) else None

    found = crew.slack.until(there, timeout_s)
    assert isinstance(found, Home)
    return found
