"""New task…: the form, from a button and from what somebody said."""

from __future__ import annotations

import pytest

from agents.errors import Conflict, Forbidden
from agents.tasks.task import State
from tests.chat import Chat
from tests.surfaces import labour


def test_the_form_offers_whoever_is_at_work(chat: Chat) -> None:
    chat.says("mia", "/persona new Zoe from founder")
    chat.says("mia", "/persona pause @zoe")
    opened = chat.presses("bob", "New task…", on=chat.says("bob", "/task list"))
    assert [option.label for option in opened.form.fields[1].options] == [
        "Whoever is free, and whom it fits",
        f"Ada (@ada), {chat.ada.profile.role}",
    ]
    said = chat.fills(
        "bob",
        opened,
        brief="Write the minutes. All of them.",
        persona=chat.ada.id,
        criteria="one page\nno names",
        deadline="tomorrow 9:00",
        formats="pdf and md",
    )
    made = labour.named(chat.storage, "Write the minutes")
    assert said.card.subject == made.subject and made.asked_for == chat.ada.id
    assert (made.criteria, made.formats, made.state) == (
        ("one page", "no names"),
        ("pdf", "md"),
        State.QUEUED,
    )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"brief": ""}, "brief"),
        ({"persona": "nobody"}, "persona"),
        ({"deadline": "yesterday 9:00"}, "deadline"),
        ({"formats": "p%f"}, "formats"),
        ({"criteria": "x" * 301}, "criteria"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(chat: Chat, wrong: dict[str, str], field: str) -> None:
    opened = chat.acts("bob", "task.new:blank:")
    assert list(chat.fills("bob", opened, **{"brief": "Write the minutes of today.", **wrong}).wrong) == [
        field
    ]
    with chat.storage.reading() as work:
        assert work.tasks.latest() == []


def test_a_message_becomes_a_task(chat: Chat) -> None:
    message = chat.dispatcher.say("We need numbers about churn.", chat.person("bob"), chat.place)
    opened = chat.acts("bob", f"task.new:{message.id}:")
    assert opened.form.fields[0].value == "We need numbers about churn."


def test_whom_it_is_not_for(chat: Chat) -> None:
    assert isinstance(chat.acts("charlie", "task.new:blank:").error, Forbidden)
    chat.says("mia", "/persona pause @ada")
    assert isinstance(chat.acts("bob", "task.new:blank:").error, Conflict)
