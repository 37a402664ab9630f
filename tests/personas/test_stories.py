"""Personas from the first to the archive, as people do it in the chat."""

from __future__ import annotations

from typing import Any

import pytest

from agents.approvals.policy import Policy
from agents.events import Event
from agents.personas import document
from agents.personas.persona import Delegation, PersonaState
from agents.personas.templates import template
from agents.tasks.family import Family
from agents.writing.post import State
from bot.cards import plain
from bot.commands.persona_forms import PersonaForm, values_of
from tests.chat import Chat
from tests.storage import cast


def newest(chat: Chat) -> Event:
    return chat.events[-1]


def test_everybody_sees_who_is_at_work(chat: Chat) -> None:
    assert "@ada: Ada, Product marketer — on Stage" in chat.says("charlie", "/persona list")
    card = chat.says("charlie", "/persona show @ada")
    assert "Ada (@ada) [at work]" in card
    assert chat.stands(chat.ada.subject) == ["general"]


def test_a_manager_makes_a_persona_out_of_a_template(chat: Chat) -> None:
    chat.says("mia", "/persona new")
    form = chat.presses("mia", "Founder…")
    assert [len(page) for page in form.form.pages] == [5, 5, 5, 5]
    made = chat.fills("mia", form, name="Zoe", handle="@Zoe")
    assert "Zoe (@zoe) [at work]" in made
    profile = chat.persona("zoe").profile
    assert profile.voice == template("founder").voice
    assert chat.stands(chat.persona("zoe").subject) == ["general"]
    event = newest(chat)
    assert (event.name, event.after["from"]) == ("persona.created", "the template founder")


def test_a_persona_is_made_by_one_line_too(chat: Chat) -> None:
    assert "Zoe Lee (@zoe)" in chat.says("mia", "/persona new Zoe Lee from community-host")
    assert "Inês (@ines)" in chat.says("mia", "/persona new Inês")
    assert "cannot make a handle" in chat.says("mia", "/persona new 李")
    assert "李 (@li)" in chat.says("mia", "/persona new 李 handle li")


def test_an_editor_makes_no_personas(chat: Chat) -> None:
    refused = chat.says("bob", "/persona new Zoe")
    assert refused.error.code == "forbidden"
    assert "takes a manager" in refused.error.what
    assert newest(chat).refused == refused.error.what


def test_a_form_tells_every_mistake_where_it_is(chat: Chat) -> None:
    chat.says("mia", "/persona templates")
    form = chat.presses("mia", "From scratch…")
    wrong = chat.fills(
        "mia",
        form,
        name="",
        handle="Ada Lovelace",
        zone="Mars/Base",
        topics="\n".join(["x" * 301, "y"]),
        monthly_budget_usd="-3",
        emoji="lots",
    ).wrong
    assert wrong == {
        "name": "This is needed.",
        "handle": "This should look as the hint says.",
        "zone": "Mars/Base is no time zone; use an IANA name such as Europe/Berlin or UTC",
        "topics": "Line 1: At most 300 characters, please.",
        "monthly_budget_usd": "At least 0, please.",
        "emoji": "This should be 'never', 'sparing' or 'often'",
    }


@pytest.mark.parametrize("word", ["founder", "community-host", "support-lead"])
def test_what_stands_in_a_form_is_what_comes_out_of_it(word: str) -> None:
    profile = template(word)
    assert PersonaForm.model_validate(values_of(profile)).profile() == profile


def test_an_edit_is_recorded_with_what_changed_only(chat: Chat) -> None:
    chat.says("mia", "/persona show @ada")
    form = chat.presses("mia", "Edit…")
    after = chat.fills(
        "mia", form, role="Head of words", topics="one\ntwo\n", samples="First.\n---\nSecond\n\nof two."
    )
    assert "Head of words" in after
    assert chat.persona().profile.voice.samples == ("First.", "Second\n\nof two.")
    event = newest(chat)
    assert event.before["role"] == "Product marketer"
    assert event.after == {
        "role": "Head of words",
        "voice.topics": ["one", "two"],
        "voice.samples": ["First.", "Second\n\nof two."],
    }


