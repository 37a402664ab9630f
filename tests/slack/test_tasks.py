"""Delegated work in Slack: said in plain words or pressed under a message, steered by a word, handed over as files."""

from __future__ import annotations

from agents.tasks.task import State, Task
from tests.slack.emulator import Message
from tests.slack.emulator.modal import Modal
from tests.slack.stories import ask, has, shows
from tests.slack.team import Team
from tests.surfaces import labour

NAME = "Compare three queue libraries"
WORKED_ON = "being worked on"


def task(crew: Team) -> Task:
    return labour.named(crew.troupe.storage, NAME)


def begun(crew: Team) -> Message:
    """Simple enough to need no approval of its plan."""
    crew.bob.types(f'/task new "{NAME}. One page." for @ada complexity 3', in_=crew.general)
    return shows(crew.general, NAME, WORKED_ON)


def files(crew: Team, root: Message) -> list[str]:
    return [file["name"] for message in crew.general.thread(root) for file in message.files]


def test_what_is_said_to_troupe_is_handed_over(crew: Team) -> None:
    crew.bob.says(f"<@BOT> ask Ada to {NAME.lower()}, and write it up", in_=crew.general)
    card = shows(crew.general, "Ada: Compare three queue libraries, and write it up")
    has(crew, card, WORKED_ON, "Asked for by", "Bob")
    assert task(crew).origin
    crew.charlie.says("<@BOT> ask Ada to compare three more queue libraries", in_=crew.general)
    assert "takes an editor" in crew.charlie.told("give a persona a task", crew.general).words
    assert crew.slack.refusals() == []


def test_a_message_is_given_to_a_persona(crew: Team) -> None:
    said = crew.zoe.says("We have 1,000 users & counting, ask @mia", in_=crew.general)
    assert crew.bob.shortcut("Give this to a persona", on=said).ok
    modal: Modal = crew.bob.modal_titled("New task")
    assert modal.value("What is to be done?") == "We have 1,000 users & counting, ask Mia"
    assert modal.submit().ok
    shows(crew.general, "We have 1,000 users", WORKED_ON)


def test_a_word_in_its_thread_halts_it(crew: Team) -> None:
    card = begun(crew)
    crew.bob.says("stop", in_=crew.general, thread=card)
    has(crew, card, "paused")
    crew.bob.says("go on", in_=crew.general, thread=card)
    has(crew, card, WORKED_ON)
    assert crew.slack.refusals() == []


def test_a_stop_sign_halts_it(crew: Team) -> None:
    card = begun(crew)
    crew.bob.reacts("eyes", to=card)
    crew.charlie.reacts("octagonal_sign", to=card)
    assert "takes an editor" in crew.charlie.told("To press that button", crew.general).words
    assert WORKED_ON in card.words
    crew.bob.reacts("octagonal_sign", to=card)
    has(crew, card, "paused")
    crew.bob.clicks("Go on", on=card)
    has(crew, card, WORKED_ON)
    crew.bob.says("how far are you?", in_=crew.general, thread=card)
    answer = crew.slack.until(
        lambda: next(
            (m for m in crew.general.thread(card) if m.by_app and m.username == "Ada" and not m.streaming),
            None,
        )
    )
    crew.bob.reacts("octagonal_sign", to=answer)
    has(crew, card, "paused")
    crew.zoe.reacts("octagonal_sign", to=card)
    assert crew.slack.refusals() == []


def test_what_is_said_under_its_question_is_the_answer(crew: Team) -> None:
    begun(crew)
    labour.planned(crew.troupe.storage, NAME)
    labour.asks(crew.troupe.storage, task(crew), "For whom is it?")
    asked = shows(crew.general, "For whom is it?", "waits for an answer")
    crew.bob.says("For the board.", in_=crew.general, thread=asked)
    has(crew, asked, "answered", "For the board.")
    assert crew.slack.refusals() == []


