"""What stands in a chat is the present, once: whatever people, channels and the chat's own allowances do meanwhile.

The same for every chat; what only one of them knows stands in its own tests.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import pytest

from agents.events import TROUPE, Event, Subject
from agents.oncall.kinds import AlertKind
from agents.talk.delivery import DeliveryState
from bot.calls import Place
from tests.surfaces.hands import Hands
from tests.surfaces.rows import alerts, card, change, say, state, with_words

CONSOLE = Place("console")


# ---- in place ----


def test_a_decision_anywhere_redraws_the_one_card_in_each_channel_within_a_second(at: Hands) -> None:
    news = at.crew.channel("news")
    about = card(at.crew, "backup", at.general, news)
    cards = [at.shows(room, "backup 0.") for room in (at.general, news)]
    at.crew.troupe.dispatcher.press(f"alert.resolve:{about.id}:", at.crew.people["alice"], CONSOLE)
    begun = time.monotonic()
    for message in cards:
        at.has(message, "Resolved by", "Alice", timeout_s=1.0)
        assert "Acknowledge" not in at.labels(message)
    assert time.monotonic() - begun < 1.0
    assert [len(with_words(room, "backup")) for room in (at.general, news)] == [1, 1]


def test_a_change_while_its_post_is_under_way_is_in_it_in_the_end(at: Hands) -> None:
    at.server.fails(at.POST, "slow", 2.0)
    card(at.crew, "slow", at.general)
    at.until(lambda: not at.server.world.faults[at.POST])
    change(at.crew, "slow", 1)
    at.shows(at.general, "slow 1.")
    assert len(with_words(at.general, "slow")) == 1


# ---- deleted ----


def test_a_deleted_card_comes_back_once_while_it_waits(at: Hands) -> None:
    about = card(at.crew, "deleted", at.general)
    first = at.shows(at.general, "deleted 0.")
    at.until(lambda: state(at.crew, about, at.general) is DeliveryState.SENT)
    at.deletes(first)
    at.until(lambda: [m for m in with_words(at.general, "deleted") if at.id(m) != at.id(first)])
    [second] = with_words(at.general, "deleted")
    at.until(lambda: state(at.crew, about, at.general) is DeliveryState.SENT)
    change(at.crew, "deleted", 1)
    at.has(second, "deleted 1.")
    at.deletes(second)
    at.until(lambda: state(at.crew, about, at.general) is DeliveryState.GONE)
    change(at.crew, "deleted", 2)
    time.sleep(1.5)
    assert with_words(at.general, "deleted") == []
    assert alerts(at.crew, AlertKind.DELIVERY_FAILED) == []


def test_a_deleted_card_that_waits_for_nobody_stays_away(at: Hands) -> None:
    about = card(at.crew, "done", at.general)
    message = at.shows(at.general, "done 0.")
    at.crew.troupe.dispatcher.press(f"alert.resolve:{about.id}:", at.crew.people["alice"], CONSOLE)
    at.has(message, "Resolved by")
    at.deletes(message)
    at.until(lambda: state(at.crew, about, at.general) is DeliveryState.GONE)
    time.sleep(1.0)
    assert with_words(at.general, "done") == []


def test_a_deletion_that_nobody_told_is_noticed_when_the_card_changes(at: Hands) -> None:
    card(at.crew, "unseen", at.general)
    first = at.shows(at.general, "unseen 0.")
    at.loses(first)
    change(at.crew, "unseen", 1)
    assert at.id(at.shows(at.general, "unseen 1.")) != at.id(first)


# ---- channels ----


def tried(at: Hands, room: Any) -> list[Any]:
    """Calls that name that channel; whoever is on call is told elsewhere."""
    return [call for call in at.server.calls() if room.id in repr(call)]


def test_a_deleted_channel_is_given_up_with_one_alert(at: Hands) -> None:
    news = at.crew.channel("news")
    card(at.crew, "lost", news)
    at.shows(news, "lost 0.")
    news.delete()
    [alert] = at.until(lambda: alerts(at.crew, AlertKind.CHANNEL_CLOSED))
    assert "#news" in alert.what and "deleted" in alert.what
    before = len(tried(at, news))
    change(at.crew, "lost", 1)
    card(at.crew, "later", news)
    time.sleep(1.5)
    assert len(tried(at, news)) == before, "nothing is tried in a channel that is gone"
    assert [each.count for each in alerts(at.crew, AlertKind.CHANNEL_CLOSED)] == [1]


def test_a_renamed_channel_is_known_by_its_new_name(at: Hands) -> None:
    news = at.crew.channel("news")
    card(at.crew, "renamed", news)
    message = at.shows(news, "renamed 0.")
    news.rename("announcements")

    def name() -> str:
        with at.crew.troupe.storage.reading() as work:
            channel = work.channels.known_as(at.surface, news.id)
            return channel.name if channel else ""

    at.until(lambda: name() == "announcements")
    change(at.crew, "renamed", 1)
    at.has(message, "renamed 1.")
    assert alerts(at.crew, AlertKind.CHANNEL_CLOSED) == []


# ---- allowances ----


def test_five_hundred_changes_of_twenty_cards_are_the_last_state_of_each(at: Hands) -> None:
    rooms = [at.crew.channel(f"room{number}") for number in range(5)]
    for number in range(20):
        card(at.crew, f"card{number}", rooms[number % 5])
    at.until(lambda: sum(len(room.posts) for room in rooms) == 20, 20)
    at.server.clear()
    begun = time.monotonic()
    storage = at.crew.troupe.storage
    with storage.reading() as work:
        found = {alert.subject.id: alert for alert in work.alerts.unresolved()}
    for turn in range(1, 26):  # 500 changes, 20 in each commit
        with storage.unit_of_work() as work:
            for number in range(20):
                alert = found[f"card{number}"] = work.alerts.change(
                    found[f"card{number}"], what=f"card{number} {turn}."
                )
                work.record(Event("alert.raised", Subject("alert", alert.id), TROUPE))
    took_s = time.monotonic() - begun
    for number in range(20):  # what is beyond the burst has to wait for the chat's allowance
        at.shows(rooms[number % 5], f"card{number} 25.", timeout_s=30)
    calls = at.server.calls(at.EDIT)
    assert at.refusals() == [], "within the chat's allowance, and not by its refusals"
    assert len(calls) <= 60, f"{len(calls)} calls for 500 changes within {took_s:.1f} s"
    for room in rooms:
        assert len(room.posts) == 4 == len(with_words(room, "card"))
    last: Counter[str] = Counter()
    for call in calls:  # no older state after a newer one
        text = str(call.args)
        number, turn = next((n, t) for n in range(20) for t in range(25, -1, -1) if f"card{n} {t}." in text)
        assert last[str(number)] <= turn
        last[str(number)] = turn


# ---- trouble ----


@pytest.mark.parametrize(("kind", "value"), [("status", 503), ("unsent", None), ("lost", None)])
def test_trouble_of_the_chat_costs_time_and_nothing_else(at: Hands, kind: str, value: object) -> None:
    at.server.fails(at.POST, kind, value)
    card(at.crew, "troubled", at.general)
    message = at.shows(at.general, "troubled 0.")
    at.server.fails(at.EDIT, kind, value)
    change(at.crew, "troubled", 1)
    at.has(message, "troubled 1.")
    assert len(with_words(at.general, "troubled")) == 1
    assert alerts(at.crew, AlertKind.DELIVERY_FAILED) == []


def test_a_hanging_call_holds_up_its_own_channel_only(at: Hands) -> None:
    news = at.crew.channel("news")
    at.server.fails(at.POST, "slow", 4.0)
    card(at.crew, "hanging", at.general)
    at.until(lambda: not at.server.world.faults[at.POST])
    card(at.crew, "quick", news)
    at.shows(news, "quick 0.", timeout_s=2.5)
    assert with_words(at.general, "hanging") == []
    at.shows(at.general, "hanging 0.")


def test_a_message_that_is_refused_is_told_once_and_not_sent_again(at: Hands) -> None:
    at.server.fails(at.POST, "error", at.REFUSAL)
    about = card(at.crew, "refused", at.general)
    at.until(lambda: state(at.crew, about, at.general) is DeliveryState.FAILED)
    before = len(at.server.calls(at.POST))
    assert [alert.count for alert in alerts(at.crew, AlertKind.DELIVERY_FAILED)] == [1]
    change(at.crew, "refused", 1)
    time.sleep(1.5)
    assert len(at.server.calls(at.POST)) <= before + 1  # the alert's own card


# ---- a person's own ----


def test_new_words_do_not_wait_for_changes_that_are_held_up(at: Hands) -> None:
    for number in range(3):
        card(at.crew, f"card{number}", at.general)
    at.until(lambda: len(at.general.posts) == 3)
    at.server.rate_limits(at.EDIT, 1, 6.0)
    change(at.crew, "card0", 1)
    at.until(at.refusals)
    say(at.crew, at.general, "good morning")
    at.shows(at.general, "good morning", timeout_s=4.0)
    assert not any("card0 1." in post.words for post in at.general.posts), "the change is held up still"
    at.shows(at.general, "card0 1.")
