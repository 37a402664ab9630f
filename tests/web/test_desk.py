"""What an open page asks, and what it is sent: presses, words, forms, threads, and the cards that live on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from agents.events import Subject
from agents.talk.message import Message
from bot.calls import Place
from tests.web.console import Console, Socket

BERLIN = ZoneInfo("Europe/Berlin")


def watching(console: Console, post: Subject, name: str = "Alice") -> Socket:
    return console.page(name, cards=[str(post)])


def say(console: Console, text: str, *, by: str = "Alice", thread: str = "") -> Message:
    person = console.person(by)
    return console.troupe.dispatcher.say(text, person, Place("console", console.general.id, thread))


def test_a_press_changes_the_card_on_every_page_that_shows_it(console: Console) -> None:
    post = console.draft()
    alice, bob, elsewhere = watching(console, post), watching(console, post, "Bob"), console.page("Vera")
    answer = bob.ask(
        "press", action=console.action("post.approve", post), card=str(post), channel=console.general.id
    )
    assert "failed" not in answer
    assert "note" not in answer  # the card itself tells
    for page in (alice, bob):
        page.card(post, "publishing…")
    console.drain()
    assert "Open the post" in alice.card(post, "published")
    assert elsewhere.quiet("cards")
    for page in (alice, bob, elsewhere):
        page.close()


def test_what_was_not_changed_is_not_sent_again(console: Console) -> None:
    post = console.draft()
    page = watching(console, post)
    with console.troupe.storage.unit_of_work() as work:
        work.touch(post)
    page.push("cards")  # the first time: the server cannot know what the page looks like
    page.pushed.clear()
    with console.troupe.storage.unit_of_work() as work:
        work.touch(post)
    assert page.quiet("cards", for_s=1.5)
    page.close()


def test_a_press_that_comes_too_late_is_told_and_shows_what_is_true(console: Console) -> None:
    post = console.draft()
    action = console.action("post.approve", post)
    first, second = watching(console, post), watching(console, post, "Bob")
    first.ask("press", action=action, card=str(post))
    first.card(post, "publishing…")
    late = second.ask("press", action=action, card=str(post))
    assert "Too late" in late["note"]
    assert "Only you can see this" in late["note"]
    second.card(post, "publishing…")
    first.close()
    second.close()


def test_somebody_without_the_right_is_told_why_privately(console: Console) -> None:
    post = console.draft()
    vera = watching(console, post, "Vera")
    told = vera.ask("press", action=console.action("post.approve", post), card=str(post))
    assert "Only a manager may decide" in told["note"]
    with console.troupe.storage.reading() as work:
        assert work.events.about(post)[0].event.refused
    vera.close()


def test_a_form_opens_is_refused_at_its_field_and_is_taken(console: Console) -> None:
    post = console.draft()
    page = watching(console, post)
    action = console.action("post.edit", post)
    opened = page.ask("press", action=action, card=str(post))
    assert 'name="text"' in opened["form"]
    assert "release" in opened["form"]
    missing = page.ask("press", action=action, card=str(post), values={"text": "", "note": ""})
    assert missing["errors"] == {"text": "This is needed."}
    foreign = page.ask("press", action=action, card=str(post), values={"text": "x", "other": "y"})
    assert foreign["errors"] == {"other": "This form has no such field."}
    taken = page.ask("press", action=action, card=str(post), values={"text": "My own words.", "note": ""})
    assert taken["about"] == str(post)
    page.card(post, "<ins>")
    page.close()


def test_a_time_is_meant_in_the_persons_own_zone(console: Console) -> None:
    post = console.draft()
    page = watching(console, post)
    action = console.action("post.schedule", post)
    past = page.ask("press", action=action, card=str(post), values={"at": "2020-01-01T10:00"})
    assert "has passed" in past["errors"]["at"]
    twice = page.ask("press", action=action, card=str(post), values={"at": "2031-10-26T02:30"})
    assert "comes twice" in twice["errors"]["at"]
    day = (datetime.now(BERLIN) + timedelta(days=60)).replace(hour=10, minute=0, second=0, microsecond=0)
    taken = page.ask("press", action=action, card=str(post), values={"at": f"{day:%Y-%m-%dT%H:%M}"})
    assert taken.get("about") == str(post), taken
    with console.troupe.storage.reading() as work:
        assert work.posts.variant(post.id).publish_at == day
    page.close()


def test_a_command_is_run_where_it_was_typed_and_its_card_comes_to_every_page(console: Console) -> None:
    alice, bob = console.page("Alice"), console.page("Bob")
    answer = alice.ask("say", channel=console.general.id, text='/post draft @ada "a walk" on stage')
    assert answer["coming"]
    for page in (alice, bob):
        sent = page.item(f'data-card="{answer["about"]}"')
        assert sent["channel"] == console.general.id
    console.drain()
    bob.card(Subject.parse(answer["about"]), "waiting for approval")
    alice.close()
    bob.close()


def test_a_mistyped_command_is_kept_and_told_with_the_nearest(console: Console) -> None:
    page = console.page()
    answer = page.ask("say", channel=console.general.id, text="/pots draft @ada x")
    assert "/post" in answer["failed"]
    assert "Only you can see this" in answer["note"]
    page.close()


def test_words_reach_everybody_in_the_channel_and_only_a_sign_elsewhere(console: Console) -> None:
    with console.troupe.storage.unit_of_work() as work:
        other = work.channels.add("console", "elsewhere", work.now)
    alice, bob, far = console.page("Alice"), console.page("Bob"), console.page("Vera", channel=other.id)
    assert alice.ask("say", channel=console.general.id, text="Hello <b>all</b>") == {}
    for page in (alice, bob):
        page.item("Hello &lt;b&gt;all&lt;/b&gt;")
    assert far.push("unread")["unread"] == [console.general.id]
    for page in (alice, bob, far):
        page.close()


def test_a_thread_opens_and_grows_and_its_size_is_told_outside(console: Console) -> None:
    message = say(console, "Shall we?")
    alice, bob = console.page("Alice"), console.page("Bob")
    opened = alice.ask("thread", channel=console.general.id, thread=message.own_thread)
    assert opened["html"] == ""
    bob.ask("say", channel=console.general.id, thread=message.own_thread, text="We shall.")
    inside = alice.push("answers")
    assert (inside["thread"], "We shall." in inside["answers"]) == (message.own_thread, True)
    assert bob.push("replies")["replies"] == {message.own_thread: 1}
    alice.ask("thread", channel=console.general.id, thread="")
    bob.ask("say", channel=console.general.id, thread=message.own_thread, text="Twice.")
    assert "answers" not in alice.push("replies")
    alice.close()
    bob.close()


@pytest.mark.parametrize("op", ["say", "thread", "older", "watch", "press"])
def test_what_belongs_to_one_person_alone_is_closed_to_others(console: Console, op: str) -> None:
    with console.troupe.storage.unit_of_work() as work:
        bob = work.people.by_name("Bob")
        own = work.channels.direct(bob.id, work.now)
        said = work.messages.say(own.id, "", bob.actor, "mine alone", work.now)
        whisper = work.messages.say(console.general.id, "", bob.actor, "psst", work.now, audience=bob.id)
    page = console.page("Vera")
    for place in ({"channel": own.id}, {"thread": said.own_thread}, {"thread": whisper.own_thread}):
        answer = page.ask(op, text="hello", action="post.approve:x:y", **place)
        assert set(answer) == {"failed"}
    page.close()


def test_private_messages_are_pushed_to_their_one_reader(console: Console) -> None:
    bob, vera = console.page("Bob"), console.page("Vera")
    with console.troupe.storage.unit_of_work() as work:
        person = work.people.by_name("Bob")
        work.messages.say(console.general.id, "", person.actor, "for Bob alone", work.now, audience=person.id)
        work.touch(Subject("channel", console.general.id))
    bob.item("for Bob alone")
    assert vera.quiet("items")
    bob.close()
    vera.close()


def test_older_messages_come_page_by_page(console: Console) -> None:
    with console.troupe.storage.unit_of_work() as work:
        channel = work.channels.add("console", "old-times", work.now)
        actor = work.people.by_name("Bob").actor
        ids = [work.messages.say(channel.id, "", actor, f"number {i}", work.now).id for i in range(70)]
    page = console.page("Alice", channel=channel.id)
    first = page.ask("older", channel=channel.id, before=ids[40])
    assert first["more"]
    assert "number 39" in first["html"] and "number 10" in first["html"] and "number 9<" not in first["html"]
    last = page.ask("older", channel=channel.id, before=ids[10])
    assert not last["more"]
    assert last["html"].count("<li") == 10
    page.close()


def test_a_page_is_told_what_it_missed_before_and_while_it_was_away(console: Console) -> None:
    post = console.draft()
    with console.troupe.storage.reading() as work:
        mark, newest = work.events.last_id(), work.messages.last_id()
    console.troupe.dispatcher  # noqa: B018  loads the commands before the clock runs
    page = Socket(console, console.session("Alice"))
    say(console, "while you were away")
    console.troupe.dispatcher.press(
        console.action("post.approve", post), console.person("Alice"), Place("console", console.general.id)
    )
    answer = page.ask("watch", channel=console.general.id, cards=[str(post)], mark=mark, newest=newest)
    assert "while you were away" in answer["items"]
    page.card(post, "publishing…")
    again = page.ask("watch", channel=console.general.id, cards=[str(post)], mark=None, newest=newest + 10**6)
    assert again["items"] == ""
    page.card(post, "article")  # a page that comes back is drawn anew, whatever it shows
    page.close()


def test_completion_knows_commands_personas_and_people(console: Console) -> None:
    page = console.page()
    commands = page.ask("complete", text="/po")["options"]
    assert ["/post draft ", commands[0][1]] in commands or any(v.startswith("/post ") for v, _ in commands)
    persona = page.ask("complete", text="/post draft @a")["options"]
    assert persona[0][0] == "/post draft @ada "
    names = page.ask("complete", text="Ask @")["options"]
    assert {"Ask @ada ", "Ask @Bob "} <= {value for value, _ in names}
    assert page.ask("complete", text="no such thing")["options"] == []
    page.close()


@pytest.mark.parametrize(
    "said",
    [{}, {"op": 7}, {"op": "press"}, {"op": "press", "action": "x"}, {"op": "press", "action": "post.approve:nobody:x", "values": {"a": [1]}},
     {"op": "watch", "cards": "x", "mark": -1, "newest": 2**70}, {"op": "older", "before": "x"}, {"op": "thread", "thread": "message:99999999999999999999"},
     {"op": "say", "channel": "nowhere", "text": "x"}, {"op": "complete", "text": ["x"]}, {"op": "unheard of"}],
)  # fmt: skip
def test_nonsense_is_answered_and_breaks_nothing(console: Console, said: dict[str, object]) -> None:
    page = Socket(console, console.session("Alice"))
    op = said.get("op", "")
    answer = page.ask(op, **{k: v for k, v in said.items() if k != "op"})  # type: ignore[arg-type]
    assert isinstance(answer, dict)
    assert "options" in page.ask("complete", text="/help")
    assert "desk.failed" not in (console.settings.troupe_home / "web.log").read_text()
    page.close()


def test_a_new_channel_is_made_through_its_form(console: Console) -> None:
    page = console.page("Charlie")
    action = "channel.create:new:"
    assert 'name="name"' in page.ask("press", action=action)["form"]
    made = page.ask("press", action=action, values={"name": "Launch-Week"})
    assert 'href="/c/launch-week"' in made["note"]
    taken = page.ask("press", action=action, values={"name": "launch-week"})
    assert "already" in str(taken)
    wrong = page.ask("press", action=action, values={"name": "../x y"})
    assert "small letters" in wrong["errors"]["name"]
    viewer = console.page("Vera")
    assert "takes an editor" in viewer.ask("press", action=action)["note"]
    page.close()
    viewer.close()


def test_the_menus_numbers_are_the_present(console: Console) -> None:
    page = console.page()
    console.draft()
    before = page.push("counts")["counts"]["/queue"]
    console.draft()
    assert page.push("counts")["counts"]["/queue"] == before + 1
    page.close()


def test_a_card_that_is_not_the_same_for_all_is_drawn_for_each(console: Console) -> None:
    charlie = console.person("Charlie")
    with console.troupe.storage.unit_of_work() as work:
        work.access.new_key("charlies-robot", charlie.id, charlie.role, work.now)
    pages = {name: watching(console, charlie.subject, name) for name in ("Vera", "Alice", "Charlie")}
    with console.troupe.storage.unit_of_work() as work:
        work.touch(charlie.subject)
    seen = {name: "charlies-robot" in page.card(charlie.subject, "Charlie") for name, page in pages.items()}
    assert seen == {"Vera": False, "Alice": True, "Charlie": True}
    for page in pages.values():
        page.close()


def test_a_page_that_asks_too_much_at_once_is_told_to_wait(console: Console) -> None:
    page = console.page()
    answers = page.ask_all([{"op": "complete", "text": "/post draft @"}] * 200)
    refused = [a for a in answers if "failed" in a]
    assert refused
    assert len(refused) < 200
    assert "options" in page.ask("complete", text="/")
    page.close()
