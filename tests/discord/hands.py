"""The stories of `tests.surfaces` in Discord."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tests.discord.emulator import Emulator, Message, Modal, Room
from tests.discord.emulator import Person as User
from tests.discord.emulator.state import parts
from tests.discord.reading import seen
from tests.discord.stories import ask, draft, has, labels, offered, shows
from tests.discord.team import Team
from tests.surfaces.hands import Form, Hands, box

GALLERY, FILE = 12, 13
PAGES = re.compile(r" \(\d of (\d)\)$")
"""What the title of a form of several pages ends with."""


class DiscordForm(Form):
    """Modals, one for each page of the form. Discord closes each at once; what is wrong is told afterwards, in private."""

    def __init__(self, crew: Team, who: User, modal: Modal, *, whole: bool = True) -> None:
        """whole: from its first page on; False where only a page with an error is open again."""
        self._crew, self._who, self._modal, self._whole = crew, who, modal, whole
        self._values: dict[str, object] = {}

    @property
    def labels(self) -> list[str]:
        return self._modal.labels

    @property
    def words(self) -> str:
        return self._modal.words

    def value(self, label: str) -> Any:
        return self._modal.value(label)

    def fill(self, values: Mapping[str, object]) -> Form:
        """What stands on a page that is not yet open is filled in there."""
        self._values |= values
        return self

    def sends(self) -> None:
        self._go_through()
        self._crew.discord.until(lambda: not self._complaints())
        assert not self._values, f"there was no field for {[*self._values]}"

    def refused(self, label: str, words: str = "") -> Form:
        self._go_through()
        told = self._who.told("Nothing was changed yet", self._crew.general)
        assert label in told.words and words in told.words, told.words
        assert self._who.clicks("Open it again", on=told).ok
        return DiscordForm(self._crew, self._who, self._who.modal, whole=False)

    def _go_through(self) -> None:
        found = PAGES.search(self._modal.title)
        last = int(found[1]) if found and self._whole else 1
        for page in range(1, last + 1):
            if page > 1:
                between = self._who.told(f"{page - 1} of {last} pages are filled in", self._crew.general)
                assert self._who.clicks(f"Page {page} of {last}", on=between).ok
                self._modal = self._who.modal
            here = {label: box(label, self._modal.labels) for label in self._values}
            self._modal.fill({shown: self._values.pop(label) for label, shown in here.items() if shown})
            submitted = self._modal.submit()
            assert submitted.action == "closed", submitted

    def _complaints(self) -> list[Message]:
        private = self._who.private(self._crew.general)
        return [message for message in private if "Nothing was changed yet" in message.words]


class DiscordHands(Hands):
    surface = "discord"
    POST, EDIT = "create_message", "edit_message"
    REFUSAL = 50035

    @property
    def server(self) -> Emulator:
        emulator: Emulator = self.crew.discord
        return emulator

    def shows(self, room: Room, *words: str, timeout_s: float = 15.0) -> Message:
        return shows(room, *words, timeout_s=timeout_s)

    def has(self, card: Message, *words: str, timeout_s: float = 15.0) -> None:
        has(self.crew, card, *words, timeout_s=timeout_s)

    def labels(self, card: Message) -> list[str]:
        return labels(card)

    def offered(self, card: Message) -> list[str]:
        return offered(card)

    def reads(self, card: Message) -> str:
        return seen(card.components)

    def pictures(self, card: Message) -> int:
        return sum(len(part["items"]) for part in parts(card.components) if part["type"] == GALLERY)

    def previews(self, card: Message) -> list[bytes]:
        items = (item for part in parts(card.components) if part["type"] == GALLERY for item in part["items"])
        shown = [item["media"]["url"].rpartition("/")[2] for item in items]
        return [file.content for file in card.attachments if file.filename in shown]

    def files(self, card: Message) -> dict[str, bytes]:
        named = [
            part["file"]["url"].rpartition("/")[2] for part in parts(card.components) if part["type"] == FILE
        ]
        return {file.filename: file.content for file in card.attachments if file.filename in named}

    def thread(self, card: Message) -> list[Message]:
        return self.general.thread(card).posts if card.thread else []

    def says_under(self, who: str, words: str, card: Message) -> None:
        """In its thread, which they begin if nobody did."""
        thread = self.general.thread(card) if card.thread else self.general.begins_thread("About it", on=card)
        self.crew.users[who].says(words, in_=self.general, thread=thread)

    def direct(self, who: str) -> Room:
        room: Room = self.crew.users[who].direct
        return room

    def ask(self, who: str, command: str, words: str, **options: Any) -> Message:
        return ask(self.crew.users[who], command, self.general, words, **options)

    def draft(self, about: str) -> Message:
        return draft(self.crew, about)

    def opens(self, who: str, button: str, card: Message, title: str) -> Form:
        self.presses(who, button, card)
        user = self.crew.users[who]
        self.crew.discord.until(lambda: user.has_modal and PAGES.sub("", user.modal.title) == title)
        return DiscordForm(self.crew, user, user.modal)

    def confirms(self, who: str, button: str, card: Message, words: str) -> None:
        self._asked(who, button, card, words, answer=0)

    def declines(self, who: str, button: str, card: Message, words: str) -> None:
        self._asked(who, button, card, words, answer=-1)

    def _asked(self, who: str, button: str, card: Message, words: str, *, answer: int) -> None:
        """In a message that only they see, which goes away with the answer."""
        user = self.crew.users[who]
        question = self.presses(who, button, card).message
        assert question is not None and question.only_for == user.id and words in question.words
        assert user.clicks(user.buttons(question)[answer], on=question).ok
        self.until(lambda: question not in user.private(self.general))

    def joins(self, name: str) -> str:
        self.crew.users[name] = self.crew.discord.user(name)
        return name.title()

    def asks_to_come_in(self, name: str) -> None:
        told = self.ask(name, "/status", "I do not know you yet")
        self.presses(name, "Ask to be let in", told)
        self.told(name, "Your wish is passed on")

    def moment(self, at: datetime) -> str:
        return f"{at:%Y-%m-%d %H:%M}"

    def refusals(self) -> list[Any]:
        return list(self.crew.discord.refusals)

    def deletes(self, card: Message) -> None:
        self.general.deletes(card)

    def id(self, card: Message) -> str:
        return card.id
