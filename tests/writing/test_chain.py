"""Links fail, and somebody is waiting: what is tried again, what it costs, and what people are told."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from agents.errors import BudgetExhausted
from agents.personas.persona import Profile
from agents.writing.writer import ContentType, Draft, Lack, Line
from integrations.llm.link import Again, CallFailed, Malformed, Never, Refused, TimedOut, Tokens
from integrations.llm.prices import Rates
from tests.writing.cast import NOW, SKY, SPENT, Purse, Scripted, Time, assignment, chain, profile

GOOD = "Our new release is out."
HANGS = TimedOut("no answer in time", spent=None)
BUSY = Again("too many requests (429)")


def write(*links: Scripted, purse: Purse | None = None, time: Time | None = None, **known: Any) -> Draft:
    return chain(*links, time=time).write(assignment(**known), purse or Purse())


def test_the_first_link_that_answers_is_taken() -> None:
    second, purse = Scripted("b", GOOD), Purse()
    draft = write(Scripted("a", GOOD), second, purse=purse)
    assert draft.segments == (GOOD,)
    assert (draft.usage.model, draft.usage.rehearsal, draft.usage.notes) == ("a", False, ())
    assert draft.usage.cost == purse.spent == 1_100
    assert second.asked == []


def test_a_busy_link_is_asked_three_times_and_waited_for_longer_each_time() -> None:
    time = Time()
    draft = write(Scripted("a", BUSY, BUSY, GOOD), time=time)
    assert draft.usage.notes == ("a: too many requests (429), twice",)
    assert time.slept == [0.5, 1.0]


def test_after_three_tries_the_next_one_is_asked() -> None:
    busy = Scripted("a", BUSY)
    draft = write(busy, Scripted("b", GOOD))
    assert len(busy.asked) == 3
    assert (draft.usage.model, draft.usage.notes) == ("b", ("a: too many requests (429), 3 times",))


def test_the_provider_says_how_long_to_wait_unless_it_is_too_long() -> None:
    time = Time()
    patient = Scripted("a", Again("busy", retry_after_s=7), GOOD)
    write(patient, time=time)
    assert time.slept == [7]
    time = Time()
    draft = write(Scripted("a", Again("busy", retry_after_s=11)), Scripted("b", GOOD), time=time)
    assert (draft.usage.model, time.slept) == ("b", [])


def test_jitter_keeps_workers_apart() -> None:
    time = Time()
    chain(Scripted("a", BUSY, GOOD), time=time, jitter=lambda: 0.5).write(assignment(), Purse())
    assert time.slept == [0.75]


def test_what_will_never_work_is_not_tried_again() -> None:
    refused = Scripted("a", Never("the key was refused (401)"))
    draft = write(refused, Scripted("b", GOOD))
    assert len(refused.asked) == 1
    assert draft.usage.notes == ("a: the key was refused (401)",)


def test_a_hanging_link_leaves_time_for_those_after_it() -> None:
    time = Time()
    links = [Scripted(name, HANGS, time=time) for name in "abc"]
    draft = write(*links, time=time)
    assert [len(link.asked) for link in links] == [1, 1, 1]
    assert time.now_s == 60
    assert draft.usage.rehearsal
    alone = Scripted("a", HANGS, time=Time())
    write(alone)
    assert len(alone.asked) == 3


def test_nobody_waits_beyond_the_deadline() -> None:
    time = Time()
    slow, late = Scripted("a", HANGS, time=time), Scripted("b", HANGS, time=time)
    draft = chain(slow, late, time=time, deadline_s=30).write(assignment(), Purse())
    assert (slow.timeouts, late.timeouts) == ([20], [10])
    assert time.now_s == 30
    assert "no model answered, so the rehearsal model wrote this" in draft.usage.notes


def test_a_link_without_time_is_not_asked() -> None:
    time = Time()
    late = Scripted("b", GOOD)
    draft = chain(Scripted("a", HANGS, time=time), late, time=time, deadline_s=20.5).write(
        assignment(), Purse()
    )
    assert late.asked == []
    assert "b: no time was left to ask it" in draft.usage.notes


# Money


def test_what_a_failed_call_took_is_in_the_ledger_and_on_the_card() -> None:
    purse = Purse()
    spent = Tokens(500, 0)
    draft = write(
        Scripted("a", Never("its content filter stepped in", spent=spent)), Scripted("b", GOOD), purse=purse
    )
    assert [entry.spent for entry in purse.ledger] == [500, 1_100]
    assert draft.usage.cost == purse.spent == 1_600
    assert draft.usage.input_tokens == 1_500


def test_what_nobody_can_tell_is_counted_at_its_most() -> None:
    purse, time = Purse(), Time()
    draft = write(
        Scripted("a", HANGS, time=time),
        Scripted("b", Never("no")),
        Scripted("c", GOOD),
        purse=purse,
        time=time,
    )
    hung = purse.ledger[0]
    assert hung.spent == hung.amount > 8_000
    assert any("counted at its most" in note for note in draft.usage.notes)


def test_what_was_refused_costs_nothing() -> None:
    purse = Purse()
    draft = write(Scripted("a", Never("no")), purse=purse)
    assert (purse.spent, purse.reserved, draft.usage.cost) == (0, 0, 0)
    assert draft.usage.rehearsal


def test_every_call_has_its_own_reservation() -> None:
    purse = Purse()
    write(Scripted("a", BUSY, GOOD), purse=purse)
    assert len(purse.ledger) == 2
    assert all(entry.amount > 8_000 for entry in purse.ledger)


def test_without_money_nothing_is_asked_and_nothing_rehearsed() -> None:
    link = Scripted("a", GOOD)
    with pytest.raises(BudgetExhausted):
        write(link, purse=Purse(5_000))
    assert link.asked == []


def test_a_cheaper_link_may_still_fit() -> None:
    draft = write(Scripted("dear", GOOD), Scripted("free", GOOD, price=Rates(0, 0)), purse=Purse(0))
    assert draft.usage.model == "free"
    assert draft.usage.notes == ("dear: a call does not fit into what is left of the budget",)


def test_twenty_at_once_stay_within_the_budget() -> None:
    purse, refused, drafts = Purse(60_000), [], []
    start = threading.Barrier(20)

    def person() -> None:
        start.wait()
        try:
            drafts.append(write(Scripted("a", GOOD), purse=purse))
        except BudgetExhausted as error:
            refused.append(error)

    people = [threading.Thread(target=person) for _ in range(20)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert len(drafts) + len(refused) == 20
    assert purse.spent == 1_100 * len(drafts) <= 60_000
    assert purse.reserved == 0
    assert drafts


def test_an_estimated_price_is_told() -> None:
    dear = Rates(1, 1, "nobody lists a price for a; counted at $15")
    assert write(Scripted("a", GOOD, price=dear)).usage.notes == (
        "nobody lists a price for a; counted at $15",
    )


# Answers that cannot be used


def test_a_draft_that_is_too_long_goes_back_once_with_what_is_wrong() -> None:
    link = Scripted("a", "x" * 314, GOOD)
    draft = write(link)
    assert draft.segments == (GOOD,)
    assert "The text is 14 graphemes too long (314 of 300)." in link.asked[1][-1].text
    assert link.asked[1][-2] == ("assistant", '{"segments": ["' + "x" * 314 + '"]}')
    assert "went back to it: The text is 14 graphemes too long" in draft.usage.notes[0]
    assert draft.usage.input_tokens == 2 * SPENT.input


def test_a_draft_that_stays_too_long_is_shown_as_it_is() -> None:
    link = Scripted("a", "x" * 314, "y" * 320)
    assert write(link).segments == ("y" * 320,)
    assert len(link.asked) == 2


def test_a_draft_that_comes_back_worse_is_not_taken() -> None:
    never = profile(voice={"never_say": ("synergy",)})
    assert write(Scripted("a", "x" * 314, "synergy " * 50), profile=never).segments == ("x" * 314,)


def test_a_draft_is_kept_when_there_is_no_money_to_send_it_back() -> None:
    link = Scripted("a", "x" * 314, GOOD)
    probe = Purse()
    write(Scripted("a", GOOD), purse=probe)
    draft = write(link, purse=Purse(probe.ledger[0].amount + 50))
    assert draft.segments == ("x" * 314,)


def test_a_post_must_not_come_as_a_thread() -> None:
    link = Scripted("a", ["one", "two"], GOOD)
    assert write(link).segments == (GOOD,)
    assert write(Scripted("a", ["one", "two"]), type=ContentType.THREAD).segments == ("one", "two")


def test_the_model_is_given_room_for_the_label_and_the_label_is_put() -> None:
    labelled = profile(label=True)
    link = Scripted("a", "x" * 290, "x" * 283)
    draft = write(link, profile=labelled)
    assert draft.segments == ("x" * 283 + "\n\nWritten with AI",)
    assert SKY.length(draft.segments[0]) == 300
    assert write(Scripted("a", Never("no")), profile=labelled).segments[-1].endswith("Written with AI")


def test_an_unreadable_answer_is_asked_for_once_more_then_somebody_else() -> None:
    bad = Malformed("the answer is not the JSON object that was asked for", answered="Sure!", spent=SPENT)
    link = Scripted("a", bad, GOOD)
    assert write(link).segments == (GOOD,)
    assert link.asked[1][-2] == ("assistant", "Sure!")
    assert "not the JSON object" in link.asked[1][-1].text
    purse = Purse()
    stubborn = Scripted("a", bad)
    draft = write(stubborn, Scripted("b", GOOD), purse=purse)
    assert (len(stubborn.asked), draft.usage.model) == (2, "b")
    assert purse.spent == draft.usage.cost == 3 * 1_100


def test_when_everything_fails_it_is_rehearsed_and_said() -> None:
    draft = write(Scripted("a", Never("no such model")), Scripted("b", BUSY))
    assert draft.usage.rehearsal
    assert (draft.usage.provider, draft.usage.model) == ("rehearsal", "rehearsal")
    assert draft.usage.notes == (
        "a: no such model",
        "b: too many requests (429), 3 times",
        "no model answered, so the rehearsal model wrote this",
    )
    assert "our new release" in draft.segments[0]


@pytest.mark.parametrize(
    ("outcomes", "lack"),
    [
        ((BUSY, Never("the key was refused (401)"), HANGS), Lack.SILENCE),
        ((Malformed("the answer broke off", answered="{"),), Lack.NONSENSE),
        ((Refused("its content filter stepped in"), BUSY), Lack.NONSENSE),
    ],
)
def test_it_is_known_why_the_rehearsal_model_stood_in(outcomes: tuple[CallFailed, ...], lack: Lack) -> None:
    """An outage is everybody's trouble, a refusal that of one brief."""
    draft = write(*(Scripted(f"m{n}", outcome) for n, outcome in enumerate(outcomes)))
    assert (draft.usage.rehearsal, draft.usage.lack) == (True, lack)
    assert write(Scripted("a", *outcomes), Scripted("b", GOOD)).usage.lack is None
    assert write().usage.lack is None, "nobody was asked"


