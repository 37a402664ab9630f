"""The dead-man's switch: who is missed, who is not, and what is said when they are back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from agents.events import SYSTEM
from agents.jobs import JobName
from agents.oncall.alert import Alert, AlertState
from agents.oncall.kinds import AlertKind, Severity
from bot.settings import load
from bot.watch import EVERY_S, LONG_GONE, MISSED, Watch
from jobs.watch import FAILURES, PING_EVERY, Rounds
from storage.database import connect
from storage.secrets import Box
from storage.unit_of_work import Storage
from tests.bench.house import NO_REDIS
from tests.jobs.timed import Timed
from tests.storage.cast import KEY, Bell, Now
from tests.system.process import Loopback

SECOND = timedelta(seconds=1)
LOOK = EVERY_S * SECOND


@dataclass
class Hosts:
    """Processes on some hosts, and a watcher. Each that lives gives a sign before every look."""

    storage: Storage
    now: Now
    watch: Watch
    alive: dict[str, str] = field(default_factory=dict)
    """By process, since when."""
    skew: dict[str, timedelta] = field(default_factory=dict)
    """How far the clock of a host is ahead, by its name."""

    def starts(self, *processes: str) -> None:
        self.alive |= {process: self._at(process).isoformat() for process in processes}

    def dies(self, *processes: str) -> None:
        for process in processes:
            del self.alive[process]

    def says_goodbye(self, process: str) -> None:
        self.dies(process)
        with self.storage.unit_of_work() as work:
            work.switches.leave(process)

    def signs(self) -> None:
        with self.storage.unit_of_work() as work:
            for process, since in self.alive.items():
                kind = process.partition("@")[0]
                work.switches.beat(process, kind, self._at(process), {"since": since})

    def goes_on(self, seconds: float) -> None:
        for _ in range(round(seconds / EVERY_S)):
            self.now.forward(LOOK)
            self.signs()
            self.watch.look()

    def _at(self, process: str) -> datetime:
        host = process.partition("@")[2].partition(":")[0]
        return self.now.moment + self.skew.get(host, timedelta())

    @property
    def alerts(self) -> list[Alert]:
        with self.storage.reading() as work:
            return work.alerts.between(self.now.moment - timedelta(days=30), self.now.moment + SECOND)

    @property
    def states(self) -> list[tuple[str, Severity, AlertState]]:
        return [(alert.subject.id, alert.severity, alert.state) for alert in self.alerts]


@pytest.fixture
def hosts(database_url: str) -> Iterator[Hosts]:
    now = Now()
    storage = Storage(connect(database_url), Box(lambda: [KEY]), now, Bell())
    made = Hosts(storage, now, Watch(storage, "watch", lambda kind: kind != "clock"))
    with capture_logs():
        yield made
    storage.engine.dispose()


def test_nobody_is_missed_while_all_give_signs(hosts: Hosts) -> None:
    hosts.starts("worker@a:1", "web@a:2", "clock@a:3")
    hosts.goes_on(300)
    assert hosts.alerts == []


def test_who_ends_well_is_not_missed(hosts: Hosts) -> None:
    hosts.starts("worker@a:1", "web@a:2")
    hosts.goes_on(30)
    hosts.says_goodbye("worker@a:1")
    hosts.goes_on(120)
    assert hosts.alerts == []


def test_who_goes_without_a_word_is_missed_until_its_kind_is_back_on_that_host(hosts: Hosts) -> None:
    hosts.starts("worker@a:1", "web@a:2", "worker@b:1")
    hosts.goes_on(30)
    hosts.dies("worker@a:1")
    hosts.goes_on(MISSED.total_seconds() - EVERY_S)
    assert hosts.alerts == [], "not before its period is over"
    hosts.goes_on(2 * EVERY_S)
    assert hosts.states == [("worker@a", Severity.HIGH, AlertState.OPEN)]
    hosts.goes_on(60)
    (alert,) = hosts.alerts
    assert (alert.kind, alert.count) == (AlertKind.PROCESS_DOWN, 1)
    assert "worker on a stopped without a goodbye at 09:00:30 UTC" in alert.what
    assert "others of its kind go on" in alert.what
    hosts.starts("worker@b:9")
    hosts.goes_on(30)
    assert hosts.alerts[0].state is AlertState.OPEN, "another host's is no answer"
    hosts.starts("worker@a:7")
    hosts.goes_on(10)
    (alert,) = hosts.alerts
    assert alert.state is AlertState.RESOLVED
    assert alert.handled_by == "worker@a, which is back after 1 min"
    hosts.goes_on(120)
    assert len(hosts.alerts) == 1


def test_the_last_of_its_kind_is_critical(hosts: Hosts) -> None:
    hosts.starts("worker@a:1", "worker@a:2", "web@a:3")
    hosts.goes_on(30)
    hosts.dies("worker@a:1")
    hosts.goes_on(40)
    assert hosts.states == [("worker@a", Severity.HIGH, AlertState.OPEN)]
    hosts.dies("worker@a:2")
    hosts.goes_on(40)
    assert ("worker@a", Severity.CRITICAL, AlertState.OPEN) in hosts.states
    hosts.starts("worker@a:4")
    hosts.goes_on(10)
    assert {state for *_, state in hosts.states} == {AlertState.RESOLVED}


def test_what_was_started_again_at_once_is_told_and_wakes_nobody(hosts: Hosts) -> None:
    hosts.starts("worker@a:1", "worker@a:2")
    hosts.goes_on(30)
    hosts.dies("worker@a:1")
    hosts.now.forward(3 * SECOND)
    hosts.starts("worker@a:9")
    hosts.goes_on(40)
    (alert,) = hosts.alerts
    assert (alert.severity, alert.state) == (Severity.LOW, AlertState.RESOLVED)
    assert "was started again after 3 s" in alert.what
    assert alert.handled_by == "worker@a, which is back after 3 s"
    hosts.goes_on(120)
    assert hosts.alerts[0].count == 1


def test_what_hung_and_goes_on_by_itself_is_back(hosts: Hosts) -> None:
    hosts.starts("worker@a:1")
    hosts.goes_on(30)
    since = hosts.alive["worker@a:1"]
    hosts.dies("worker@a:1")
    hosts.goes_on(60)
    assert hosts.states == [("worker@a", Severity.CRITICAL, AlertState.OPEN)]
    hosts.alive["worker@a:1"] = since
    hosts.goes_on(10)
    (alert,) = hosts.alerts
    assert alert.state is AlertState.RESOLVED
    assert "back after 1 min" in alert.handled_by


def test_a_machine_that_slept_misses_nobody(hosts: Hosts) -> None:
    hosts.starts("worker@a:1", "web@a:2", "writer@a:3")
    hosts.goes_on(30)
    hosts.now.forward(timedelta(hours=8))
    hosts.watch.look()  # the first to wake up: every sign is old
    hosts.goes_on(300)
    assert hosts.alerts == []


def test_who_did_not_wake_up_is_missed(hosts: Hosts) -> None:
    hosts.starts("worker@a:1", "web@a:2")
    hosts.goes_on(30)
    hosts.dies("worker@a:1")
    hosts.now.forward(timedelta(hours=8))
    hosts.goes_on(15)
    assert hosts.alerts == []
    hosts.goes_on(15)
    assert hosts.states == [("worker@a", Severity.CRITICAL, AlertState.OPEN)]


def test_a_host_whose_clock_is_wrong_is_not_dead(hosts: Hosts) -> None:
    hosts.skew = {"a": timedelta(hours=-1), "b": timedelta(hours=1)}
    hosts.starts("worker@a:1", "worker@b:1", "web@c:1")
    hosts.goes_on(120)
    assert hosts.alerts == []
    hosts.dies("worker@b:1")
    hosts.goes_on(40)
    assert hosts.states == [("worker@b", Severity.HIGH, AlertState.OPEN)]


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1)])
def test_a_clock_that_jumps_raises_nothing(hosts: Hosts, jump: timedelta) -> None:
    hosts.starts("worker@a:1", "web@a:2")
    hosts.goes_on(60)
    hosts.now.forward(jump)
    hosts.goes_on(120)
    assert hosts.alerts == []


def test_what_ended_long_before_anybody_watched_is_no_news(hosts: Hosts) -> None:
    hosts.starts("worker@gone:1")
    hosts.signs()
    hosts.dies("worker@gone:1")
    hosts.now.forward(LONG_GONE + SECOND)
    hosts.starts("worker@a:1")
    hosts.goes_on(120)
    assert hosts.alerts == []
    with hosts.storage.reading() as work:
        assert [beat.process for beat in work.switches.beats(work.now - timedelta(days=1))] == ["worker@a:1"]


def test_whoever_takes_over_the_watch_knows_what_was_missed(hosts: Hosts) -> None:
    hosts.starts("worker@a:1", "web@a:2")
    hosts.goes_on(30)
    hosts.dies("worker@a:1")
    hosts.goes_on(40)
    hosts.watch.stop()
    hosts.watch = Watch(hosts.storage, "watch", lambda kind: kind != "clock")
    hosts.goes_on(60)
    assert [alert.count for alert in hosts.alerts] == [1]
    hosts.starts("worker@a:5")
    hosts.goes_on(10)
    assert hosts.states == [("worker@a", Severity.CRITICAL, AlertState.RESOLVED)]


def test_of_several_watchers_one_raises(hosts: Hosts) -> None:
    other = Watch(hosts.storage, "watch", lambda kind: True)
    other._holder = "another:1"
    hosts.starts("worker@a:1")
    hosts.goes_on(10)
    assert other.look() is False
    hosts.watch.stop()
    assert other.look() is True
    assert hosts.watch.look() is False


def test_what_a_person_resolved_is_not_asked_about_again(hosts: Hosts) -> None:
    hosts.starts("worker@a:1", "web@a:2")
    hosts.goes_on(30)
    hosts.dies("worker@a:1")
    hosts.goes_on(40)
    with hosts.storage.unit_of_work() as work:
        (alert,) = work.alerts.unresolved()
        work.alerts.change(alert, state=AlertState.RESOLVED, handled_by="Bob", resolved_at=work.now)
    hosts.goes_on(1200)
    assert [(alert.state, alert.count) for alert in hosts.alerts] == [(AlertState.RESOLVED, 1)]


# --- what the clock looks at besides -------------------------------------------------------------------------------


class Ear:
    """An address outside that hears heartbeats.  answers: the status it answers with."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.answers = 200
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                ear.heard.append(self.path)
                self.send_response(ear.answers)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://hc.test:{self._server.server_port}/ping/secret-uuid"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


