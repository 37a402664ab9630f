"""The first hour of a newcomer, in a real browser: ask, look, change, approve, open the published post.

Once with the rehearsal model on the stage; once with a real client of a real model server that fails on the way, on a
real Bluesky server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.servers.aimock import Aimock
from tests.servers.pds import Pds
from tests.system.troupe import Running, up

PATIENCE_MS = 30_000
"""The machine is small and the servers are real; what has to be quick is measured by the bench."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def offline(tmp_path: Path) -> Iterator[Running]:
    with up(tmp_path / "home") as running:
        yield running


def sign_in(page: Page, running: Running) -> None:
    page.goto(running.sign_in)
    expect(page.get_by_role("combobox", name=re.compile("Say something"))).to_be_visible(timeout=PATIENCE_MS)


def say(page: Page, text: str) -> None:
    box = page.get_by_role("combobox", name=re.compile("Say something"))
    box.fill(text)
    box.press("Enter")


def last_card(page: Page) -> Locator:
    return page.locator("article.card").last


def press(card: Locator, name: str) -> None:
    card.get_by_role("button", name=name, exact=True).click()


def test_from_a_draft_to_the_published_post_on_the_stage(page: Page, offline: Running) -> None:
    sign_in(page, offline)
    say(page, '/post draft @ada "our new release" on stage')
    card = last_card(page)
    expect(card).to_contain_text("Ada Moreno")
    expect(card).to_contain_text("waiting for approval", timeout=PATIENCE_MS)
    expect(card).to_contain_text("rehearsal")

    press(card, "Edit…")
    dialog = page.get_by_role("dialog")
    text = dialog.get_by_label("Text")
    text.fill("Version two, in my own words.")
    dialog.get_by_role("button", name="Save").click()
    expect(card.locator("ins").first).to_contain_text("own words", timeout=PATIENCE_MS)

    press(card, "Ask for changes…")
    dialog.get_by_label("What should be different?").fill("shorter, and no emoji")
    dialog.get_by_role("button", name="Ask").click()
    expect(card).to_contain_text("3, by Ada Moreno", timeout=PATIENCE_MS)

    press(card, "Approve")
    expect(card).to_contain_text("published", timeout=PATIENCE_MS)
    with page.context.expect_page() as opened:
        card.get_by_role("link", name="Open the post").click()
    expect(opened.value.locator("body")).to_contain_text("Ada Moreno")

    say(page, "/audit")
    expect(page.locator("body")).to_contain_text("approved", timeout=PATIENCE_MS)


def test_on_bluesky_with_a_model_that_fails_on_the_way(
    page: Page, tmp_path: Path, aimock: Aimock, pds: Pds
) -> None:
    account = pds.account("ada")
    model = {"OPENAI_API_KEY": "sk-test-0123456789", "OPENAI_BASE_URL": aimock.url}
    with up(tmp_path / "home", **model) as running:
        words = ["connect", "bluesky", "--persona", "ada", "--handle", account.handle, "--pds", pds.url]
        running.troupe(*words, stdin=f"{account.app_password}\n")
        aimock.answer("our new release", {"segments": ["Written by a real client. #release"]})
        aimock.fail_once(429)
        sign_in(page, running)
        say(page, '/post draft @ada "our new release" on bluesky')
        card = page.locator("article.card").first  # an alert about the model comes after it
        expect(card).to_contain_text("Written by a real client", timeout=PATIENCE_MS)
        expect(card).to_contain_text("34/300 graphemes")
        expect(card).to_contain_text("too many requests")

        aimock.reset()
        aimock.fail_once(500)
        aimock.answer("gentler", {"segments": ["Gently written by a real client. #release"]})
        press(card, "Ask for changes…")
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("What should be different?").fill("gentler")
        dialog.get_by_role("button", name="Ask").click()
        expect(card).to_contain_text("Gently written", timeout=PATIENCE_MS)
        expect(card).to_contain_text("the server failed (500)")

        aimock.hang()
        press(card, "Ask for changes…")
        dialog.get_by_label("What should be different?").fill("warmer")
        dialog.get_by_role("button", name="Ask").click()
        expect(card).to_contain_text("rehearsal", timeout=90_000)
        aimock.calm()

        press(card, "Edit…")
        dialog.get_by_label("Text").fill("What people saw is what is out. #release")
        dialog.get_by_role("button", name="Save").click()
        expect(card).to_contain_text("4, by", timeout=PATIENCE_MS)
        press(card, "Approve")
        link = card.get_by_role("link", name="Open the post")
        expect(link).to_be_visible(timeout=PATIENCE_MS)

        records = pds.records(account.did)
        assert [record["value"]["text"] for record in records] == ["What people saw is what is out. #release"]
        assert records[0]["value"]["facets"][0]["features"][0]["tag"] == "release"
        assert re.search(records[0]["uri"].rpartition("/")[2], link.get_attribute("href") or "")
