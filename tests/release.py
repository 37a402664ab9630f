"""The whole story of a post in a chat: once as it is, and once with everything killed between any two steps.

Bob asks, Mia wants it changed, Bob edits it in a form, Mia and Alice approve, and it stands on a real Bluesky server; in
both channels one card shows each step, and nothing else is said twice. What chats do each in their own way says a `Cast`.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.servers.pds import Pds
from tests.system.troupe import Running, up

WORDS = "What people saw is what is out. #release"
PATIENCE_S = 60.0
"""Processes start again within it."""
OTHERS = ("worker", "writer", "agent", "clock", "web")


class Cast(ABC):
    """Who and what the story needs, whatever runs behind it.

    chat: an emulator; alice, mia, bob: people in it, linked as an owner, a manager and an editor; general, launch: its channels.
    Their classes are each emulator's own.
    """

    def __init__(self, chat: Any, people: Mapping[str, Any], rooms: Sequence[Any], pds: Pds) -> None:
        self.chat, self.pds, self.account = chat, pds, pds.account("ada")
        self.alice, self.mia, self.bob = (people[name] for name in ("alice", "mia", "bob"))
        self.rooms = (self.general, self.launch) = (rooms[0], rooms[1])
        self.stale: Any = None
        """The card as Mia saw it before Bob edited it."""

    def both(self, *words: str) -> list[Any]:
        return [self.shows(room, *words) for room in self.rooms]

    @abstractmethod
    def asks(self, who: Any, command: str, words: str, **options: Any) -> Any:
        """In #general; what comes of it has these words.  options: of the command, in its order."""

    @abstractmethod
    def drafts(self, who: Any, about: str) -> None:
        """Asks Ada for a post on Bluesky, in #general."""

    @abstractmethod
    def shows(self, room: Any, *words: str) -> Any:
        """Waits for one message of the app that has all of these words."""

    @abstractmethod
    def buttons(self, card: Any) -> list[str]:
        """Their labels."""

    @abstractmethod
    def key(self, message: Any) -> str:
        """Its own id."""

    @abstractmethod
    def said(self, room: Any) -> list[tuple[str, str]]:
        """What the app said there: in which thread, and with which words."""

    @property
    @abstractmethod
    def moment(self) -> str:
        """How a moment begins in a card, as a pattern."""

    @abstractmethod
    def connected(self, modal: Any) -> None:
        """Waits until the form that connects an account has been answered."""

    @abstractmethod
    def speaks_meanwhile(self) -> None:
        """Somebody asks Ada something while nothing runs, where the chat does not hand that on by itself."""

    @abstractmethod
    def is_answered(self) -> None:
        """Waits until each of that is, once."""

    def fills(self, who: Any, button: str, card: Any, title: str, values: Mapping[str, str]) -> Any:
        """Presses a button, and sends its form.  values: by label."""
        who.clicks(button, on=card)
        modal = who.modal_titled(title)
        submitted = modal.fill(values).submit()
        assert submitted.action in ("closed", "update"), submitted
        return modal


def persona_gets_an_account(cast: Cast) -> None:
    told = cast.asks(cast.alice, "/persona connect", "Accounts of Ada", persona="@ada")
    account = cast.account
    typed = {"Server": cast.pds.url, "Handle": account.handle, "App password": account.app_password}
    cast.connected(cast.fills(cast.alice, "Connect Bluesky…", told, "Connect Bluesky", typed))


def two_must_approve_and_two_channels_see(cast: Cast) -> None:
    cast.asks(cast.alice, "/persona policy", "Who decides about posts of Ada", persona="@ada", quorum=2)
    cast.asks(cast.alice, "/persona route", "@ada", persona="@ada", channels=f"#{cast.launch.name}")


def bob_asks(cast: Cast) -> None:
    cast.drafts(cast.bob, "our new release")
    cast.both("waiting for approval", "0 of 2", "1, by Ada")


def mia_wants_it_changed(cast: Cast) -> None:
    card = cast.shows(cast.general, "1, by Ada")
    what = {"What should be different?": "shorter, please"}
    cast.fills(cast.mia, "Ask for changes…", card, "Ask for changes", what)
    cast.both("2, by Ada", "About this version: shorter, please", "waiting for approval")