def test_which_tasks_it_takes_and_with_what_outlives_an_edit(chat: Chat) -> None:
    """A form that does not ask for a permission neither gives nor takes it."""
    narrow = Delegation(max_complexity=3, tools=(Family.EMAIL,))
    profile = chat.persona().profile.model_copy(update={"tasks": narrow})
    with chat.storage.unit_of_work() as work:
        work.personas.change(chat.persona(), profile=profile, avatar="")
    chat.says("mia", "/persona show @ada")
    chat.fills("mia", chat.presses("mia", "Edit…"), role="Head of words")
    assert chat.persona().profile.role == "Head of words"
    assert chat.persona().profile.tasks == narrow


def test_nothing_is_recorded_when_nothing_changed(chat: Chat) -> None:
    chat.says("mia", "/persona show @ada")
    before = len(chat.events)
    chat.fills("mia", chat.presses("mia", "Edit…"))
    assert len(chat.events) == before


def test_a_form_opened_on_an_older_persona_overwrites_nothing(chat: Chat) -> None:
    chat.says("mia", "/persona show @ada")
    form = chat.presses("mia", "Edit…")
    chat.says("alice", '/persona edit @ada role "Head of words"')
    refused = chat.fills("mia", form, role="Intern")
    assert refused.error.code == "stale"
    assert chat.persona().profile.role == "Head of words"


def test_a_budget_is_raised_by_a_line(chat: Chat) -> None:
    assert "$0 of $12.50" in chat.says("mia", "/persona edit @ada budget $12.50 zone berlin")
    assert chat.persona().profile.zone == "Europe/Berlin"


def test_a_handle_is_taken_once(chat: Chat) -> None:
    assert chat.says("mia", "/persona new Ada").error.code == "conflict"
    chat.says("mia", "/persona new Zoe")
    assert "@ada is taken." in chat.says("mia", "/persona edit @zoe handle ada")


def test_a_clone_has_the_voice_and_the_policy_but_no_account(chat: Chat) -> None:
    chat.says("mia", "/persona policy @ada role owner")
    chat.says("mia", "/persona show @ada")
    chat.fills("mia", chat.presses("mia", "Clone…"), handle="eve", name="Eve")
    with chat.storage.reading() as work:
        eve = work.personas.by_handle("eve")
        assert eve.profile.voice == chat.persona().profile.voice
        assert work.personas.policy(eve.id, "stage").approver_role == "owner"
        assert work.accounts.of(eve.id) == []
    assert newest(chat).after["from"] == "@ada"


def test_export_and_import_bring_a_persona_elsewhere(chat: Chat) -> None:
    text = plain(chat.says("charlie", "/persona export @ada").card)
    document_ = text.split("\n", 1)[1].rsplit("\nKeep it", 1)[0].replace("handle: ada", "handle: ada2")
    chat.says("mia", "/persona import")
    form = chat.presses("mia", "Import…")
    chat.fills("mia", form, text=document_)
    assert chat.persona("ada2").profile.voice == chat.persona().profile.voice


def test_an_import_replaces_only_what_it_is_told_to_replace(chat: Chat) -> None:
    changed = document.write(chat.persona().profile.model_copy(update={"role": "Poet"}))
    chat.says("mia", "/persona import")
    form = chat.presses("mia", "Import…")
    assert chat.fills("mia", form, text=changed).error.code == "conflict"
    assert "Poet" in chat.fills("mia", form, text=changed, replaces=True)
    assert newest(chat).after == {"role": "Poet"}


def test_a_bad_import_says_what_is_wrong_and_keeps_nothing(chat: Chat) -> None:
    chat.says("mia", "/persona import")
    before = len(chat.events)
    wrong = chat.fills(
        "mia", chat.presses("mia", "Import…"), text="name: Zoe\nhandle: zoe\nvoice:\n  toen: x"
    ).wrong
    assert "voice.toen is no field of a persona; did you mean tone?" in wrong["text"]
    assert len(chat.events) == before


