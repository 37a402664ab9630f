"""Delegated work by command: asked for, found, steered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agents.errors import Conflict, Forbidden, Invalid, NotFound
from agents.tasks.task import State, Wait
from tests.chat import MONDAY, Chat
from tests.surfaces import labour

WORK = "Compare three queue libraries for a small team. One page."


def asked(chat: Chat, line: str = WORK, who: str = "bob") -> str:
    """Its id."""
    assert chat.says(who, f"/task new {line}").answer.error is None
    return labour.named(chat.storage, "").id


def task(chat: Chat, id: str):  # type: ignore[no-untyped-def]
    with chat.storage.reading() as work:
        return work.tasks.get(id)


def test_a_line_says_everything_about_it(chat: Chat) -> None:
    said = chat.says(
        "bob",
        f'/task new "{WORK}" for @ada by tomorrow 18:00 as pdf, csv budget $2.50 priority 8 complexity 7 reviewed no '
        'criteria "each judged alike; every claim with its source"',
    )
    made = labour.named(chat.storage, "Compare")
    assert said.card.subject == made.subject
    assert (made.title, made.brief) == ("Compare three queue libraries for a small team", WORK)
    assert (made.asked_for, made.formats, made.budget) == (chat.ada.id, ("pdf", "csv"), 2_500_000)
    assert (made.priority, made.complexity, made.estimated, made.reviewed) == (8, 7, False, False)
    assert made.criteria == ("each judged alike", "every claim with its source")
    assert made.deadline == MONDAY + timedelta(days=1, hours=9)
    assert chat.stands(made.subject) == ["general"]
    assert "each judged alike" in said and "$0 of $2.50" in said


def test_who_does_it_may_stand_first(chat: Chat) -> None:
    made = task(chat, asked(chat, f'@ada "{WORK}" complexity 8'))
    assert (made.asked_for, made.brief, made.complexity) == (chat.ada.id, WORK, 8)


@pytest.mark.parametrize(("line", "error"), [("@adda Compare them", NotFound), ("@ada", Invalid)])
def test_who_stands_first_has_to_be_there_and_to_have_something_to_do(
    chat: Chat, line: str, error: type[Exception]
) -> None:
    assert isinstance(chat.says("bob", f"/task new {line}").error, error)
    with chat.storage.reading() as work:
        assert work.tasks.latest() == []


def test_without_words_for_it_everything_is_as_usual(chat: Chat) -> None:
    made = task(chat, asked(chat))
    assert (made.asked_for, made.state, made.estimated, made.reviewed) == ("", State.QUEUED, True, True)
    assert made.budget > 0


def test_who_may_only_look_asks_for_nothing(chat: Chat) -> None:
    assert isinstance(chat.says("charlie", f"/task new {WORK}").error, Forbidden)
    with chat.storage.reading() as work:
        assert work.tasks.latest() == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "brief is missing"),
        (f'"{WORK}" as p%f', "no kind of file"),
        (f'"{WORK}" priority 11', "from 1 to 10"),
    ],
)
def test_what_cannot_be_is_refused_in_words(chat: Chat, line: str, words: str) -> None:
    said = chat.says("bob", f"/task new {line}")
    assert isinstance(said.error, Invalid)
    assert words in said.text and "/task new brief" in said.text


def test_it_is_found_by_the_beginning_of_its_id_and_of_its_title(chat: Chat) -> None:
    id = asked(chat)
    assert chat.says("charlie", f"/task show {id[:5]}").card.subject == ("task", id)
    assert chat.says("charlie", '/task show "compare three"').card.subject == ("task", id)
    asked(chat)
    assert isinstance(chat.says("charlie", '/task show "compare three"').error, NotFound)
    assert isinstance(chat.says("charlie", "/task show nothing").error, NotFound)


def test_the_list_has_what_waits_for_the_reader_first(chat: Chat) -> None:
    assert "Nothing is under way" in chat.says("charlie", "/task list")
    first = asked(chat, f"{WORK} priority 9 for @ada")
    second = asked(chat, '"Write the minutes of the last meeting" complexity 8')
    labour.begun(chat.storage, "Compare")
    with chat.storage.unit_of_work() as work:
        work.tasks.swap(work.tasks.get(first), "pause it", state=State.PAUSED)
        more = chat.ada.profile.tasks.model_copy(update={"at_once": 3})
        work.personas.change(chat.ada, profile=chat.ada.profile.model_copy(update={"tasks": more}))
    labour.planned(chat.storage, "Write the minutes")
    lines = chat.says("mia", "/task list").text.splitlines()
    assert "2 tasks, 1 waiting for you" in lines[0]
    assert second[:5] in lines[1] and "← you" in lines[1]
    assert first[:5] in lines[2] and "paused" in lines[2]
    assert "← you" not in chat.says("charlie", "/task list")
    opened = chat.presses("mia", "Show 1", on=chat.says("mia", "/task list"))
    assert opened.card.subject == ("task", second)


def test_it_is_halted_gone_on_with_and_stopped(chat: Chat) -> None:
    id = asked(chat)
    labour.begun(chat.storage, "Compare")
    assert "paused" in chat.says("bob", f"/task pause {id}")
    assert isinstance(chat.says("bob", f"/task pause {id}").error, Conflict)
    assert "being worked on" in chat.says("bob", f"/task resume {id}")
    assert "cancelled" in chat.says("bob", f"/task stop {id} because of the date")
    assert "of the date" in task(chat, id).trouble
    assert isinstance(chat.says("bob", f"/task resume {id}").error, Conflict)
    assert "1 task" in chat.says("bob", "/task list finished")


def test_it_is_corrected_given_away_and_paid_for(chat: Chat) -> None:
    id = asked(chat)
    labour.begun(chat.storage, "Compare")
    chat.says("bob", f"/task correct {id} complexity 9 priority 10 by friday 12:00")
    now = task(chat, id)
    assert (now.complexity, now.estimated, now.priority) == (9, False, 10)
    assert now.deadline and now.deadline > MONDAY
    assert isinstance(chat.says("bob", f"/task correct {id}").error, Invalid)

    chat.says("mia", "/persona new Zoe from founder")
    assert chat.says("mia", f"/task give {id} @zoe").answer.error is None
    assert task(chat, id).asked_for == chat.persona("zoe").id

    labour.begun(chat.storage, "Compare")
    labour.out_of_money(chat.storage, task(chat, id))
    assert "budget used up" in chat.says("mia", f"/task show {id}")
    assert "of $7.00" in chat.says("mia", f"/task budget {id} $7")
    assert task(chat, id).state is State.WORKING


def test_what_is_blocked_or_given_up_tries_again(chat: Chat) -> None:
    id = asked(chat)
    labour.blocked(chat.storage, labour.begun(chat.storage, "Compare"))
    assert "The tests do not pass." in chat.says("mia", f"/task show {id}")
    assert "being worked on" in chat.says("mia", f"/task retry {id}")
    labour.given_up(chat.storage, task(chat, id))
    chat.says("mia", f"/task retry {id}")
    assert task(chat, id).state in (State.WORKING, State.QUEUED)


def test_its_files_and_its_steps_are_told(chat: Chat) -> None:
    id = asked(chat, f"{WORK} complexity 3")
    assert "has handed over no files yet" in chat.says("charlie", f"/task files {id}")
    assert "neither left its workspace" in chat.says("charlie", f"/task steps {id}")
    building = labour.planned(chat.storage, "Compare")
    labour.wants(chat.storage, building)
    assert "Send an e-mail to max@example.com: waiting for approval" in chat.says(
        "charlie", f"/task steps {id}"
    )
    shown = chat.presses("charlie", "Show: Send an e-mail to max@example.com")
    assert labour.MAIL in shown


def test_when_it_is_done_its_card_has_the_files(chat: Chat) -> None:
    asked(chat, f"{WORK} complexity 3 reviewed no")
    done = labour.built(chat.storage, labour.planned(chat.storage, "Compare"))
    assert done.state is State.COMPLETE and done.waits_for is Wait.NOTHING
    card = chat.sees("charlie", done.subject)
    assert "[file: report.pdf, 17 bytes]" in card and "[file: queues.csv, 23 bytes]" in card
    files = chat.says("charlie", f"/task files {done.id}")
    assert files.button("Open in the console").url == f"http://troupe.test/tasks/{done.id}"


def test_tasks_complete_by_title_as_well_as_by_id(chat: Chat) -> None:
    from bot.parse import complete
    from bot.platforms import RULES
    from bot.ports import Ports
    from bot.wiring import Images

    id = asked(chat)
    with chat.storage.reading() as work:
        ports = Ports(work, RULES, {}, Images(), "http://troupe.test")
        assert [o.value for o in complete("/task show comp", ports)] == [f"/task show {id} "]
        assert [o.value for o in complete(f"/task give {id} @a", ports)] == [f"/task give {id} @ada "]
        assert complete(f"/task new {WORK.split()[0]} as p", ports)[0].value.endswith(" as pdf ")
