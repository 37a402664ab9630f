"""Strangers on another surface: they ask once, a person or a group lets them in, nobody takes another one's place."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from agents import access, guests
from agents.errors import Conflict, Forbidden
from agents.events import Subject
from agents.guests import Guest, GuestState
from agents.oncall.kinds import AlertKind
from agents.people import Identity, Person, Role
from storage.tables import ChannelRow
from tests.chat import Chat, Said
from tests.people.test_stories import code_in
from tests.storage.cast import at_once


def asks(chat: Chat, name: str = "Dana", user_id: str = "U0DANA") -> Guest:
    with chat.storage.unit_of_work() as work:
        return guests.ask("slack", user_id, name, work, zone="Asia/Tokyo")


def sees(chat: Chat, who: str, guest: Guest) -> Said:
    chat.last = chat.sees(who, guest.subject)
    return chat.last


def known(chat: Chat, user_id: str = "U0DANA") -> Person | None:
    with chat.storage.reading() as work:
        return work.people.known_as("slack", user_id)


def admitted(chat: Chat, **given: Any) -> Person:
    member = {"user_id": "U0DANA", "name": "Dana", "zone": "Europe/Paris", "role": Role.EDITOR, "group": "m"}
    with chat.storage.unit_of_work() as work:
        return guests.admit_by_group("slack", **(member | given), work=work)


def close(chat: Chat, channel_id: str) -> None:
    with chat.storage.unit_of_work() as work:
        gone = update(ChannelRow).where(ChannelRow.id == channel_id).values(closed="archived")
        work.connection.execute(gone)


# --- asking --------------------------------------------------------------------------------------------------------


def test_a_stranger_asks_once_and_owners_are_shown_it(chat: Chat) -> None:
    guest = asks(chat)
    assert asks(chat, name="Dana Again") == guest
    assert chat.stands(guest.subject) == ["general", "direct"]
    assert [e.name for e in chat.events].count("guest.asked") == 1
    card = sees(chat, "alice", guest)
    assert "Dana wants to talk to Troupe on Slack [asks]" in card
    assert "slack U0DANA" in card
    assert card.labels == [
        "Let in as a viewer",
        "Let in as an editor",
        "Let in as a manager",
        "It is somebody we know…",
        "Not now",
    ]


def test_it_stands_in_every_channel_called_alerts_that_is_open(chat: Chat) -> None:
    with chat.storage.unit_of_work() as work:
        here, there, archived = (
            work.channels.add(surface, "alerts", work.now, external_id=id)
            for surface, id in (("console", "alerts"), ("slack", "C1"), ("discord", "9"))
        )
    close(chat, archived.id)
    guest = asks(chat)
    with chat.storage.reading() as work:
        places = {message.channel_id for message in work.messages.cards_of(guest.subject)}
        assert {here.id, there.id} < places
        assert not {archived.id, chat.channel.id} & places


def test_the_console_is_told_though_only_another_surface_has_such_a_channel(chat: Chat) -> None:
    with chat.storage.unit_of_work() as work:
        work.channels.add("slack", "alerts", work.now, external_id="C1")
        alert = work.raise_alert(
            AlertKind.SURFACE_DOWN, Subject("surface", "slack"), "A.", kept="B.", remedy="C."
        )
    assert chat.stands(Subject("alert", alert.id)) == ["alerts", "general"]


def test_the_first_channel_is_one_that_is_open(chat: Chat) -> None:
    close(chat, chat.channel.id)
    assert chat.stands(asks(chat).subject) == ["news", "direct"]


@pytest.mark.parametrize(
    ("told", "kept"),
    [("  Dana\u202e\n Smith ", "Dana Smith"), ("@#💥", "Somebody"), ("", "Somebody"), ("D" * 200, "D" * 60)],
)
def test_a_name_from_outside_becomes_one_that_can_be_read(chat: Chat, told: str, kept: str) -> None:
    assert asks(chat, told).name == kept


# --- being let in --------------------------------------------------------------------------------------------------


def test_a_manager_lets_somebody_in_and_they_are_told(chat: Chat) -> None:
    guest = asks(chat)
    sees(chat, "mia", guest)
    card = chat.presses("mia", "Let in as an editor")
    assert "[let in]" in card and "Is now: Dana, editor" in card and "Decided by: Mia" in card
    assert card.labels == []
    dana = known(chat)
    assert dana is not None
    assert (dana.name, dana.role) == ("Dana", Role.EDITOR)
    with chat.storage.reading() as work:
        own = work.channels.known_as("slack", f"direct:{dana.id}")
        assert own is not None and own.surface == "slack"
        [welcome] = work.messages.in_channel(own.id, dana.id)
    assert welcome.text.startswith("Mia let you in: you are Dana, an editor.")
    names = {e.name: e for e in chat.events}
    assert names["person.let_in"].after["user_id"] == "U0DANA"
    assert names["guest.let_in"].actor.name == "Mia"
    assert "Known on: slack U0DANA" in chat.says("alice", "/people show Dana")
    assert "Dana: editor, Asia/Tokyo, slack" in chat.says("alice", "/people list")


def test_only_an_owner_lets_a_manager_in_and_editors_let_nobody_in(chat: Chat) -> None:
    guest = asks(chat)
    card = sees(chat, "mia", guest)
    assert chat.presses("mia", "Let in as a manager", on=card).error.code == "forbidden"
    for label in ("Let in as a viewer", "Not now"):
        assert chat.presses("bob", label, on=card).error.code == "forbidden"
    assert chat.presses("bob", "It is somebody we know…", on=card).error.code == "forbidden"
    assert known(chat) is None
    chat.presses("alice", "Let in as a manager", on=card)
    dana = known(chat)
    assert dana is not None and dana.role is Role.MANAGER


def test_a_second_decision_is_told_who_was_first(chat: Chat) -> None:
    card = sees(chat, "alice", asks(chat))
    chat.presses("mia", "Let in as a viewer", on=card)
    for label in ("Let in as an editor", "Not now"):
        late = chat.presses("alice", label, on=card)
        assert late.error.code == "conflict" and "Dana was let in by Mia" in late
    dana = known(chat)
    assert dana is not None and dana.role is Role.VIEWER


def test_two_decisions_at_the_same_moment_let_in_one_person(chat_anywhere: Chat) -> None:
    """Also on PostgreSQL, where both transactions run at the same time."""
    chat = chat_anywhere
    guest = asks(chat)
    alice, mia = chat.person("alice"), chat.person("mia")
    answers = at_once(
        lambda: chat.dispatcher.press(f"guest.as_editor:{guest.id}:", alice, chat.place),
        lambda: chat.dispatcher.press(f"guest.as_viewer:{guest.id}:", mia, chat.place),
    )
    assert len([a for a in answers if getattr(a, "error", None) is not None]) == 1, answers
    with chat.storage.reading() as work:
        assert [p.name for p in work.people.everyone()].count("Dana") == 1
        assert len(work.people.all_identities()) == 1


def test_nobody_takes_a_name_over_that_is_or_was_somebody_elses(chat: Chat) -> None:
    chat.says("alice", "/people remove Charlie")
    chat.presses("alice", "Remove Charlie")
    for number, (name, becomes) in enumerate(
        [("Alice", "Alice 2"), ("ALICE", "ALICE 3"), ("charlie", "charlie 2")]
    ):
        sees(chat, "alice", asks(chat, name, f"U{number}"))
        chat.presses("alice", "Let in as a viewer")
        found = known(chat, f"U{number}")
        assert found is not None and (found.name, found.role) == (becomes, Role.VIEWER)
    assert chat.person("charlie").removed_at is not None


def test_a_long_name_that_is_taken_stays_within_its_limit(chat: Chat) -> None:
    for number in range(2):
        sees(chat, "alice", asks(chat, "D" * 60, f"U{number}"))
        chat.presses("alice", "Let in as a viewer")
    second = known(chat, "U1")
    assert second is not None and second.name.endswith("D 2") and len(second.name) <= 60


def test_somebody_known_is_recognised(chat: Chat) -> None:
    guest = asks(chat)
    sees(chat, "mia", guest)
    opened = chat.presses("mia", "It is somebody we know…")
    [field] = opened.form.fields
    assert {option.label for option in field.options} >= {"Alice (owner)", "Bob (editor)"}
    card = chat.fills("mia", opened, person=chat.people["bob"].id)
    assert "Is now: Bob, editor" in card
    found = known(chat)
    assert found is not None and found.name == "Bob"
    assert len(chat.people) == 4 and "Dana" not in chat.says("alice", "/people list").text


def test_a_manager_gives_nobody_the_rights_of_an_owner(chat: Chat) -> None:
    guest = asks(chat)
    sees(chat, "mia", guest)
    opened = chat.presses("mia", "It is somebody we know…")
    assert chat.fills("mia", opened, person=chat.people["alice"].id).error.code == "forbidden"
    assert known(chat) is None
    assert chat.fills("mia", opened, person="nobody").error.code == "not_found"


def test_whoever_is_turned_away_may_be_let_in_later(chat: Chat) -> None:
    guest = asks(chat)
    sees(chat, "mia", guest)
    card = chat.presses("mia", "Not now")
    assert "[not now]" in card and "Let in as a viewer" in card.labels and "Not now" not in card.labels
    again = asks(chat)
    assert (again.state, again.decided_by) == (GuestState.TURNED_AWAY, "Mia")
    assert "Is now: Dana, viewer" in chat.presses("mia", "Let in as a viewer", on=card)


def test_a_code_lets_in_whoever_was_waiting(chat: Chat) -> None:
    guest = asks(chat)
    code = code_in(chat.says("bob", "/people link"))
    with chat.storage.unit_of_work() as work:
        access.link(code, "slack", "U0DANA", work)
    card = sees(chat, "alice", guest)
    assert "Is now: Bob, editor" in card and card.labels == []


def test_the_trail_names_guests(chat: Chat) -> None:
    sees(chat, "mia", asks(chat))
    chat.presses("mia", "Let in as an editor")
    trail = chat.says("alice", "/audit")
    assert "Mia let in Dana of slack" in trail and "Mia let in Dana" in trail


# --- groups --------------------------------------------------------------------------------------------------------


def test_a_group_lets_its_members_in(chat: Chat) -> None:
    card = chat.says("mia", "/people group slack:S123/marketing as editor")
    assert "Whoever is in @marketing is let in as an editor" in card
    assert "@marketing: as an editor, on slack" in chat.says("bob", "/people groups")
    with chat.storage.reading() as work:
        [group] = work.guests.groups("slack")
        assert (group.external_id, group.role, group.made_by) == ("S123", Role.EDITOR, chat.people["mia"].id)
        assert work.guests.groups("discord") == []
    dana = admitted(chat)
    assert (dana.name, dana.role, dana.zone) == ("Dana", Role.EDITOR, "Europe/Paris")
    assert admitted(chat, name="Other", role=Role.MANAGER) == dana
    assert chat.events[-1].name == "person.let_in"
    assert chat.events[-1].after["group"] == "m"


def test_whoever_asked_before_the_group_was_set_need_not_be_decided_about(chat: Chat) -> None:
    guest = asks(chat)
    admitted(chat, zone="Mars/Olympus")
    card = sees(chat, "alice", guest)
    assert "Decided by: the group m" in card and card.labels == []
    dana = known(chat)
    assert dana is not None and dana.zone == "UTC"


def test_the_strongest_role_of_several_groups_comes_first(chat: Chat) -> None:
    for line in ("S1/all as viewer", "S2/leads as manager", "S3/press as editor"):
        chat.says("alice", f"/people group slack:{line}")
    with chat.storage.reading() as work:
        assert [g.name for g in work.guests.groups("slack")] == ["leads", "press", "all"]


def test_a_group_is_changed_and_ended_by_its_name(chat: Chat) -> None:
    chat.says("mia", "/people group slack:S123/marketing as editor")
    assert "let in as a viewer" in chat.says("mia", "/people group @marketing as viewer")
    assert chat.events[-1].before == {"role": "editor"}
    assert "@marketing lets nobody in any more" in chat.says("mia", "/people ungroup @Marketing")
    assert "No group lets people in" in chat.says("mia", "/people groups")
    assert chat.says("mia", "/people ungroup slack:S123/marketing").error.code == "not_found"
    assert "Mention the user group" in chat.says("mia", "/people ungroup @marketing")


def test_what_a_group_may_give_is_what_its_maker_may(chat: Chat) -> None:
    assert chat.says("bob", "/people group slack:S1/leads as viewer").error.code == "forbidden"
    assert chat.says("mia", "/people group slack:S1/leads as manager").error.code == "forbidden"
    assert "owned" not in chat.says("alice", "/people group slack:S1/leads as manager")
    for line in ("/people ungroup @leads", "/people group @leads as viewer"):
        assert chat.says("mia", line).error.code == "forbidden"
    assert "would own Troupe" in chat.says("alice", "/people group slack:S1/leads as owner")


# --- where people are told -----------------------------------------------------------------------------------------


def test_a_person_is_told_on_every_surface_where_they_are_known(chat: Chat) -> None:
    with chat.storage.unit_of_work() as work:
        bob = chat.people["bob"].id
        work.people.link(Identity(bob, "slack", "U0BOB"), work.now)
        work.tell(bob, Subject("post", "x"))
        places = {work.channels.get(m.channel_id) for m in work.messages.cards_of(Subject("post", "x"))}
    assert {(c.surface, c.direct_to) for c in places} == {("console", bob), ("slack", bob)}


def test_an_alert_whose_cards_stand_in_a_closed_channel_goes_where_owners_look(chat: Chat) -> None:
    with chat.storage.unit_of_work() as work:
        gone = work.channels.add("slack", "gone", work.now, external_id="C9")
        work.place(gone.id, Subject("post", "x"))
    close(chat, gone.id)
    with chat.storage.unit_of_work() as work:
        alert = work.raise_alert(
            AlertKind.JOB_FAILED, Subject("post", "x"), "What.", kept="All.", remedy="Do."
        )
    assert chat.stands(Subject("alert", alert.id)) == ["general"]


def test_a_channel_of_another_surface_is_routed_to(chat: Chat) -> None:
    with chat.storage.unit_of_work() as work:
        work.channels.add("slack", "general", work.now, external_id="C1")
        closed = work.channels.add("slack", "old", work.now, external_id="C2")
    close(chat, closed.id)
    chat.says("mia", "/persona route @ada #slack/general news")
    assert chat.events[-1].after == {"channels": ["console/news", "slack/general"]}
    chat.says("mia", "/persona route @ada slack/general")
    assert chat.events[-1].after == {"channels": ["slack/general"]}
    for line in ("general", "slack/old"):
        assert chat.says("mia", f"/persona route @ada {line}").error.code == "not_found"


def test_the_verbs_refuse_by_themselves(chat: Chat) -> None:
    """Whoever calls them."""
    guest = asks(chat)
    with chat.storage.unit_of_work() as work, pytest.raises(Forbidden):
        guests.let_in(guest.id, Role.VIEWER, chat.people["bob"], work)
    with chat.storage.unit_of_work() as work:
        guests.let_in(guest.id, Role.VIEWER, chat.people["mia"], work)
    with chat.storage.unit_of_work() as work, pytest.raises(Conflict):
        guests.turn_away(guest.id, chat.people["mia"], work)
