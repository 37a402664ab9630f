"""A team's chat in which stories are told: who says what, which button is pressed, what everybody sees then.

    chat.says("alice", "/persona pause @ada")
    chat.presses("mia", "Let it go on")

Alice owns, Mia manages, Bob edits, Charlie may only look. @ada is at work, on the stage. Everything between what is
said and the database is real; time stands still, but for milliseconds, until somebody says `chat.later(…)`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from agents.errors import Invalid, TroupeError
from agents.events import Event, Subject
from agents.people import Person, Role
from agents.personas.persona import Persona
from agents.personas.templates import template
from bot import commands
from bot.calls import Place
from bot.cards import Button, Card, plain
from bot.dispatch import Answer, Dispatcher
from bot.forms import FormErrors, FormView
from bot.platforms import RULES
from bot.ports import Connected, Connector, Ports
from bot.present.draw import draw
from bot.wiring import Images
from storage.columns import new_id
from tests.storage.cast import Bell, Now, opened

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CAST = {"alice": Role.OWNER, "mia": Role.MANAGER, "bob": Role.EDITOR, "charlie": Role.VIEWER}


@dataclass(frozen=True)
class Said:
    """What somebody was shown."""

    answer: Answer

    @property
    def card(self) -> Card:
        assert isinstance(self.answer.outcome, Card), f"no card, but {self.answer.outcome}"
        return self.answer.outcome

    @property
    def form(self) -> FormView:
        assert isinstance(self.answer.outcome, FormView), f"no form, but {self.answer.outcome}"
        return self.answer.outcome

    @property
    def wrong(self) -> Mapping[str, str]:
        """What is wrong with a form, by field."""
        assert isinstance(self.answer.outcome, FormErrors), f"no mistakes, but {self.answer.outcome}"
        return self.answer.outcome.errors

    @property
    def error(self) -> TroupeError:
        assert self.answer.error is not None, f"no error, but {self.text}"
        return self.answer.error

    @property
    def text(self) -> str:
        """All of the card in words."""
        return plain(self.card)

    @property
    def labels(self) -> list[str]:
        return [button.label for button in self.card.all_buttons]

    def __contains__(self, words: str) -> bool:
        return words in self.text

    def button(self, label: str) -> Button:
        found = [button for button in self.card.all_buttons if button.label == label]
        assert found, f"there is no button {label!r} among {self.labels}"
        return found[0]


@dataclass
class Platform:
    """A platform that knows one password. `asked` are the values it was given."""

    password: str = "right-password"
    asked: list[Mapping[str, str]] = field(default_factory=list)
    while_asked: list[bool] = field(default_factory=list)
    """Whether a transaction was open at each sign-in."""
    is_open: list[bool] = field(default_factory=lambda: [False])

    def __call__(self, values: Mapping[str, str]) -> Connected:
        self.asked.append(dict(values))
        self.while_asked.append(self.is_open[0])
        if values["app_password"] != self.password:
            raise Invalid("That password was not accepted.", remedy="Check it.", field="app_password")
        handle = values["handle"].removeprefix("@")
        return Connected(handle, f"did:plc:{handle}", values["base_url"], {"session": "a-secret-session"})


class Chat:
    """One channel, #general, on a real database."""

    def __init__(self, url: str) -> None:
        commands.load()
        self.now, self.bell = Now(), Bell()
        self.now.moment = MONDAY
        self.storage = storage = opened(url, self.now, self.bell)
        self.bluesky = Platform()
        self.connectors: dict[str, Connector] = {"bluesky": self.bluesky}
        self.dispatcher = Dispatcher(self._open, new_id)
        self.last: Said | None = None
        with storage.unit_of_work() as work:
            self.people = {name: work.people.add(name.title(), role, work.now) for name, role in CAST.items()}
            self.channel = work.channels.add("console", "general", work.now)
            work.channels.add("console", "news", work.now)
            ada = template("product-marketer").model_copy(update={"name": "Ada", "handle": "ada"})
            self.ada = work.personas.add(ada, work.now)
            work.accounts.connect(self.ada.id, "stage", "ada", {}, work.now)

    def person(self, who: str) -> Person:
        """As the database knows them now."""
        with self.storage.reading() as work:
            return work.people.get(self.people[who].id)

    def persona(self, handle: str = "ada") -> Persona:
        with self.storage.reading() as work:
            return work.personas.by_handle(handle)

    def says(self, who: str, text: str, *, via: str = "") -> Said:
        """Types a command."""
        return self._keep(self.dispatcher.command(text, self.person(who), self.place, via=via))

    def presses(self, who: str, label: str, *, on: Said | None = None, via: str = "") -> Said:
        """Presses the button with that label, on the card that was shown last unless another is named."""
        shown = on or self.last
        assert shown is not None, "nothing has been shown yet"
        return self.acts(who, shown.button(label).action, via=via)

    def fills(self, who: str, opened: Said, *, via: str = "", **values: Any) -> Said:
        """Submits a form as it was opened, but for these values."""
        there = {one.name: one.value for one in opened.form.fields}
        return self.acts(who, opened.form.action, there | values, via=via)

    def acts(self, who: str, action: str, values: Mapping[str, Any] | None = None, *, via: str = "") -> Said:
        """What an API call does."""
        return self._keep(self.dispatcher.press(action, self.person(who), self.place, values, via=via))

    def sees(self, who: str, subject: Subject) -> Said:
        """The living card of something, as it is now."""
        with self.storage.reading() as work:
            return Said(Answer(draw(subject, work, self.person(who))))

    def stands(self, subject: Subject) -> list[str]:
        """Names of the channels in which its card stands."""
        with self.storage.reading() as work:
            return [work.channels.get(m.channel_id).name for m in work.messages.cards_of(subject)]

    def later(self, **units: float) -> None:
        """chat.later(days=2)"""
        self.now.forward(timedelta(**units))

    def close(self) -> None:
        self.storage.engine.dispose()

    @property
    def events(self) -> list[Event]:
        """Everything that was recorded, oldest first."""
        with self.storage.reading() as work:
            return [recorded.event for recorded in reversed(work.events.latest(limit=1000))]

    @property
    def place(self) -> Place:
        return Place("console", self.channel.id)

    def _keep(self, answer: Answer) -> Said:
        self.last = Said(answer)
        return self.last

    @contextmanager
    def _open(self, correlation: str) -> Iterator[Ports]:
        with self.storage.unit_of_work(correlation=correlation) as work:
            self.bluesky.is_open[0] = True
            try:
                yield Ports(work, RULES, self.connectors, Images(), "http://troupe.test")
            finally:
                self.bluesky.is_open[0] = False
