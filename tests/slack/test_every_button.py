"""Every button and every form of the registry, pressed and submitted in Slack at least once, where a card or a list shows it.

Each story says which it presses, and what reached the app proves it; together they are all that the registry has.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest
from PIL import Image

from agents.effects.effect import EffectState
from agents.events import TROUPE, Event, Subject
from agents.oncall.kinds import AlertKind
from agents.people import Role
from agents.writing.post import State
from bot import commands
from bot.registry import REGISTRY
from tests.servers.pds import Pds
from tests.slack.emulator import Message, Modal, seeing
from tests.slack.emulator import Person as User
from tests.slack.stories import ask, draft, has, home, put, shows
from tests.slack.team import Team

commands.load()

Story = Callable[..., None]
STORIES: dict[Story, frozenset[str]] = {}


def presses(*verbs: str) -> Callable[[Story], Story]:
    def enter(story: Story) -> Story:
        STORIES[story] = frozenset(verbs)
        return story

    return enter


def test_no_button_is_left_out() -> None:
    assert frozenset().union(*STORIES.values()) == set(REGISTRY.buttons)


@pytest.fixture(autouse=True)
def pressed(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a story: what it says to press reached the app, and Slack refused nothing."""
    said = STORIES.get(request.function)
    crew: Team | None = request.getfixturevalue("crew") if said else None
    yield
    if said and crew:
        assert said <= verbs_pressed(crew)
        assert crew.slack.refusals() == []


def verbs_pressed(crew: Team) -> set[str]:
    """Of buttons without a form the press counts, or the confirmed question; of those with one its submission."""
    found = set()
    for delivery in crew.slack.deliveries():
        body = delivery.payload
        if body.get("type") == "block_actions":
            [action] = body["actions"]
            chosen = str((action.get("selected_option") or {}).get("value") or action["action_id"])
            verb = chosen.partition(":")[0]
            if verb in REGISTRY.buttons and REGISTRY.buttons[verb].form is None:
                found.add(verb)
        elif body.get("type") == "view_submission":
            found.add(json.loads(body["view"]["private_metadata"])[0].partition(":")[0])
    return found


# ---- posts ----


@presses("post.changes", "post.edit", "post.history", "post.approve", "post.take_down")
def test_a_post_is_talked_over_and_goes_out(crew: Team) -> None:
    card = draft(crew, "our news")
    fill(crew.mia, "Ask for changes…", card, "Ask for changes", {"What should be different?": "shorter"})
    has(crew, card, "2, by Ada", "About this version: shorter", "waiting for approval")

    crew.bob.clicks("Edit…", on=card)
    modal = crew.bob.modal
    assert modal.value("Text") in card.words
    wrong = modal.fill({"Why (optional)": "clearer"}).submit()
    assert "same text as before" in wrong.errors["Text"]
    assert modal.value("Why (optional)") == "clearer"
    assert modal.fill({"Text": "Our news, in my words."}).submit().action == "closed"
    has(crew, card, "3, by Bob", "Our news, in my words.", "About this version: clearer")

    crew.mia.chooses("History", on=card)
    assert "Version 2, by Ada" in crew.mia.told("History of post", crew.general).words
    crew.mia.clicks("Approve", on=card)
    has(crew, card, "published", "Approved by Mia")
    asked = crew.mia.clicks("Take down", on=card)
    assert asked.confirm is not None and "cannot be put back" in asked.confirm["text"]
    has(crew, card, "taken down")
    assert labels(card) == []


@presses("post.reject", "post.ask_again", "post.write_again")
def test_a_post_is_refused_and_tried_again(crew: Team) -> None:
    card = draft(crew, "our news")
    fill(crew.mia, "Reject…", card, "Reject the post", {"Why? The persona is told.": "too loud"})
    has(crew, card, "rejected", "Mia: too loud")
    crew.bob.clicks("Ask again", on=card)
    has(crew, card, "waiting for approval")
    fill(crew.mia, "Reject…", card, "Reject the post", {})
    has(crew, card, "rejected")
    crew.bob.clicks("Write again", on=card)
    has(crew, card, "2, by Ada", "waiting for approval")


