"""The whole story in Slack, once as it is and once with everything killed between any two steps.

Bob asks, Mia wants it changed, Bob edits it in a modal, Mia and Alice approve, and it stands on a real Bluesky server;
in both channels one card shows each step, and nothing else is said twice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot import commands
from bot.slack.manifest import manifest
from tests.servers.pds import Account, Pds
from tests.slack.emulator import Emulator, Message, Room, seeing
from tests.slack.emulator import Person as User
from tests.slack.stories import ask, shows
from tests.slack.team import Team
from tests.system.troupe import Running, up

WORDS = "What people saw is what is out. #release"
KINDS = ("slack", "worker", "writer", "clock", "web")


@dataclass
class Cast:
    """Who and what the story needs, whatever runs behind it."""

    slack: Emulator
    alice: User
    mia: User
    bob: User
    general: Room
    launch: Room
    account: Account
    pds: Pds
    stale: Message | None = None
    """The card as Mia saw it before Bob edited it."""

    @property
    def rooms(self) -> tuple[Room, Room]:
        return self.general, self.launch

    def both(self, *words: str) -> list[Message]:
        return [shows(room, *words, timeout_s=30) for room in self.rooms]


def persona_gets_an_account(cast: Cast) -> None:
    told = ask(cast.alice, "/persona connect @ada", cast.general, "Accounts of Ada")
    cast.alice.clicks("Connect Bluesky…", on=told)
    modal = cast.alice.modal_titled("Connect Bluesky")
    modal.fill(
        {"Server": cast.pds.url, "Handle": cast.account.handle, "App password": cast.account.app_password}
    )
    submitted = modal.submit()
    assert submitted.ok, submitted
    cast.slack.until(lambda: not modal.open or "The card shows it." in modal.words, 20)


def two_must_approve_and_two_channels_see(cast: Cast) -> None:
    ask(cast.alice, "/persona policy @ada quorum 2", cast.general, "*Approvals needed*\n2")
    ask(cast.alice, "/persona route @ada #launch", cast.general, "@ada")


def bob_asks(cast: Cast) -> None:
    cast.bob.types('/post draft @ada "our new release" on bluesky', in_=cast.general)
    cast.both("waiting for approval", "0 of 2", "1, by Ada")


def mia_wants_it_changed(cast: Cast) -> None:
    card = shows(cast.general, "1, by Ada")
    cast.mia.clicks("Ask for changes…", on=card)
    modal = cast.mia.modal_titled("Ask for changes")
    assert modal.fill({"What should be different?": "shorter, please"}).submit().action == "closed"
    cast.both("2, by Ada", "About this version: shorter, please", "waiting for approval")


def bob_edits_in_the_other_channel(cast: Cast) -> None:
    card = shows(cast.launch, "2, by Ada")
    cast.stale = shows(cast.general, "2, by Ada").as_seen()
    cast.bob.clicks("Edit…", on=card)
    modal = cast.bob.modal_titled("Edit the post")
    assert modal.fill({"Text": WORDS}).submit().action == "closed"
    cast.both("3, by Bob", WORDS, "0 of 2")


def mia_approves_what_she_saw_before(cast: Cast) -> None:
    assert cast.stale is not None
    before = {message.ts for message in cast.mia.private(cast.general)}
    cast.mia.clicks("Approve", on=cast.stale)
    cast.slack.until(lambda: {message.ts for message in cast.mia.private(cast.general)} - before)
    cast.both("3, by Bob", "0 of 2")


def mia_approves(cast: Cast) -> None:
    cast.mia.clicks("Approve", on=shows(cast.general, "3, by Bob"))
    cast.both("1 of 2", "Approved by Mia", "waiting for approval")


def alice_approves_in_the_other_channel(cast: Cast) -> None:
    cast.alice.clicks("Approve", on=shows(cast.launch, "1 of 2"))
    for card in cast.both("published", "Approved by Mia", "Approved by Alice"):
        assert seeing.buttons(card.blocks) == ["Open the post", "Take down"]
        assert re.search(r"Approved by Alice\*?\n<!date\^\d+", card.words), card.words
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


def test_from_the_draft_to_bluesky(crew: Team, pds: Pds) -> None:
    cast = Cast(
        crew.slack,
        crew.alice,
        crew.mia,
        crew.bob,
        crew.general,
        crew.channel("launch"),
        pds.account("ada"),
        pds,
    )
    for step in STEPS:
        step(cast)
    nothing_was_said_twice(cast)
    assert crew.slack.refusals() == []


def test_whatever_is_killed_between_two_steps_nobody_sees_it(tmp_path: Path, pds: Pds) -> None:
    commands.load()
    with Emulator(manifest()).running() as slack, ExitStack() as running:
        troupe = running.enter_context(installed(tmp_path, slack))
        cast = met(slack, troupe, pds)
        for number, step in enumerate(STEPS):
            if number == len(STEPS) // 2:  # all of it, as when the machine is started anew
                running.close()
                troupe = running.enter_context(installed(tmp_path, slack))
            else:
                killed(troupe, slack)
            step(cast)
        nothing_was_said_twice(cast)
        assert slack.refusals() == []


@contextmanager
def installed(home: Path, slack: Emulator) -> Iterator[Running]:
    """`./troupe up` in that workspace; the second time it finds what the first left."""
    tokens = {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token}
    with up(home, **tokens, SLACK_API_URL=slack.url.rstrip("/")) as troupe:
        slack.until(lambda: slack.connections, 30)
        yield troupe


def killed(troupe: Running, slack: Emulator) -> None:
    """SIGKILL to every process; `up` starts them again."""
    for kind in KINDS:
        troupe.kill(kind)
    slack.until(lambda: not slack.connections, 30)
    slack.until(lambda: slack.connections, 30)


def met(slack: Emulator, troupe: Running, pds: Pds) -> Cast:
    """The owner says who she is by a code; Mia and Bob ask, and she lets them in."""
    alice, mia, bob = (slack.user(name) for name in ("alice", "mia", "bob"))
    general, launch = (slack.channel(name, [alice, mia, bob]) for name in ("general", "launch"))
    code = re.search(r"/people link (\S+)", troupe.troupe("say", "/people link"))
    assert code
    ask(alice, f"/troupe link {code[1]}", general, "Welcome")
    ask(alice, "/people name Alice", general, "Alice it is")
    for who, button in ((mia, "Let in as a manager"), (bob, "Let in as an editor")):
        told = ask(who, "/troupe status", general, "I do not know you yet")
        who.clicks("Ask to be let in", on=told)
        card = shows(slack.direct(alice), f"{who.name} wants to talk to Troupe")
        alice.clicks(button, on=card)
        shows(slack.direct(who), "let you in", timeout_s=20)
        ask(who, f"/people name {who.name.title()}", general, f"{who.name.title()} it is")
    return Cast(slack, alice, mia, bob, general, launch, pds.account("ada"), pds)


def nothing_was_said_twice(cast: Cast) -> None:
    """One card of the post in each channel, and no words stand anywhere twice."""
    for room in cast.rooms:
        assert len([m for m in room.posts if "Approved by Alice" in m.words]) == 1
        said = Counter((message.thread_ts, message.words) for message in room.posts)
        assert max(said.values()) == 1, said
