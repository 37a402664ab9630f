"""Sockets break, Slack goes away, things come twice: nothing is lost, and nothing happens twice."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.slack.emulator import Delivery
from tests.slack.stories import ask, shows
from tests.slack.team import Team


def heard(crew: Team, words: str) -> list[str]:
    """What is kept of what people said, with these words."""
    with crew.troupe.storage.reading() as work:
        return [m.text for m in work.messages.after(0) if words in m.text and m.author.kind == "person"]


def comes_again(crew: Team, delivery: Delivery) -> Delivery:
    return crew.slack.do(lambda: crew.slack.world.post.send("events_api", delivery.payload)).wait()


def works(crew: Team) -> None:
    """A command that Slack handed to the socket that was just closing is lost to both: whoever typed it types it again."""
    end = time.monotonic() + 40
    while time.monotonic() < end:
        with suppress(AssertionError):
            ask(crew.bob, "/people me", crew.general, "You are Bob", timeout_s=4)
            return
        time.sleep(0.3)
    ask(crew.bob, "/people me", crew.general, "You are Bob")


@contextmanager
def database_is_busy(crew: Team) -> Iterator[None]:
    """Somebody else holds SQLite's write lock."""
    file = crew.troupe.storage.engine.url.database
    assert file is not None
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def test_sockets_that_break_without_a_word(crew: Team) -> None:
    for _ in range(2):
        crew.slack.drop()
        crew.slack.until(lambda: crew.slack.connections, 30)
        works(crew)
    assert crew.slack.connections


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
def test_slack_asks_to_connect_anew(crew: Team, reason: str) -> None:
    crew.slack.disconnect(reason)
    crew.slack.until(lambda: crew.slack.connections, 30)
    works(crew)
    assert crew.slack.connections


def test_refused_for_a_while(crew: Team) -> None:
    crew.slack.refuses_connections(3.0)
    crew.slack.drop()
    crew.slack.until(lambda: crew.slack.connections == 0, 2)
    crew.slack.until(lambda: crew.slack.connections, 30)
    works(crew)
    assert crew.slack.connections


def test_slack_is_away_for_a_moment(crew: Team) -> None:
    crew.slack.restart(down_s=1.0)
    crew.slack.until(lambda: crew.slack.connections, 30)
    works(crew)
    assert crew.slack.connections


def test_what_was_said_while_the_socket_was_down_arrives(crew: Team) -> None:
    crew.slack.patience.retries_s = (0.0, 1.0, 3.0, 5.0)
    crew.slack.drop()
    crew.bob.says("<@BOT> @ada are you there?", in_=crew.general)
    crew.slack.until(lambda: heard(crew, "are you there?"), 30)
    time.sleep(0.5)
    assert len(heard(crew, "are you there?")) == 1


def test_a_mention_is_two_events_and_one_message(crew: Team) -> None:
    crew.bob.says("<@BOT> @ada good morning", in_=crew.general)
    crew.slack.until(lambda: heard(crew, "good morning"))
    kinds = [d.payload["event"]["type"] for d in crew.slack.deliveries("events_api")]
    assert {"message", "app_mention"} <= set(kinds)
    crew.slack.until(lambda: all(d.done.is_set() for d in crew.slack.deliveries("events_api")))
    assert len(heard(crew, "good morning")) == 1


def test_the_same_event_again_is_nothing_new(crew: Team) -> None:
    crew.bob.says("<@BOT> @ada only once", in_=crew.general)
    crew.slack.until(lambda: heard(crew, "only once"))
    for delivery in crew.slack.deliveries("events_api"):
        assert comes_again(crew, delivery).acknowledged, "whatever comes again is acknowledged"
    assert len(heard(crew, "only once")) == 1


def test_a_command_in_a_mention_is_done_once(crew: Team) -> None:
    crew.mia.says("<@BOT> persona new “Yara Bell” from founder", in_=crew.general)
    shows(crew.general, "Yara Bell")
    time.sleep(0.5)
    with crew.troupe.storage.reading() as work:
        assert len([one for one in work.personas.all() if one.name == "Yara Bell"]) == 1


def test_no_acknowledgement_before_the_row_is_there(crew: Team) -> None:
    crew.slack.patience.ack_s = 0.6
    crew.slack.patience.retries_s = (0.0, 0.5, 1.0)
    with database_is_busy(crew):
        crew.bob.says("<@BOT> @ada remember this", in_=crew.general)
        time.sleep(1.0)
        sent = [d for d in crew.slack.deliveries("events_api") if "remember this" in str(d.payload)]
        assert sent and not any(d.acknowledged for d in sent)
        assert all(d.attempts > 1 for d in sent), "Slack sends it again"
    crew.slack.until(lambda: heard(crew, "remember this"))
    crew.slack.until(lambda: all(d.done.is_set() for d in sent))
    assert any(d.acknowledged for d in sent)
    assert len(heard(crew, "remember this")) == 1


def test_commands_are_acknowledged_while_the_database_is_busy(crew: Team) -> None:
    with database_is_busy(crew):
        answer = crew.bob.types("/people me", in_=crew.general)
        assert answer.ok
        assert answer.sent is not None and answer.sent.latency_s < 0.5
    crew.bob.told("You are Bob", crew.general)


def test_a_restart_between_an_event_and_its_repetition(crew: Team) -> None:
    crew.bob.says("<@BOT> @ada across a restart", in_=crew.general)
    crew.slack.until(lambda: heard(crew, "across a restart"))
    sent = crew.slack.deliveries("events_api")
    crew.restart()
    for delivery in sent:
        comes_again(crew, delivery)
    assert len(heard(crew, "across a restart")) == 1


def test_it_ends_when_it_is_told_to_at_any_moment(crew: Team) -> None:
    """A cancellation while the bell's connection is made was lost once."""
    for turn in range(7):  # Slack hands out ten addresses a minute
        time.sleep(turn * 0.004)
        crew.restart()
    works(crew)
    assert crew.slack.connections
