"""A message that its author still writes: it grows where it stands, for those who may see it, and settles."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from agents.events import Actor, Event, Subject
from agents.talk.message import Message
from storage.unit_of_work import Storage
from tests.web.console import Console

LONG = "\n".join(f"Line {number} of a long answer." for number in range(60))


def ada(console: Console) -> Actor:
    with console.troupe.storage.reading() as work:
        persona = work.personas.by_handle("ada")
    return Actor("persona", persona.id, persona.name)


def begins(console: Console, *, thread: str = "", channel: str = "", audience: str = "") -> Message:
    channel = channel or console.general.id
    with console.troupe.storage.unit_of_work() as work:
        said = work.messages.say(channel, thread, ada(console), "", work.now, audience=audience, done=False)
        work.touch(Subject("channel", channel))
    return said


def grows(console: Console, message: Message, text: str) -> None:
    with console.troupe.storage.unit_of_work() as work:
        assert work.messages.grow(message.id, text)
        work.touch(message.subject)


def ends(console: Console, message: Message, text: str, storage: Storage | None = None) -> None:
    with (storage or console.troupe.storage).unit_of_work() as work:
        assert work.messages.finish(message.id, message.author, text)
        work.record(Event("message.finished", message.subject, message.author))


def test_it_is_there_without_a_word_grows_in_place_and_settles(console: Console) -> None:
    page = console.page()
    message = begins(console)
    html = page.item(f'data-card="{message.subject}"')["items"]
    assert "Ada is writing…" in html
    assert 'aria-live="off"' in html
    grows(console, message, "Once upon a <time>")
    grown = page.card(message.subject, "Once upon a &lt;time&gt;")
    assert 'aria-busy="true"' in grown
    ends(console, message, "Once upon a time there was a release.")
    settled = page.card(message.subject, "there was a release.")
    assert "is writing" not in settled
    assert "aria-busy" not in settled
    page.close()


def test_the_end_is_seen_even_if_no_bell_rang(console: Console) -> None:
    page = console.page()
    message = begins(console)
    page.item(f'data-card="{message.subject}"')
    whole = console.troupe.storage
    ends(
        console,
        message,
        "Nobody rang.",
        Storage(whole.engine, whole.box, whole.clock, lambda committed: None),
    )
    assert "aria-busy" not in page.card(message.subject, "Nobody rang.")
    page.close()


def test_it_grows_in_an_open_thread_too(console: Console) -> None:
    with console.troupe.storage.unit_of_work() as work:
        asked = work.messages.say(console.general.id, "", console.person("Alice").actor, "@ada?", work.now)
    before = begins(console, thread=asked.own_thread)
    page = console.page()
    opened = page.ask("thread", channel=console.general.id, thread=asked.own_thread)
    assert f'data-card="{before.subject}"' in opened["html"]
    grows(console, before, "In the thread")
    page.card(before.subject, "In the thread")
    page.close()


def test_a_page_that_comes_later_watches_it_as_well(console: Console) -> None:
    message = begins(console)
    page = console.page(cards=[str(message.subject)])
    grows(console, message, "Still growing")
    assert 'aria-busy="true"' in page.card(message.subject, "Still growing")
    page.close()


@pytest.mark.parametrize("hide", ["in a channel of its own", "for one person"])
def test_nobody_watches_what_is_said_to_another_alone(console: Console, hide: str) -> None:
    bob = console.person("Bob")
    with console.troupe.storage.unit_of_work() as work:
        own = work.channels.direct(bob.id, work.now)
    if hide == "for one person":
        message = begins(console, audience=bob.id)
    else:
        message = begins(console, channel=own.id)
    alice, his = console.page(cards=[str(message.subject)]), console.page("Bob", cards=[str(message.subject)])
    grows(console, message, "For Bob alone")
    his.card(message.subject, "For Bob alone")
    assert alice.quiet("cards")
    alice.close()
    his.close()


@pytest.mark.parametrize("id", ["0", "-1", "x", "9" * 30, "٣"])
def test_no_such_message_is_no_trouble(console: Console, id: str) -> None:
    page = console.page(cards=[f"message:{id}"])
    assert page.quiet("cards")
    assert "options" in page.ask("complete", text="/he")
    page.close()


# In a browser


def open_channel(page: Page, console: Console) -> None:
    page.goto(console.sign_in_link("Alice"))
    page.wait_for_url(console.address + "/")
    page.wait_for_selector("[data-live=yes]")


def test_an_answer_is_read_while_it_is_written_and_told_once(page: Page, console: Console) -> None:
    open_channel(page, console)
    message = begins(console)
    item = page.locator(f"#m{message.id}")
    expect(item.get_by_text("Ada is writing…")).to_be_visible()
    grows(console, message, "Once upon a time there was a release. It had everything that people had")
    expect(item).to_contain_text("It had everything that people had")
    status = page.locator("#announce")
    told = status.inner_text()
    for count in (8, 25, 59):
        grows(console, message, "\n".join(LONG.splitlines()[:count]))
        expect(item.locator(".text")).to_contain_text(f"Line {count - 1} of a long answer.")
        assert status.inner_text() == told
    assert page.locator("#scroll").evaluate("s => s.scrollHeight - s.scrollTop - s.clientHeight") < 4
    ends(console, message, LONG)
    expect(item.get_by_text("Ada is writing…")).to_have_count(0)
    expect(item).to_contain_text("Line 59 of a long answer.")
    expect(status).to_contain_text("Line 59 of a long answer.")
    expect(item.locator("[aria-busy]")).to_have_count(0)


def test_who_reads_further_up_is_left_there(page: Page, console: Console) -> None:
    open_channel(page, console)
    message = begins(console)
    grows(console, message, LONG)
    item = page.locator(f"#m{message.id}")
    expect(item).to_contain_text("Line 59")
    page.locator("#scroll").evaluate("s => s.scrollTop = s.scrollHeight / 2 - 300")
    at = page.locator("#scroll").evaluate("s => s.scrollTop")
    ends(console, message, LONG + "\nThe end.")
    expect(item).to_contain_text("The end.")
    assert page.locator("#scroll").evaluate("s => s.scrollTop") == at


def test_the_rehearsal_model_answers_in_a_thread_before_ones_eyes(page: Page, console: Console) -> None:
    open_channel(page, console)
    box = page.locator("#box")
    box.fill("@ada what do you think?")
    box.press("Enter")
    said = page.locator(".item").filter(has_text="@ada what do you think?").last
    said.get_by_role("button", name="Reply in thread").click()
    console.drain()
    answer = page.locator("#thread .items .said").last
    expect(answer).to_contain_text("rehears")
    expect(page.locator("#thread [aria-busy]")).to_have_count(0)
    expect(said.get_by_role("button", name="1 reply")).to_be_visible()
