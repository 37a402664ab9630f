"""Who is who: strangers who ask, codes, user groups, people who leave, and one person in the console and in Slack."""

from __future__ import annotations

from agents.people import Person
from bot.calls import Place
from tests.slack.emulator import Message, Room
from tests.slack.emulator import Person as User
from tests.slack.stories import ask, draft, has, shows
from tests.slack.team import Team

UNKNOWN = "I do not know you yet"


def known(crew: Team, who: User) -> Person | None:
    with crew.troupe.storage.reading() as work:
        return work.people.known_as("slack", who.id)


def unheard(crew: Team, line: str) -> bool:
    with crew.troupe.storage.reading() as work:
        return all(line not in str(recorded.event.after) for recorded in work.events.latest(limit=500))


def test_a_stranger_asks_and_is_let_in(crew: Team) -> None:
    told = ask(crew.zoe, '/post draft @ada "a stranger’s wish"', crew.general, UNKNOWN)
    assert told.only_for == crew.zoe.id
    assert crew.general.posts == []
    crew.zoe.clicks("Ask to be let in", on=told)
    crew.zoe.told("Your wish is passed on", crew.general)
    crew.zoe.clicks("Ask to be let in", on=told)  # twice asked is asked once
    card = shows(crew.slack.direct(crew.alice), "zoe wants to talk to Troupe")
    assert "Let in as a viewer" in card.words.splitlines()
    crew.alice.clicks("Let in as an editor", on=card)
    shows(crew.slack.direct(crew.zoe), "Alice let you in: you are zoe, an editor")
    has(crew, card, "let in", "zoe, editor", "Alice")
    assert asking(crew.slack.direct(crew.alice)) == [card]
    assert draft(crew, "now as one of you", who="zoe")
    assert unheard(crew, "a stranger’s wish")
    assert crew.slack.refusals() == []


def asking(room: Room) -> list[Message]:
    return [message for message in room.posts if "wants to talk to Troupe" in message.words]


def test_a_stranger_is_answered_wherever_they_speak(crew: Team) -> None:
    crew.zoe.says("@ada hello", in_=crew.general)
    assert crew.zoe.told(UNKNOWN, crew.general).only_for == crew.zoe.id
    direct = crew.slack.direct(crew.zoe)
    crew.zoe.says("hello?", in_=direct)
    crew.zoe.told(UNKNOWN, direct)
    card = draft(crew, "our news")
    crew.zoe.clicks("Approve", on=card)
    crew.slack.until(lambda: len([m for m in crew.zoe.private(crew.general) if UNKNOWN in m.words]) == 2)
    assert "waiting for approval" in card.words
    crew.zoe.shortcut("Make a post from this", on=card)
    crew.slack.until(lambda: len([m for m in crew.zoe.private(crew.general) if UNKNOWN in m.words]) == 3)
    assert not crew.zoe.has_modal
    assert crew.slack.refusals() == []


def test_a_stranger_is_turned_away_and_let_in_after_all(crew: Team) -> None:
    told = ask(crew.zoe, "/troupe status", crew.general, UNKNOWN)
    crew.zoe.clicks("Ask to be let in", on=told)
    card = shows(crew.slack.direct(crew.alice), "zoe wants to talk to Troupe")
    crew.alice.clicks("Not now", on=card)
    has(crew, card, "not now", "Decided by")
    crew.zoe.clicks("Ask to be let in", on=told)
    crew.zoe.told("The team's owners said not now", crew.general)
    assert known(crew, crew.zoe) is None
    crew.alice.chooses("Let in as a viewer", on=card)
    has(crew, card, "zoe, viewer")
    ask(crew.zoe, "/troupe status", crew.general, "Waiting for approval")


def test_a_code_tells_who_somebody_is(crew: Team) -> None:
    """Bob has a second account; the code that he asks for where he is known makes it his."""
    told = ask(crew.bob, "/people link", crew.general, "It works once")
    code = next(line for line in told.words.splitlines() if line.startswith("/people link ")).split()[-1]
    ask(crew.zoe, "/troupe link nonsense", crew.general, "not done")
    ask(crew.zoe, f"/troupe link {code}", crew.general, "Welcome, Bob")
    assert known(crew, crew.zoe) == known(crew, crew.bob)
    ask(crew.zoe, "/people me", crew.general, "You are Bob")
    wim = crew.slack.user("wim")
    crew.general.invite(wim)
    ask(wim, f"/people link {code}", crew.general, "not done")
    assert known(crew, wim) is None


def test_a_user_group_lets_its_members_in(crew: Team) -> None:
    crew.slack.group("marketing", [crew.zoe])
    ask(crew.alice, "/people group @marketing as editor", crew.general, "Whoever is in @marketing")
    assert draft(crew, "hello from marketing", who="zoe")
    person = known(crew, crew.zoe)
    assert person is not None and (person.name, person.role.value) == ("zoe", "editor")
    wim = crew.slack.user("wim")
    crew.general.invite(wim)
    ask(wim, "/troupe status", crew.general, UNKNOWN)
    assert crew.slack.refusals() == []


def test_the_first_words_of_a_groups_member_are_heard(crew: Team) -> None:
    crew.slack.group("marketing", [crew.zoe])
    ask(crew.alice, "/people group @marketing as editor", crew.general, "Whoever is in @marketing")
    said = crew.zoe.says("@ada hello there", in_=crew.general)
    crew.slack.until(lambda: crew.general.thread(said))
    assert not [m for m in crew.zoe.private(crew.general) if UNKNOWN in m.words]


def test_whoever_is_removed_can_do_nothing_more(crew: Team) -> None:
    card = draft(crew, "our news")
    told = ask(crew.alice, "/people remove Mia", crew.general, "Remove Mia?")
    crew.alice.clicks("Remove Mia", on=told)
    crew.slack.until(lambda: (person := known(crew, crew.mia)) is not None and person.removed_at)
    crew.mia.clicks("Approve", on=card)
    crew.mia.told("was removed from this team, so cannot press", crew.general)
    ask(crew.mia, "/post queue", crew.general, "was removed from this team")
    crew.mia.says("@ada hello", in_=crew.general)
    crew.mia.told("so cannot talk to a persona", crew.general)
    assert "waiting for approval" in card.words


def test_one_person_in_the_console_and_in_slack(crew: Team) -> None:
    """Mia approves in the console: Slack shows that it was she, and her second press here counts no second time."""
    ask(crew.alice, "/persona policy @ada quorum 2", crew.general, "Who decides")
    card = draft(crew, "our news")
    approve = next(
        element["action_id"]
        for block in card.blocks
        if block["type"] == "actions"
        for element in block["elements"]
        if element["action_id"].startswith("post.approve")
    )
    with crew.troupe.storage.reading() as work:
        console = work.channels.by_name("console", "general")
    answer = crew.troupe.dispatcher.press(approve, crew.people["mia"], Place("console", console.id))
    assert answer.error is None
    has(crew, card, "1 of 2", "Approved by Mia")
    crew.mia.clicks("Approve", on=card)
    crew.mia.told("not done", crew.general)
    has(crew, card, "1 of 2")
    crew.alice.clicks("Approve", on=card)
    has(crew, card, "published", "Approved by Mia", "Approved by Alice")