def bob_edits_in_the_other_channel(cast: Cast) -> None:
    card = cast.shows(cast.launch, "2, by Ada")
    cast.stale = cast.shows(cast.general, "2, by Ada").as_seen()
    cast.fills(cast.bob, "Edit…", card, "Edit the post", {"Text": WORDS})
    cast.both("3, by Bob", WORDS, "0 of 2")


def mia_approves_what_she_saw_before(cast: Cast) -> None:
    def told() -> set[str]:
        return {cast.key(message) for message in cast.mia.private(cast.general)}

    before = told()
    cast.mia.clicks("Approve", on=cast.stale)
    cast.chat.until(lambda: told() - before)
    cast.both("3, by Bob", "0 of 2")


def mia_approves(cast: Cast) -> None:
    cast.mia.clicks("Approve", on=cast.shows(cast.general, "3, by Bob"))
    cast.both("1 of 2", "Approved by Mia", "waiting for approval")


def alice_approves_in_the_other_channel(cast: Cast) -> None:
    cast.alice.clicks("Approve", on=cast.shows(cast.launch, "1 of 2"))
    for card in cast.both("published", "Approved by Mia", "Approved by Alice"):
        assert sorted(cast.buttons(card)) == ["Open the post", "Take down"], cast.buttons(card)
        assert re.search(cast.moment, card.words), card.words
    [record] = cast.pds.records(cast.account.did)
    assert record["value"]["text"] == WORDS


STEPS: tuple[Callable[[Cast], None], ...] = (
    persona_gets_an_account,
    two_must_approve_and_two_channels_see,
    bob_asks,
    mia_wants_it_changed,
    bob_edits_in_the_other_channel,
    mia_approves_what_she_saw_before,
    mia_approves,
    alice_approves_in_the_other_channel,
)


def is_told(cast: Cast) -> None:
    for step in STEPS:
        step(cast)
    nothing_was_said_twice(cast)


def is_told_while_all_is_killed(
    chat: Any, kind: str, home: Path, settings: Mapping[str, str], meet: Callable[[Running], Cast]
) -> None:
    """Every process between any two steps, and once the whole machine.

    kind: the chat's process.  settings: what leads there.  meet: people and channels, known to an installation that is new.
    """
    with ExitStack() as running:
        troupe = running.enter_context(installed(home, chat, settings))
        cast = meet(troupe)
        for number, step in enumerate(STEPS):
            if number == len(STEPS) // 2:  # as when the machine is started anew
                running.close()
                cast.speaks_meanwhile()
                troupe = running.enter_context(installed(home, chat, settings))
            else:
                killed(troupe, cast, kind)
            step(cast)
        cast.is_answered()
        nothing_was_said_twice(cast)


@contextmanager
def installed(home: Path, chat: Any, settings: Mapping[str, str]) -> Iterator[Running]:
    """`./troupe up` that joins that chat; the second time it finds what the first left."""
    with up(home, **settings) as troupe:
        chat.until(lambda: chat.connections, PATIENCE_S)
        yield troupe


def killed(troupe: Running, cast: Cast, kind: str) -> None:
    """SIGKILL to every process; `up` starts them again."""
    for each in (kind, *OTHERS):
        troupe.kill(each)
    cast.chat.until(lambda: not cast.chat.connections, PATIENCE_S)
    cast.speaks_meanwhile()
    cast.chat.until(lambda: cast.chat.connections, PATIENCE_S)


def code(troupe: Running) -> str:
    """By which the owner says in a chat who they are; works once."""
    told = re.search(r"/people link (\S+)", troupe.troupe("say", "/people link"))
    assert told
    return told[1]


def nothing_was_said_twice(cast: Cast) -> None:
    """One card of the post in each channel, and no words stand anywhere twice."""
    for room in cast.rooms:
        said = Counter(cast.said(room))
        assert len([words for _, words in said.elements() if "Approved by Alice" in words]) == 1
        assert max(said.values()) == 1, said
