"""The Home tab: what waits for me is decided there, what I ask for begins there, and it shows the present."""

from __future__ import annotations

from agents.tasks.action import ActionState
from tests.slack.stories import draft, has, home, shows
from tests.slack.team import Team
from tests.surfaces import labour


def test_a_post_is_approved_from_home(crew: Team) -> None:
    card = draft(crew, "our news")
    crew.mia.opens_home()
    shown = home(crew, crew.mia, "Waits for you", "our news", "Hello Mia")
    assert {"Approve", "Ask for changes…", "Reject…", "Open"} <= set(shown.buttons)
    crew.mia.clicks("Approve", on=shown)
    has(crew, card, "published", "Approved by Mia")
    home(crew, crew.mia, "Nothing waits for you.", "Went out")
    assert crew.slack.refusals() == []


def test_changes_are_asked_for_from_home(crew: Team) -> None:
    card = draft(crew, "our news")
    crew.mia.opens_home()
    crew.mia.clicks("Ask for changes…", on=home(crew, crew.mia, "our news"))
    modal = crew.mia.modal_titled("Ask for changes")
    assert modal.fill({"What should be different?": "shorter"}).submit().ok
    has(crew, card, "2, by Ada", "About this version: shorter")


def test_it_is_redrawn_when_something_changes_anywhere(crew: Team) -> None:
    crew.bob.opens_home()
    home(crew, crew.bob, "Nothing is under way.")
    card = draft(crew, "our news")
    home(crew, crew.bob, "You asked for", "our news")
    crew.mia.clicks("Approve", on=card)
    home(crew, crew.bob, "Went out", "our news", "Nothing is under way.")
    published = len(crew.slack.calls("views.publish"))
    assert published <= 8, "one change is one look, not many"
    assert crew.slack.refusals() == []


def test_a_new_post_begins_there(crew: Team) -> None:
    crew.bob.opens_home()
    crew.bob.clicks("New post…", on=home(crew, crew.bob, "Hello Bob"))
    modal = crew.bob.modal_titled("New post")
    assert modal.fill({"What is it about?": "our picnic"}).submit().ok
    shows(crew.slack.direct(crew.bob), "our picnic", "waiting for approval")
    crew.mia.opens_home()
    crew.mia.clicks("Open", on=home(crew, crew.mia, "our picnic"))
    assert "our picnic" in crew.mia.modal.words


def test_an_account_is_connected_from_there(crew: Team) -> None:
    crew.mia.opens_home()
    crew.mia.clicks("Connect an account…", on=home(crew, crew.mia, "Hello Mia"))
    modal = crew.mia.modal_titled("Connect an account")
    assert modal.fill({"Whose account is it?": "Ada (@ada)"}).submit().ok
    shown = crew.mia.modal
    assert "ada, connected" in shown.words
    crew.mia.clicks("Connect Bluesky…", on=shown)
    assert crew.mia.modal_titled("Connect Bluesky").labels == ["Server", "Handle", "App password"]


def test_everybody_sees_what_they_may(crew: Team) -> None:
    draft(crew, "our news")
    crew.charlie.opens_home()
    shown = home(crew, crew.charlie, "Hello Charlie", "Nothing waits for you.")
    assert "New post…" not in shown.buttons
    assert "Approve" not in shown.buttons


def test_work_is_handed_over_and_decided_on_from_there(crew: Team) -> None:
    crew.bob.opens_home()
    crew.bob.clicks("New task…", on=home(crew, crew.bob, "Hello Bob"))
    modal = crew.bob.modal_titled("New task")
    assert modal.fill({"What is to be done?": "Compare three queues today."}).submit().ok
    shows(crew.slack.direct(crew.bob), "Compare three queues today", "being worked on")
    storage = crew.troupe.storage
    step = labour.wants(storage, labour.planned(storage, "Compare"))
    crew.mia.opens_home()
    shown = home(crew, crew.mia, "Compare three queues today", "Send an e-mail to max@example.com")
    crew.mia.clicks("Open", on=shown)
    assert labour.MAIL.splitlines()[-1] in crew.mia.modal.words
    with storage.reading() as work:
        assert work.actions.get(step.id).state is ActionState.PROPOSED
    assert crew.slack.refusals() == []


def test_a_stranger_is_told_how_to_come_in(crew: Team) -> None:
    crew.zoe.opens_home()
    shown = home(crew, crew.zoe, "I do not know you yet")
    crew.zoe.clicks("Ask to be let in", on=shown)
    card = shows(crew.slack.direct(crew.alice), "zoe wants to talk to Troupe")
    crew.alice.clicks("Let in as a viewer", on=card)
    has(crew, card, "zoe, viewer")
    crew.zoe.opens_home()
    home(crew, crew.zoe, "Hello zoe")
    assert crew.slack.refusals() == []
