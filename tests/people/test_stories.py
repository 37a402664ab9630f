"""People come, get a role, are known on more surfaces, and go; there is always an owner."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from agents import access
from agents.errors import Conflict, NotSignedIn
from agents.people import Role
from storage.unit_of_work import UnitOfWork
from tests.chat import Chat, Said
from tests.storage.cast import at_once


def code_in(said: Said) -> str:
    found = re.search(r"(?:sign-in/|link )([\w-]{20,})", said.text)
    assert found, said.text
    return found[1]


def test_everybody_sees_who_is_here(chat: Chat) -> None:
    card = chat.says("charlie", "/people list")
    assert "4 people" in card
    assert "Mia: manager, UTC" in card


def test_a_manager_invites_an_editor_with_a_link_that_works_once(chat: Chat) -> None:
    card = chat.says("mia", "/people invite Dora as editor zone Europe/Berlin")
    assert "http://troupe.test/sign-in/" in card
    assert card.card.audience == chat.people["mia"].id, "the link is for whoever invites, not for the channel"
    code = code_in(card)
    with chat.storage.unit_of_work() as work:
        dora = work.people.get(work.access.use_code(code, work.now))
        with pytest.raises(NotSignedIn, match="used already"):
            work.access.use_code(code, work.now)
    assert (dora.name, dora.role, dora.zone) == ("Dora", Role.EDITOR, "Europe/Berlin")
    assert code not in str(chat.events)


def test_an_invitation_ends(chat: Chat) -> None:
    code = code_in(chat.says("mia", "/people invite Dora"))
    chat.later(days=3, minutes=1)
    with chat.storage.unit_of_work() as work, pytest.raises(NotSignedIn, match="expired"):
        work.access.use_code(code, work.now)


@pytest.mark.parametrize("role", ["owner", "manager"])
def test_nobody_invites_above_an_editor_but_an_owner(chat: Chat, role: str) -> None:
    refused = chat.says("mia", f"/people invite Dora as {role}")
    assert refused.error.code == "forbidden"
    assert "takes an owner" in refused
    assert "Dora" not in chat.says("mia", "/people list").text
    assert f"as a{'n' if role == 'owner' else ''} {role}" in chat.says(
        "alice", f"/people invite Dora as {role}"
    )


@pytest.mark.parametrize("who", ["bob", "charlie"])
def test_others_invite_nobody(chat: Chat, who: str) -> None:
    assert chat.says(who, "/people invite Dora").error.code == "forbidden"


@pytest.mark.parametrize("name", ["", "   ", "\u202eevil", "‮", "…", "x" * 61])
def test_a_name_can_be_read(chat: Chat, name: str) -> None:
    refused = chat.says("alice", f'/people invite "{name}"')
    assert refused.error.code == "invalid"


def test_a_name_is_taken_without_regard_to_case(chat: Chat) -> None:
    assert "Somebody is called bob already." in chat.says("alice", "/people invite bob")
    assert "Somebody is called Bob already." in chat.says("charlie", "/people name Bob")
    assert "Chuck it is" in chat.says("charlie", "/people name Chuck")


def test_a_role_is_given_by_owners_only(chat: Chat) -> None:
    assert chat.says("mia", "/people role Bob viewer").error.code == "forbidden"
    assert "Bob is a manager now" in chat.says("alice", "/people role bob manager")
    event = chat.events[-1]
    assert (event.before, event.after) == ({"role": "editor"}, {"role": "manager"})
    assert "Bob is a manager already." in chat.says("alice", "/people role bob manager")


def test_a_role_is_given_by_button(chat: Chat) -> None:
    shown = chat.says("alice", "/people show Charlie")
    assert shown.labels == [
        "Sign out everywhere",
        "Remove Charlie",
        "Make an owner",
        "Make a manager",
        "Make an editor",
    ]
    assert "Charlie [editor]" in chat.presses("alice", "Make an editor")
    assert chat.presses("mia", "Make an owner", on=shown).error.code == "forbidden"


def test_the_last_owner_stays(chat: Chat) -> None:
    assert "Alice is the last owner, so cannot give up that role." in chat.says(
        "alice", "/people role Alice viewer"
    )
    chat.says("alice", "/people remove Alice")
    assert "Alice is the last owner, so cannot be removed." in chat.presses("alice", "Remove Alice")
    chat.says("alice", "/people role Mia owner")
    assert "Alice is a viewer now" in chat.says("alice", "/people role Alice viewer")


def test_somebody_who_is_removed_is_out_at_once(chat: Chat) -> None:
    bob = chat.people["bob"]
    with chat.storage.unit_of_work() as work:
        session = work.access.open_session(bob.id, work.now)
        link = work.access.new_code(bob.id, work.now)
        key = work.access.new_key("robot", bob.id, Role.EDITOR, work.now)
    chat.says("alice", "/persona approvers @ada bob and alice")
    chat.says("bob", "/persona auto @ada 5")
    asked = chat.says("alice", "/people remove Bob")
    assert "Bob is named as an approver of @ada" in asked
    assert asked.button("Remove Bob").confirm is not None
    assert "Bob [removed]" in chat.presses("alice", "Remove Bob")
    with chat.storage.unit_of_work() as work:
        assert work.access.session_person(session, work.now) is None
        for knock in (lambda: work.access.use_code(link, work.now), lambda: work.access.key(key, work.now)):
            with pytest.raises(NotSignedIn):
                knock()
        assert work.personas.standing(chat.ada.id, work.now) == []
    assert "was removed from this team" in chat.says("bob", "/post draft @ada x")
    assert "Bob" not in chat.says("alice", "/people list").text
    assert chat.events[-2].after == {"browsers_signed_out": 1, "keys_revoked": 1}


def test_somebody_comes_back_under_the_old_name(chat: Chat) -> None:
    chat.says("alice", "/people remove Bob")
    chat.presses("alice", "Remove Bob")
    chat.says("mia", "/people invite bob as viewer")
    back = chat.person("bob")
    assert (back.name, back.role, back.removed_at) == ("Bob", Role.VIEWER, None)


def test_signing_out_ends_every_browser_and_link(chat: Chat) -> None:
    with chat.storage.unit_of_work() as work:
        sessions = [work.access.open_session(chat.people["bob"].id, work.now) for _ in range(2)]
    code = code_in(chat.says("bob", "/people sign-in"))
    assert "Bob is signed out of 2 browsers" in chat.says("bob", "/people sign-out")
    with chat.storage.unit_of_work() as work:
        assert [work.access.session_person(session, work.now) for session in sessions] == [None, None]
        with pytest.raises(NotSignedIn):
            work.access.use_code(code, work.now)


def test_only_an_owner_signs_others_out(chat: Chat) -> None:
    assert chat.says("mia", "/people sign-out Bob").error.code == "forbidden"
    assert "Bob is signed out of 0 browsers" in chat.says("alice", "/people sign-out Bob")


def test_an_identity_is_linked_with_a_code(chat: Chat) -> None:
    code = code_in(chat.says("bob", "/people link"))
    with chat.storage.unit_of_work() as work:
        assert access.link(f" {code} ", "slack", "U123", work).name == "Bob"
        with pytest.raises(NotSignedIn):
            access.link(code, "slack", "U999", work)
    with chat.storage.reading() as work:
        found = work.people.known_as("slack", "U123")
    assert found is not None
    assert found.name == "Bob"
    assert "Known on: slack" in chat.says("bob", "/people me")


def test_an_identity_belongs_to_one_person(chat: Chat) -> None:
    bobs, charlies = (code_in(chat.says(who, "/people link")) for who in ("bob", "charlie"))
    with chat.storage.unit_of_work() as work:
        access.link(bobs, "slack", "U123", work)
    with chat.storage.unit_of_work() as work, pytest.raises(Conflict, match="belongs to Bob already"):
        access.link(charlies, "slack", "U123", work)


def test_a_sign_in_code_links_nobody_and_a_link_code_signs_nobody_in(chat: Chat) -> None:
    sign_in, link = code_in(chat.says("bob", "/people sign-in")), code_in(chat.says("bob", "/people link"))
    with chat.storage.unit_of_work() as work:
        for knock in (
            lambda: access.link(sign_in, "slack", "U1", work),
            lambda: work.access.use_code(link, work.now),
        ):
            with pytest.raises(NotSignedIn):
                knock()


@pytest.mark.parametrize("line", ["/people link", "/people sign-in"])
def test_a_program_lets_nobody_in(chat: Chat, line: str) -> None:
    assert chat.says("alice", line, via="robot").error.code == "forbidden"


def test_times_are_typed_in_ones_own_zone(chat: Chat) -> None:
    assert "Times are told to Bob in America/New_York now" in chat.says("bob", "/people zone new york")
    assert chat.person("bob").zone == "America/New_York"
    assert chat.says("mia", "/people zone Tokyo of Bob").error.code == "forbidden"
    assert "There is no time zone called Atlantis." in chat.says("bob", "/people zone Atlantis")


def test_keys_are_listed_and_revoked_by_their_owner_or_an_owner(chat: Chat) -> None:
    with chat.storage.unit_of_work() as work:
        for name, who in (("bobs", "bob"), ("mias", "mia")):
            work.access.new_key(name, chat.people[who].id, Role.EDITOR, work.now)
    assert "mias" not in chat.says("bob", "/key list").text
    assert "bobs: Bob, as an editor, never used" in chat.says("alice", "/key list")
    assert chat.says("bob", "/key revoke mias").error.code == "forbidden"
    assert "The API key bobs is revoked" in chat.says("bob", "/key revoke bobs")
    assert "Did you mean mias?" in chat.says("alice", "/key revoke mia")
    assert "The API key mias is revoked" in chat.says("alice", "/key revoke mias")
    assert "There is no API key" in chat.says("alice", "/key list")


def test_two_owners_who_demote_each_other_at_once_leave_one(chat_anywhere: Chat) -> None:
    """Also on PostgreSQL, where both transactions run at the same time."""
    chat = chat_anywhere
    chat.says("alice", "/people role Mia owner")
    alice, mia = chat.person("alice"), chat.person("mia")
    answers = at_once(
        lambda: chat.dispatcher.command("/people role Mia editor", alice, chat.place),
        lambda: chat.dispatcher.command("/people role Alice editor", mia, chat.place),
    )
    refused = [answer for answer in answers if getattr(answer, "error", None) is not None]
    assert len(refused) == 1, answers

    def owners(work: UnitOfWork) -> list[str]:
        return [person.name for person in work.people.everyone() if person.role is Role.OWNER]

    with chat.storage.reading() as work:
        assert len(owners(work)) == 1


def test_a_name_with_spaces_works_where_one_word_is_meant(chat: Chat) -> None:
    chat.says("alice", "/people invite Mary Ann as editor")
    assert "Mary Ann is a viewer now" in chat.says("alice", '/people role "mary ann" viewer')


def test_a_code_for_somebody_who_was_removed_links_nobody(chat: Chat) -> None:
    code = code_in(chat.says("bob", "/people link"))
    chat.says("alice", "/people remove Bob")
    chat.presses("alice", "Remove Bob")
    with chat.storage.unit_of_work() as work, pytest.raises(NotSignedIn):
        access.link(code, "slack", "U1", work)


def test_a_code_ends_by_itself(chat: Chat) -> None:
    code = code_in(chat.says("bob", "/people link"))
    chat.later(seconds=(access.CODE_LIVES + timedelta(seconds=1)).total_seconds())
    with chat.storage.unit_of_work() as work, pytest.raises(NotSignedIn, match="expired"):
        access.link(code, "slack", "U1", work)