@pytest.fixture
def ear() -> Iterator[Ear]:
    made = Ear()
    yield made
    made.close()


@pytest.fixture
def clock(database_url: str, tmp_path: Path, ear: Ear) -> Iterator[Timed]:
    settings = load(
        troupe_home=tmp_path, database_url=database_url, redis_url=NO_REDIS, heartbeat_url=SecretStr(ear.url)
    )
    made = Timed(settings, resolver=Loopback())
    yield made
    made.close()


def pass_by(rounds: Rounds, troupe: Timed, length: timedelta) -> None:
    for _ in range(round(length / LOOK)):
        troupe.now.forward(LOOK)
        rounds.look()


def open_alerts(troupe: Timed, kind: AlertKind) -> list[str]:
    with troupe.storage.reading() as work:
        return [alert.what for alert in work.alerts.unresolved() if alert.kind is kind]


def test_somebody_outside_hears_every_minute_and_is_told_of_when_it_does_not(clock: Timed, ear: Ear) -> None:
    rounds = Rounds(clock)
    with capture_logs() as logged:
        pass_by(rounds, clock, 5 * PING_EVERY)
        assert ear.heard == ["/ping/secret-uuid"] * 5
        assert rounds.told()["ping"] == "ok"
        ear.answers = 404
        pass_by(rounds, clock, (FAILURES - 1) * PING_EVERY)
        assert open_alerts(clock, AlertKind.JOB_FAILED) == []
        pass_by(rounds, clock, 3 * PING_EVERY)
        (what,) = open_alerts(clock, AlertKind.JOB_FAILED)
        assert "hc.test" in what and "5 times in a row: HTTP 404" in what
        assert rounds.told()["ping"] == "HTTP 404"
        ear.answers = 200
        pass_by(rounds, clock, PING_EVERY)
    assert open_alerts(clock, AlertKind.JOB_FAILED) == []
    assert "secret-uuid" not in what + repr(logged) + repr(clock.settings)