@presses("post.schedule", "post.veto", "post.unschedule", "post.post_now")
def test_a_post_waits_for_its_time(crew: Team) -> None:
    card = draft(crew, "our news")
    crew.mia.clicks("Schedule…", on=card)
    modal = crew.mia.modal
    wrong = modal.fill({"When, in your own time zone": crew.troupe.clock() - timedelta(days=1)}).submit()
    assert [*wrong.errors] == ["When, in your own time zone"]
    later = crew.troupe.clock() + timedelta(days=1)
    assert modal.fill({"When, in your own time zone": later}).submit().action == "closed"
    has(crew, card, "scheduled", "Goes out")
    crew.alice.chooses("Veto…", on=card)
    assert crew.alice.modal_titled("Veto the post").fill({"Why?": "not now"}).submit().ok
    has(crew, card, "rejected", "Alice: not now")
    crew.alice.clicks("Ask again", on=card)
    has(crew, card, "waiting for approval")
    plan(crew, card, later)
    crew.bob.clicks("Unschedule", on=card)
    has(crew, card, "waiting for approval")
    plan(crew, card, later)
    asked = crew.mia.clicks("Post now", on=card)
    assert asked.confirm is not None and "instead of at its time" in asked.confirm["text"]
    has(crew, card, "published")


def plan(crew: Team, card: Message, at: datetime) -> None:
    fill(crew.mia, "Schedule…", card, "Schedule the post", {"When, in your own time zone": at})
    has(crew, card, "Unschedule")


@presses("post.add_image", "post.remove_images")
def test_a_post_gets_a_picture_and_loses_it(crew: Team) -> None:
    card = draft(crew, "our news")
    crew.bob.chooses("Add a picture…", on=card)
    modal = crew.bob.modal_titled("Add a picture")
    broken = crew.bob.uploads(b"\x89PNG, but broken", "broken.png")
    wrong = modal.fill({"Picture": broken, "What it shows": "A red square."}).submit()
    assert [*wrong.errors] == ["Picture"]
    assert modal.value("What it shows") == "A red square."
    modal.fill({"Picture": crew.bob.uploads(red_square(), "red.png")})
    assert modal.submit().ok
    has(crew, card, "A red square.", "2, by Bob")
    assert any(block["type"] == "image" for block in card.blocks)
    crew.bob.chooses("Remove the pictures", on=card)
    has(crew, card, "3, by Bob")
    assert not any(block["type"] == "image" for block in card.blocks)


def red_square() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(out, "PNG")
    return out.getvalue()


@presses("post.retry", "post.drop")
def test_what_did_not_go_out_is_sent_or_dropped(crew: Team) -> None:
    put(crew, planned(crew, "one"), State.FAILED, effect=(EffectState.SENDING, EffectState.FAILED))
    mend(crew, "one", "Retry", "published")
    put(crew, planned(crew, "two"), State.MISSED)
    mend(crew, "two", "Drop", "rejected")


@presses("post.is_live", "post.is_not_live")
def test_what_is_in_doubt_is_looked_after(crew: Team) -> None:
    for about, button in (("one", "It is live"), ("two", "It is not — send again")):
        doubt = (EffectState.SENDING, EffectState.UNKNOWN)
        put(crew, planned(crew, about), State.PUBLISHING, State.UNKNOWN, effect=doubt)
        mend(crew, about, button, "published")


def planned(crew: Team, about: str) -> str:
    plan(crew, draft(crew, about), crew.troupe.clock() + timedelta(days=1))
    return about


def mend(crew: Team, about: str, button: str, then: str) -> None:
    card = shows(crew.general, about, button)
    crew.mia.clicks(button, on=card)
    has(crew, card, then)


@presses("post.new", "post.show", "persona.connect")
def test_from_the_home_tab(crew: Team) -> None:
    crew.mia.opens_home()
    crew.mia.clicks("New post…", on=home(crew, crew.mia, "Nothing is scheduled"))
    modal = crew.mia.modal_titled("New post")
    wrong = modal.fill({"What is it about?": "our news", "Link (optional)": "no link at all"}).submit()
    assert [*wrong.errors] == ["Link (optional)"]
    assert modal.value("What is it about?") == "our news"
    assert modal.fill({"Link (optional)": None}).submit().ok
    card = shows(crew.slack.direct(crew.mia), "our news", "waiting for approval")
    crew.mia.clicks("Open", on=home(crew, crew.mia, "our news"))
    opened = crew.mia.modal
    assert "our news" in opened.words
    opened.close()
    crew.mia.clicks("Connect an account…", on=crew.mia.home)
    modal = crew.mia.modal_titled("Connect an account")
    assert modal.fill({"Whose account is it?": "Ada (@ada)"}).submit().action == "update"
    assert "Accounts of Ada" in crew.mia.modal.words
    assert "Approve" in labels(card)


# ---- personas ----


