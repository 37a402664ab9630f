"""Who is on call is asked, made, taken over, given back and left, in chat, on both databases."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from agents.errors import Conflict, NotFound
from agents.events import Subject
from agents.jobs import JobName
from agents.oncall import shifts
from agents.oncall.rota import on_call
from agents.people import Person
from storage.tables import JobRow
from tests.chat import MONDAY, Chat, Said
from tests.storage.cast import at_once

NEW = "/oncall rota new primary every week at 09:00 with @mia, @bob"


@pytest.fixture
def chat(chat_anywhere: Chat) -> Chat:
    """Everything here touches rows, so all of it runs on both databases. It is Monday, 10:00 UTC."""
    chat_anywhere.later(hours=1)
    return chat_anywhere


def rota_of(said: Said) -> Subject:
    assert said.card.subject is not None, said.text
    return said.card.subject


def now_on(chat: Chat) -> str:
    """Who has layer 1 now."""
    with chat.storage.reading() as work:
        shift = on_call(work.rotas.all(), work.rotas.overrides(work.now), work.now)[1]
        return work.people.get(shift.person_id).name


def owed(chat: Chat, rota: Subject) -> list[datetime]:
    """When the rota's hand-over is owed."""
    row = JobRow
    query = select(row.due_at).where(
        row.name == JobName.HAND_OVER.value, row.subject == str(rota), row.done_at.is_(None)
    )
    with chat.storage.reading() as work:
        return list(work.connection.execute(query).scalars())


def test_with_no_rota_everybody_is_told_how_to_make_one(chat: Chat) -> None:
    for command in ("/oncall who", "/oncall next"):
        card = chat.says("charlie", command)
        assert "Nobody is on call" in card and "/oncall rota new" in card


def test_a_manager_makes_a_rota_in_a_line(chat: Chat) -> None:
    card = chat.says("mia", NEW)
    assert card.card.title == "Mia is on call: primary"
    assert "Rotation: every week on Monday at 09:00, UTC" in card
    assert "In turn: Mia and Bob" in card
    assert "Until: 2026-11-30 09:00 UTC" in card
    assert card.labels == ["Take my shift until…", "Change…", "Remove"]
    assert chat.stands(rota_of(card)) == ["general"]
    assert chat.events[-1].name == "rota.made"
    assert owed(chat, rota_of(card)) == [datetime(2026, 11, 30, 9, tzinfo=UTC)]
    who = chat.says("charlie", "/oncall who")
    assert "1. primary: Mia until 30 Nov 09:00, then Bob" in who


def test_whoever_reads_is_told_in_their_own_zone(chat: Chat) -> None:
    chat.says("mia", NEW)
    chat.says("charlie", "/people zone Asia/Tokyo")
    assert "Mia until 30 Nov 18:00" in chat.says("charlie", "/oncall who")


@pytest.mark.parametrize("who", ["bob", "charlie"])
def test_only_managers_make_rotas(chat: Chat, who: str) -> None:
    assert chat.says(who, NEW).error.code == "forbidden"
    with chat.storage.reading() as work:
        assert work.rotas.all() == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("every day with @mia", "every day at 09:00, UTC"),
        ("every 3 days at 17:30 with mia and bob", "every 3 days at 17:30, UTC"),
        ("every other week at 08:00 with @mia", "every 2 weeks on Monday at 08:00, UTC"),
        ("every monday and friday at 09:00 with @mia", "every Monday and Friday at 09:00, UTC"),
        ("every weekday with @mia", "every Monday, Tuesday, Wednesday, Thursday and Friday at 09:00"),
        ("every day at 09:00 and 21:00 with @mia zone Berlin", "every day at 09:00 and 21:00, Europe/Berlin"),
        ("every week from 2026-12-02 with @mia", "every week on Wednesday at 09:00, UTC"),
    ],
)
def test_every_rhythm_is_read_and_told(chat: Chat, words: str, told: str) -> None:
    assert told in chat.says("mia", f"/oncall rota new primary {words}")


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("every month with @mia", "I do not know what to do with “every month”"),
        ("every 0 days with @mia", "I do not know what to do with “every 0 days”"),
        ("every day at 9 with @mia", "day at 9 is no rhythm"),
        ("every day at 09:00 and 21:30 with @mia", "same minute"),
        ("every day with @zed", "no person called"),
        ("every day with nobody", "1 to 50 people"),
        ("every day from tomorrow with @mia", "day from tomorrow is no rhythm"),
        ("every day with @mia layer 10", "no layer from 1 to 9"),
    ],
)
def test_what_is_wrong_is_said(chat: Chat, words: str, wrong: str) -> None:
    refused = chat.says("mia", f"/oncall rota new primary {words}")
    assert refused.error.code in ("invalid", "not_found")
    assert wrong in refused