def test_its_files_come_into_its_thread_each_version_once(crew: Team) -> None:
    card = begun(crew)
    storage = crew.troupe.storage
    labour.built(storage, labour.planned(storage, NAME))
    has(crew, card, "result to accept", "report.pdf")
    crew.slack.until(lambda: sorted(files(crew, card)) == ["queues.csv", "report.pdf"])
    crew.mia.clicks("Accept", on=card)
    has(crew, card, "complete")
    assert sorted(files(crew, card)) == ["queues.csv", "report.pdf"], "drawn again, not sent again"
    opened = crew.mia
    opened.clicks("Make changes…", on=card)
    modal = opened.modal_titled("Make changes")
    modal.fill({"What is missing, or wrong?": "Another table."}).submit()
    has(crew, card, WORKED_ON)
    with storage.unit_of_work() as work:
        labour.deliver(task(crew), "queues.csv", "text/csv", b"another,table\n", work)
        done = work.tasks.get(task(crew).id)
        work.tasks.swap(done, "give up", state=State.FAILED)
        work.touch(done.subject)
    crew.slack.until(lambda: files(crew, card).count("queues.csv") == 2)
    assert files(crew, card).count("report.pdf") == 1
    assert crew.slack.refusals() == []


def opened(message: Message, button: str) -> list[str]:
    """Where its buttons of that name lead."""
    elements = (each for block in message.blocks if block["type"] == "actions" for each in block["elements"])
    return [each["url"] for each in elements if each.get("text", {}).get("text") == button]


def uploads(crew: Team) -> list[str]:
    """The names of all files that people can see anywhere."""
    rooms = [*crew.rooms.values(), *(crew.slack.direct(user) for user in crew.users.values())]
    return sorted(file["name"] for room in rooms for message in room.messages for file in message.files)


def test_who_decides_is_led_to_the_files_in_its_thread(crew: Team) -> None:
    card = begun(crew)
    storage = crew.troupe.storage
    labour.built(storage, labour.planned(storage, NAME))
    link = f"https://{crew.slack.world.workspace.domain}.slack.com/archives/{crew.general.id}/p{card.ts.replace('.', '')}"
    for decides in (crew.mia, crew.alice):
        asked = shows(crew.slack.direct(decides), NAME, "result to accept", "report.pdf", "Open the files")
        assert opened(asked, "Open the files") == [link]
    assert opened(card, "Open the files") == []
    crew.slack.until(lambda: sorted(files(crew, card)) == ["queues.csv", "report.pdf"])
    crew.mia.clicks("Accept", on=shows(crew.slack.direct(crew.mia), NAME))
    has(crew, card, "complete")
    has(crew, shows(crew.slack.direct(crew.alice), NAME), "complete")
    assert uploads(crew) == ["queues.csv", "report.pdf"], "each once, wherever its card stands"
    assert crew.slack.refusals() == []


def test_who_decides_about_what_is_asked_for_in_private_gets_the_files(crew: Team) -> None:
    secret = crew.slack.channel("secret", members=[crew.bob], private=True)
    crew.rooms["secret"] = secret
    crew.bob.types(f'/task new "{NAME}. One page." for @ada complexity 3', in_=secret)
    shows(secret, NAME, WORKED_ON)
    storage = crew.troupe.storage
    labour.built(storage, labour.planned(storage, NAME))
    asked = shows(crew.slack.direct(crew.mia), NAME, "result to accept")
    direct = crew.slack.direct(crew.mia)
    crew.slack.until(
        lambda: (
            sorted(f["name"] for m in direct.thread(asked) for f in m.files) == ["queues.csv", "report.pdf"]
        )
    )
    assert opened(asked, "Open the files") == []
    assert crew.slack.refusals() == []


def test_who_asks_for_the_files_gets_them_alone(crew: Team) -> None:
    begun(crew)
    storage = crew.troupe.storage
    labour.built(storage, labour.planned(storage, NAME))
    ask(crew.charlie, f"/task files {task(crew).id}", crew.general, "2 files of")
    direct = crew.slack.direct(crew.charlie)
    crew.slack.until(
        lambda: sorted(f["name"] for m in direct.posts for f in m.files) == ["queues.csv", "report.pdf"]
    )
    assert crew.slack.refusals() == []