def test_without_any_link_the_rehearsal_model_needs_no_excuse() -> None:
    purse = Purse(0)
    draft = chain(passed_over=["openai:x was passed over: OPENAI_API_KEY is not set"]).write(
        assignment(), purse
    )
    assert draft.usage.notes == ("openai:x was passed over: OPENAI_API_KEY is not set",)
    assert purse.ledger == []


# Talk


def test_an_answer_goes_the_same_way() -> None:
    purse = Purse()
    talk = [Line("Alice", "Hi Ada")]
    answer = chain(Scripted("a", BUSY, "Hi Alice!")).answer(profile(), talk, NOW, purse)
    assert (answer.text, answer.usage.cost) == ("Hi Alice!", purse.spent)
    assert answer.usage.notes == ("a: too many requests (429)",)
    silent = Scripted("a", Malformed("it answered nothing", spent=SPENT))
    answer = chain(silent).answer(profile(), talk, NOW, purse)
    assert answer.usage.rehearsal
    assert answer.usage.notes[0] == "a: it answered nothing"
    with pytest.raises(BudgetExhausted):
        chain(Scripted("a", "Hi")).answer(profile(), talk, NOW, Purse(1))


def test_reserved_is_what_the_longest_answer_would_cost() -> None:
    purse = Purse(10_000_000)
    write(Scripted("a", GOOD, price=Rates(0, 1_000_000)), purse=purse)
    assert purse.ledger[0].amount == 8_000
    write(Scripted("a", GOOD, price=Rates(1_000_000, 0)), purse=purse, profile=replace_bio("é" * 1000))
    write(Scripted("a", GOOD, price=Rates(1_000_000, 0)), purse=purse, profile=replace_bio(""))
    assert purse.ledger[1].amount - purse.ledger[2].amount >= 2000


def replace_bio(bio: str) -> Profile:
    return profile(bio=bio)