def test_one_layer_has_one_rota(chat: Chat) -> None:
    chat.says("mia", NEW)
    assert "There is a rota called primary already" in chat.says("mia", NEW)
    other = NEW.replace("primary", "second")
    refused = chat.says("mia", other)
    assert "primary is the rota of layer 1" in refused and "with layer 2" in refused
    assert "layer 2" in chat.says("mia", f"{other} layer 2").card.badge
    with chat.storage.reading() as work:
        assert list(on_call(work.rotas.all(), [], work.now)) == [1, 2]


def test_two_who_make_the_same_layer_at_once_make_one(chat: Chat) -> None:
    def make(n: int) -> str:
        line = f"/oncall rota new rota{n} every day with @mia"
        answer = chat.dispatcher.command(line, chat.person("mia"), chat.place)
        return answer.error.code if answer.error else "made"

    made = at_once(*(partial(make, n) for n in range(4)))
    assert sorted(map(str, made)) == ["conflict", "conflict", "conflict", "made"]


def test_a_shift_is_taken_over_and_given_back(chat: Chat) -> None:
    rota = rota_of(chat.says("mia", NEW))
    assert now_on(chat) == "Mia"
    taken = chat.says("bob", "/oncall override until tomorrow 9:00")
    assert taken.card.title == "Bob is on call: primary"
    assert now_on(chat) == "Bob"
    [at] = owed(chat, rota)
    assert at - chat.now() < timedelta(minutes=1), "that is said at once"
    assert chat.events[-1].name == "rota.taken_over"
    chat.later(minutes=5)
    assert chat.presses("charlie", "Give it back", on=taken).error.code == "forbidden"
    assert "Mia is on call" in chat.presses("bob", "Give it back", on=taken)
    assert now_on(chat) == "Mia"
    [at] = owed(chat, rota)
    assert at - chat.now() < timedelta(minutes=1)
    again = chat.presses("bob", "Give it back", on=taken)
    assert again.error.code == "conflict" and "is over" in again


def test_an_override_begins_and_ends_by_itself(chat: Chat) -> None:
    card = chat.says("mia", NEW)
    card = chat.says("mia", "/oncall override @bob until tomorrow 18:00 from tomorrow 12:00 on primary")
    assert "Bob takes it: 2026-11-24 12:00 UTC" in card
    assert now_on(chat) == "Mia"
    assert owed(chat, rota_of(card)) == [datetime(2026, 11, 24, 12, tzinfo=UTC)]
    chat.later(days=1, hours=4)
    assert now_on(chat) == "Bob"
    chat.later(hours=6)
    assert now_on(chat) == "Mia"


def test_the_form_asks_the_next_one_for_whoever_is_on_call(chat: Chat) -> None:
    card = chat.says("mia", NEW)
    asked = chat.presses("mia", "Take my shift until…")
    assert {one.name: one.value for one in asked.form.fields}["person"] == chat.people["bob"].id
    offered = chat.presses("bob", "Take my shift until…", on=card)
    assert {one.name: one.value for one in offered.form.fields}["person"] == chat.people["bob"].id
    assert {o.label for o in offered.form.fields[0].options} == {"Mia", "Bob"}, "only who is in it"
    wrong = chat.fills("bob", offered, until="yesterday 9:00")
    assert list(wrong.wrong) == ["until"]
    assert "Bob is on call" in chat.fills("bob", offered, until="2026-11-24 09:00")


def test_whoever_is_not_in_the_rota_takes_no_shift(chat: Chat) -> None:
    chat.says("alice", "/oncall rota new primary every week at 09:00 with @mia")
    refused = chat.says("charlie", "/oncall override until tomorrow 9:00")
    assert refused.error.code == "forbidden" and "Only who is in the rota primary" in refused
    assert "Charlie is on call" in chat.says("alice", "/oncall override @charlie until tomorrow 9:00")


def test_with_two_rotas_one_has_to_be_named(chat: Chat) -> None:
    chat.says("mia", NEW)
    chat.says("mia", "/oncall rota new second every day with @mia and @alice layer 2")
    refused = chat.says("mia", "/oncall override until tomorrow 9:00")
    assert "Which rota is meant?" in refused and "primary or second" in refused
    assert "Alice is on call: second" in chat.says("alice", "/oncall override until tomorrow 9:00")


