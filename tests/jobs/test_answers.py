"""A persona answers once: its message grows while it is written, whoever dies meanwhile, and is done in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from agents.errors import BudgetExhausted
from agents.events import TROUPE, Actor, Subject
from agents.halt import halt
from agents.jobs import Queue
from agents.money import FREE
from agents.oncall.kinds import AlertKind
from agents.personas.persona import Profile
from agents.talk.converse import conversation
from agents.talk.message import Message
from agents.writing.writer import Answer, Budget, Line, Tell, Usage, Writer, WritingFailed, untold
from bot import wiring
from bot.settings import load
from jobs.run import TRIES, run
from jobs.talk import GROWS_EVERY
from storage.unit_of_work import Committed, Storage, UnitOfWork
from tests.bench.house import NO_REDIS, House, furnish
from tests.jobs.timed import Timed
from tests.publishing.desk import Dies, Killed

PIECES = ("One", "One two", "One two three", "One two three four")
WHOLE = PIECES[-1]


class Mortal(Storage):
    """Its owner may be killed before each transaction, before each commit, and after."""

    dies: Callable[[str], None] = Dies()

    @contextmanager
    def unit_of_work(self, *, correlation: str = "") -> Iterator[UnitOfWork]:
        self.dies("before a transaction")
        with super().unit_of_work(correlation=correlation) as work:
            yield work
            self.dies("before a commit")
        self.dies("after a commit")


@dataclass(frozen=True)
class Speaking(Timed):
    """Its personas say what a test wants, a second for each piece."""

    heard: list[Sequence[Line]] = field(default_factory=list)
    watchers: list[Callable[[], None]] = field(default_factory=list)
    """Called before the first piece and after each."""
    raises: list[Exception] = field(default_factory=list)
    touched: list[frozenset[Subject]] = field(default_factory=list)
    gap: list[timedelta] = field(default_factory=lambda: [timedelta(seconds=1)])

    @cached_property
    def storage(self) -> Storage:
        whole = super().storage
        return Mortal(whole.engine, whole.box, self.clock, self._ring)

    def writer(self, profile: Profile) -> Writer:
        return self  # type: ignore[return-value]  # it answers; nobody here writes posts

    def answer(
        self,
        profile: Profile,
        conversation: Sequence[Line],
        now: datetime,
        budget: Budget,
        tell: Tell = untold,
    ) -> Answer:
        self.heard.append(conversation)
        self._look()
        for piece in PIECES:
            self.now.forward(self.gap[0])
            tell(piece)
            self._look()
            if self.raises:
                raise self.raises[0]
        return Answer(WHOLE, Usage("script", "script", 1, 1, FREE))

    def _look(self) -> None:
        for watcher in self.watchers:
            watcher()

    def _ring(self, committed: Committed) -> None:
        super()._ring(committed)
        self.touched.append(committed.subjects)

    def say(self, house: House, text: str = "@zoe how are you?", thread: str = "") -> tuple[Message, str]:
        """As Alice.  The message, and the row that owes its answer."""
        place = replace(house.place, thread=thread)
        return self.dispatcher.say(text, house.alice, place), self.rung[-1]

    def thread(self, of: Message) -> list[Message]:
        with self.storage.reading() as work:
            return work.messages.in_thread(of.own_thread)

    def mortal(self, at: int | None) -> Dies:
        dies = Dies(at)
        self.storage.dies = dies  # type: ignore[attr-defined]
        return dies


@pytest.fixture
def timed(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Speaking]:
    made = Speaking(load(troupe_home=tmp_path, database_url=database_url, redis_url=NO_REDIS))
    monkeypatch.setattr(wiring, "_process", made)
    with capture_logs():
        yield made
    made.close()


@pytest.fixture
def quiet(timed: Speaking) -> House:
    return furnish(timed)


def zoe(house: House) -> Actor:
    return Actor("persona", house.zoe.id, house.zoe.name)


def test_the_message_stands_before_the_first_word_and_grows_until_it_is_done(
    quiet: House, timed: Speaking
) -> None:
    said, id = timed.say(quiet)
    seen: list[tuple[str, bool]] = []
    timed.watchers.append(lambda: seen.extend((m.text, m.done) for m in timed.thread(said)))
    run(id)
    assert seen == [("", False), *((piece, False) for piece in PIECES)]
    (answer,) = timed.thread(said)
    assert (answer.text, answer.done, answer.author, answer.thread) == (
        WHOLE,
        True,
        zoe(quiet),
        said.own_thread,
    )


def test_it_grows_at_most_so_often(quiet: House, timed: Speaking) -> None:
    said, id = timed.say(quiet)
    timed.gap[0] = GROWS_EVERY / 2
    timed.touched.clear()
    run(id)
    (answer,) = timed.thread(said)
    grown = [touched for touched in timed.touched if touched == {answer.subject}]
    assert len(grown) == 2
    assert (answer.text, answer.done) == (WHOLE, True)


def test_every_change_is_heard_by_who_shows_the_message(quiet: House, timed: Speaking) -> None:
    said, id = timed.say(quiet)
    timed.touched.clear()
    run(id)
    (answer,) = timed.thread(said)
    assert [answer.subject in touched for touched in timed.touched].count(True) == len(PIECES) + 1
    assert Subject("channel", said.channel_id) in frozenset().union(*timed.touched)
    with timed.storage.reading() as work:
        assert [r.event.name for r in work.events.about(answer.subject)] == ["message.finished"]


def test_killed_anywhere_there_is_one_message_in_the_end(quiet: House, timed: Speaking) -> None:
    _, id = timed.say(quiet)
    whole = timed.mortal(None)
    run(id)
    assert whole.passed == 3 * (1 + 1 + len(PIECES) + 1 + 1), "claim, begin, grow, end, job done"
    for at in range(whole.passed):
        said, id = timed.say(quiet)
        timed.mortal(at)
        with pytest.raises(Killed):
            run(id)
        timed.mortal(None)
        assert len(timed.thread(said)) <= 1
        timed.now.forward(timed.leases[Queue.LONG] * 2)
        run(id)
        (answer,) = timed.thread(said)
        assert (answer.text, answer.done) == (WHOLE, True), f"killed at line {at}"
        subject = Subject("answer", f"{said.id}-{quiet.zoe.id}")
        with timed.storage.reading() as work:
            names = [r.event.name for r in work.events.about(subject)]
        assert names == ["persona.answered", "persona.answering"], f"killed at line {at}"


def test_a_second_run_does_not_ask_again(quiet: House, timed: Speaking) -> None:
    from jobs.talk import answer

    said, id = timed.say(quiet)
    run(id)
    answer(timed, Subject("answer", f"{said.id}-{quiet.zoe.id}"))
    assert len(timed.heard) == 1
    assert len(timed.thread(said)) == 1


def test_a_late_worker_cannot_write_into_what_is_done(quiet: House, timed: Speaking) -> None:
    said, id = timed.say(quiet)
    run(id)
    (answer,) = timed.thread(said)
    with timed.storage.unit_of_work() as work:
        assert not work.messages.grow(answer.id, "late words")
        assert not work.messages.finish(answer.id, TROUPE, "late words")
    assert timed.thread(said) == [answer]


def test_what_began_and_cannot_go_on_ends_in_the_words_of_the_failure(quiet: House, timed: Speaking) -> None:
    timed.raises.append(WritingFailed("No model answers.", remedy="Look at its key."))
    said, id = timed.say(quiet)
    run(id)
    (answer,) = timed.thread(said)
    assert answer.text == "Zoe cannot answer now. No model answers. Look at its key."
    assert (answer.done, answer.author) == (True, TROUPE)
    with timed.storage.reading() as work:
        (alert,) = work.alerts.open_about(Subject("persona", quiet.zoe.id))
    assert (alert.kind, alert.count) == (AlertKind.WRITING_FAILED, 1)


def test_a_budget_that_is_used_up_is_told_as_that(quiet: House, timed: Speaking) -> None:
    timed.raises.append(BudgetExhausted("@zoe has $0 left.", remedy="Raise the budget."))
    _, id = timed.say(quiet)
    run(id)
    with timed.storage.reading() as work:
        (alert,) = work.alerts.open_about(Subject("persona", quiet.zoe.id))
    assert (alert.kind, alert.persona_id) == (AlertKind.BUDGET_EXHAUSTED, quiet.zoe.id)
    timed.raises.clear()
    _, id = timed.say(quiet)
    run(id)
    with timed.storage.reading() as work:
        assert work.alerts.open_about(Subject("persona", quiet.zoe.id)) == [], "it answers again"


def test_a_paused_persona_says_nothing_and_troupe_says_why(quiet: House, timed: Speaking) -> None:
    said, id = timed.say(quiet)
    with timed.storage.unit_of_work() as work:
        halt("", quiet.alice, work)
    run(id)
    (answer,) = timed.thread(said)
    assert answer.text.startswith("Zoe cannot answer now. Troupe was halted by Alice.")
    assert (answer.done, answer.author, timed.heard) == (True, TROUPE, [])


def test_a_job_that_is_given_up_leaves_nothing_unfinished(quiet: House, timed: Speaking) -> None:
    timed.raises.append(RuntimeError("boom"))
    said, id = timed.say(quiet)
    for _ in range(TRIES):
        assert not any(message.done for message in timed.thread(said))
        run(id)
        timed.now.forward(timedelta(minutes=1))
    (answer,) = timed.thread(said)
    assert (answer.done, answer.author) == (True, TROUPE)
    assert f"answer failed {TRIES} times: RuntimeError" in answer.text
    with timed.storage.reading() as work:
        (alert,) = work.alerts.open_about(Subject("persona", quiet.zoe.id))
    assert alert.kind is AlertKind.WRITING_FAILED


# What a persona is shown


def test_a_conversation_goes_by_time_and_leaves_out_what_is_unfinished(quiet: House, timed: Speaking) -> None:
    first, _ = timed.say(quiet)
    with timed.storage.unit_of_work() as work:
        thread, channel, alice = first.own_thread, first.channel_id, quiet.alice.actor
        asked = work.messages.say(channel, thread, alice, "and now?", work.now)
        work.messages.say(channel, thread, alice, "said later", work.now)
        between = first.at + (asked.at - first.at) / 2
        work.messages.say(channel, thread, alice, "handed in later", between)
        work.messages.say(channel, thread, zoe(quiet), "unfinis", between, done=False)
    with timed.storage.reading() as work:
        lines = conversation(asked, quiet.zoe, work)
    assert [line.text for line in lines] == ["@zoe how are you?", "handed in later", "and now?"]


def test_many_lines_after_it_do_not_push_out_what_was_said_before(quiet: House, timed: Speaking) -> None:
    first, _ = timed.say(quiet)
    with timed.storage.unit_of_work() as work:
        thread, channel, alice = first.own_thread, first.channel_id, quiet.alice.actor
        work.messages.say(channel, thread, alice, "before", first.at)
        asked = work.messages.say(channel, thread, alice, "and now?", work.now)
        moment = timed.clock()
        for number in range(40):
            work.messages.say(channel, thread, alice, f"after {number}", moment)
    with timed.storage.reading() as work:
        lines = conversation(asked, quiet.zoe, work)
    assert [line.text for line in lines] == ["@zoe how are you?", "before", "and now?"]


def test_who_is_still_writing_owns_the_thread(quiet: House, timed: Speaking) -> None:
    first = timed.dispatcher.say("nobody in particular", quiet.alice, quiet.place)
    with timed.storage.unit_of_work() as work:
        work.messages.say(first.channel_id, first.own_thread, zoe(quiet), "", work.now, done=False)
    assert timed.rung == []
    timed.say(quiet, "and you?", first.own_thread)
    assert len(timed.rung) == 1
