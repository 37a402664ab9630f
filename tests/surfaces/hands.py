"""What people of a team do and see in a chat, whichever it is: each chat has hands of its own, and the stories are the same."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

Card = Any
"""A message of the chat's emulator: `words` is what can be read in it."""


def box(label: str, labels: Sequence[str]) -> str | None:
    """What the field of that name is called here; of one that is spread over several boxes the first."""
    return next((each for each in labels if each == label or each.startswith(f"{label} (1 of ")), None)


class Form(ABC):
    """A form in front of somebody. Fields are named by their labels."""

    @property
    @abstractmethod
    def labels(self) -> list[str]: ...

    @property
    @abstractmethod
    def words(self) -> str:
        """What it says besides its fields."""

    @abstractmethod
    def value(self, label: str) -> Any:
        """What stands in a field."""

    @abstractmethod
    def fill(self, values: Mapping[str, object]) -> Form: ...

    @abstractmethod
    def sends(self) -> None:
        """It is taken."""

    @abstractmethod
    def refused(self, label: str, words: str = "") -> Form:
        """It is sent and not taken because of that field: the form as it then stands in front of whoever sent it.

        label: its first words.  words: of the reason.
        """


class Hands(ABC):
    """crew: the chat's own team. People are named by their first names in small letters, as `CAST` of the team does."""

    surface: str
    POST: str
    EDIT: str
    """The calls by which the app posts a card and redraws it, as the emulator names them."""
    REFUSAL: object
    """What the chat answers to a message that it will never take."""

    def __init__(self, crew: Any) -> None:
        self.crew = crew

    @property
    @abstractmethod
    def server(self) -> Any:
        """The emulator."""

    @property
    def general(self) -> Any:
        return self.crew.general

    # ---- what stands there ----

    @abstractmethod
    def shows(self, room: Any, *words: str, timeout_s: float = 15.0) -> Card:
        """Waits for a message of the app with all of these words."""

    @abstractmethod
    def has(self, card: Card, *words: str, timeout_s: float = 15.0) -> None:
        """Waits until this very message has all of them."""

    def until(self, what: Callable[[], object], timeout_s: float = 10.0) -> Any:
        """Waits until it is true, and gives what it gave."""
        return self.server.until(what, timeout_s)

    @abstractmethod
    def labels(self, card: Card) -> list[str]:
        """Of its buttons."""

    @abstractmethod
    def offered(self, card: Card) -> list[str]:
        """What its menus offer."""

    def buttons(self, card: Card) -> list[str]:
        """All that can be pressed, in menus too."""
        return [*self.labels(card), *self.offered(card)]

    @abstractmethod
    def reads(self, card: Card) -> str:
        """Its words without markup, as people see them."""

    @abstractmethod
    def pictures(self, card: Card) -> int:
        """How many it shows."""

    @abstractmethod
    def previews(self, card: Card) -> list[bytes]:
        """The pictures that it shows."""

    @abstractmethod
    def files(self, card: Card) -> dict[str, bytes]:
        """What hangs on it, or stands in its thread, by name."""

    @abstractmethod
    def thread(self, card: Card) -> list[Card]:
        """What Troupe said in it, but for files."""

    @abstractmethod
    def says_under(self, who: str, words: str, card: Card) -> None:
        """In its thread."""

    @abstractmethod
    def direct(self, who: str) -> Any:
        """The room that only they and Troupe are in."""

    def private(self, who: str) -> list[Card]:
        """What only they see in the channel."""
        found: list[Card] = self.crew.users[who].private(self.general)
        return found

    def told(self, who: str, words: str) -> Card:
        """Waits for something that only they see."""
        return self.crew.users[who].told(words, self.general)

    # ---- what they do ----

    @abstractmethod
    def ask(self, who: str, command: str, words: str, **options: Any) -> Card:
        """A command, and what new comes of it with these words.  options: by name; of Python's keywords with a _ behind."""

    @abstractmethod
    def draft(self, about: str) -> Card:
        """A post that waits for approval, asked for by Bob: its card."""

    def presses(self, who: str, button: str, card: Card) -> Any:
        """A button, or what a menu offers."""
        user = self.crew.users[who]
        chosen = user.clicks if button in self.labels(card) else user.chooses
        answer = chosen(button, on=card)
        assert answer.ok, answer.error
        return answer

    @abstractmethod
    def opens(self, who: str, button: str, card: Card, title: str) -> Form: ...

    def fill(self, who: str, button: str, card: Card, title: str, values: Mapping[str, object]) -> None:
        """Presses, fills in, sends."""
        self.opens(who, button, card, title).fill(values).sends()

    @abstractmethod
    def confirms(self, who: str, button: str, card: Card, words: str) -> None:
        """What asks before it acts: with these words, and the answer is yes."""

    @abstractmethod
    def declines(self, who: str, button: str, card: Card, words: str) -> None:
        """The same, and the answer is no."""

    @abstractmethod
    def joins(self, name: str) -> str:
        """Somebody unknown is in the channel now. How the chat calls them."""

    @abstractmethod
    def asks_to_come_in(self, name: str) -> None:
        """They press what a stranger is offered."""

    @abstractmethod
    def moment(self, at: datetime) -> object:
        """As it is entered into a form."""

    # ---- what moderators and the chat itself do ----

    @abstractmethod
    def refusals(self) -> list[Any]:
        """Calls of the app that were refused."""

    @abstractmethod
    def deletes(self, card: Card) -> None:
        """A moderator deletes it."""

    @abstractmethod
    def id(self, card: Card) -> str:
        """The chat's own of a message."""

    def loses(self, card: Card) -> None:
        """It is deleted, and nobody tells the app."""
        self.server.do(lambda: self.general.channel.messages.pop(self.id(card)))