def test_what_comes_next(chat: Chat) -> None:
    chat.says("mia", NEW)
    shown = chat.says("charlie", "/oncall next primary")
    lines = shown.text.splitlines()
    assert lines[2:5] == [
        "Mia: today 09:00 – 30 Nov 09:00",
        "Bob: 30 Nov 09:00 – 7 Dec 09:00",
        "Mia: 7 Dec 09:00 – 14 Dec 09:00",
    ]


def test_a_rota_is_changed_and_whoever_has_the_turn_keeps_it(chat: Chat) -> None:
    chat.says("mia", NEW)
    chat.later(days=7, hours=1)
    assert now_on(chat) == "Bob"
    chat.says("mia", "/oncall rota change primary with @alice, @mia, @bob, @charlie")
    assert now_on(chat) == "Bob"
    changed = chat.says("mia", "/oncall rota change primary every day at 10:00 zone Berlin")
    assert now_on(chat) == "Bob"
    assert "every day at 10:00, Europe/Berlin" in changed
    assert set(chat.events[-1].after) >= {"rule", "zone", "starts"}
    assert chat.says("bob", "/oncall rota change primary every day").error.code == "forbidden"


def test_a_rota_is_changed_in_a_form_that_was_opened_on_it_as_it_is(chat: Chat) -> None:
    card = chat.says("mia", NEW)
    opened = chat.presses("mia", "Change…")
    values = {one.name: one.value for one in opened.form.fields}
    assert values == {
        "people": "Mia, Bob",
        "every": "week on Monday",
        "at": "09:00",
        "zone": "UTC",
        "begins": "",
    }
    assert "10:30" in chat.fills("mia", opened, at="10:30")
    stale = chat.fills("alice", opened, at="11:30")
    assert stale.error.code == "conflict"
    assert "10:30" in chat.sees("mia", rota_of(card))


def test_a_form_that_is_sent_as_it_was_opened_changes_nothing(chat: Chat) -> None:
    chat.says("mia", "/oncall rota new primary every 2 weeks at 09:00 and 21:00 with @mia from 2026-11-18")
    with chat.storage.reading() as work:
        [before] = work.rotas.all()
    chat.fills("mia", chat.presses("mia", "Change…"))
    with chat.storage.reading() as work:
        [after] = work.rotas.all()
    assert (after.rule, after.starts, after.people) == (before.rule, before.starts, before.people)


def test_a_rota_is_removed_after_a_question(chat: Chat) -> None:
    rota = rota_of(chat.says("mia", NEW))
    chat.says("bob", "/oncall override until tomorrow 9:00")
    asked = chat.says("mia", "/oncall rota remove primary")
    assert asked.button("Remove").confirm is not None
    assert chat.presses("bob", "Remove", on=asked).error.code == "forbidden"
    assert "gone" in chat.presses("mia", "Remove", on=asked).card.badge
    assert owed(chat, rota) == []
    assert "Nobody is on call" in chat.says("mia", "/oncall who")


def test_whoever_leaves_the_team_is_on_call_no_more(chat: Chat) -> None:
    chat.says("mia", NEW)
    chat.says("mia", "/oncall rota new second every day with @alice layer 2")
    chat.says("alice", "/oncall override @bob until tomorrow 9:00 on second")
    asked = chat.says("alice", "/people remove Bob")
    assert "They leave primary." in asked
    chat.presses("alice", "Remove Bob", on=asked)
    with chat.storage.reading() as work:
        rotas, overrides = work.rotas.all(), work.rotas.overrides(work.now)
        bob = chat.people["bob"].id
        for day in range(60):
            at = work.now + timedelta(days=day)
            assert bob not in {shift.person_id for shift in on_call(rotas, overrides, at).values()}
    assert {"rota.changed", "rota.given_back"} <= {event.name for event in chat.events}


def test_the_last_one_of_a_rota_is_not_removed(chat: Chat) -> None:
    chat.says("mia", "/oncall rota new primary every day with @bob")
    asked = chat.says("alice", "/people remove Bob")
    refused = chat.presses("alice", "Remove Bob", on=asked)
    assert refused.error.code == "conflict" and "Bob is alone in the rota primary" in refused
    assert "Bob" in chat.says("mia", "/people list")
    assert now_on(chat) == "Bob"


