"""Words in Discord: who hears them, how the persona answers, and where."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.discord.emulator import Emulator, Message, Room
from tests.discord.stories import ask, draft, shows
from tests.discord.team import Team, team
from tests.servers.aimock import Aimock

LONG = " ".join(f"Word {number} of a long answer." for number in range(120))
SECRET = "sk-0123456789abcdefghijklmnop"


@pytest.fixture
def crew(tmp_path: Path, redis_url: str, aimock: Aimock) -> Iterator[Team]:
    """Ada asks a real model server."""
    model = {"openai_api_key": "sk-test-0123456789", "openai_base_url": aimock.url}
    with Emulator().running() as emulator, team(tmp_path, emulator, redis_url, **model) as crew:
        yield crew
        assert emulator.refusals == []


def thread(room: Room, root: Message) -> Room:
    """Waits until it is there."""
    found = room.discord.until(lambda: next((t for t in room.threads if t.id == root.id), None))
    assert isinstance(found, Room)
    return found


def test_who_is_called_by_name_answers_in_a_thread(crew: Team, aimock: Aimock) -> None:
    aimock.answer("how are you", "Quite well, thank you.")
    said = crew.bob.says("@ada how are you?", in_=crew.general)
    under = thread(crew.general, said)
    answer = shows(under, "Quite well")
    assert answer.username == "Ada" and answer.webhook_id
    aimock.answer("and tomorrow", "Better still.")
    crew.bob.says("and tomorrow?", in_=crew.general, thread=under)
    shows(under, "Better still.")
    told = [str(line["content"]) for line in aimock.journal()[-1]["body"]["messages"]]
    assert any("how are you" in line for line in told) and any("Quite well" in line for line in told)
    assert len(crew.discord.webhooks) == 1


def test_a_mention_of_the_app_is_answered_by_the_one_persona(crew: Team, aimock: Aimock) -> None:
    aimock.answer("what do you do", "I write posts.")
    said = crew.charlie.says("<@BOT> what do you do?", in_=crew.general)
    assert shows(thread(crew.general, said), "I write posts.").username == "Ada"


def test_a_reply_in_a_cards_thread_reaches_its_persona(crew: Team, aimock: Aimock) -> None:
    aimock.answer("our news", {"segments": ["Our news, in one line."]})
    card = draft(crew, "our news")
    aimock.answer("why so short", "Because it is news.")
    crew.mia.says("why so short?", in_=crew.general, reply_to=card)
    under = thread(crew.general, card)
    shows(under, "Because it is news.")
    aimock.answer("and the date", "On Tuesday.")
    crew.mia.says("and the date?", in_=crew.general, thread=under)
    assert shows(under, "On Tuesday.").username == "Ada"


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
    under = thread(crew.general, said)
    growing = shows(under, "Word 3 of a long answer")
    assert "Word 119" not in growing.words and growing.words.endswith("…")
    crew.discord.until(lambda: "Word 119 of a long answer." in growing.words)
    assert under.posts == [growing]
    assert growing.versions > 2


def test_a_direct_message_is_answered(crew: Team, aimock: Aimock) -> None:
    aimock.answer("between us", "Nobody else hears it.")
    crew.bob.says("between us", in_=crew.bob.direct)
    shows(crew.bob.direct, "Nobody else hears it.")
    crew.bob.says("post queue", in_=crew.bob.direct)
    shows(crew.bob.direct, "Nothing waits for you")
    assert crew.general.posts == []


@pytest.mark.parametrize("line", [f"@ada my key is {SECRET}", f"<@BOT> my key is {SECRET}"])
def test_a_secret_is_refused_in_private(crew: Team, aimock: Aimock, line: str) -> None:
    crew.bob.says(line, in_=crew.general)
    told = shows(crew.bob.direct, "looks like an API key")
    assert SECRET not in told.words
    assert crew.general.posts == []
    assert aimock.journal() == []


def test_a_post_is_made_from_a_message(crew: Team, aimock: Aimock) -> None:
    aimock.answer("1,000 users", {"segments": ["A thousand of you. Thank you."]})
    said = crew.zoe.says("We have 1,000 users & counting, ask @mia", in_=crew.general)
    assert crew.bob.uses("Make a post from this", on=said).ok
    modal = crew.bob.modal_titled("New post")
    assert modal.value("What is it about?") == "We have 1,000 users & counting, ask Mia"
    assert modal.submit().action == "closed"
    shows(crew.general, "A thousand of you.", "waiting for approval")


def test_nobody_is_meant_and_that_is_said_in_private(crew: Team) -> None:
    ask(crew.alice, "/persona new", crew.general, "@yara", name="Yara", from_="founder")
    crew.bob.says("<@BOT> hello?", in_=crew.general)
    assert "@yara" in shows(crew.bob.direct, "Whom do you mean?").words


def test_what_people_say_to_one_another_is_left_alone(crew: Team, aimock: Aimock) -> None:
    said = crew.bob.says("lunch?", in_=crew.general)
    crew.mia.says("yes, at noon", in_=crew.general, reply_to=said)
    ask(crew.bob, "/people list", crew.general, "4 people")
    assert crew.general.posts == []
    assert aimock.journal() == []
