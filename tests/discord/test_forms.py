"""Forms, questions, menus and completion in Discord: errors keep what was typed, and a restart loses none of it."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bot.calls import Place
from tests.discord.emulator import Message, Modal
from tests.discord.emulator import Person as User
from tests.discord.stories import WAITING, ask, draft, fill, has, labels, offered, opens, shows, variant
from tests.discord.team import Team
from tests.servers.pds import Pds

WHEN = "When, in your own time zone"
LONG = "\n\n".join(f"Paragraph {number}: {'words and words, ' * 12}" for number in range(60)).strip()
"""Longer than two inputs of a modal."""


def refused(crew: Team, who: User, modal: Modal, words: str) -> Modal:
    """Sends it; the errors are told in private, and the form opens again with what was typed."""
    assert modal.submit().action == "closed"
    told = who.told(words, crew.general)
    assert "Nothing was changed yet" in told.words
    assert who.clicks("Open it again", on=told).ok
    return who.modal


def test_an_error_keeps_what_was_typed_and_goes_away(crew: Team) -> None:
    card = draft(crew, "our news")
    modal = opens(crew.mia, "Schedule…", card, "Schedule the post")
    again = refused(crew, crew.mia, modal.fill({WHEN: "yesterday 9:00"}), "has passed")
    assert again.value(WHEN) == "yesterday 9:00"
    assert again.fill({WHEN: "tomorrow 9:00"}).submit().action == "closed"
    has(crew, card, "scheduled", "Goes out")
    crew.discord.until(lambda: crew.mia.private(crew.general) == [])
    assert crew.discord.refusals == []


def test_a_text_of_several_pages_goes_in_and_comes_out_whole(crew: Team) -> None:
    card = ask(crew.mia, "/persona show", crew.general, "Ada (@ada)", persona="@ada")
    modal = opens(crew.mia, "Edit…", card, "Persona (1 of 4)")
    modal.fill({"Name": "Ada Lovelace"}).submit()
    for page in (2, 3, 4):
        between = crew.mia.told(f"{page - 1} of 4 pages are filled in", crew.general)
        if page == 3:
            crew.discord.until(lambda: len(crew.mia.private(crew.general)) == 1)
            crew.restart()
        crew.mia.clicks(f"Page {page} of 4", on=between)
        crew.mia.modal_titled(f"Persona ({page} of 4)").submit()
    has(crew, card, "Ada Lovelace (@ada)")
    crew.discord.until(lambda: crew.mia.private(crew.general) == [])
    assert crew.discord.refusals == []


def test_a_long_text_in_one_field_is_lossless(crew: Team) -> None:
    card = draft(crew, "our news")
    crew.bob.types("/post edit", in_=crew.general, post=variant(crew, "our news").id[:8], text=LONG[:6000])
    has(crew, card, "2, by Bob")
    before = variant(crew, "our news").id
    modal = opens(crew.bob, "Edit…", card, "Edit the post")
    assert len([label for label in modal.labels if label.startswith("Text")]) > 1
    modal.fill({"Why (optional)": "none"}).submit()
    crew.bob.told("same text as before", crew.general)
    assert variant(crew, "our news").id == before


def test_what_was_typed_outlives_a_restart(crew: Team) -> None:
    card = draft(crew, "our news")
    modal = opens(crew.bob, "Edit…", card, "Edit the post")
    crew.restart()
    assert modal.fill({"Text": "Typed before, sent after."}).submit().action == "closed"
    has(crew, card, "Typed before, sent after.", "2, by Bob")
    crew.restart()
    crew.mia.clicks("Approve", on=card)
    has(crew, card, "published", "Approved by Mia")
    assert crew.discord.refusals == []


def test_a_picture_is_uploaded_in_a_form(crew: Team) -> None:
    card = draft(crew, "our news")
    modal = opens(crew.bob, "Add a picture…", card, "Add a picture")
    broken = crew.bob.uploads(b"\x89PNG, but broken", "broken.png")
    again = refused(
        crew, crew.bob, modal.fill({"Picture": broken, "What it shows": "A red square."}), "Picture"
    )
    assert again.value("What it shows") == "A red square."
    again.fill({"Picture": crew.bob.uploads(red_square(), "red.png")}).submit()
    has(crew, card, "A red square.", "2, by Bob")
    assert [file.filename for file in card.attachments] and card.attachments[0].size is not None
    crew.bob.chooses("Remove the pictures", on=card)
    has(crew, card, "3, by Bob")
    crew.discord.until(lambda: card.attachments == [])


def red_square() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(out, "PNG")
    return out.getvalue()


def test_a_secret_is_not_kept(crew: Team, pds: Pds) -> None:
    account = pds.account("ada")
    card = ask(crew.mia, "/persona show", crew.general, "Ada (@ada)", persona="@ada")
    modal = opens(crew.mia, "Connect Bluesky…", card, "Connect Bluesky")
    modal.fill({"Server": pds.url, "Handle": account.handle, "App password": "wrong-wrong-wrong"})
    again = refused(crew, crew.mia, modal, "What you typed is kept, but for “App password”")
    assert again.value("Handle") == account.handle and again.value("App password") == ""
    again.fill({"App password": account.app_password}).submit()
    has(crew, card, f"{account.handle} on Bluesky")


def test_a_button_asks_before_it_acts(crew: Team) -> None:
    card = draft(crew, "our news")
    crew.mia.clicks("Approve", on=card)
    has(crew, card, "published")
    question = crew.mia.clicks("Take down", on=card).message
    assert question is not None and "cannot be put back" in question.words
    crew.mia.clicks(crew.mia.buttons(question)[-1], on=question)
    crew.discord.until(lambda: question not in crew.mia.private(crew.general))
    assert "published" in card.words
    question = crew.mia.clicks("Take down", on=card).message
    assert question is not None
    crew.restart()
    crew.mia.clicks(crew.mia.buttons(question)[0], on=question)
    has(crew, card, "taken down")
    crew.discord.until(lambda: crew.mia.private(crew.general) == [])
    assert labels(card) == [] and crew.discord.refusals == []


def test_a_menu_option_asks_before_it_acts(crew: Team) -> None:
    card = ask(crew.mia, "/persona show", crew.general, "Ada (@ada)", persona="@ada")
    assert "Archive" in offered(card)
    question = crew.mia.chooses("Archive", on=card).message
    assert question is not None and "Put @ada away?" in question.words
    crew.mia.clicks(crew.mia.buttons(question)[0], on=question)
    has(crew, card, "archived")


def test_a_decision_in_the_console_redraws_the_card_within_a_second(crew: Team) -> None:
    card = draft(crew, "our news")
    approve = next(part for part in _ids(card) if part.startswith("post.approve:"))
    with crew.troupe.storage.reading() as work:
        console = work.channels.by_name("console", "general")
    answer = crew.troupe.dispatcher.press(approve, crew.people["mia"], Place("console", console.id))
    assert answer.error is None
    has(crew, card, "Approved by Mia", timeout_s=1.0)


def _ids(card: Message) -> list[str]:
    row = next(part for part in card.components[0]["components"] if part["type"] == 1)
    return [str(button.get("custom_id", "")) for button in row["components"]]


def test_options_are_completed(crew: Team) -> None:
    draft(crew, "our news")
    general, bob = crew.general, crew.bob
    id = variant(crew, "our news").id
    assert [each["value"] for each in bob.completes("/post draft", "persona", "ad", in_=general)] == ["@ada"]
    [post] = bob.completes("/post approve", "post", "", in_=general)
    assert post["value"] == id[: len(post["value"])]
    assert [each["value"] for each in bob.completes("/people show", "person", "mi", in_=general)] == ["Mia"]
    times = bob.completes("/post schedule", "at", "tomorrow", in_=general, post=post["value"])
    assert "tomorrow 9:00" in [each["value"] for each in times]
    assert bob.completes("/post draft", "persona", "nobody", in_=general) == []
    assert crew.zoe.completes("/people show", "person", "", in_=general) == []


def test_a_menu_under_a_message_makes_a_post(crew: Team) -> None:
    said = crew.zoe.says("We have 1,000 users", in_=crew.general)
    assert crew.bob.uses("Make a post from this", on=said).ok
    modal = crew.bob.modal_titled("New post")
    again = refused(crew, crew.bob, modal.fill({"Link (optional)": "no link at all"}), "Link")
    assert again.value("What is it about?") == "We have 1,000 users"
    assert again.fill({"Link (optional)": ""}).submit().action == "closed"
    shows(crew.general, "We have 1,000 users", WAITING)
    picture = crew.zoe.says("", in_=crew.general, files=[crew.zoe.uploads(red_square())])
    crew.bob.uses("Make a post from this", on=picture)
    crew.bob.told("There are no words in that message", crew.general)


@pytest.mark.parametrize("button", ["Reject…", "Ask for changes…"])
def test_a_form_of_a_card_that_has_moved_on_changes_nothing(crew: Team, button: str) -> None:
    card = draft(crew, "our news")
    modal = opens(crew.mia, button, card, button.removesuffix("…") + ("" if "Ask" in button else " the post"))
    fill(crew.bob, "Edit…", card, "Edit the post", {"Text": "Other words."})
    has(crew, card, "2, by Bob")
    assert modal.fill({modal.labels[0]: "late"}).submit().action == "closed"
    crew.mia.told("not done", crew.general)
    assert "2, by Bob" in card.words and WAITING in card.words
