"""What only Slack knows of how cards stand: archives, invitations, tokens, names, files. The rest is in `tests.surfaces`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agents.events import TROUPE, Event, Subject
from agents.oncall.alert import AlertState
from agents.oncall.kinds import AlertKind
from bot import commands
from bot.calls import Place
from bot.present.draw import draw
from bot.slack.manifest import manifest
from tests.slack.emulator import Emulator, Message, Patience
from tests.slack.stories import WAITING, draft, has, shows, variant
from tests.slack.team import Team, team
from tests.surfaces.buttons import red_square
from tests.surfaces.rows import alerts, card, change, closed, say, with_words

CONSOLE = Place("console")
SOON = Patience(retries_s=(0.0, 0.2, 0.5))


AGAIN_S = 40.0
"""Whoever is not let in looks again after fifteen seconds."""


def tried(crew: Team, id: str) -> int:
    """Calls that name that channel or user; whoever is on call is told elsewhere."""
    return sum(id in repr(call.args) for call in crew.slack.calls())


# ---- channels ----


def test_an_archived_channel_is_told_by_its_event_and_right_again_afterwards(crew: Team) -> None:
    news = crew.channel("news")
    card(crew, "archived", news)
    message = shows(news, "archived 0.")
    news.archive()
    alert = crew.slack.until(lambda: alerts(crew, AlertKind.CHANNEL_CLOSED))[0]
    assert "#news" in alert.what and "archived" in alert.what
    change(crew, "archived", 1)
    card(crew, "later", news)
    before = tried(crew, news.id)
    time.sleep(2.5)
    assert tried(crew, news.id) == before, "nothing is tried in a channel that is closed"
    news.unarchive()
    has(crew, message, "archived 1.")
    shows(news, "later 0.")
    crew.slack.until(lambda: not alerts(crew, AlertKind.CHANNEL_CLOSED))


def test_the_alert_of_a_closed_channel_stands_where_it_can_be_read(crew: Team) -> None:
    lookout, news = crew.channel("alerts"), crew.channel("news")
    card(crew, "first", lookout, news)
    shows(news, "first 0.")
    news.archive()
    shows(lookout, "#news", "archived")
    assert len(alerts(crew, AlertKind.CHANNEL_CLOSED)) == 1


def test_an_archived_channel_that_nobody_told_of_is_noticed_by_the_error(crew: Team) -> None:
    news = crew.channel("news")
    card(crew, "quiet", news)
    message = shows(news, "quiet 0.")
    news.channel.archived = True
    change(crew, "quiet", 1)
    crew.slack.until(lambda: alerts(crew, AlertKind.CHANNEL_CLOSED))
    assert len(crew.slack.refusals()) == 1
    news.unarchive()
    has(crew, message, "quiet 1.")


def test_a_channel_opened_while_nobody_listened_is_found_open(crew: Team) -> None:
    news = crew.channel("news")
    card(crew, "missed", news)
    message = shows(news, "missed 0.")
    news.archive()
    crew.slack.until(lambda: closed(crew, news))
    crew.stop()
    news.channel.archived = False
    change(crew, "missed", 1)
    crew.start()
    has(crew, message, "missed 1.")
    assert closed(crew, news) == ""


def test_put_out_of_a_private_channel_and_invited_again(crew: Team) -> None:
    inner = crew.slack.channel("inner", [crew.alice], private=True)
    card(crew, "private", inner)
    message = shows(inner, "private 0.")
    inner.kick(crew.slack.bot)
    crew.slack.until(lambda: alerts(crew, AlertKind.CHANNEL_CLOSED))
    change(crew, "private", 1)
    inner.invite(crew.slack.bot)
    has(crew, message, "private 1.")
    crew.slack.until(lambda: not alerts(crew, AlertKind.CHANNEL_CLOSED))
    assert closed(crew, inner) == ""


def test_a_public_channel_that_it_is_not_in_is_joined(crew: Team) -> None:
    open_one = crew.slack.channel("open", [crew.alice], bot=False)
    card(crew, "joined", open_one)
    shows(open_one, "joined 0.")
    assert not crew.slack.refusals()


def test_a_deactivated_person_is_not_written_to_for_ever(crew: Team) -> None:
    with crew.troupe.storage.unit_of_work() as work:
        channel = work.channels.direct(crew.people["bob"].id, work.now, surface="slack")
        work.messages.say(channel.id, "", TROUPE, "good morning", work.now)
        work.touch(Subject("channel", channel.id))
    crew.slack.fails("conversations.open", "error", "user_disabled", times=1)
    found = crew.slack.until(lambda: alerts(crew, AlertKind.CHANNEL_CLOSED))
    assert "deactivated" in found[0].what
    time.sleep(2.0)
    assert [call.error for call in crew.slack.calls()].count("user_disabled") == 1
    assert tried(crew, crew.bob.id) == 0, "what is refused so once is not tried again"


# ---- allowances ----


def test_wait_means_wait_for_that_channel_and_others_go_on(crew: Team) -> None:
    news = crew.channel("news")
    say(crew, crew.general, "warm")
    shows(crew.general, "warm")
    crew.slack.rate_limits("chat.postMessage", times=1, retry_after=3)
    begun = time.monotonic()
    say(crew, crew.general, "first")
    crew.slack.until(lambda: crew.slack.refusals())
    say(crew, crew.general, "second")
    say(crew, news, "meanwhile")
    shows(news, "meanwhile", timeout_s=2.0)
    assert with_words(crew.general, "first") == []
    shows(crew.general, "second")
    assert time.monotonic() - begun >= 3.0
    assert [m.words for m in crew.general.posts][-2:] == ["first", "second"]
    assert len(crew.slack.refusals()) == 1


def test_a_wait_for_another_method_on_the_way_is_a_wait_too(crew: Team) -> None:
    """Opening a person's conversation may be too much as well; it is not asked for again before the time."""
    with crew.troupe.storage.unit_of_work() as work:
        channel = work.channels.direct(crew.people["bob"].id, work.now, surface="slack")
        work.messages.say(channel.id, "", TROUPE, "good morning", work.now)
        work.touch(Subject("channel", channel.id))
        crew.slack.rate_limits("conversations.open", times=1, retry_after=3)
    shows(crew.slack.direct(crew.bob), "good morning")
    first, second = [call.at for call in crew.slack.calls("conversations.open")]
    assert second - first >= 3.0


