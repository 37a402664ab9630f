"""Delegated work in Discord: said in plain words or pressed under a message, steered by a word, handed over as files."""

from __future__ import annotations

from agents.events import TROUPE
from agents.tasks.task import Task
from bot.cards import Card, File
from bot.discord import figures
from bot.discord.files import names_of
from tests.discord.emulator import Message, Room
from tests.discord.stories import ask, shows
from tests.discord.team import Team
from tests.surfaces import labour

NAME = "Compare three queue libraries"
WORKED_ON = "being worked on"


def task(crew: Team) -> Task:
    return labour.named(crew.troupe.storage, NAME)


def begun(crew: Team) -> Message:
    """Simple enough to need no approval of its plan."""
    given = {"brief": f"{NAME}. One page.", "for_": "@ada", "complexity": 3}
    crew.bob.types("/task new", in_=crew.general, **given)
    return shows(crew.general, NAME, WORKED_ON)


def under(crew: Team, card: Message) -> Room:
    """Its thread, in which something was said."""
    with crew.troupe.storage.unit_of_work() as work:
        one = work.tasks.get(task(crew).id)
        work.messages.say(one.origin, one.thread, TROUPE, "Half of the money is spent.", work.now)
        work.touch(one.subject)
    found = crew.discord.until(lambda: next((t for t in crew.general.threads if t.id == card.id), None))
    assert isinstance(found, Room)
    return found


def test_what_is_said_to_troupe_is_handed_over(crew: Team) -> None:
    crew.bob.says(f"<@BOT> ask Ada to {NAME.lower()}, and write it up", in_=crew.general)
    shows(crew.general, "Ada: Compare three queue libraries, and write it up", WORKED_ON, "Bob")
    crew.charlie.says("<@BOT> ask Ada to compare three more queue libraries", in_=crew.general)
    shows(crew.charlie.direct, "give a persona a task")
    assert crew.discord.refusals == []


def test_a_message_is_given_to_a_persona(crew: Team) -> None:
    said = crew.zoe.says("We have 1,000 users & counting, ask @mia", in_=crew.general)
    assert crew.bob.uses("Give this to a persona", on=said).ok
    modal = crew.bob.modal_titled("New task")
    assert modal.value("What is to be done?") == "We have 1,000 users & counting, ask Mia"
    assert modal.submit().action == "closed"
    shows(crew.general, "We have 1,000 users", WORKED_ON)


def test_a_word_in_its_thread_halts_it(crew: Team) -> None:
    card = begun(crew)
    thread = under(crew, card)
    crew.bob.says("Stop!", in_=crew.general, thread=thread)
    crew.discord.until(lambda: "paused" in card.words)
    crew.bob.says("go on", in_=crew.general, thread=thread)
    crew.discord.until(lambda: WORKED_ON in card.words)
    assert crew.discord.refusals == []


def test_a_stop_sign_halts_it(crew: Team) -> None:
    card = begun(crew)
    crew.bob.reacts("👀", to=card)
    crew.charlie.reacts("🛑", to=card)
    shows(crew.charlie.direct, "To press that button")
    assert WORKED_ON in card.words
    crew.bob.reacts("🛑", to=card)
    crew.discord.until(lambda: "paused" in card.words)
    crew.bob.clicks("Go on", on=card)
    crew.discord.until(lambda: WORKED_ON in card.words)
    crew.zoe.reacts("🛑", to=card)
    assert crew.discord.refusals == []


def test_its_files_are_attached_to_its_card(crew: Team) -> None:
    card = begun(crew)
    storage = crew.troupe.storage
    labour.built(storage, labour.planned(storage, NAME))
    crew.discord.until(lambda: [file.filename for file in card.attachments] == ["queues.csv", "report.pdf"])
    assert [file.content for file in card.attachments] == [labour.CSV, labour.PDF]
    ask(crew.charlie, "/task files", crew.general, "2 files of", task=task(crew).id)
    told = crew.charlie.private(crew.general)[-1]
    crew.discord.until(lambda: len(told.attachments) == 2)
    assert crew.discord.refusals == []


def test_what_is_too_large_or_too_many_for_a_message_is_told_in_words() -> None:
    size = figures.ATTACHED_BYTES // 2
    card = Card("Files", tuple(File(f"f{n}", f"charts/{n}/a b.png", size) for n in range(3)))
    assert names_of(card) == {"f0": "a_b.png", "f1": "2-a_b.png"}
