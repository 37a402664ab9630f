"""What a person sees first."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from agents.approvals import decide
from agents.approvals.policy import Policy
from agents.errors import TroupeError
from agents.money import FREE
from agents.writing import draft
from agents.writing.content import Content, Picture, Segment
from agents.writing.facts import Check, CheckState
from agents.writing.post import State, Variant
from agents.writing.writer import Draft, Usage
from bot.cards import Card, Text, plain
from bot.present import home
from bot.present.home import Section
from tests.chat import Chat

PICTURE = Picture("p1", "0" * 64, "image/png", 10, 10, 100, "A graph")
WARNED = Check("style", CheckState.WARNED, "shouts")
FAILED = Check("length", CheckState.FAILED, "too long")


def drafted(
    chat: Chat,
    brief: str = "our 2.0",
    *segments: Segment,
    by: str = "bob",
    found: Sequence[Check] = (),
    at: str = "",
) -> Variant:
    """Written, and waiting for a decision."""
    assert chat.says(by, f'/post draft @ada "{brief}"{at and f" at {at}"}').answer.error is None
    content = Content(segments or (Segment(f"About {brief}"),))
    usage = Usage("script", "script", 1, 1, FREE)
    with chat.storage.unit_of_work() as work:
        [variant] = work.posts.in_states([State.WRITING])
        return draft.written(
            variant, Draft(tuple(s.text for s in content.segments), usage), content, found, work
        )


def approved(chat: Chat, variant: Variant, by: str = "mia") -> None:
    with chat.storage.unit_of_work() as work:
        seen = work.approvals.get(work.posts.variant(variant.id).approval_id).fingerprint
        decide.approve(variant.id, chat.person(by), seen, work)


def published(chat: Chat, variant: Variant, url: str = "https://stage.test/1") -> None:
    approved(chat, variant)
    with chat.storage.unit_of_work() as work:
        now = work.posts.swap(work.posts.variant(variant.id), "publish", state=State.PUBLISHING)
        work.posts.swap(now, "publish", state=State.PUBLISHED, url=url, published_at=work.now)


def seen_by(chat: Chat, who: str) -> dict[str, Section]:
    with chat.storage.reading() as work:
        return {section.title: section for section in home.sections(chat.person(who), work)}


def labels(card: Card) -> list[str]:
    return [button.label for button in card.buttons]


def test_on_the_first_day_every_list_says_that_it_is_empty(chat: Chat) -> None:
    lists = seen_by(chat, "alice")
    assert list(lists) == [
        "Hello Alice",
        "Waits for you",
        "You asked for",
        "Tasks",
        "Scheduled",
        "Went out",
        "Accounts to connect",
    ]
    assert all(
        section.empty and not section.cards for name, section in lists.items() if name != "Hello Alice"
    )


@pytest.mark.parametrize(
    ("who", "buttons"),
    [
        ("mia", ["New post…", "New task…", "Connect an account…"]),
        ("bob", ["New post…", "New task…"]),
        ("charlie", []),
    ],
)
def test_everybody_is_offered_what_they_may_do(chat: Chat, who: str, buttons: list[str]) -> None:
    lists = seen_by(chat, who)
    first = next(iter(lists.values()))
    assert [button.label for button in first.buttons] == buttons
    assert ("Accounts to connect" in lists) == (who == "mia")
    for button in first.buttons:
        assert chat.acts(who, button.action).form


def test_a_short_post_is_approved_beside_its_whole_text(chat: Chat) -> None:
    drafted(chat, "our 2.0", Segment("Version 2.0 is out.\n\nIt is fast."))
    [card] = seen_by(chat, "mia")["Waits for you"].cards
    assert card.title.startswith("Ada on Stage: our 2.0 (")
    assert Text("Version 2.0 is out.\n\nIt is fast.", "quote", whole=True) in card.blocks
    assert "@ada" in plain(card) and "as soon as it is approved" in plain(card)
    assert labels(card) == ["Approve", "Ask for changes…", "Reject…", "Open"]
    assert "publishing" in chat.acts("mia", card.buttons[0].action).card.badge
    assert not seen_by(chat, "mia")["Waits for you"].cards


def test_the_button_is_bound_to_what_is_shown(chat: Chat) -> None:
    variant = drafted(chat)
    [card] = seen_by(chat, "mia")["Waits for you"].cards
    chat.says("alice", f'/post edit {variant.id} "Something else"')
    assert chat.acts("mia", card.buttons[0].action).error.code == "stale"


@pytest.mark.parametrize(
    ("segments", "found"),
    [
        ((Segment("word " * 101),), ()),
        ((Segment("one"), Segment("two")), ()),
        ((Segment("look", (PICTURE,)),), ()),
        ((Segment("HEY"),), (WARNED,)),
        ((Segment("long"),), (FAILED,)),
    ],
    ids=["long", "a thread", "a picture", "a remark", "not allowed"],
)
def test_what_does_not_stand_there_whole_is_opened_to_be_decided_on(
    chat: Chat, segments: tuple[Segment, ...], found: tuple[Check, ...]
) -> None:
    variant = drafted(chat, "our 2.0", *segments, found=found)
    [card] = seen_by(chat, "mia")["Waits for you"].cards
    assert labels(card) == ["Open"]
    assert not any(isinstance(block, Text) and block.whole for block in card.blocks)
    assert len(plain(card)) < 400
    opened = chat.acts("mia", card.buttons[0].action).card
    assert opened == chat.sees("mia", variant.subject).card
    assert all(segment.text in plain(opened) for segment in segments)


def test_it_waits_for_those_whose_approval_would_count_and_is_not_there_yet(chat: Chat) -> None:
    with chat.storage.unit_of_work() as work:
        work.personas.set_policy(chat.ada.id, "", Policy(quorum=2))
    variant = drafted(chat)
    waits = {
        who: len(seen_by(chat, who)["Waits for you"].cards) for who in ("alice", "mia", "bob", "charlie")
    }
    assert waits == {"alice": 1, "mia": 1, "bob": 0, "charlie": 0}
    approved(chat, variant, "mia")
    assert not seen_by(chat, "mia")["Waits for you"].cards
    assert "Nothing waits for you" in chat.says("mia", "/post queue")
    assert "Waiting for others" in chat.says("mia", "/post queue")
    assert seen_by(chat, "alice")["Waits for you"].cards
    chat.later(hours=73)
    assert not seen_by(chat, "alice")["Waits for you"].cards


def test_who_asked_sees_how_it_stands(chat: Chat) -> None:
    variant = drafted(chat, by="mia")
    assert seen_by(chat, "mia")["Waits for you"].cards
    assert not seen_by(chat, "mia")["You asked for"].cards, "it stands above"
    drafted(chat, "by bob")
    [card] = seen_by(chat, "bob")["You asked for"].cards
    assert (card.badge, labels(card)) == ("waiting for approval", ["Open"])
    with chat.storage.unit_of_work() as work:
        failed = work.posts.swap(work.posts.variant(variant.id), "write", state=State.WRITING)
        draft.writing_failed(failed, TroupeError("No model answered."), work)
    [card] = seen_by(chat, "mia")["You asked for"].cards
    assert card.badge == "not written"
    assert "No model answered." in plain(card)


def test_what_goes_out_next_and_what_went_out_last_come_first(chat_anywhere: Chat) -> None:
    chat = chat_anywhere
    for day in (3, 1, 2):
        approved(chat, drafted(chat, f"day {day}", at=f'"in {day} days"'))
    titles = [card.title for card in seen_by(chat, "charlie")["Scheduled"].cards]
    assert [title[14:19] for title in titles] == ["day 1", "day 2", "day 3"]
    for number in (1, 2):
        published(chat, drafted(chat, f"news {number}"))
        chat.later(hours=1)
    cards = seen_by(chat, "charlie")["Went out"].cards
    assert ["news 2" in cards[0].title, "news 1" in cards[1].title] == [True, True]
    assert [button.url for button in cards[0].buttons] == ["https://stage.test/1"]


def test_a_list_is_short_and_says_what_it_leaves_out(chat: Chat) -> None:
    for number in range(13):
        drafted(chat, f"post {number}")
    section = seen_by(chat, "mia")["Waits for you"]
    assert len(section.cards) == 10
    assert section.more == "and 3 more: /task list, /post queue"
    assert seen_by(chat, "bob")["You asked for"].more == "and 3 more"


def test_a_persona_that_can_post_nowhere_is_told_with_its_buttons(chat: Chat) -> None:
    chat.says("mia", "/persona new Zoe from founder")
    with chat.storage.unit_of_work() as work:
        work.accounts.mark(work.accounts.on(chat.ada.id, "stage").id, "sign_in_needed")
    ada, zoe = seen_by(chat, "mia")["Accounts to connect"].cards
    assert ada.title == "Ada: ada on Stage (has to be connected again)"
    assert zoe.title == "Zoe: posts nowhere yet"
    assert labels(zoe) == ["Connect Bluesky…", "Connect the stage"]
    chat.acts("mia", zoe.buttons[1].action)
    assert len(seen_by(chat, "mia")["Accounts to connect"].cards) == 1
