"""What only Discord knows of how cards stand: webhooks, permissions, buckets, tokens of interactions. The rest is in `tests.surfaces`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.events import TROUPE, Event, Subject
from agents.oncall.kinds import AlertKind
from tests.discord.emulator import Emulator, Patience
from tests.discord.stories import WAITING, ask, draft, fill, has, shows
from tests.discord.team import Team, team
from tests.surfaces.buttons import red_square
from tests.surfaces.rows import alerts, card, say, with_words

SPEAK, GROW = "execute_webhook", "edit_webhook_message"


# ---- as whom it is said ----


def test_a_webhook_that_an_admin_removes_is_made_anew(crew: Team) -> None:
    say(crew, crew.general, "good morning")
    first = shows(crew.general, "good morning")
    crew.general.removes_webhooks()
    say(crew, crew.general, "good evening")
    second = shows(crew.general, "good evening")
    assert second.username == "Ada" and second.webhook_id not in (None, first.webhook_id)
    assert len(crew.discord.webhooks) == 1
    assert alerts(crew, AlertKind.DELIVERY_FAILED) == []


def test_a_card_whose_webhook_is_gone_is_told_anew_when_it_changes(crew: Team) -> None:
    """Nobody can edit what a webhook wrote that is no more."""
    first = draft(crew, "our news")
    assert first.webhook_id
    crew.general.removes_webhooks()
    crew.mia.clicks("Approve", on=first)
    second = shows(crew.general, "our news", "published", "Approved by Mia")
    assert second.id != first.id and second.username == "Ada"
    assert alerts(crew, AlertKind.DELIVERY_FAILED) == []


def test_without_the_right_to_webhooks_the_message_says_who_speaks(crew: Team) -> None:
    crew.general.denies(crew.discord.bot_role, "MANAGE_WEBHOOKS")
    say(crew, crew.general, "my own words")
    message = shows(crew.general, "my own words", "Ada")
    assert message.webhook_id is None
    say(crew, crew.general, "and more")
    shows(crew.general, "and more", "Ada")
    assert len(with_words(crew.general, "my own words")) == 1
    assert len(crew.discord.refusals) == 1, "it is asked for once"


def test_a_person_alone_is_told_where_they_are_alone(crew: Team) -> None:
    ask(crew.bob, "/people me", crew.general, "You are Bob")
    assert crew.alice.private(crew.general) == []
    assert with_words(crew.general, "You are Bob") == []


# ---- permissions ----


def tried(crew: Team, id: str) -> int:
    """Calls about that channel; whoever is on call is told elsewhere."""
    return sum(id in call.path for call in crew.discord.calls())


def refused(crew: Team) -> int:
    return sum(call.status == 403 for call in crew.discord.calls())


@pytest.mark.parametrize("permission", ["SEND_MESSAGES", "VIEW_CHANNEL"])
def test_a_permission_that_is_taken_away_is_told_and_right_again_afterwards(
    crew: Team, permission: str
) -> None:
    news = crew.channel("news")
    card(crew, "first", news)
    shows(news, "first 0.")
    news.denies(crew.discord.bot_role, permission)
    card(crew, "second", news)
    [alert] = crew.discord.until(lambda: alerts(crew, AlertKind.CHANNEL_CLOSED))
    assert "#news" in alert.what
    time.sleep(0.5)  # what was under way when it was noticed
    before = tried(crew, news.id)
    card(crew, "third", news)
    time.sleep(1.5)
    assert tried(crew, news.id) == before, "nothing is tried in a channel that is closed"
    news.allows(crew.discord.bot_role, permission)
    shows(news, "second 0.")
    shows(news, "third 0.")
    crew.discord.until(lambda: not alerts(crew, AlertKind.CHANNEL_CLOSED))
    assert [len(with_words(news, f"{name} 0.")) for name in ("first", "second", "third")] == [1, 1, 1]


def test_a_person_who_takes_no_direct_messages_is_not_written_to_for_ever(crew: Team) -> None:
    crew.bob.takes_direct_messages(False)
    with crew.troupe.storage.unit_of_work() as work:
        channel = work.channels.direct(crew.people["bob"].id, work.now, surface="discord")
    say_in(crew, channel.id, "good morning")
    [alert] = crew.discord.until(lambda: alerts(crew, AlertKind.CHANNEL_CLOSED))
    assert "takes no direct messages" in alert.what
    before = refused(crew)
    assert before
    time.sleep(1.5)
    assert refused(crew) == before


def say_in(crew: Team, channel: str, text: str) -> None:
    with crew.troupe.storage.unit_of_work() as work:
        work.messages.say(channel, "", TROUPE, text, work.now)
        work.touch(Subject("channel", channel))


# ---- allowances ----


def test_wait_means_wait_for_that_channel_and_others_go_on(crew: Team) -> None:
    news = crew.channel("news")
    for room in (crew.general, news):
        say(crew, room, "warm")
        shows(room, "warm")
    crew.discord.rate_limits(SPEAK, times=1, retry_after_s=3.0)
    begun = time.monotonic()
    say(crew, crew.general, "first")
    crew.discord.until(lambda: crew.discord.refusals)
    say(crew, crew.general, "second")
    say(crew, news, "meanwhile")
    shows(news, "meanwhile", timeout_s=2.0)
    assert with_words(crew.general, "first") == []
    shows(crew.general, "second")
    assert time.monotonic() - begun >= 3.0
    assert [m.words for m in crew.general.posts][-2:] == ["first", "second"]
    assert len(crew.discord.refusals) == 1


def test_many_words_at_once_keep_to_the_buckets_and_to_their_order(crew: Team) -> None:
    for number in range(8):
        say(crew, crew.general, f"number {number}.")
    shows(crew.general, "number 7.")
    assert [m.words for m in crew.general.posts] == [f"number {number}." for number in range(8)]
    assert crew.discord.refusals == []


# ---- trouble ----


@pytest.mark.parametrize(("kind", "value"), [("status", 503), ("unsent", None), ("lost", None)])
def test_what_a_webhook_says_stands_there_once_whatever_happens(crew: Team, kind: str, value: object) -> None:
    crew.discord.fails(SPEAK, kind, value)
    message = draft(crew, "our news")
    assert message.username == "Ada"
    crew.discord.fails(GROW, kind, value)
    crew.mia.clicks("Approve", on=message)
    has(crew, message, "published")
    assert len(with_words(crew.general, "our news")) == 1
    assert alerts(crew, AlertKind.DELIVERY_FAILED) == []


@pytest.fixture
def hasty(tmp_path: Path, redis_url: str) -> Iterator[Team]:
    """Interactions' tokens die at once instead of after fifteen minutes."""
    with (
        Emulator(patience=Patience(token_s=0.0)).running() as emulator,
        team(tmp_path, emulator, redis_url) as crew,
    ):
        yield crew


