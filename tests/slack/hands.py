"""The stories of `tests.surfaces` in Slack."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.parse import quoted
from bot.registry import REGISTRY
from tests.slack.emulator import Emulator, Message, Modal, Room, seeing
from tests.slack.stories import ask, draft, has, shows
from tests.surfaces.hands import Form, Hands, box


class SlackForm(Form):
    """A modal: it stays open while something is wrong with it."""

    def __init__(self, modal: Modal) -> None:
        self._modal = modal

    @property
    def labels(self) -> list[str]:
        return self._modal.labels

    @property
    def words(self) -> str:
        return self._modal.words

    def value(self, label: str) -> Any:
        return self._modal.value(label)

    def fill(self, values: Mapping[str, object]) -> Form:
        self._modal.fill({box(label, self.labels) or label: value for label, value in values.items()})
        return self

    def sends(self) -> None:
        """Where it takes long the modal stays, and says in the end that it is done."""
        submitted = self._modal.submit()
        assert submitted.action in ("closed", "update"), submitted
        if submitted.action == "update":
            self._modal.person.slack.until(lambda: "Done" in self._modal.words)
            self._modal.close()

    def refused(self, label: str, words: str = "") -> Form:
        """Where it takes long the form comes back with the reason above its fields."""
        submitted = self._modal.submit()
        if submitted.action == "update":
            self._modal.person.slack.until(lambda: self._modal.labels)
            assert label in self._modal.words and words in self._modal.words, self._modal.words
        else:
            [(at, why)] = submitted.errors.items()
            assert at.startswith(label) and words in why, (at, why)
        return self


class SlackHands(Hands):
    surface = "slack"
    POST, EDIT = "chat.postMessage", "chat.update"
    REFUSAL = "invalid_blocks"

    @property
    def server(self) -> Emulator:
        emulator: Emulator = self.crew.slack
        return emulator

    def shows(self, room: Room, *words: str, timeout_s: float = 15.0) -> Message:
        return shows(room, *words, timeout_s=timeout_s)

    def has(self, card: Message, *words: str, timeout_s: float = 15.0) -> None:
        has(self.crew, card, *words, timeout_s=timeout_s)

    def labels(self, card: Message) -> list[str]:
        return seeing.buttons(card.blocks)

    def offered(self, card: Message) -> list[str]:
        return seeing.options(card.blocks)

    def reads(self, card: Message) -> str:
        return card.words

    def pictures(self, card: Message) -> int:
        return sum(block["type"] == "image" for block in card.blocks)

    def previews(self, card: Message) -> list[bytes]:
        images = (block for block in card.blocks if block["type"] == "image")
        return [self._bytes(image["slack_file"]["id"]) for image in images]

    def files(self, card: Message) -> dict[str, bytes]:
        shared = (file for message in self.general.thread(card) for file in message.files)
        return {file["name"]: self._bytes(file["id"]) for file in shared}

    def _bytes(self, file_id: str) -> bytes:
        content = self.server.world.workspace.files[file_id].content
        assert content is not None
        return content

    def thread(self, card: Message) -> list[Message]:
        return [each for each in self.general.thread(card) if each.by_app and not each.files]

    def says_under(self, who: str, words: str, card: Message) -> None:
        self.crew.users[who].says(words, in_=self.general, thread=card)

    def direct(self, who: str) -> Room:
        room: Room = self.crew.slack.direct(self.crew.users[who])
        return room

    def ask(self, who: str, command: str, words: str, **options: Any) -> Message:
        return ask(self.crew.users[who], self._line(command, options), self.general, words)

    def _line(self, command: str, options: Mapping[str, object]) -> str:
        """As it is typed; where Slack keeps the command for itself, by /troupe."""
        known = REGISTRY.commands[command.removeprefix("/")].parameters
        given = {name.removesuffix("_"): quoted(str(value)) for name, value in options.items()}
        assert given.keys() <= {each.name for each in known}, command
        values = [given[each.name] for each in known if not each.named and each.name in given]
        named = [f"{each.name} {given[each.name]}" for each in known if each.named and each.name in given]
        own = command.partition(" ")[0] in self.crew.slack.world.manifest.commands
        return " ".join([command if own else f"/troupe {command.removeprefix('/')}", *values, *named])

    def draft(self, about: str) -> Message:
        return draft(self.crew, about)

    def opens(self, who: str, button: str, card: Message, title: str) -> Form:
        self.presses(who, button, card)
        modal = self.crew.users[who].modal_titled(title)
        self.until(lambda: modal.labels)  # where it takes long, the modal says so first
        return SlackForm(modal)

    def confirms(self, who: str, button: str, card: Message, words: str) -> None:
        self._asked(who, button, card, words, yes=True)

    def declines(self, who: str, button: str, card: Message, words: str) -> None:
        self._asked(who, button, card, words, yes=False)

    def _asked(self, who: str, button: str, card: Message, words: str, *, yes: bool) -> None:
        """By Slack's own dialog, or by a modal where an option of a menu has none."""
        user = self.crew.users[who]
        if button in self.labels(card):
            asked = user.clicks(button, on=card, confirm=yes)
            assert asked.confirm is not None and words in asked.confirm["text"]
            return
        user.chooses(button, on=card)
        question = user.modal_titled(button)
        assert words in question.words, question.words
        if yes:
            assert question.submit().ok
        else:
            question.close()

    def joins(self, name: str) -> str:
        user = self.crew.users[name] = self.crew.slack.user(name)
        self.general.invite(user)
        return name

    def asks_to_come_in(self, name: str) -> None:
        told = self.ask(name, "/status", "I do not know you yet")
        self.presses(name, "Ask to be let in", told)
        self.told(name, "Your wish is passed on")

    def moment(self, at: datetime) -> datetime:
        return at

    def refusals(self) -> list[Any]:
        return list(self.crew.slack.refusals())

    def deletes(self, card: Message) -> None:
        self.crew.alice.user.admin = True
        self.crew.alice.deletes(card)

    def id(self, card: Message) -> str:
        return card.ts