# ---- trouble ----


def test_an_error_that_slack_calls_its_own_costs_time_and_nothing_else(crew: Team) -> None:
    crew.slack.fails("chat.postMessage", "error", "internal_error")
    card(crew, "troubled", crew.general)
    message = shows(crew.general, "troubled 0.")
    crew.slack.fails("chat.update", "error", "internal_error")
    change(crew, "troubled", 1)
    has(crew, message, "troubled 1.")
    assert len(with_words(crew.general, "troubled")) == 1
    assert alerts(crew, AlertKind.DELIVERY_FAILED) == []


def test_a_revoked_token_is_one_alert_and_silence_until_it_works_again(crew: Team) -> None:
    card(crew, "revoked", crew.general)
    message = shows(crew.general, "revoked 0.")
    crew.slack.revoke("token_revoked")
    found = crew.slack.until(lambda: alerts(crew, AlertKind.SURFACE_DOWN))
    change(crew, "revoked", 1)
    say(crew, crew.general, "later")
    time.sleep(2.5)
    sent = [call for call in crew.slack.calls() if call.error == "token_revoked" and "chat." in call.method]
    assert len(sent) <= 1, "nothing is sent while it is not let in"
    assert [alert.count for alert in alerts(crew, AlertKind.SURFACE_DOWN)] == [1]
    assert found[0].state is AlertState.OPEN
    crew.slack.reinstate()
    has(crew, message, "revoked 1.", timeout_s=AGAIN_S)
    shows(crew.general, "later")
    crew.slack.until(lambda: not alerts(crew, AlertKind.SURFACE_DOWN))


def test_a_token_that_is_refused_without_a_word_before_is_noticed_too(crew: Team) -> None:
    crew.slack.world.token_error = "account_inactive"
    say(crew, crew.general, "hello")
    crew.slack.until(lambda: alerts(crew, AlertKind.SURFACE_DOWN))
    crew.slack.reinstate()
    shows(crew.general, "hello", timeout_s=AGAIN_S)
    assert len(with_words(crew.general, "hello")) == 1


# ---- names, pictures, long cards ----