def test_nobody_is_removed_while_they_are_put_on_call(chat: Chat) -> None:
    """Both at once: either Bob is out of everything, or the one who came second is told."""
    rota = rota_of(chat.says("mia", NEW))
    asked = chat.says("alice", "/people remove Bob")
    alice, mia, bob = (chat.person(who) for who in ("alice", "mia", "bob"))
    action = asked.button("Remove Bob").action
    until = MONDAY + timedelta(days=30)

    def take() -> None:
        """Whichever of them lost says so."""
        with suppress(NotFound, Conflict), chat.storage.unit_of_work() as work:
            shifts.take_over(rota.id, bob, until, mia, work)

    at_once(lambda: chat.dispatcher.press(action, alice, chat.place), take)
    with chat.storage.reading() as work:
        held = [one for one in work.rotas.overrides(work.now) if one.ends_at > work.now]
        gone = work.people.get(bob.id).removed_at is not None
        assert not (gone and any(one.person_id == bob.id for one in held))
        assert not (gone and any(bob.id in one.people for one in work.rotas.all()))


def test_somebody_is_paged_by_hand(chat: Chat) -> None:
    chat.says("mia", NEW)
    paged = chat.says("bob", '/oncall page primary "the shop is down"')
    assert "Bob pages Mia: the shop is down" in paged
    alert = paged.card.subject
    assert alert is not None and alert.kind == "alert"
    with chat.storage.reading() as work:
        found = work.alerts.get(alert.id)
        assert (found.assigned_to, found.severity.value, found.count) == (chat.people["mia"].id, "high", 1)
    again = chat.says("bob", "/oncall page primary the shop is down")
    assert again.card.subject == alert, "the same words count it up"
    other = chat.says("bob", "/oncall page @alice the shop is down")
    assert other.card.subject != alert
    assert "person.paged" in {event.name for event in chat.events}
    assert chat.says("charlie", "/oncall page @alice hello").error.code == "forbidden"
    assert "no person called zed" in chat.says("bob", "/oncall page zed hello")


def test_a_calendar_is_pasted_in_place_of_the_rotation(chat: Chat) -> None:
    chat.says("mia", NEW)
    chat.says("mia", "/oncall import primary")
    form = chat.presses("mia", "Paste it…")
    calendar = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261101T000000Z\r\n"
        "DTSTART:20261124T000000Z\r\nDTEND:20261125T000000Z\r\nSUMMARY:On call - {}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    wrong = chat.fills("mia", form, name="holidays", text=calendar.format("Zed"))
    assert "On call - Zed" in str(wrong.error), "who is not known is listed"
    assert "1 shift of holidays" in chat.fills("mia", form, name="holidays", text=calendar.format("Charlie"))
    chat.later(days=1)
    assert now_on(chat) == "Charlie"
    assert "Charlie has it until, by the calendar holidays" in chat.says("mia", "/oncall rota show primary")
    assert "1 shift" in chat.fills("mia", form, name="holidays", text=calendar.format("Bob"))
    assert now_on(chat) == "Bob", "the same name again replaces it"


def test_how_a_calendar_is_subscribed_to(chat: Chat) -> None:
    chat.says("mia", NEW)
    card = chat.says("charlie", "/oncall export primary")
    assert "http://troupe.test/oncall/primary.ics?key=KEY" in card
    assert card.button("Download it").url == "http://troupe.test/oncall/primary.ics"


def test_somebody_who_was_removed_is_put_into_no_rota(chat: Chat) -> None:
    bob: Person = chat.people["bob"]
    chat.says("alice", "/people remove Bob")
    chat.presses("alice", "Remove Bob")
    draft = shifts.Draft(
        "night", (bob.id,), "FREQ=DAILY;INTERVAL=1", datetime.fromisoformat("2026-11-23"), "UTC"
    )
    with chat.storage.unit_of_work() as work, pytest.raises(NotFound, match="not in this team any more"):
        shifts.make(draft, chat.people["mia"], work)
    with chat.storage.reading() as work:
        assert work.rotas.all() == []


def test_a_change_that_was_overtaken_is_refused(chat: Chat) -> None:
    rota = rota_of(chat.says("mia", NEW))
    mia = chat.people["mia"]
    with chat.storage.unit_of_work() as work:
        before = work.rotas.get(rota.id)
        shifts.change(rota.id, mia, work, people=(mia.id,))
        with pytest.raises(Conflict, match="changed by somebody else"):
            work.rotas.change(before, before)
