"""The registry's buttons and forms in the stories in which people press them, the same in every chat.

Each story says which it presses; what reached the app proves it.
"""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from functools import partial

from PIL import Image

from agents.effects.effect import EffectState
from agents.events import TROUPE, Event, Subject
from agents.oncall.kinds import AlertKind
from agents.people import Role
from agents.writing.post import State
from bot import commands
from bot.registry import REGISTRY
from tests.servers.pds import Pds
from tests.surfaces.hands import Card, Form, Hands
from tests.surfaces.rows import put
from tests.surfaces.stories import presses

commands.load()

WHEN = "When, in your own time zone"
WAITING = "waiting for approval"


# ---- posts ----


@presses("post.changes", "post.edit", "post.history", "post.approve", "post.take_down")
def a_post_is_talked_over_and_goes_out(at: Hands, pds: Pds) -> None:
    card = at.draft("our news")
    at.fill("mia", "Ask for changes…", card, "Ask for changes", {"What should be different?": "shorter"})
    at.has(card, "2, by Ada", "About this version: shorter", WAITING)

    form = at.opens("bob", "Edit…", card, "Edit the post")
    assert form.value("Text") in at.reads(card)
    again = form.fill({"Why (optional)": "clearer"}).refused("Text", "same text as before")
    assert again.value("Why (optional)") == "clearer"
    again.fill({"Text": "Our news, in my words."}).sends()
    at.has(card, "3, by Bob", "Our news, in my words.", "About this version: clearer")

    at.presses("mia", "History", card)
    assert "Version 2, by Ada" in at.told("mia", "History of post").words
    at.presses("mia", "Approve", card)
    at.has(card, "published", "Approved by Mia")
    at.confirms("mia", "Take down", card, "cannot be put back")
    at.has(card, "taken down")
    assert at.labels(card) == []


@presses("post.reject", "post.ask_again", "post.write_again")
def a_post_is_refused_and_tried_again(at: Hands, pds: Pds) -> None:
    card = at.draft("our news")
    at.fill("mia", "Reject…", card, "Reject the post", {"Why? The persona is told.": "too loud"})
    at.has(card, "rejected", "Mia: too loud")
    at.presses("bob", "Ask again", card)
    at.has(card, WAITING)
    at.fill("mia", "Reject…", card, "Reject the post", {})
    at.has(card, "rejected")
    at.presses("bob", "Write again", card)
    at.has(card, "2, by Ada", WAITING)


@presses("post.schedule", "post.veto", "post.unschedule", "post.post_now")
def a_post_waits_for_its_time(at: Hands, pds: Pds) -> None:
    card, now = at.draft("our news"), at.crew.troupe.clock()
    form = at.opens("mia", "Schedule…", card, "Schedule the post")
    again = form.fill({WHEN: at.moment(now - timedelta(days=1))}).refused(WHEN)
    later = now + timedelta(days=1)
    again.fill({WHEN: at.moment(later)}).sends()
    at.has(card, "scheduled", "Goes out")
    at.fill("alice", "Veto…", card, "Veto the post", {"Why?": "not now"})
    at.has(card, "rejected", "Alice: not now")
    at.presses("alice", "Ask again", card)
    at.has(card, WAITING)
    plan(at, card, later)
    at.presses("bob", "Unschedule", card)
    at.has(card, WAITING)
    plan(at, card, later)
    at.confirms("mia", "Post now", card, "instead of at its time")
    at.has(card, "published")


def plan(at: Hands, card: Card, when: datetime) -> None:
    at.fill("mia", "Schedule…", card, "Schedule the post", {WHEN: at.moment(when)})
    at.has(card, "scheduled")
    at.until(lambda: "Unschedule" in at.buttons(card))


@presses("post.add_image", "post.remove_images")
def a_post_gets_a_picture_and_loses_it(at: Hands, pds: Pds) -> None:
    card, bob = at.draft("our news"), at.crew.bob
    form = at.opens("bob", "Add a picture…", card, "Add a picture")
    broken = bob.uploads(b"\x89PNG, but broken", "broken.png")
    again = form.fill({"Picture": broken, "What it shows": "A red square."}).refused("Picture")
    assert again.value("What it shows") == "A red square."
    again.fill({"Picture": bob.uploads(red_square(), "red.png")}).sends()
    at.has(card, "A red square.", "2, by Bob")
    assert at.pictures(card) == 1
    at.presses("bob", "Remove the pictures", card)
    at.has(card, "3, by Bob")
    assert at.pictures(card) == 0


def red_square() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(out, "PNG")
    return out.getvalue()