@presses("persona.new", "persona.edit", "persona.clone", "persona.export", "persona.import")
def test_personas_are_made(crew: Team) -> None:
    card = ask(crew.mia, "/persona templates", crew.general, "Begin with a template")
    crew.mia.clicks("From scratch…", on=card)
    modal = crew.mia.modal_titled("Persona")
    wrong = modal.fill({"Name": "Yara", "Handle": "No handle!"}).submit()
    assert [*wrong.errors] == ["Handle"]
    assert modal.value("Name") == "Yara"
    assert modal.fill({"Handle": "yara"}).submit().ok
    card = shows(crew.general, "Yara (@yara)")
    fill(crew.mia, "Edit…", card, "Persona", {"Who it is": "Looks at things twice."})
    has(crew, card, "Looks at things twice.")
    crew.mia.chooses("Clone…", on=card)
    assert crew.mia.modal_titled("Clone a persona").fill({"Handle of the copy": "yuki"}).submit().ok
    shows(crew.general, "(@yuki)")
    crew.charlie.chooses("Export", on=card)
    document = crew.charlie.told("@yara as a document", crew.general).words
    assert "Looks at things twice." in document
    card = ask(crew.mia, "/persona import", crew.general, "Import a persona")
    crew.mia.clicks("Import…", on=card)
    modal = crew.mia.modal_titled("Import a persona")
    text = next(label for label in modal.labels if label.startswith("YAML or JSON"))
    wrong = modal.fill({text: "name: Ines\nhandle: [1]"}).submit()
    assert wrong.action == "errors"
    assert modal.fill({text: "name: Ines\nhandle: ines\nrole: Critic"}).submit().ok
    shows(crew.general, "Ines (@ines)")


@presses("persona.pause", "persona.resume", "persona.archive", "persona.restore")
def test_a_persona_rests(crew: Team) -> None:
    card = ask(crew.mia, "/persona show @ada", crew.general, "Ada (@ada)")
    crew.mia.clicks("Pause", on=card)
    has(crew, card, "paused")
    crew.mia.clicks("Let it go on", on=card)
    has(crew, card, "at work")
    crew.mia.chooses("Archive", on=card)
    question = crew.mia.modal_titled("Archive")
    assert "Put @ada away?" in question.words
    question.close()
    assert "at work" in card.words
    crew.mia.chooses("Archive", on=card)
    assert crew.mia.modal_titled("Archive").submit().ok
    has(crew, card, "archived")
    crew.mia.clicks("Restore", on=card)
    has(crew, card, "Pause")


@presses("persona.decides", "persona.policy", "persona.end_auto")
def test_who_decides_is_changed(crew: Team) -> None:
    card = ask(crew.mia, "/persona show @ada", crew.general, "Ada (@ada)")
    crew.mia.chooses("Who decides", on=card)
    told = crew.mia.told("Who decides about posts of Ada", crew.general)
    crew.mia.clicks("Change…", on=told)
    modal = crew.mia.modal_titled("Who decides")
    wrong = modal.fill({"Approvals needed": "99"}).submit()
    assert [*wrong.errors] == ["Approvals needed"]
    assert modal.value("Approvals needed") == "99"
    modal.fill({"Approvals needed": "2", "Only these people": ["Alice (owner)", "Mia (manager)"]})
    assert modal.submit().ok
    has(crew, card, "2 approvals by Alice or Mia")
    told = ask(crew.mia, "/persona auto @ada 5 for 2 days", crew.general, "approved beforehand")
    crew.mia.clicks("End it", on=told)
    crew.mia.told("Nothing of Ada is approved beforehand", crew.general)


@presses("persona.connect_bluesky", "persona.connect_stage", "account.disconnect")
def test_accounts_are_connected_and_let_go(crew: Team, pds: Pds) -> None:
    account = pds.account("ada")
    card = ask(crew.mia, "/persona show @ada", crew.general, "Ada (@ada)")
    crew.mia.clicks("Connect Bluesky…", on=card)
    modal = crew.mia.modal_titled("Connect Bluesky")
    modal.fill({"Server": pds.url, "Handle": account.handle, "App password": "wrong-wrong-wrong"})
    wrong = modal.submit()
    assert wrong.action == "errors", wrong
    assert modal.value("Handle") == account.handle
    assert modal.fill({"App password": account.app_password}).submit().ok
    has(crew, card, f"{account.handle} on Bluesky")
    told = ask(crew.mia, "/persona disconnect @ada stage", crew.general, "Disconnect ada on Stage from Ada?")
    asked = crew.mia.clicks("Disconnect ada", on=told)
    assert asked.confirm is not None and "forgets its credentials" in asked.confirm["text"]
    has(crew, card, "Connect the stage")
    crew.mia.clicks("Connect the stage", on=card)
    has(crew, card, "ada on Stage")


# ---- people ----