def test_an_address_inside_is_refused_unless_somebody_vouches_for_it(clock: Timed, ear: Ear) -> None:
    inside = Timed(clock.settings.model_copy(update={"heartbeat_url": SecretStr("http://127.0.0.1:9/x")}))
    rounds = Rounds(inside)
    with capture_logs():
        pass_by(rounds, inside, PING_EVERY)
    assert rounds.told()["ping"] == "address_refused"
    inside.close()


def test_work_that_waits_too_long_is_told_of_once_and_until_it_is_done(clock: Timed) -> None:
    rounds = Rounds(clock)
    with clock.storage.unit_of_work() as work:
        work.owe(JobName.CHECK, SYSTEM)
    with capture_logs():
        pass_by(rounds, clock, timedelta(seconds=55))
        assert open_alerts(clock, AlertKind.QUEUE_LATE) == []
        pass_by(rounds, clock, timedelta(seconds=60))
        assert open_alerts(clock, AlertKind.QUEUE_LATE) == ["The most overdue job waits for 1 min."]
        with clock.storage.unit_of_work() as work:
            work.jobs.claim_due(work.now)
            for id in clock.rung:
                work.jobs.take(id, "w", work.now, timedelta(minutes=5))
                work.jobs.finish(id, "w", work.now)
        pass_by(rounds, clock, timedelta(seconds=10))
    assert open_alerts(clock, AlertKind.QUEUE_LATE) == []
    with clock.storage.reading() as work:
        (alert,) = work.alerts.between(clock.now.moment - timedelta(hours=1), clock.now.moment)
    assert (alert.count, alert.handled_by) == (1, "the workers, which have caught up")


def test_after_a_sleep_late_work_has_a_period_to_be_done(clock: Timed) -> None:
    rounds = Rounds(clock)
    with capture_logs():
        pass_by(rounds, clock, timedelta(seconds=60))
        with clock.storage.unit_of_work() as work:
            work.owe(JobName.CHECK, SYSTEM)
        clock.now.forward(timedelta(hours=8))
        pass_by(rounds, clock, timedelta(seconds=15))
        assert open_alerts(clock, AlertKind.QUEUE_LATE) == []
        pass_by(rounds, clock, timedelta(seconds=15))
    assert len(open_alerts(clock, AlertKind.QUEUE_LATE)) == 1
