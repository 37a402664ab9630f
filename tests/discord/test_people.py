"""Who is who in Discord: refusals in private, strangers who ask, codes, roles, and people who leave."""

from __future__ import annotations

from tests.discord.emulator import Message, Room
from tests.discord.stories import WAITING, ask, draft, has, known, shows
from tests.discord.team import Team

UNKNOWN = "I do not know you yet"


def test_a_refusal_is_private(crew: Team) -> None:
    card = draft(crew, "our news")
    crew.charlie.clicks("Approve", on=card)
    told = crew.charlie.told("not done", crew.general)
    assert told.only_for == crew.charlie.id and "Only a manager may decide" in told.words
    ask(crew.charlie, "/halt", crew.general, "not done", reason="because")
    assert WAITING in card.words
    assert [m for m in crew.general.posts if "not done" in m.words] == []
    assert crew.discord.refusals == []


def test_a_stranger_asks_and_is_let_in(crew: Team) -> None:
    told = ask(crew.zoe, "/post draft", crew.general, UNKNOWN, persona="@ada", about="a stranger’s wish")
    assert told.only_for == crew.zoe.id
    assert crew.general.posts == []
    crew.zoe.clicks("Ask to be let in", on=told)
    crew.zoe.told("Your wish is passed on", crew.general)
    crew.zoe.clicks("Ask to be let in", on=told)  # twice asked is asked once
    card = shows(crew.alice.direct, "Zoe wants to talk to Troupe")
    crew.alice.clicks("Let in as an editor", on=card)
    shows(crew.zoe.direct, "Alice let you in: you are Zoe, an editor")
    has(crew, card, "let in", "Zoe, editor", "Alice")
    assert asking(crew.alice.direct) == [card]
    assert draft(crew, "now as one of you", who="zoe")
    assert crew.discord.refusals == []


def asking(room: Room) -> list[Message]:
    return [message for message in room.posts if "wants to talk to Troupe" in message.words]


def test_a_stranger_is_answered_wherever_they_speak(crew: Team) -> None:
    crew.zoe.says("hello?", in_=crew.zoe.direct)
    shows(crew.zoe.direct, UNKNOWN)
    card = draft(crew, "our news")
    crew.zoe.clicks("Approve", on=card)
    crew.zoe.told(UNKNOWN, crew.general)
    said = crew.bob.says("We have 1,000 users", in_=crew.general)
    crew.zoe.uses("Make a post from this", on=said)
    crew.discord.until(lambda: len([m for m in crew.zoe.private(crew.general) if UNKNOWN in m.words]) == 2)
    assert not crew.zoe.has_modal
    assert WAITING in card.words
    assert crew.discord.refusals == []


def test_a_code_tells_who_somebody_is(crew: Team) -> None:
    """Bob has a second account; the code that he asks for where he is known makes it his."""
    told = ask(crew.bob, "/people link", crew.general, "It works once")
    code = next(word for word in told.words.replace("`", " ").split() if len(word) > 12 and word.isascii())
    ask(crew.zoe, "/people link", crew.general, "not done", code="nonsense")
    ask(crew.zoe, "/people link", crew.general, "Welcome, Bob", code=code)
    assert known(crew, crew.zoe) == known(crew, crew.bob)
    ask(crew.zoe, "/people me", crew.general, "You are Bob")
    wim = crew.discord.user("wim")
    ask(wim, "/people link", crew.general, "not done", code=code)
    assert known(crew, wim) is None


def test_a_role_of_the_server_lets_its_members_in(crew: Team) -> None:
    role = crew.discord.role("marketing")
    ask(crew.alice, "/people group", crew.general, "Whoever is in", group=f"<@&{role.id}>", as_="editor")
    crew.zoe.gets("marketing")
    assert draft(crew, "hello from marketing", who="zoe")
    person = known(crew, crew.zoe)
    assert person is not None and (person.name, person.role.value) == ("Zoe", "editor")
    ask(crew.discord.user("wim"), "/status", crew.general, UNKNOWN)
    assert crew.discord.refusals == []


def test_whoever_is_removed_can_do_nothing_more(crew: Team) -> None:
    card, mia = draft(crew, "our news"), known(crew, crew.mia)
    told = ask(crew.alice, "/people remove", crew.general, "Remove Mia?", person="Mia")
    asked = crew.alice.clicks("Remove Mia", on=told)
    question = asked.message
    assert question is not None and question.words.startswith("Remove Mia? Sessions, links, API keys")
    crew.alice.clicks("No", on=question)
    crew.discord.until(lambda: question not in crew.alice.private(crew.general))
    assert mia is not None and known(crew, crew.mia) == mia
    question = crew.alice.clicks("Remove Mia", on=told).message
    assert question is not None
    crew.alice.clicks("Remove", on=question)
    crew.discord.until(lambda: (person := known(crew, crew.mia)) is not None and person.removed_at)
    crew.mia.clicks("Approve", on=card)
    crew.mia.told("was removed from this team, so cannot press", crew.general)
    ask(crew.mia, "/post queue", crew.general, "was removed from this team")
    assert WAITING in card.words