@presses(
    *("person.sign_out", "person.remove"),
    *(f"person.make_{role.value}" for role in Role),
)
def test_people_are_changed(crew: Team) -> None:
    card = ask(crew.alice, "/people show Charlie", crew.general, "Charlie")
    for role in (Role.EDITOR, Role.MANAGER, Role.OWNER, Role.VIEWER):
        crew.alice.chooses(f"Make {role.a}", on=card)
        has(crew, card, role.value)
        crew.slack.until(partial(lacks, card, f"Make {role.a}"))
    crew.alice.clicks("Sign out everywhere", on=card)
    crew.alice.told("Charlie is signed out", crew.general)
    asked = crew.alice.clicks("Remove Charlie", on=card)
    assert asked.confirm is not None and "end at once" in asked.confirm["text"]
    crew.slack.until(lambda: "Remove Charlie" not in labels(card))


@presses(*(verb for verb in REGISTRY.buttons if verb.startswith("guest.")))
def test_strangers_are_let_in_or_not(crew: Team) -> None:
    direct = crew.slack.direct(crew.alice)
    for name, button, then in (
        ("zoe", "Let in as a viewer", "Is now"),
        ("yan", "Let in as an editor", "editor"),
        ("xia", "Let in as a manager", "manager"),
        ("wim", "Not now", "not now"),
    ):
        card = asks_to_come_in(crew, name)
        crew.alice.clicks(button, on=card)
        has(crew, card, then, "Decided by")
    card = asks_to_come_in(crew, "bobby")
    fill(crew.alice, "It is somebody we know…", card, "Who is it?", {"Person": "Bob (editor)"})
    has(crew, card, "Bob, editor")
    assert len([m for m in direct.posts if "wants to talk to Troupe" in m.words]) == 5


def asks_to_come_in(crew: Team, name: str) -> Message:
    """The card that the owner gets."""
    stranger = crew.slack.user(name)
    crew.general.invite(stranger)
    told = ask(stranger, "/troupe status", crew.general, "I do not know you yet")
    stranger.clicks("Ask to be let in", on=told)
    stranger.told("Your wish is passed on", crew.general)
    return shows(crew.slack.direct(crew.alice), f"{name} wants to talk to Troupe")


# ---- alerts, the trail, the big switch ----


@presses("alert.acknowledge", "alert.resolve")
def test_an_alert_is_dealt_with(crew: Team) -> None:
    with crew.troupe.storage.unit_of_work() as work:
        work.channels.add("slack", "alerts", work.now, external_id=crew.channel("alerts").id)
        about = Subject("surface", "discord")
        work.raise_alert(
            AlertKind.SURFACE_DOWN, about, "Nobody answers.", kept="Nothing is lost.", remedy="Look."
        )
    card = shows(crew.rooms["alerts"], "Nobody answers.")
    crew.bob.clicks("Acknowledge", on=card)
    has(crew, card, "Acknowledged by", "Bob")
    crew.bob.clicks("Resolve", on=card)
    has(crew, card, "Resolved by")
    assert labels(card) == []


@presses("audit.older")
def test_the_trail_goes_back(crew: Team) -> None:
    with crew.troupe.storage.unit_of_work() as work:
        for number in range(40):
            work.record(Event("post.requested", Subject("post", f"p{number}"), TROUPE))
    card = ask(crew.bob, "/audit", crew.general, "udit trail")
    before = {message.ts for message in crew.bob.private(crew.general)}
    crew.bob.clicks(labels(card)[-1], on=card)
    crew.slack.until(lambda: {m.ts for m in crew.bob.private(crew.general)} - before)


@presses("system.halt", "system.resume", "system.status")
def test_the_big_switch(crew: Team) -> None:
    ask(crew.mia, "/halt a drill", crew.general, "Troupe is halted")
    card = shows(crew.general, "Troupe is halted", "a drill")
    crew.mia.clicks("Let it go on", on=card)
    has(crew, card, "Troupe is running")
    asked = crew.mia.clicks("Halt", on=card, confirm=False)
    assert asked.confirm is not None and "Stop every persona" in asked.confirm["text"]
    assert "Troupe is running" in card.words
    crew.mia.clicks("Halt", on=card)
    has(crew, card, "Troupe is halted")
    told = ask(crew.charlie, "/troupe status", crew.general, "Halted")
    before = {message.ts for message in crew.charlie.private(crew.general)}
    crew.charlie.clicks("Look again", on=told)
    crew.slack.until(lambda: {m.ts for m in crew.charlie.private(crew.general)} - before)


# ---- what the stories share ----


def fill(who: User, button: str, card: Message, title: str, values: dict[str, object]) -> Modal:
    """Presses, fills in, submits; the modal closes."""
    who.clicks(button, on=card) if button in labels(card) else who.chooses(button, on=card)
    modal = who.modal_titled(title)
    submitted = modal.fill(values).submit()
    assert submitted.action == "closed", submitted
    return modal


def labels(card: Message) -> list[str]:
    return seeing.buttons(card.blocks)


def lacks(card: Message, option: str) -> bool:
    return option not in offered(card)


def offered(card: Message) -> list[str]:
    return seeing.options(card.blocks)