@presses("post.retry", "post.drop")
def what_did_not_go_out_is_sent_or_dropped(at: Hands, pds: Pds) -> None:
    failed = (EffectState.SENDING, EffectState.FAILED)
    card = planned(at, "one")
    put(at.crew.troupe, "one", State.FAILED, effect=failed)
    mend(at, card, "Retry", "published")
    card = planned(at, "two")
    put(at.crew.troupe, "two", State.MISSED)
    mend(at, card, "Drop", "rejected")


@presses("post.is_live", "post.is_not_live")
def what_is_in_doubt_is_looked_after(at: Hands, pds: Pds) -> None:
    doubt = (EffectState.SENDING, EffectState.UNKNOWN)
    for about, button in (("one", "It is live"), ("two", "It is not — send again")):
        card = planned(at, about)
        put(at.crew.troupe, about, State.PUBLISHING, State.UNKNOWN, effect=doubt)
        mend(at, card, button, "published")


def planned(at: Hands, about: str) -> Card:
    card = at.draft(about)
    plan(at, card, at.crew.troupe.clock() + timedelta(days=1))
    return card


def mend(at: Hands, card: Card, button: str, then: str) -> None:
    at.until(lambda: button in at.buttons(card))
    at.presses("mia", button, card)
    at.has(card, then)


# ---- personas ----


@presses("persona.new", "persona.edit", "persona.clone", "persona.export", "persona.import")
def personas_are_made(at: Hands, pds: Pds) -> None:
    card = at.ask("mia", "/persona templates", "Begin with a template")
    form = at.opens("mia", "From scratch…", card, "Persona")
    again = form.fill({"Name": "Yara", "Handle": "No handle!"}).refused("Handle")
    assert again.value("Name") == "Yara"
    again.fill({"Handle": "yara"}).sends()
    card = at.shows(at.general, "Yara (@yara)")
    at.fill("mia", "Edit…", card, "Persona", {"Who it is": "Looks at things twice."})
    at.has(card, "Looks at things twice.")
    at.fill("mia", "Clone…", card, "Clone a persona", {"Handle of the copy": "yuki"})
    at.shows(at.general, "(@yuki)")
    at.presses("charlie", "Export", card)
    assert "Looks at things twice." in at.told("charlie", "@yara as a document").words
    card = at.ask("mia", "/persona import", "Import a persona")
    form = at.opens("mia", "Import…", card, "Import a persona")
    again = form.fill({document(form): "name: Ines\nhandle: [1]"}).refused("YAML or JSON")
    again.fill({document(again): "name: Ines\nhandle: ines\nrole: Critic"}).sends()
    at.shows(at.general, "Ines (@ines)")


def document(form: Form) -> str:
    """The first of the fields that take it: how many there are depends on how long the fields of a chat are."""
    return next(label for label in form.labels if label.startswith("YAML or JSON"))


@presses("persona.pause", "persona.resume", "persona.archive", "persona.restore")
def a_persona_rests(at: Hands, pds: Pds) -> None:
    card = at.ask("mia", "/persona show", "Ada (@ada)", persona="@ada")
    at.presses("mia", "Pause", card)
    at.has(card, "paused")
    at.presses("mia", "Let it go on", card)
    at.has(card, "at work")
    at.declines("mia", "Archive", card, "Put @ada away?")
    assert "at work" in card.words
    at.confirms("mia", "Archive", card, "Put @ada away?")
    at.has(card, "archived")
    at.presses("mia", "Restore", card)
    at.has(card, "at work")


@presses("persona.decides", "persona.policy", "persona.end_auto")
def who_decides_is_changed(at: Hands, pds: Pds) -> None:
    card = at.ask("mia", "/persona show", "Ada (@ada)", persona="@ada")
    at.presses("mia", "Who decides", card)
    told = at.told("mia", "Who decides about posts of Ada")
    form = at.opens("mia", "Change…", told, "Who decides")
    form.fill({"Approvals needed": "99", "Only these people": ["Alice (owner)", "Mia (manager)"]})
    again = form.refused("Approvals needed")
    assert again.value("Approvals needed") == "99"
    again.fill({"Approvals needed": "2"}).sends()
    at.has(card, "2 approvals by Alice or Mia")
    told = at.ask("mia", "/persona auto", "approved beforehand", persona="@ada", posts=5, for_="2 days")
    at.presses("mia", "End it", told)
    at.told("mia", "Nothing of Ada is approved beforehand")


