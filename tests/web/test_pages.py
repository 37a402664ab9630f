"""Every page: for people who are signed in, with nothing from elsewhere, and with names that want to be markup."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from selectolax.lexbor import LexborHTMLParser, LexborNode

from agents.events import Event, Subject
from agents.oncall.kinds import AlertKind
from agents.people import Role
from tests.web.console import Console

PAGES = ("/", "/c/general", "/queue", "/tasks", "/calendar", "/calendar?view=week", "/personas", "/personas/ada", "/people",
         "/audit", "/status", "/runbooks", "/runbooks/process_down", "/gallery")  # fmt: skip
HOSTILE = "<img src=x onerror=alert(1)>\u202e"


def first(where: LexborHTMLParser | LexborNode, selector: str) -> LexborNode:
    found = where.css_first(selector)
    assert found is not None, selector
    return found


@pytest.mark.parametrize(
    "path", [*PAGES, "/direct", "/card/post/x", "/picture/x", "/avatar/x", "/file/x", "/alerts.csv"]
)
def test_nothing_is_shown_to_strangers(console: Console, path: str) -> None:
    with console.browser() as stranger:
        answer = stranger.get(path)
    assert answer.status_code == 401
    assert "You are not signed in" in answer.text
    assert "./troupe sign-in" in answer.text


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_strict_and_alone(console: Console, path: str) -> None:
    with console.browser("Alice") as alice:
        answer = alice.get(path)
    assert answer.status_code == 200
    page = LexborHTMLParser(answer.text)
    assert first(page, "main h1") is not None
    assert first(page, "title").text().endswith("Troupe")
    assert first(page, "html").attributes["lang"] == "en-US"
    policy = answer.headers["content-security-policy"]
    assert "unsafe-eval" not in policy
    script_src = next(part for part in policy.split(";") if "script-src" in part)
    assert "unsafe-inline" not in script_src
    nonce = re.search(r"'nonce-([^']+)'", script_src)
    assert nonce and all(s.attributes.get("nonce") == nonce[1] for s in page.css("script"))
    for name in ("href", "src"):
        for element in page.css(f"head [{name}], script[{name}], img[{name}]"):
            assert str(element.attributes[name]).startswith(("/", "data:"))


def test_alerts_are_a_table_to_keep(console: Console) -> None:
    with console.troupe.storage.unit_of_work() as work:
        subject = Subject("external", "table")
        work.raise_alert(AlertKind.EXTERNAL, subject, "Kept in a table.", kept="All.", remedy="Keep it.")
    with console.browser("Alice") as alice:
        answer = alice.get("/alerts.csv?weeks=1")
        assert alice.get("/alerts.csv?weeks=99").status_code == 422
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == "attachment; filename=alerts.csv"
    assert "Kept in a table." in answer.text


def test_the_status_tells_of_each_process_and_whether_somebody_outside_hears(console: Console) -> None:
    with console.troupe.storage.unit_of_work() as work:
        pinged = {"pinged_at": (work.now - timedelta(seconds=70)).isoformat(), "ping": "HTTP 404"}
        work.switches.beat("clock@elsewhere:7", "clock", work.now, {"rss_mib": 61, **pinged})
    with console.browser("Alice") as alice:
        page = LexborHTMLParser(alice.get("/status").text)
    rows = {first(row, "th").text(): row.text() for row in page.css("tbody tr")}
    assert re.search(r"\d+ s ago", rows["clock@elsewhere:7"]) and "61 MiB" in rows["clock@elsewhere:7"]
    parts = " ".join(page.css("ul.checks")[0].text().split())
    assert "does not work: Heard outside HTTP 404, 1 min ago" in parts


def test_headers_that_every_answer_has(console: Console) -> None:
    with console.browser("Alice") as alice:
        for path in ("/", "/stage", "/healthz", "/nowhere", "/sign-in/x"):
            headers = alice.get(path).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert headers["referrer-policy"] == "same-origin"
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert "server" not in headers


def test_what_people_typed_stays_text_on_every_page(console: Console) -> None:
    hostile = console.draft(HOSTILE)
    with console.troupe.storage.unit_of_work() as work:
        person = work.people.add(HOSTILE, Role.EDITOR, work.now)
        work.messages.say(console.general.id, "", person.actor, HOSTILE, work.now)
        work.record(Event(f"x.{HOSTILE[:5]}", Subject("x", "1"), person.actor, before={HOSTILE: HOSTILE}))
    with console.browser("Alice") as alice:
        for path in (*PAGES, f"/card/post/{hostile.id}", f"/audit?who={HOSTILE}&what={HOSTILE}"):
            page = LexborHTMLParser(alice.get(path).text)
            assert not page.css("[onerror]"), path
            assert "\u202e" not in str(page.html), path


def test_a_page_that_is_not_there_says_so(console: Console) -> None:
    with console.browser("Alice") as alice:
        for path, words in (
            ("/nowhere", "no such page"),
            ("/c/genral", "#general"),
            ("/personas/adda", "@ada"),
        ):
            answer = alice.get(path)
            assert answer.status_code == 404
            assert words in answer.text


def test_the_queue_shows_what_waits_for_the_reader_first(console: Console) -> None:
    post = console.draft("something to decide about")
    for name, heading in (("Bob", "Waiting for you"), ("Vera", "Waiting for others")):
        with console.browser(name) as reader:
            page = LexborHTMLParser(reader.get("/queue").text)
        headings = {str(h.text()).rpartition(" ")[0]: h for h in page.css("main h2")}
        stack = headings[heading].next
        while stack is not None and stack.tag != "div":
            stack = stack.next
        assert stack is not None
        assert str(post) in [live.attributes["data-card"] for live in stack.css(".live")]


def test_a_private_message_and_a_direct_channel_are_one_persons_own(console: Console) -> None:
    with console.troupe.storage.unit_of_work() as work:
        bob = work.people.by_name("Bob")
        own = work.channels.direct(bob.id, work.now)
        work.messages.say(own.id, "", bob.actor, "only for Bob", work.now)
        work.messages.say(console.general.id, "", bob.actor, "whispered to Bob", work.now, audience=bob.id)
    with console.browser("Bob") as reader:
        assert "only for Bob" in reader.get("/direct").text
        assert "whispered to Bob" in reader.get("/c/general").text
    with console.browser("Vera") as reader:
        assert "only for Bob" not in reader.get("/direct").text
        assert "whispered to Bob" not in reader.get("/c/general").text
        assert own.id not in reader.get("/").text


def test_the_audit_trail_filters_and_pages(console: Console) -> None:
    with console.troupe.storage.unit_of_work() as work:
        actor = work.people.by_name("Charlie").actor
        for i in range(60):
            work.record(Event("thing.changed", Subject("thing", str(i)), actor, {"size": i}, {"size": i + 1}))
    with console.browser("Alice") as alice:
        newest = LexborHTMLParser(alice.get("/audit", params={"who": "Charlie", "what": "thing."}).text)
        assert len(newest.css(".audit tbody tr")) == 50
        older = str(newest.css("main a.button")[-1].attributes["href"])
        older_ones = LexborHTMLParser(alice.get(older).text)
    assert len(older_ones.css(".audit tbody tr")) == 10
    last = older_ones.css(".audit tbody tr")[-1]
    assert (first(last, "del").text(), first(last, "ins").text()) == ("0", "1")


@pytest.mark.parametrize(
    "query", ["?at=nonsense", "?at=0001-01-01", "?at=9999-12-31", "?view=week&at=1999-12-31", "?before=x"]
)
def test_questions_that_make_no_sense_show_the_page_all_the_same(console: Console, query: str) -> None:
    with console.browser("Alice") as alice:
        assert alice.get(f"/calendar{query}").status_code == 200
        assert alice.get(f"/audit{query}").status_code == 200


def test_an_uploaded_picture_is_checked_and_kept(console: Console) -> None:
    from tests.api.team import picture

    json = {"accept": "application/json"}
    with console.browser("Charlie") as editor:
        kept = editor.post("/upload", files={"picture": ("a.png", picture())}, headers=json).json()
        shown = editor.get(kept["url"])
        assert shown.headers["content-type"] in ("image/png", "image/jpeg")
        assert "immutable" in shown.headers["cache-control"]
        wrong = editor.post("/upload", files={"picture": ("a.png", b"<svg onload=alert(1)>")}, headers=json)
        assert wrong.status_code == 422
        assert wrong.json()["error"]["remedy"]
        large = editor.post(
            "/upload", files={"picture": ("a.png", b"\x89PNG" + b"0" * 8_100_000)}, headers=json
        )
        assert large.status_code == 422
        huge = editor.post("/upload", files={"picture": ("a.png", b"0" * 10_000_000)}, headers=json)
        assert huge.status_code == 413
    with console.browser("Vera") as viewer:
        assert (
            viewer.post("/upload", files={"picture": ("a.png", picture())}, headers=json).status_code == 403
        )


def test_faces(console: Console) -> None:
    with console.browser("Alice") as alice:
        face = alice.get(f"/avatar/{console.person('Bob').id}")
        assert face.headers["content-type"] == "image/svg+xml"
        assert ">B</text>" in face.text
        assert alice.get("/avatar/troupe", follow_redirects=True).headers["content-type"] == "image/svg+xml"
        assert alice.get("/avatar/nobody").status_code == 404


def test_a_chat_fetches_a_persona_s_face_without_signing_in(console: Console) -> None:
    with console.troupe.storage.reading() as work:
        ada = work.personas.by_handle("ada").id
    with console.browser() as slack:
        face = slack.get(f"/face/{ada}.png")
        assert face.headers["content-type"] == "image/png"
        with Image.open(BytesIO(face.content)) as drawn:
            assert drawn.size == (256, 256)
            corner = drawn.getpixel((0, 0))
        assert corner != (0, 0, 0), "the gradient reaches every corner"
        assert slack.get(f"/face/{console.person('Bob').id}.png").status_code == 404
        assert slack.get("/face/nobody.png").status_code == 404
