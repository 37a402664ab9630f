"""Tasks in the console: what waits, all of one task, and files that are saved and never run."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from agents.tasks.task import Task
from bot.calls import Place
from bot.cards import Card
from bot.web.downloads import disposition
from tests.surfaces import labour
from tests.web.console import Console
from tests.web.test_browser import open_channel, violations  # noqa: F401  a fixture

BRIEF = "Compare three queue libraries for a small team. One page."
HOSTILE = "<img src=x onerror=alert(1)>"


def asked(console: Console, title: str, more: str = "complexity 3", brief: str = BRIEF) -> Task:
    """Its card stands in #general."""
    line = f'/task new "{title}. {brief}" for @ada {more}'
    answer = console.troupe.dispatcher.command(
        line, console.person("Charlie"), Place("console", console.general.id)
    )
    assert isinstance(answer.outcome, Card) and answer.error is None, answer
    return labour.named(console.troupe.storage, title)


def in_review(console: Console, title: str, preview: str = "") -> Task:
    asked(console, title)
    return labour.built(console.troupe.storage, labour.planned(console.troupe.storage, title), preview)


@pytest.fixture(autouse=True)
def room_for_all(console: Console) -> None:
    """Ada has a place for whatever these tests ask of her."""
    with console.troupe.storage.unit_of_work() as work:
        ada = work.personas.by_handle("ada")
        more = ada.profile.tasks.model_copy(update={"at_once": 10})
        if ada.profile.tasks != more:
            work.personas.change(ada, profile=ada.profile.model_copy(update={"tasks": more}))


def test_the_list_has_what_waits_and_what_is_under_way(console: Console) -> None:
    task = in_review(console, "Sort the backlog")
    under_way = asked(console, f"Tidy {HOSTILE} up")
    with console.browser("Alice") as alice, console.browser("Vera") as vera:
        mine, hers = alice.get("/tasks").text, vera.get("/tasks").text
    assert "Waiting for you" in mine and "Waiting for you" not in hers
    assert f'data-card="task:{task.id}"' in mine and f'href="/tasks/{under_way.id}"' in hers
    assert HOSTILE not in mine and "&lt;img" in mine


def test_one_page_has_all_of_a_task(console: Console) -> None:
    task = in_review(console, f"Read {HOSTILE} twice")
    with console.troupe.storage.unit_of_work() as work:
        work.sources.cite(task.id, "https://example.com/a", "A page", work.now)
        work.sources.cite(task.id, "javascript:alert(1)", HOSTILE, work.now)
    with console.browser("Vera") as vera:
        text = vera.get(f"/tasks/{task.id}").text
        assert vera.get("/tasks/nothing").status_code == 404
    for words in (
        labour.OUTLINE.approach,
        "python -m pytest",
        "2 passed",
        "https://example.com/a",
        "Charlie asked for it",
    ):
        assert words in text
    assert HOSTILE not in text and 'href="javascript' not in text


def test_a_file_is_saved_and_never_shown(console: Console) -> None:
    task = in_review(console, "Make a page")
    with console.troupe.storage.unit_of_work() as work:
        page = labour.deliver(task, "charts/Übersicht.html", "text/html", b"<script>alert(1)</script>", work)
    with console.browser("Vera") as vera:
        answer = vera.get(f"/file/{page.id}")
        assert vera.get("/file/nothing").status_code == 404
    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox"
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"_bersicht.html\"; filename*=UTF-8''%C3%9Cbersicht.html"
    )


@pytest.mark.parametrize("path", ['a"b.txt', "a\r\nb.txt", "x/../../etc/passwd", "ñ;x.pdf", ""])
def test_no_name_gets_out_of_its_header(path: str) -> None:
    header = disposition(path)
    assert re.fullmatch(r"attachment; filename=\"[\w .-]*\"; filename\*=UTF-8''[\w%.~-]+", header), header


def test_it_is_handed_over_followed_and_accepted_in_a_browser(
    page: Page,
    console: Console,
    violations: list[str],  # noqa: F811
    tmp_path: Path,
) -> None:
    open_channel(page, console)
    page.goto(f"{console.address}/tasks")
    page.wait_for_selector("[data-live=yes]")
    page.get_by_role("button", name="New task…").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What is to be done?").fill(f"Weigh the options. {BRIEF}")
    dialog.get_by_role("button", name="Hand it over").click()
    expect(dialog).not_to_be_visible()
    storage = console.troupe.storage
    task = labour.named(storage, "Weigh the options")
    with storage.unit_of_work() as work:
        work.tasks.swap(task, "correct it", complexity=8)
    labour.planned(storage, "Weigh the options")
    page.goto(f"{console.address}/tasks/{task.id}")
    page.wait_for_selector("[data-live=yes]")
    card = page.get_by_role("article", name=re.compile("Weigh the options")).first
    expect(card).to_contain_text("plan to approve")
    card.get_by_role("button", name="Approve plan").click()
    expect(card).to_contain_text("being worked on")
    labour.built(storage, task, picture(console))
    expect(card).to_contain_text("result to accept")
    page.screenshot(path=tmp_path / "task.png", full_page=True)
    with page.expect_download() as fetched:
        card.get_by_role("link", name="queues.csv").click()
    assert Path(fetched.value.path()).read_bytes() == labour.CSV
    card.get_by_role("button", name="Accept").click()
    expect(card).to_contain_text("complete")


def picture(console: Console) -> str:
    out = BytesIO()
    Image.new("RGB", (600, 400), "teal").save(out, "PNG")
    return console.troupe.keep_picture(out.getvalue(), console.person("Alice"))
