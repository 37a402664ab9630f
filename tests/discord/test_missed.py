"""What was said while Troupe was away for longer than a session can be resumed: heard when it is back, and answered once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from discord.utils import time_snowflake

from bot.discord import missed
from bot.discord.heard import SWITCH, Heard
from bot.discord.standing import Pace
from tests.discord.emulator import Emulator, Message, Room
from tests.discord.emulator import posting as emulated
from tests.discord.emulator.state import Message as Said
from tests.discord.stories import ask, draft, shows
from tests.discord.team import Team, team

QUICK = Pace(first_s=0.1, longest_s=0.4, calm_s=0.3, identify_s=0.3, told_after=3)
BACK_S = 20.0
"""discord.py waits two seconds until it believes that it knows all servers."""


@pytest.fixture
def crew(tmp_path: Path, redis_url: str) -> Iterator[Team]:
    with Emulator().running() as discord, team(tmp_path, discord, redis_url, QUICK) as crew:
        discord.gateway.paced = False
        yield crew


def heard(crew: Team, words: str) -> list[str]:
    """What is kept of what people said, with these words."""
    with crew.troupe.storage.reading() as work:
        return [m.text for m in work.messages.after(0) if words in m.text and m.author.kind == "person"]


def comes(crew: Team, words: str) -> None:
    crew.discord.until(lambda: heard(crew, words), BACK_S)


def answers(room: Room) -> list[Message]:
    return [message for message in room.posts if message.username == "Ada"]


def answered(room: Room, root: Message) -> Room:
    """The thread under a message, with an answer of Ada in it."""
    found = room.discord.until(lambda: next((t for t in room.threads if t.id == root.id), None), BACK_S)
    room.discord.until(lambda: answers(found), BACK_S)
    assert isinstance(found, Room)
    return found


def test_a_mention_a_reply_in_a_thread_and_a_direct_message(crew: Team) -> None:
    card = draft(crew, "our news")
    crew.bob.says("between us", in_=crew.bob.direct)
    crew.discord.until(lambda: answers_directly(crew))
    crew.stop()
    asked = crew.bob.says("@ada are you there?", in_=crew.general)
    under = crew.general.begins_thread("Our news", on=card)
    crew.mia.says("why so short?", in_=under)
    crew.bob.says("and now?", in_=crew.bob.direct)
    before = answers_directly(crew)
    crew.start()
    answered(crew.general, asked)
    crew.discord.until(lambda: answers(under), BACK_S)
    crew.discord.until(lambda: answers_directly(crew) > before, BACK_S)
    crew.restart()
    crew.bob.says("@ada one more", in_=crew.general)
    comes(crew, "one more")
    for words in ("are you there?", "why so short?", "and now?", "one more"):
        assert len(heard(crew, words)) == 1
    assert len(answers(under)) == 1
    assert answers_directly(crew) == before + 1
    assert [call for call in crew.discord.refusals if call.status != 429] == []


def answers_directly(crew: Team) -> int:
    return len([message for message in crew.bob.direct.posts if "Ada" in message.words])


def test_a_session_that_could_not_be_resumed(crew: Team) -> None:
    draft(crew, "our news")
    crew.discord.patience.resume_s = 0.0
    crew.discord.stop()
    said = crew.bob.says("@ada are you there?", in_=crew.general)
    crew.discord.start()
    answered(crew.general, said)
    assert crew.discord.gateway.resumed == 0


def test_a_command_that_was_said_meanwhile_is_done_once(crew: Team) -> None:
    draft(crew, "our news")
    crew.mia.says("<@BOT> persona new “Xenia Old” from founder", in_=crew.general)
    shows(crew.general, "Xenia Old")
    crew.stop()
    crew.mia.says("<@BOT> persona new “Yara Bell” from founder", in_=crew.general)
    crew.start()
    shows(crew.general, "Yara Bell", timeout_s=BACK_S)
    crew.restart()
    crew.bob.says("@ada hello", in_=crew.general)
    comes(crew, "@ada hello")
    with crew.troupe.storage.reading() as work:
        assert sorted(one.name for one in work.personas.all()) == ["Ada", "Xenia Old", "Yara Bell"]


def test_only_where_troupe_is_known_and_something_new_was_said(crew: Team) -> None:
    draft(crew, "our news")
    quiet, foreign = crew.channel("quiet"), crew.channel("foreign")
    ask(crew.bob, "/people me", quiet, "You are Bob")
    crew.stop()
    crew.bob.says("@ada in a channel of others", in_=foreign)
    crew.bob.says("@ada here", in_=crew.general)
    crew.discord.clear()
    crew.start()
    comes(crew, "@ada here")
    read = [call for call in crew.discord.calls("list_messages") if "after" in call.args]
    channels = [call.path.split("/")[2] for call in read]
    assert crew.general.id in channels and not {quiet.id, foreign.id} & {*channels}
    assert len({*channels}) == len(channels), "a page each"
    assert all(int(call.args["limit"]) == missed.MESSAGES for call in read)
    assert heard(crew, "in a channel of others") == []


def test_what_is_older_than_an_hour_stays_unanswered(crew: Team) -> None:
    room = crew.channel("old")
    with crew.troupe.storage.unit_of_work() as work:
        work.channels.add("discord", "old", work.now, external_id=room.id)
    crew.stop()
    with crew.troupe.storage.unit_of_work() as work:
        work.switches.clear(SWITCH)
        work.switches.set(SWITCH, {"message": "1"})
    says_before(crew, room, missed.LOOK_BACK + timedelta(minutes=1), "@ada long ago")
    says_before(crew, room, missed.LOOK_BACK - timedelta(minutes=1), "@ada a while ago")
    crew.start()
    comes(crew, "a while ago")
    assert heard(crew, "long ago") == []


def says_before(crew: Team, room: Room, ago: timedelta, words: str) -> None:
    id = str(time_snowflake(crew.troupe.clock() - ago))
    crew.discord.do(
        lambda: emulated.add(crew.discord.world, room.channel, Said(id, room.id, crew.bob.id, words))
    )


def test_a_history_that_is_not_told_at_once_is_asked_for_again(crew: Team) -> None:
    draft(crew, "our news")
    crew.stop()
    crew.bob.says("@ada are you there?", in_=crew.general)
    crew.discord.fails("list_messages", "unsent", times=3)
    crew.start()
    comes(crew, "are you there?")
    assert len(heard(crew, "are you there?")) == 1


def test_the_first_process_of_all_reads_nothing(crew: Team) -> None:
    crew.bob.says("hello", in_=crew.general)
    crew.discord.until(lambda: crew.discord.connections)
    assert crew.discord.calls("list_messages") == []


def test_what_is_in_hand_does_not_count_as_heard(crew: Team) -> None:
    mark = Heard(crew.troupe.storage)
    with mark.hearing(10):
        pass
    with mark.hearing(20):
        with mark.hearing(30):
            pass
        assert mark.until == 19
    assert mark.until == 30
    mark.hold()
    with mark.hearing(40):
        pass
    assert mark.until == 30
    mark.release(0)
    assert mark.until == 40
