"""The whole story of a post in Slack, once as it is and once with everything killed between any two steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot import commands
from bot.slack.manifest import manifest
from tests import release
from tests.servers.pds import Pds
from tests.slack.emulator import Emulator, Room, seeing
from tests.slack.emulator import Person as User
from tests.slack.emulator.state import Message
from tests.slack.stories import ask, shows
from tests.slack.team import Team
from tests.system.troupe import Running


class Cast(release.Cast):
    """What is typed is one line: the persona and the channels come first, everything else by its name."""

    moment = r"Approved by Alice\*?\n<!date\^\d+"

    def asks(self, who: User, command: str, words: str, **options: Any) -> Message:
        named = [f" {name} {value}" for name, value in options.items() if name not in ("persona", "channels")]
        first = [f" {options[name]}" for name in ("persona", "channels") if name in options]
        return ask(who, f"{command}{''.join(first + named)}", self.general, words)

    def drafts(self, who: User, about: str) -> None:
        who.types(f'/post draft @ada "{about}" on bluesky', in_=self.general)

    def shows(self, room: Room, *words: str) -> Message:
        return shows(room, *words, timeout_s=release.PATIENCE_S)

    def buttons(self, card: Message) -> list[str]:
        return seeing.buttons(card.blocks)

    def key(self, message: Message) -> str:
        return message.ts

    def said(self, room: Room) -> list[tuple[str, str]]:
        return [(message.thread_ts or "", message.words) for message in room.posts]

    def speaks_meanwhile(self) -> None:
        """Slack keeps it, and hands it on minutes later: tested with its sockets."""

    def is_answered(self) -> None:
        """Nothing was asked."""

    def connected(self, modal: Any) -> None:
        self.chat.until(lambda: not modal.open or "The card shows it." in modal.words, 20)


def test_from_the_draft_to_bluesky(crew: Team, pds: Pds) -> None:
    release.is_told(Cast(crew.slack, crew.users, (crew.general, crew.channel("launch")), pds))
    assert crew.slack.refusals() == []


def test_whatever_is_killed_between_two_steps_nobody_sees_it(tmp_path: Path, pds: Pds) -> None:
    commands.load()
    with Emulator(manifest()).running() as slack:
        tokens = {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token}
        settings = {**tokens, "SLACK_API_URL": slack.url.rstrip("/")}
        release.is_told_while_all_is_killed(
            slack, "slack", tmp_path, settings, lambda troupe: met(slack, troupe, pds)
        )
        assert slack.refusals() == []


def met(slack: Emulator, troupe: Running, pds: Pds) -> Cast:
    """The owner says who she is by a code; Mia and Bob ask, and she lets them in."""
    users = {name: slack.user(name) for name in ("alice", "mia", "bob")}
    alice, mia, bob = users.values()
    general, launch = (slack.channel(name, [alice, mia, bob]) for name in ("general", "launch"))
    ask(alice, f"/troupe link {release.code(troupe)}", general, "Welcome")
    ask(alice, "/people name Alice", general, "Alice it is")
    for who, button in ((mia, "Let in as a manager"), (bob, "Let in as an editor")):
        told = ask(who, "/troupe status", general, "I do not know you yet")
        who.clicks("Ask to be let in", on=told)
        card = shows(slack.direct(alice), f"{who.name} wants to talk to Troupe")
        alice.clicks(button, on=card)
        shows(slack.direct(who), "let you in", timeout_s=20)
        ask(who, f"/people name {who.name.title()}", general, f"{who.name.title()} it is")
    return Cast(slack, users, (general, launch), pds)