def test_where_names_are_forbidden_the_message_says_who_speaks(crew: Team) -> None:
    crew.slack.forbids_customize()
    say(crew, crew.general, "my own words")
    message = shows(crew.general, "my own words")
    assert message.username is None and "Ada" in message.words
    assert len(with_words(crew.general, "my own words")) == 1
    say(crew, crew.general, "and more")
    shows(crew.general, "and more", "Ada")
    assert len(crew.slack.refusals()) == 1, "it is asked for once"


@pytest.fixture
def nameless(tmp_path: Path, redis_url: str) -> Iterator[Team]:
    """A workspace that did not grant chat:write.customize: Slack then leaves the name out without a word."""
    commands.load()
    with Emulator(manifest(), patience=SOON).running() as slack:
        slack.grants(*(slack.world.manifest.scopes - {"chat:write.customize"}))
        with team(tmp_path, slack, redis_url) as crew:
            yield crew


def test_without_the_scope_for_names_the_message_says_who_speaks(nameless: Team) -> None:
    say(nameless, nameless.general, "my own words")
    shows(nameless.general, "my own words", "Ada")
    assert len(with_words(nameless.general, "my own words")) == 1


def test_a_picture_is_uploaded_once_and_shown_by_its_file(crew: Team) -> None:
    news = crew.channel("news")
    draft(crew, "a picture")
    one = variant(crew, "a picture")
    picture = crew.troupe.keep_picture(red_square(), crew.people["bob"])
    with crew.troupe.storage.reading() as work:
        seen = draw(Subject("post", one.id), work, crew.people["bob"])
    add = next(button.action for button in seen.all_buttons if button.label == "Add a picture…")
    values = {"picture": picture, "alt": "A red square"}
    answer = crew.troupe.dispatcher.press(add, crew.people["bob"], CONSOLE, values)
    assert answer.error is None, answer
    with crew.troupe.storage.unit_of_work() as work:
        channel = work.channels.add("slack", "news", work.now, external_id=news.id)
        work.place(channel.id, Subject("post", one.id))
    for room in (crew.general, news):
        message = shows(room, "a picture", WAITING)
        crew.slack.until(partial(pictures, message))
        assert pictures(message)[0]["slack_file"]["id"] == crew.slack.files[0].id
    assert len(crew.slack.files) == 1


def pictures(message: Message) -> list[dict[str, Any]]:
    return [block for block in message.blocks if block["type"] == "image"]


def too_long(crew: Team) -> Subject:
    """A card that one message of Slack's cannot hold."""
    about = card(crew, "long", crew.general)
    text = "\n\n".join(f"Line {number}: {'word ' * 500}end{number}" for number in range(60))
    with crew.troupe.storage.unit_of_work() as work:
        work.alerts.change(work.alerts.get(about.id), what=text)
        work.record(Event("alert.raised", about, TROUPE))
    return about


def test_a_card_that_is_too_long_has_its_whole_text_in_the_thread_once(crew: Team) -> None:
    about = too_long(crew)
    crew.slack.until(lambda: crew.slack.files and crew.slack.files[0].done)
    assert "end0" in told(crew) and "end59" in told(crew)
    assert crew.slack.files[0].channels == [crew.general.id]
    crew.restart()
    with crew.troupe.storage.unit_of_work() as work:
        work.record(Event("alert.raised", about, TROUPE))
        work.alerts.change(work.alerts.get(about.id), remedy="Look again.")
    shows(crew.general, "Look again.")
    time.sleep(1.0)
    assert len(crew.slack.files) == 1


def told(crew: Team) -> str:
    return (crew.slack.files[0].content or b"").decode()


def test_a_file_that_does_not_arrive_does_not_double_its_card(crew: Team) -> None:
    crew.slack.rate_limits("files.getUploadURLExternal", times=1, retry_after=1)
    too_long(crew)
    crew.slack.until(lambda: crew.slack.files, 15)
    time.sleep(1.0)
    assert len(with_words(crew.general, "Line 0:")) == 1
    assert len(crew.slack.files) == 1


def test_a_private_answer_is_seen_by_one(crew: Team) -> None:
    crew.bob.types("/people me", in_=crew.general)
    crew.bob.told("You are Bob", crew.general)
    assert crew.alice.private(crew.general) == []
    assert with_words(crew.general, "You are Bob") == []
