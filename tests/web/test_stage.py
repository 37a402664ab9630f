"""The stage: for everybody to read, and nothing more than what was published there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from selectolax.lexbor import LexborHTMLParser

from agents.writing.content import LinkCard, Picture, Segment
from tests.web.console import Console


def publish(console: Console, key: str, segment: Segment, reply_to: str = "", minutes_ago: int = 0) -> None:
    with console.troupe.storage.reading() as work:
        ada = work.personas.by_handle("ada")
        account = work.accounts.on(ada.id, "stage")
    at = console.troupe.clock() - timedelta(minutes=minutes_ago)
    console.troupe.stage.put(key, account.id, segment, reply_to, at)


def kept(console: Console) -> Picture:
    with console.troupe.storage.unit_of_work() as work:
        return work.pictures.add(b"\x89PNG not really", "image/png", 4, 3, "alice", work.now)


def test_everybody_reads_the_feed_newest_first_with_heads_of_threads_only(console: Console) -> None:
    publish(console, "head", Segment("One of two <b>"), minutes_ago=130)
    publish(console, "tail", Segment("Two of two"), reply_to="head", minutes_ago=129)
    publish(console, "later", Segment("Read https://example.com/x."))
    with console.browser() as stranger:
        answer = stranger.get("/stage")
        thread = LexborHTMLParser(stranger.get("/stage/tail").text)
    page = LexborHTMLParser(answer.text)
    texts = [post.text() for post in page.css(".post .text")]
    assert texts == ["Read https://example.com/x.", "One of two <b>"]
    assert [a.attributes["href"] for a in page.css(".post .text a")] == ["https://example.com/x"]
    assert [a.attributes["href"] for a in page.css(".goes-on a")] == ["/stage/head"]
    assert "2 h ago" in page.css(".when")[1].text()
    assert [post.text() for post in thread.css(".post .text")] == ["One of two <b>", "Two of two"]
    assert [post.attributes["id"] for post in thread.css(".asked")] == ["tail"]
    assert not page.css("script")
    assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_pictures_and_link_cards_are_public_with_their_post_only(console: Console) -> None:
    shown, thumb, secret = kept(console), kept(console), kept(console)
    card = LinkCard("https://example.com/notes", "Notes", "What is new", thumb)
    publish(console, "pictured", Segment("Look", (replace(shown, alt='A "stage"'),), card))
    with console.browser() as stranger:
        page = LexborHTMLParser(stranger.get("/stage/pictured").text)
        assert [i.attributes["alt"] for i in page.css(".pictures img")] == ['A "stage"']
        preview = page.css_first("a.preview")
        assert preview is not None
        assert preview.attributes["href"] == "https://example.com/notes"
        for picture in (shown, thumb):
            answer = stranger.get(f"/stage/pictured/picture/{picture.id}")
            assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        assert stranger.get(f"/stage/pictured/picture/{secret.id}").status_code == 404
        assert stranger.get(f"/picture/{shown.id}").status_code == 401
        assert ">A</text>" in stranger.get("/stage/pictured/avatar").text


def test_what_was_taken_down_is_gone(console: Console) -> None:
    publish(console, "gone", Segment("Soon gone"))
    console.troupe.stage.remove("gone")
    with console.browser() as stranger:
        for path in ("/stage/gone", "/stage/gone/avatar", "/stage/gone/picture/x"):
            assert stranger.get(path).status_code == 404
        assert "Soon gone" not in stranger.get("/stage").text
        assert stranger.get("/stage?before=nonsense").status_code == 200
        assert stranger.get("/stage?before=2001-01-01T00:00:00Z").status_code == 200


def test_a_long_feed_pages(console: Console) -> None:
    for i in range(40):
        publish(console, f"many{i}", Segment(f"post {i}"), minutes_ago=1000 + i)
    with console.browser() as stranger:
        page = LexborHTMLParser(stranger.get("/stage").text)
        seen = len(page.css(".post"))
        for _ in range(3):
            older = page.css_first(".older a")
            if older is None:
                break
            page = LexborHTMLParser(stranger.get(str(older.attributes["href"])).text)
            seen += len(page.css(".post"))
    assert "post 39" in page.text()
    assert seen >= 40