def test_a_paused_persona_goes_on_when_somebody_lets_it(chat: Chat) -> None:
    assert "[paused]" in chat.says("mia", "/persona pause @ada")
    assert "@ada is paused." in chat.says("bob", "/post draft @ada hello")
    assert "[at work]" in chat.presses("mia", "Let it go on", on=chat.sees("mia", chat.ada.subject))
    assert [e.name for e in chat.events][-2:] == ["command.refused", "persona.resumed"]


def test_a_persona_cannot_be_paused_twice(chat: Chat) -> None:
    chat.says("mia", "/persona pause @ada")
    assert chat.says("mia", "/persona pause @ada").error.what == "@ada is paused, so it cannot become paused."


def test_the_archive_keeps_the_handle_and_gives_the_persona_back(chat: Chat) -> None:
    chat.says("mia", "/persona archive @ada")
    assert "There is no persona yet" in chat.says("charlie", "/persona list")
    assert "@ada is archived" in chat.says("mia", "/persona resume @ada")
    assert chat.says("mia", "/persona new Ada").error.code == "conflict"
    assert "[at work]" in chat.presses("mia", "Restore", on=chat.says("mia", "/persona show @ada"))


@pytest.mark.parametrize("state", [State.SCHEDULED, State.APPROVED, State.PUBLISHING])
def test_nothing_is_archived_or_disconnected_under_a_post_that_will_go_out(chat: Chat, state: State) -> None:
    with chat.storage.unit_of_work() as work:
        cast.variant(work, state=state)
    assert "1 post of this persona will still go out." in chat.says("mia", "/persona archive @ada")
    chat.says("mia", "/persona disconnect @ada stage")
    assert "1 post is about to go out as ada." in chat.presses("mia", "Disconnect ada")
    assert chat.persona().state is PersonaState.ACTIVE


def test_who_decides_is_changed_by_line_and_by_form(chat: Chat) -> None:
    shown = chat.says("mia", "/persona policy @ada quorum 2 on bluesky")
    assert "On Bluesky" in shown
    assert newest(chat).after == {"platform": "bluesky", "quorum": 2}
    form = chat.presses("mia", "Change for Bluesky…")
    alice, mia, bob = (chat.people[name].id for name in ("alice", "mia", "bob"))
    chat.fills("mia", form, approvers=[alice, bob], author_may_approve="no", escalate_to=mia)
    with chat.storage.reading() as work:
        policy = work.personas.policy(chat.ada.id, "bluesky")
        assert work.personas.policy(chat.ada.id, "stage") == Policy()
    assert (policy.quorum, policy.approvers, policy.author_may_approve) == (2, (alice, bob), False)
    assert policy.escalate_to == mia
    told = chat.says("alice", "/audit about policy")
    assert "approvers: nothing → Alice, Bob" in told
    assert "escalate to: nothing → Mia" in told


def test_approvers_are_named_and_given_up_by_name(chat: Chat) -> None:
    assert "Who approves: Alice or Bob" in chat.says("mia", "/persona approvers @ada Alice and @bob")
    assert "Who approves: a manager or above" in chat.says("mia", "/persona approvers @ada none")
    assert "Did you mean charlie?" in chat.says("mia", "/persona approvers @ada charly")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("quorum 3", "it takes 3 people, and 2 may approve"),
        ("role owner quorum 2", "it takes 2 people, and 1 may approve"),
        ("remind 80", "The reminder after 80 h would come when the request is over, after 72 h."),
        ("quorum 21", "21 is no number of approvals from 1 to 20."),
        ("keys maybe", "There is no answer called maybe."),
    ],
)
def test_a_policy_under_which_nothing_could_go_out_is_refused(chat: Chat, line: str, told: str) -> None:
    assert told in chat.says("mia", f"/persona policy @ada {line}").text
    with chat.storage.reading() as work:
        assert work.personas.policies(chat.ada.id) == {}


