"""What is said in plain words: work that is handed over, orders in a task's thread, answers; and what stays talk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.errors import Forbidden
from agents.jobs import JobName
from agents.personas.persona import Persona, PersonaState, Profile
from agents.tasks.task import State
from bot.ask import asked
from tests.chat import Chat
from tests.surfaces import labour

STEVE = Persona(id="s", profile=Profile(name="Steve", handle="steve"))
YARA = Persona(id="y", profile=Profile(name="Yara Bell", handle="yara"))
AWAY = Persona(id="z", profile=Profile(name="Zoe", handle="zoe"), state=PersonaState.PAUSED)
EVERYBODY = (STEVE, YARA, AWAY)


@pytest.mark.parametrize(
    ("text", "who", "brief"),
    [
        ("@Troupe ask Steve to compare three queues", STEVE, "compare three queues"),
        ("@troupe, please ask @steve to compare three queues", STEVE, "compare three queues"),
        ("Troupe: have Yara Bell write a report", YARA, "write a report"),
        ("@Troupe get somebody to fix our readme", None, "fix our readme"),
        ("@Troupe could you let @yara, prepare the numbers", YARA, "prepare the numbers"),
        ("@steve please research three queues", STEVE, "research three queues"),
        ("@Yara Bell, please write a report\nabout queues", YARA, "write a report\nabout queues"),
    ],
)
def test_an_address_and_a_verb_of_asking_make_a_task(text: str, who: Persona | None, brief: str) -> None:
    found = asked(text, EVERYBODY)
    assert found is not None and (found.persona, found.brief) == (who, brief)


def test_where_troupe_was_mentioned_its_name_may_be_gone(chat: Chat) -> None:
    assert asked("ask Steve to compare three queues", EVERYBODY) is None
    assert asked("ask Steve to compare three queues", EVERYBODY, called=True) is not None


@pytest.mark.parametrize(
    "text",
    [
        "@steve what do you think of queues?",
        "@steve please explain how queues work",
        "@steve please research three queues?",
        "@Troupe ask Steve how he is doing today",
        "@Troupe ask Steve to come in",
        "@Troupe ask Zoe to compare three queues",
        "@Troupe ask Stevenson to compare three queues",
        "@Troupe have a nice day everybody",
        "I would ask Steve to compare three queues",
        "please write a report about queues",
        "",
    ],
)
def test_everything_else_is_talk(text: str) -> None:
    assert asked(text, EVERYBODY) is None


def test_two_of_one_name_are_nobody() -> None:
    twin = Persona(id="t", profile=Profile(name="Steve", handle="stevie"))
    assert asked("@Troupe ask @stevie to compare three queues", (twin, YARA)) is not None
    assert asked("@Troupe ask Steven to compare three queues", (twin, YARA)) is None


def say(chat: Chat, who: str, text: str, thread: str = "") -> None:
    chat.dispatcher.say(text, chat.person(who), replace(chat.place, thread=thread))


def owed(chat: Chat) -> list[JobName]:
    return [owed.job.name for committed in chat.bell.rung for owed in committed.owed]


def test_what_is_said_becomes_a_task_with_its_card(chat: Chat) -> None:
    say(chat, "bob", "@Troupe ask Ada to compare three queues. One page.")
    task = labour.named(chat.storage, "Compare three queues")
    assert (task.asked_for, task.brief) == (chat.ada.id, "compare three queues. One page.")
    assert chat.stands(task.subject) == ["general"]
    with pytest.raises(Forbidden):
        say(chat, "charlie", "@Troupe ask Ada to compare three queues")
    say(chat, "bob", "@ada what do you think of queues?")
    with chat.storage.reading() as work:
        assert len(work.tasks.latest()) == 1


def test_a_word_in_its_thread_halts_it_and_lets_it_go_on(chat: Chat) -> None:
    chat.says("bob", "/task new Compare three queues today.")
    task = labour.begun(chat.storage, "Compare")
    say(chat, "bob", "Stop!", str(task.subject))
    assert labour.named(chat.storage, "Compare").state is State.PAUSED
    say(chat, "bob", "go on", str(task.subject))
    assert labour.named(chat.storage, "Compare").state is State.WORKING
    say(chat, "bob", "do not stop at three", str(task.subject))
    assert labour.named(chat.storage, "Compare").state is State.WORKING
    with pytest.raises(Forbidden):
        say(chat, "charlie", "stop", str(task.subject))


def test_what_is_said_under_a_question_answers_it(chat: Chat) -> None:
    chat.says("bob", "/task new Compare three queues today. complexity 3")
    task = labour.planned(chat.storage, "Compare")
    question = labour.asks(chat.storage, task, "For whom?")
    say(chat, "bob", "For the board.", str(question.subject))
    with chat.storage.reading() as work:
        assert work.questions.get(question.id).answer == "For the board."
    say(chat, "bob", "And soon.", str(question.subject))
    with chat.storage.reading() as work:
        assert work.questions.get(question.id).answer == "For the board."
