"""The whole story of a post in a Discord server, once as it is and once with everything killed between any two steps."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from bot import commands
from tests import release
from tests.discord.emulator import Emulator, Message, Room
from tests.discord.emulator import Person as User
from tests.discord.stories import ask, labels, shows
from tests.discord.team import Team, addresses
from tests.servers.pds import Pds
from tests.system.troupe import Running


class Cast(release.Cast):
    moment = r"Approved by Alice\W+<t:\d+"

    def asks(self, who: User, command: str, words: str, **options: Any) -> Message:
        if "channels" in options:
            options["channels"] = self.chat.channel(options["channels"].removeprefix("#")).mention
        return ask(who, command, self.general, words, **options)

    def drafts(self, who: User, about: str) -> None:
        assert who.types("/post draft", in_=self.general, persona="@ada", about=about, on="bluesky").ok

    def shows(self, room: Room, *words: str) -> Message:
        return shows(room, *words, timeout_s=release.PATIENCE_S)

    def buttons(self, card: Message) -> list[str]:
        return labels(card)

    def key(self, message: Message) -> str:
        return message.id

    def said(self, room: Room) -> list[tuple[str, str]]:
        """Threads are channels of their own."""
        return [(each.id, message.words) for each in (room, *room.threads) for message in each.posts]

    def speaks_meanwhile(self) -> None:
        self.bob.says("@ada are you still there?", in_=self.general)

    def is_answered(self) -> None:
        """Each in a thread of its own."""

        def answered() -> bool:
            threads = {thread.id: thread for thread in self.general.threads}
            return all(each.id in threads and threads[each.id].posts for each in asked)

        asked = [message for message in self.general.messages if "still there?" in message.words]
        self.chat.until(answered, release.PATIENCE_S)
        threads = [thread for thread in self.general.threads if thread.id in {each.id for each in asked}]
        assert [len(thread.posts) for thread in threads] == [1] * len(release.STEPS)

    def connected(self, modal: Any) -> None:
        """Nothing is said of it where the card is shown to one person alone: asked for anew, it shows the account."""
        while (
            "Bluesky"
            not in self.asks(self.alice, "/persona connect", "Accounts of Ada", persona="@ada").words
        ):
            time.sleep(0.2)


def test_from_the_draft_to_bluesky(crew: Team, pds: Pds) -> None:
    release.is_told(Cast(crew.discord, crew.users, (crew.general, crew.channel("launch")), pds))
    assert crew.discord.refusals == []


def test_whatever_is_killed_between_two_steps_nobody_sees_it(tmp_path: Path, pds: Pds) -> None:
    commands.load()
    with Emulator().running() as discord:
        discord.gateway.paced = False  # a process that is begun again identifies within five seconds
        settings = {name.upper(): value for name, value in addresses(discord).items()}
        release.is_told_while_all_is_killed(
            discord, "discord", tmp_path, settings, lambda troupe: met(discord, troupe, pds)
        )
        assert [call for call in discord.refusals if call.status != 429] == []


def met(discord: Emulator, troupe: Running, pds: Pds) -> Cast:
    """The owner says who she is by a code; Mia and Bob ask, and she lets them in."""
    users = {name: discord.user(name) for name in ("alice", "mia", "bob")}
    alice, mia, bob = users.values()
    general, launch = (discord.channel(name) for name in ("general", "launch"))
    ask(alice, "/people link", general, "Welcome", code=release.code(troupe))
    ask(alice, "/people name", general, "Alice it is", name="Alice")
    for who, button in ((mia, "Let in as a manager"), (bob, "Let in as an editor")):
        told = ask(who, "/status", general, "I do not know you yet")
        who.clicks("Ask to be let in", on=told)
        alice.clicks(button, on=shows(alice.direct, f"{who.name.title()} wants to talk to Troupe"))
        shows(who.direct, "let you in", timeout_s=20)
    return Cast(discord, users, (general, launch), pds)