def test_a_policy_form_opened_on_an_older_policy_overwrites_nothing(chat: Chat) -> None:
    chat.says("mia", "/persona policy @ada")
    form = chat.presses("mia", "Change…")
    chat.says("alice", "/persona policy @ada keys yes")
    assert chat.fills("mia", form, quorum=2).error.code == "stale"
    with chat.storage.reading() as work:
        assert work.personas.policy(chat.ada.id, "").quorum == 1


def test_a_policy_form_refuses_strangers(chat: Chat) -> None:
    chat.says("mia", "/persona policy @ada")
    wrong = chat.fills("mia", chat.presses("mia", "Change…"), approvers=["nobody-here"]).wrong
    assert "nobody-here is nobody in this team." in wrong["approvers"]


def test_approval_beforehand_is_ones_own_and_ends(chat: Chat) -> None:
    assert "Approved beforehand by Mia: 10 more posts, for 14 days" in chat.says(
        "mia", "/persona auto @ada 10 for 2 weeks"
    )
    assert "may not approve posts of @ada" in chat.says("bob", "/persona auto @ada 5")
    assert "end other people's" in chat.says("bob", "/persona auto @ada 0")
    assert "101 is no number" in chat.says("mia", "/persona auto @ada 101")
    assert "91 is no number of days" in chat.says("mia", "/persona auto @ada 5 for 91 days")
    chat.later(days=15)
    assert "Nothing of Ada is approved beforehand" in chat.says("mia", "/persona auto @ada")


def test_approval_beforehand_is_ended_by_a_manager(chat: Chat) -> None:
    chat.says("alice", "/persona auto @ada 10")
    chat.says("mia", "/persona auto @ada")
    assert "Nothing of Ada is approved beforehand" in chat.presses("mia", "End it")
    assert [e.name for e in chat.events][-2:] == [
        "persona.auto_approval_given",
        "persona.auto_approval_ended",
    ]


def test_an_api_key_gives_no_approval_beforehand(chat: Chat) -> None:
    assert chat.says("mia", "/persona auto @ada 10", via="robot").error.code == "forbidden"
    chat.says("mia", "/persona policy @ada keys yes")
    assert "Approved beforehand by Mia" in chat.says("mia", "/persona auto @ada 10", via="robot")
    assert newest(chat).actor.via == "robot"


def test_cards_are_routed_to_more_channels(chat: Chat) -> None:
    assert "#news on console" in chat.says("mia", "/persona route @ada #news")
    assert newest(chat).after == {"channels": ["console/news"]}
    assert "Did you mean news?" in chat.says("mia", "/persona route @ada #nwes")
    assert "Cards also go to" not in chat.says("mia", "/persona route @ada none").text


@pytest.mark.parametrize(
    "line",
    [
        "edit @ada budget 5",
        "clone @ada eve",
        "import",
        "pause @ada",
        "archive @ada",
        "connect @ada",
        "route @ada none",
        "approvers @ada bob",
        "policy @ada quorum 2",
        "disconnect @ada stage",
        "templates",
    ],
)
def test_an_editor_changes_nothing_about_a_persona(chat: Chat, line: str) -> None:
    before: Any = chat.persona()
    assert chat.says("bob", f"/persona {line}").error.code == "forbidden"
    assert chat.persona() == before
    assert newest(chat).refused


def test_a_mistake_that_is_no_fields_own_is_the_whole_forms(chat: Chat) -> None:
    chat.says("mia", "/persona templates")
    form = chat.presses("mia", "From scratch…")
    wrong = chat.fills("mia", form, name="Zoe", handle="zoe", avatar="nothing-here")
    assert wrong.error.what == "There is no such picture."
    assert chat.acts("mia", "persona.new:fonder:").error.field == "template"
    assert chat.acts("mia", "persona.new:fonder:", {}).wrong.keys() == {"name", "handle"}
