"""The console in a real browser: the newcomer's first post, without a mouse, and what may not break on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.api.team import picture
from tests.web.console import Console


@pytest.fixture
def violations(page: Page) -> Iterator[list[str]]:
    """What the browser refused because of the page's policy, and every error in its console."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("requestfailed", lambda request: found.append(request.url))
    yield found
    assert not found


def open_channel(page: Page, console: Console, name: str = "Alice") -> None:
    """By the link, whose page signs in by itself."""
    page.goto(console.sign_in_link(name))
    page.wait_for_url(console.address + "/")
    page.wait_for_selector("[data-live=yes]")


def test_a_newcomer_gets_the_first_post_out_by_keyboard_alone(
    page: Page, console: Console, violations: list[str]
) -> None:
    open_channel(page, console)
    expect(page.get_by_role("heading", name="Ask for the first post")).to_be_visible()
    page.get_by_role("button", name="Ask Ada for a post about our new release").press("Enter")
    box = page.get_by_role("combobox", name="Say something in #general")
    expect(box).to_be_focused()
    expect(box).to_have_value('/post draft @ada "our new release" on stage')
    box.press("Enter")
    card = page.get_by_role("article", name=re.compile("Ada"))
    expect(card).to_contain_text("is writing")
    expect(box).to_have_value("")
    console.drain()
    expect(card).to_contain_text("waiting for approval")
    approve = card.get_by_role("button", name="Approve")
    approve.focus()
    approve.press("Enter")
    expect(card).to_contain_text("publishing…")
    console.drain()
    expect(card.get_by_text("published", exact=True)).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="published")).to_have_count(1)
    with page.expect_popup() as opened:
        card.get_by_role("link", name="Open the post").click()
    expect(opened.value.locator("article.post")).to_contain_text("our new release")


def test_completion_is_walked_with_arrows_and_taken_with_tab(
    page: Page, console: Console, violations: list[str]
) -> None:
    open_channel(page, console)
    box = page.locator("#box")
    box.press_sequentially("/post dr")
    options = page.get_by_role("listbox", name="Completions").get_by_role("option")
    expect(options.first).to_contain_text("/post draft")
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("Tab")
    expect(box).to_have_value("/post draft ")
    expect(options.first).to_contain_text("ada")
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "box-options-0")
    box.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_value("/post draft ")
    box.fill("two lines")
    box.press("Shift+Enter")
    box.press_sequentially("of text")
    expect(box).to_have_value("two lines\nof text")
    box.press("Enter")
    expect(page.locator(".said").last).to_contain_text("of text")


def test_a_form_keeps_what_was_typed_until_it_is_right(
    page: Page, console: Console, violations: list[str]
) -> None:
    post = console.draft("a form")
    open_channel(page, console)
    card = page.locator(f'.live[data-card="{post}"]')
    card.get_by_role("button", name="Ask for changes…").click()
    dialog = page.get_by_role("dialog")
    feedback = dialog.get_by_label("What should be different?")
    expect(feedback).to_be_focused()
    feedback.fill("x" * 2001)
    expect(dialog.locator(".counter")).to_have_text("2,001 of 2,000")
    dialog.get_by_role("button", name="Ask").click()
    expect(dialog.get_by_role("alert").filter(has_text="At most 2000")).to_be_visible()
    expect(feedback).to_have_value("x" * 2001)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(card.get_by_role("button", name="Ask for changes…")).to_be_focused()
    card.get_by_role("button", name="Edit…").click()
    dialog.get_by_label("Text").fill("Better words.")
    dialog.get_by_role("button", name="Save").click()
    expect(card.locator("ins")).to_contain_text("Better")


def test_what_could_not_be_sent_is_still_there_after_a_reload(
    page: Page, console: Console, violations: list[str]
) -> None:
    open_channel(page, console)
    page.locator("#box").fill("/nonsense")
    page.locator("#box").press("Enter")
    expect(page.locator("[data-box] > .error").first).to_contain_text("/nonsense")
    expect(page.locator("#box")).to_have_value("/nonsense")
    page.reload()
    expect(page.locator("#box")).to_have_value("/nonsense")
    page.locator("#box").fill("/help")
    page.locator("#box").press("Enter")
    expect(page.locator(".note")).to_contain_text("Only you can see this.")
    page.locator(".note").get_by_role("button", name="Dismiss").click()
    expect(page.locator(".note")).to_have_count(0)
    expect(page.locator("#box")).to_have_value("")