def test_cards_are_redrawn_by_whoever_wrote_them_when_the_interactions_token_is_dead(hasty: Team) -> None:
    message = draft(hasty, "our news")
    hasty.mia.clicks("Approve", on=message)
    has(hasty, message, "published", "Approved by Mia")
    assert len(with_words(hasty.general, "our news")) == 1


# ---- pictures, long cards ----


def test_a_card_keeps_its_picture_when_it_is_redrawn(crew: Team) -> None:
    message = draft(crew, "a picture")
    picture = {"Picture": crew.bob.uploads(red_square(), "red.png"), "What it shows": "A red square."}
    fill(crew.bob, "Add a picture…", message, "Add a picture", picture)
    has(crew, message, "A red square.", WAITING)
    crew.mia.clicks("Approve", on=message)
    has(crew, message, "A red square.", "published")
    assert [file.description for file in message.attachments] == ["A red square."]


def test_a_card_that_is_too_long_has_its_whole_text_beside_it_once(crew: Team) -> None:
    about = card(crew, "long", crew.general)
    shows(crew.general, "long 0.")
    text = "\n\n".join(f"Line {number}: {'word ' * 500}end{number}" for number in range(60))
    with crew.troupe.storage.unit_of_work() as work:
        work.alerts.change(work.alerts.get(about.id), what=text)
        work.record(Event("alert.raised", about, TROUPE))
    message = shows(crew.general, "too long for one message")
    with crew.troupe.storage.unit_of_work() as work:
        work.alerts.change(work.alerts.get(about.id), remedy="Look again.")
        work.record(Event("alert.raised", about, TROUPE))
    has(crew, message, "Look again.")
    [file] = message.attachments
    told = file.content.decode()
    assert all(f"end{number}" in told for number in range(60))
    assert len(crew.general.posts) == 1
