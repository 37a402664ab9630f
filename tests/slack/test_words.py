"""Words in Slack: who hears them, what the persona is told of what was said before, and how it answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import commands
from bot.slack.manifest import manifest
from tests.servers.aimock import Aimock
from tests.slack.conftest import SOON
from tests.slack.emulator import Emulator, Message, Room
from tests.slack.stories import ask, draft, shows
from tests.slack.team import Team, team

LONG = " ".join(f"Word {number} of a long answer." for number in range(60))
SECRET = "sk-0123456789abcdefghijklmnop"


@pytest.fixture
def crew(tmp_path: Path, redis_url: str, aimock: Aimock) -> Iterator[Team]:
    """Ada asks a real model server."""
    commands.load()
    model = {"openai_api_key": "sk-test-0123456789", "openai_base_url": aimock.url}
    with (
        Emulator(manifest(), patience=SOON).running() as emulator,
        team(tmp_path, emulator, redis_url, **model) as crew,
    ):
        yield crew
        assert emulator.refusals() == []


def answered(room: Room, root: Message, words: str) -> Message:
    """Waits for that answer in the thread."""
    found = room.slack.until(
        lambda: next(
            (m for m in room.thread(root) if m.by_app and words in m.words and not m.streaming), None
        )
    )
    assert isinstance(found, Message)
    return found


def asked(aimock: Aimock) -> list[str]:
    """What the model was told, the last time."""
    return [str(line["content"]) for line in aimock.journal()[-1]["body"]["messages"]]


def test_who_is_called_by_name_answers_in_the_thread(crew: Team, aimock: Aimock) -> None:
    aimock.answer("how are you", "Quite well, thank you.")
    said = crew.bob.says("@ada how are you?", in_=crew.general)
    answer = answered(crew.general, said, "Quite well")
    assert (answer.username, answer.thread_ts) == ("Ada", said.ts)
    aimock.answer("and tomorrow", "Better still.")
    crew.bob.says("and tomorrow?", in_=crew.general, thread=said)
    answered(crew.general, said, "Better still.")
    told = asked(aimock)
    assert any("how are you" in line for line in told)
    assert any("Quite well" in line for line in told)


def test_a_mention_of_the_app_is_answered_by_the_one_persona(crew: Team, aimock: Aimock) -> None:
    aimock.answer("what do you do", "I write posts.")
    said = crew.charlie.says("<@BOT> what do you do?", in_=crew.general)
    answered(crew.general, said, "I write posts.")
    assert len(crew.general.thread(said)) == 1


def test_what_was_said_in_a_thread_before_is_told_to_the_persona(crew: Team, aimock: Aimock) -> None:
    aimock.answer("what do you make of it", "Tuesday sounds right.")
    root = crew.mia.says("The launch moves to Tuesday.", in_=crew.general)
    crew.zoe.says("Because of the holiday.", in_=crew.general, thread=root)
    crew.bob.says("@ada what do you make of it?", in_=crew.general, thread=root)
    answered(crew.general, root, "Tuesday sounds right.")
    told = "\n".join(asked(aimock))
    assert "The launch moves to Tuesday." in told
    assert "Because of the holiday." in told
    assert (
        told.index("The launch moves") < told.index("Because of the holiday") < told.index("what do you make")
    )


def test_a_reply_to_a_card_reaches_its_persona(crew: Team, aimock: Aimock) -> None:
    aimock.answer("our news", {"segments": ["Our news, in one line."]})
    card = draft(crew, "our news")
    aimock.answer("why so short", "Because it is news.")
    crew.mia.says("why so short?", in_=crew.general, thread=card)
    answered(crew.general, card, "Because it is news.")
    assert any("why so short" in line for line in asked(aimock))


def test_a_long_answer_grows_before_ones_eyes(crew: Team, aimock: Aimock) -> None:
    aimock.load(
        {
            "match": {"userMessage": "tell me all"},
            "response": {"content": LONG},
            "chunkSize": 20,
            "latency": 30,
        }
    )
    said = crew.bob.says("@ada tell me all", in_=crew.general)
    growing = crew.slack.until(lambda: next((m for m in crew.general.thread(said) if m.streaming), None))
    early = growing.words
    assert len(early) < len(LONG) / 2
    answer = answered(crew.general, said, "Word 59 of a long answer.")
    assert answer.ts == growing.ts
    assert len(crew.slack.calls("chat.appendStream")) >= 1
    assert len([m for m in crew.general.thread(said) if m.by_app]) == 1


def test_a_command_in_a_thread_is_said_to_the_app(crew: Team, aimock: Aimock) -> None:
    aimock.answer("our picnic", {"segments": ["A picnic for everybody."]})
    root = crew.bob.says("Shall we tell people of the picnic?", in_=crew.general)
    crew.bob.says('<@BOT> post draft @ada "our picnic"', in_=crew.general, thread=root)
    shows(crew.general, "A picnic for everybody.", "waiting for approval")
    crew.bob.says("<@BOT> post draft", in_=crew.general, thread=root)
    assert "/post draft @persona about" in crew.bob.told("persona is missing", crew.general).words


def test_a_direct_message_is_answered(crew: Team, aimock: Aimock) -> None:
    aimock.answer("between us", "Nobody else hears it.")
    direct = crew.slack.direct(crew.bob)
    crew.bob.says("between us", in_=direct)
    shows(direct, "Nobody else hears it.")
    crew.bob.says("post queue", in_=direct)
    crew.bob.told("Nothing waits for you", direct)
    assert crew.general.posts == []


@pytest.mark.parametrize("line", [f"@ada my key is {SECRET}", f"<@BOT> my key is {SECRET}"])
def test_a_secret_is_refused_in_private(crew: Team, aimock: Aimock, line: str) -> None:
    crew.bob.says(line, in_=crew.general)
    told = crew.bob.told("looks like an API key", crew.general)
    assert SECRET not in told.words
    assert crew.general.posts == []
    assert aimock.journal() == []


def test_a_secret_in_a_command_is_refused_in_private(crew: Team) -> None:
    ask(crew.bob, f'/post draft @ada "use {SECRET}"', crew.general, "looks like an API key")
    assert crew.general.posts == []


def test_a_post_is_made_from_a_message(crew: Team, aimock: Aimock) -> None:
    aimock.answer("1,000 users", {"segments": ["A thousand of you. Thank you."]})
    said = crew.zoe.says("We have 1,000 users & counting, ask @mia", in_=crew.general)
    assert crew.bob.shortcut("Make a post from this", on=said).ok
    modal = crew.bob.modal_titled("New post")
    assert modal.value("What is it about?") == "We have 1,000 users & counting, ask Mia"
    assert modal.submit().ok
    shows(crew.general, "A thousand of you.", "waiting for approval")


def test_nobody_is_meant_and_that_is_said_in_private(crew: Team) -> None:
    ask(crew.alice, "/persona new Yara from founder", crew.general, "@yara")
    crew.bob.says("<@BOT> hello?", in_=crew.general)
    assert "@yara" in crew.bob.told("Whom do you mean?", crew.general).words


def test_what_people_say_to_one_another_is_left_alone(crew: Team, aimock: Aimock) -> None:
    said = crew.bob.says("lunch?", in_=crew.general)
    crew.mia.says("yes, at noon", in_=crew.general, thread=said)
    ask(crew.bob, "/people list", crew.general, "4 people")
    assert crew.general.posts == []
    assert aimock.journal() == []
    with crew.troupe.storage.reading() as work:
        assert all(
            channel.surface == "console" or channel.name == "general" for channel in work.channels.of_team()
        )