def test_a_thread_opens_beside_the_channel_and_the_focus_comes_back(
    page: Page, console: Console, violations: list[str]
) -> None:
    post = console.draft("a thread")
    open_channel(page, console)
    item = page.locator(".item", has=page.locator(f'[data-card="{post}"]'))
    item.locator(".thread-button").click()
    panel = page.get_by_role("complementary", name="Thread")
    answer = panel.get_by_role("combobox")
    expect(answer).to_be_focused()
    answer.fill("I like it")
    answer.press("Enter")
    expect(panel.locator(".items")).to_contain_text("I like it")
    expect(item.locator(".thread-button")).to_have_text("2 replies")
    answer.press("Escape")
    expect(panel).to_be_hidden()
    expect(item.locator(".thread-button")).to_be_focused()


def test_a_picture_is_chosen_seen_and_added(page: Page, console: Console, violations: list[str]) -> None:
    post = console.draft("a picture")
    open_channel(page, console)
    card = page.locator(f'.live[data-card="{post}"]')
    card.get_by_text("More").click()
    card.get_by_role("button", name="Add a picture…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Picture").set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": picture(80, 60)}
    )
    expect(dialog.locator(".upload-preview")).to_be_visible()
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.get_by_role("alert").filter(has_text="This is needed")).to_be_visible()
    dialog.get_by_label("What it shows").fill("A teal square")
    dialog.get_by_role("button", name="Add").click()
    expect(card.get_by_role("img", name="A teal square")).to_be_visible()
    expect(card.get_by_text("Alternative text: A teal square")).to_be_visible()


def test_a_card_has_a_page_of_its_own_with_its_thread(
    page: Page, console: Console, violations: list[str]
) -> None:
    post = console.draft("a page of its own")
    open_channel(page, console)
    page.goto(f"{console.address}/card/post/{post.id}")
    page.wait_for_selector("[data-live=yes]")
    page.get_by_role("combobox", name="Answer in this thread").first.fill("Said here")
    page.keyboard.press("Enter")
    expect(page.locator("#answers")).to_contain_text("Said here")
    card = page.locator(".live .card")
    card.get_by_role("button", name="Reject…").click()
    page.get_by_role("dialog").get_by_role("button", name="Reject").click()
    expect(card).to_contain_text("rejected")


def test_it_survives_a_restart_of_the_console(page: Page, console: Console) -> None:
    post = console.draft("a restart")
    open_channel(page, console)
    page.locator("#box").fill("half a sentence")
    page.evaluate("document.body.dataset.before = 'yes'")
    console.kill()
    console.start()
    card = page.locator(f'.live[data-card="{post}"]')
    expect(page.locator("body:not([data-before]) [data-live=yes]")).to_be_visible(timeout=30_000)
    expect(page.locator("#box")).to_have_value("half a sentence")
    card.get_by_role("button", name="Approve").click()
    expect(card).to_contain_text("publishing…")
    page.locator("#box").fill("")


def test_the_theme_is_chosen_and_kept(page: Page, console: Console, violations: list[str]) -> None:
    open_channel(page, console)
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_label("Settings").click()
    page.get_by_role("radio", name="Dark").check()
    dark = page.evaluate(ground)
    assert dark != light
    page.reload()
    assert page.evaluate(ground) == dark


@pytest.mark.parametrize("width", [360, 820, 1440])
def test_no_page_is_wider_than_its_window(
    page: Page, console: Console, violations: list[str], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    open_channel(page, console)
    for path in (
        "/",
        "/queue",
        "/calendar",
        "/personas",
        "/personas/ada",
        "/people",
        "/audit",
        "/status",
        "/gallery",
        "/stage",
    ):
        page.goto(console.address + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.evaluate(
            "!document.querySelector('main') || document.querySelector('main').scrollWidth <= document.querySelector('main').clientWidth"
        ), path
