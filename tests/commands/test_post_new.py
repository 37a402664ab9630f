"""A post is asked for: in a line, in a form, in a form that a message is put into."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agents.events import Subject
from agents.writing.post import Post, State, Variant
from bot.calls import Place
from tests.chat import Chat, Said

NEW = "post.new:blank:"


def posts(chat: Chat) -> list[tuple[Variant, Post]]:
    with chat.storage.reading() as work:
        return [(v, work.posts.post(v.post_id)) for v in work.posts.in_states(State)]


def fields(opened: Said) -> dict[str, object]:
    return {field.name: field.value for field in opened.form.fields}


def second_persona(chat: Chat) -> str:
    chat.says("mia", "/persona new Zoe from founder")
    chat.acts("mia", f"persona.connect_stage:{chat.persona('zoe').id}:")
    return chat.persona("zoe").id


def test_the_form_asks_for_a_post_as_the_line_does(chat: Chat) -> None:
    line = chat.says("bob", '/post draft @ada "our 2.0" at "tomorrow 9:00" link https://example.com/2')
    opened = chat.acts("bob", NEW)
    form = chat.fills(
        "bob", opened, about="our 2.0", at="2026-11-24 09:00+00:00", link="https://example.com/2"
    )
    assert form.text == line.text
    (one, asked), (other, also) = posts(chat)
    made = replace(also, id=asked.id, created_at=asked.created_at)
    assert made == asked
    assert other.publish_at == one.publish_at == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    assert chat.stands(other.subject) == ["general"]
    assert [e.name for e in chat.events if e.subject == other.subject] == ["post.requested"]


def test_one_persona_and_one_platform_are_chosen_already(chat: Chat) -> None:
    assert fields(chat.acts("bob", NEW)) == {
        "persona": chat.ada.id,
        "platforms": ["stage"],
        "about": "",
        "at": "",
        "link": "",
    }
    zoe = second_persona(chat)
    opened = chat.acts("bob", NEW)
    assert fields(opened)["persona"] is None
    offered = {field.name: [o.value for o in field.options] for field in opened.form.fields}
    assert offered["persona"] == [chat.ada.id, zoe]
    assert offered["platforms"] == ["stage"]


def test_one_post_for_several_platforms_has_a_card_for_each(chat: Chat) -> None:
    with chat.storage.unit_of_work() as work:
        work.accounts.connect(chat.ada.id, "bluesky", "ada.test", {}, work.now)
    opened = chat.acts("bob", NEW)
    said = chat.fills("bob", opened, about="news", platforms=["stage", "bluesky", "stage"])
    assert said.answer.error is None
    assert sorted(v.platform for v, _ in posts(chat)) == ["bluesky", "stage"]
    assert len({post.id for _, post in posts(chat)}) == 1
    assert all(chat.stands(v.subject) == ["general"] for v, _ in posts(chat))


def test_what_was_said_stands_in_the_form(chat: Chat) -> None:
    message = chat.dispatcher.say("Zip files open twice as fast now", chat.person("charlie"), chat.place)
    assert fields(chat.acts("bob", f"post.new:{message.id}:"))["about"] == "Zip files open twice as fast now"


@pytest.mark.parametrize("id", ["0", "999", "x", "9" * 30, "²", "-1"])
def test_what_nobody_said_makes_no_post(chat: Chat, id: str) -> None:
    assert chat.acts("bob", f"post.new:{id}:").error.code == "not_found"


def test_a_message_of_another_channel_is_not_shown(chat: Chat) -> None:
    """Whoever presses may not be there: the words are given out where they were said, and nowhere else."""
    with chat.storage.unit_of_work() as work:
        private = work.channels.direct(chat.people["alice"].id, work.now)
        secret = work.messages.say(private.id, "", chat.person("alice").actor, "we are for sale", work.now)
        whispered = work.messages.say(
            chat.channel.id,
            "",
            chat.person("alice").actor,
            "psst",
            work.now,
            audience=chat.people["alice"].id,
        )
    for message in (secret, whispered):
        refused = chat.acts("bob", f"post.new:{message.id}:")
        assert refused.error.code == "not_found"
        assert "for sale" not in refused and "psst" not in refused
    assert fields(chat.acts("alice", f"post.new:{whispered.id}:"))["about"] == "psst"


def test_asked_for_in_no_channel_the_card_goes_to_whoever_asked(chat: Chat) -> None:
    opened = chat.acts("bob", NEW)
    values = fields(opened) | {"about": "news"}
    answer = chat.dispatcher.press(NEW, chat.person("bob"), Place("slack"), values)
    assert answer.error is None
    with chat.storage.reading() as work:
        direct = work.channels.direct(chat.people["bob"].id, work.now)
        assert [m.channel_id for m in work.messages.cards_of(posts(chat)[0][0].subject)] == [direct.id]


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_asked_for(chat: Chat) -> None:
    zoe = second_persona(chat)
    opened = chat.acts("bob", NEW)
    assert chat.fills("bob", opened, about="news").wrong == {"persona": "This should be a valid string"}
    right = {"persona": zoe, "about": "news"}
    assert (
        "no account on bluesky"
        in chat.fills("bob", opened, **right, platforms=["bluesky"]).wrong["platforms"]
    )
    assert "not the address" in chat.fills("bob", opened, **right, link="nowhere").wrong["link"]
    assert "has passed" in chat.fills("bob", opened, **right, at="2020-01-01 09:00+00:00").wrong["at"]
    assert "no such persona" in chat.fills("bob", opened, persona="gone", about="news").wrong["persona"]
    assert chat.fills("bob", opened, persona=zoe, about="x" * 4001).wrong.keys() == {"about"}
    assert chat.fills("bob", opened, **right, platforms=[]).wrong.keys() == {"platforms"}
    chat.says("mia", "/persona pause @zoe")
    assert "@zoe is paused" in chat.fills("bob", opened, **right).wrong["persona"]
    assert not posts(chat)


def test_there_has_to_be_a_persona_at_work_with_an_account(chat: Chat) -> None:
    chat.says("mia", "/persona pause @ada")
    assert "No persona is at work." in chat.acts("bob", NEW)
    chat.says("mia", "/persona resume @ada")
    with chat.storage.unit_of_work() as work:
        work.accounts.mark(work.accounts.on(chat.ada.id, "stage").id, "disconnected")
    assert "No persona has an account yet." in chat.acts("bob", NEW)


def test_who_may_only_look_asks_for_no_post(chat: Chat) -> None:
    assert chat.acts("charlie", NEW).error.code == "forbidden"
    assert chat.acts("charlie", NEW, {"persona": chat.ada.id}).error.code == "forbidden"


def test_a_list_shows_the_whole_card_of_a_post(chat: Chat) -> None:
    chat.says("bob", "/post draft @ada news")
    variant = posts(chat)[0][0]
    assert chat.acts("charlie", f"post.show:{variant.id}:").card == chat.sees("charlie", variant.subject).card
    assert "There is no post gone." in chat.acts("charlie", "post.show:gone:")


def test_an_account_is_connected_without_naming_a_persona_first(chat: Chat) -> None:
    opened = chat.acts("mia", "persona.connect:anybody:")
    assert [o.value for f in opened.form.fields for o in f.options] == [chat.ada.id]
    card = chat.fills("mia", opened, persona=chat.ada.id)
    assert card.card.title == "Accounts of Ada"
    form = chat.presses("mia", "Connect Bluesky…")
    chat.fills("mia", form, handle="ada.bsky.social", app_password="right-password")
    assert "ada.bsky.social on Bluesky" in chat.sees("mia", Subject("persona", chat.ada.id))
    assert chat.acts("bob", "persona.connect:anybody:").error.code == "forbidden"