@presses("persona.connect_bluesky", "persona.connect_stage", "account.disconnect")
def accounts_are_connected_and_let_go(at: Hands, pds: Pds) -> None:
    account = pds.account("ada")
    card = at.ask("mia", "/persona show", "Ada (@ada)", persona="@ada")
    form = at.opens("mia", "Connect Bluesky…", card, "Connect Bluesky")
    form.fill({"Server": pds.url, "Handle": account.handle, "App password": "wrong-wrong-wrong"})
    again = form.refused("App password")
    assert again.value("Handle") == account.handle
    again.fill({"App password": account.app_password}).sends()
    at.has(card, f"{account.handle} on Bluesky")
    told = at.ask(
        "mia", "/persona disconnect", "Disconnect ada on Stage from Ada?", persona="@ada", platform="stage"
    )
    assert "forgets its credentials" in told.words
    at.confirms("mia", "Disconnect ada", told, "ada")
    at.until(lambda: "Connect the stage" in at.buttons(card))
    at.presses("mia", "Connect the stage", card)
    at.has(card, "ada on Stage")


# ---- people ----


@presses(
    *("person.sign_out", "person.remove"),
    *(f"person.make_{role.value}" for role in Role),
)
def people_are_changed(at: Hands, pds: Pds) -> None:
    card = at.ask("alice", "/people show", "Charlie", person="Charlie")
    for role in (Role.EDITOR, Role.MANAGER, Role.OWNER, Role.VIEWER):
        at.presses("alice", f"Make {role.a}", card)
        at.has(card, role.value)
        at.until(partial(lacks, at, card, f"Make {role.a}"))
    at.confirms("alice", "Sign out everywhere", card, "out of every browser")
    at.told("alice", "Charlie is signed out")
    at.confirms("alice", "Remove Charlie", card, "end at once")
    at.until(partial(lacks, at, card, "Remove Charlie"))


def lacks(at: Hands, card: Card, button: str) -> bool:
    return button not in at.buttons(card)


@presses(*(verb for verb in REGISTRY.buttons if verb.startswith("guest.")))
def strangers_are_let_in_or_not(at: Hands, pds: Pds) -> None:
    for name, button, then in (
        ("zoe", "Let in as a viewer", "Is now"),
        ("yan", "Let in as an editor", "editor"),
        ("xia", "Let in as a manager", "manager"),
        ("wim", "Not now", "not now"),
    ):
        card = stranger(at, name)
        at.presses("alice", button, card)
        at.has(card, then, "Decided by")
    card = stranger(at, "bobby")
    at.fill("alice", "It is somebody we know…", card, "Who is it?", {"Person": "Bob (editor)"})
    at.has(card, "Bob, editor")
    assert len([m for m in at.direct("alice").posts if "wants to talk to Troupe" in m.words]) == 5


def stranger(at: Hands, name: str) -> Card:
    """The card that the owner gets."""
    called = at.joins(name)
    at.asks_to_come_in(name)
    return at.shows(at.direct("alice"), f"{called} wants to talk to Troupe")


# ---- alerts, the trail, the big switch ----


@presses("alert.acknowledge", "alert.resolve")
def an_alert_is_dealt_with(at: Hands, pds: Pds) -> None:
    room = at.crew.channel("alerts")
    with at.crew.troupe.storage.unit_of_work() as work:
        work.channels.add(at.surface, "alerts", work.now, external_id=room.id)
        about = Subject("job", "backup")
        work.raise_alert(
            AlertKind.JOB_FAILED, about, "Nobody answers.", kept="Nothing is lost.", remedy="Look."
        )
    card = at.shows(room, "Nobody answers.")
    at.presses("bob", "Acknowledge", card)
    at.has(card, "Acknowledged by", "Bob")
    at.presses("bob", "Resolve", card)
    at.has(card, "Resolved by")
    assert at.labels(card) == []


@presses("audit.older")
def the_trail_goes_back(at: Hands, pds: Pds) -> None:
    with at.crew.troupe.storage.unit_of_work() as work:
        for number in range(40):
            work.record(Event("post.requested", Subject("post", f"p{number}"), TROUPE))
    card = at.ask("bob", "/audit", "udit trail")
    before = len(at.private("bob"))
    at.presses("bob", at.labels(card)[-1], card)
    at.until(lambda: len(at.private("bob")) > before)


@presses("system.halt", "system.resume", "system.status")
def the_big_switch(at: Hands, pds: Pds) -> None:
    at.ask("mia", "/halt", "Troupe is halted", reason="a drill")
    card = at.shows(at.general, "Troupe is halted", "a drill")
    at.presses("mia", "Let it go on", card)
    at.has(card, "Troupe is running")
    at.declines("mia", "Halt", card, "Stop every persona")
    assert "Troupe is running" in card.words
    at.confirms("mia", "Halt", card, "Stop every persona")
    at.has(card, "Troupe is halted")
    told = at.ask("charlie", "/status", "Halted")
    before = len(at.private("charlie"))
    at.presses("charlie", "Look again", told)
    at.until(lambda: len(at.private("charlie")) > before)
