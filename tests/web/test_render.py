"""The renderer: every example, the longest text, and text that wants to be markup."""

from __future__ import annotations

import typing
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import cards
from bot.cards import (
    Author,
    Button,
    Card,
    Chart,
    Check,
    Checks,
    Confirm,
    Diff,
    Field,
    Fields,
    File,
    Link,
    Menu,
    Picture,
    Progress,
    Stream,
    Text,
)
from bot.invisible import INVISIBLE
from bot.present.examples import NOW, examples
from bot.web.render import FOLD, card_html

BERLIN = ZoneInfo("Europe/Berlin")
ALL = [(f"{group}-{i}", card) for group, found in examples().items() for i, card in enumerate(found)]
VOID = {"img", "input", "br"}
TAGS = {
    *(
        "a",
        "article",
        "b",
        "blockquote",
        "button",
        "code",
        "dd",
        "del",
        "details",
        "div",
        "dl",
        "dt",
        "figcaption",
    ),
    *(
        "figure",
        "footer",
        "h3",
        "h4",
        "header",
        "img",
        "ins",
        "li",
        "p",
        "pre",
        "progress",
        "span",
        "summary",
        "table",
    ),
    *("tbody", "td", "th", "thead", "time", "tr", "ul"),
    *("svg", "title", "desc", "line", "path", "polyline", "rect", "circle", "text"),
}


class Page(HTMLParser):
    """Reads HTML as a browser would, and notes what stands in it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(str(html))  # a Markup escapes whatever is added to it
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attributes}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attributes}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def drawn(card: Card, zone: ZoneInfo = BERLIN) -> Page:
    return Page(card_html(card, zone, NOW))


def assert_harmless(page: Page) -> None:
    assert {tag for tag, _ in page.tags} <= TAGS
    assert not page.open
    for _, attributes in page.tags:
        assert not any(
            name.startswith("on") or name in ("style", "srcdoc", "formaction") for name in attributes
        )
        for name in ("href", "src"):
            assert attributes.get(name, "/").startswith(("https://", "http://", "/"))
            assert not attributes.get(name, "/").startswith("//")


@pytest.mark.parametrize("card", [card for _, card in ALL], ids=[name for name, _ in ALL])
def test_every_example_is_whole_and_harmless(card: Card) -> None:
    page = drawn(card)
    assert_harmless(page)
    assert page.tags[0] == ("article", {**page.tags[0][1], "class": f"card tone-{card.tone.value}"})
    pressed = [b.action for b in card.all_buttons if b.action]
    assert [b["data-action"] for b in page.all("button") if "data-action" in b] == pressed


def test_the_examples_show_every_kind_of_block() -> None:
    kinds = {type(block) for _, card in ALL for block in card.blocks}
    assert kinds == set(typing.get_args(cards.Block))


hostile = st.text(
    st.one_of(st.characters(), st.sampled_from("<>\"'&/:;=\x00\u202e\u200b\ud800`")), max_size=40
).map(lambda text: text + "<script>\"'><img src=x onerror=alert(1)>javascript:")
urls = st.one_of(
    hostile,
    st.sampled_from(
        [
            "javascript:alert(1)",
            "JaVaScRiPt:1",
            " data:text/html,x",
            "//evil.example",
            "\\\\evil",
            "vbscript:x",
            "https://ok.example/a",
        ]
    ),
)


@given(text=hostile, other=hostile, url=urls)
def test_no_text_becomes_markup(text: str, other: str, url: str) -> None:
    blocks = (
        Text(text),
        Text(text, "quote", whole=True),
        Text(text, "code"),
        Text(text, "heading"),
        Fields((Field(text, other),)),
        Checks((Check(text, "failed", other),)),
        Diff((("same", text), ("added", other), ("removed", text)), other),
        Picture(text, other, text),
        Chart(text, "bar", (other,), ((text, (1.0,)),)),
        Chart(text, "line", (other,), ((text, (float("nan"),)),)),
        Chart(text, "pie", (other, text), ((text, (1.0, 2.0)),)),
        Progress(text, 1, 3),
        Progress(text),
        Stream(text),
        File(text, other, 12),
        Link(url, text, other, text),
    )
    card = Card(
        text,
        blocks,
        (Button(text, "a:b:c", confirm=Confirm(other, text, other)), Button(other, url=url)),
        Menu(text, (Button(other, "a:b:d"),)),
        Author(other, "persona", text, text),
        badge=text,
    )
    page = drawn(card)
    assert_harmless(page)
    assert INVISIBLE.search(card_html(card, BERLIN, NOW)) is None
    if not INVISIBLE.search(text):
        assert text in page.text


def test_what_is_approved_is_never_folded_and_nothing_is_lost_from_the_rest() -> None:
    long = "All of this is read before somebody approves it. " * 200
    page = drawn(Card("t", (Text(long, "quote", whole=True),)))
    assert long in page.text
    assert not page.all("button")
    folded = drawn(Card("t", (Text("x" * (FOLD + 1)),)))
    assert "x" * (FOLD + 1) in folded.text
    assert folded.all("button")[0]["aria-expanded"] == "false"


def test_what_deceives_the_eye_is_named() -> None:
    html = card_html(Card("t", (Text("pay \u202eEB1\u202c now\u200b"),)), BERLIN, NOW)
    assert "right-to-left override" in html
    assert Page(html).text.endswith("pay U+202EEB1U+202C nowU+200B")


def test_emoji_of_several_signs_stay_whole() -> None:
    family = "👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️"
    assert family in card_html(Card("t", (Text(family),)), BERLIN, NOW)


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("See https://example.com/a_(b), and more.", ["https://example.com/a_(b)"]),
        ("(https://example.com)", ["https://example.com"]),
        ("Read https://example.com/?q=1&r=2!", ["https://example.com/?q=1&r=2"]),
        ("ftp://example.com javascript:alert(1) www.example.com", []),
    ],
)
def test_addresses_in_prose_are_links(text: str, urls: list[str]) -> None:
    page = drawn(Card("t", (Text(text),)))
    assert [a["href"] for a in page.all("a")] == urls
    assert all(a["rel"] == "noopener noreferrer nofollow" for a in page.all("a"))
    assert page.text.endswith(text)


def test_times_are_told_in_the_readers_own_zone() -> None:
    at = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    card = Card("t", (Fields((Field("Goes out", at),)),))
    berlin, tokyo = drawn(card), drawn(card, ZoneInfo("Asia/Tokyo"))
    assert berlin.all("time")[0]["datetime"] == tokyo.all("time")[0]["datetime"] == at.isoformat()
    assert berlin.text.endswith("tomorrow 00:30")
    assert tokyo.text.endswith("tomorrow 08:30")


def test_a_button_carries_its_question_and_one_that_opens_a_page_is_a_link() -> None:
    card = Card(
        "t", buttons=(Button("Go", "a:b:c", confirm=Confirm("Sure?", "Do it")), Button("Open", url="/c/x"))
    )
    page = drawn(card)
    assert page.all("button")[0]["data-confirm"] == "Sure?"
    assert page.all("button")[0]["data-yes"] == "Do it"
    assert page.all("a")[0]["href"] == "/c/x"


def test_the_name_is_not_said_twice() -> None:
    said = Card("Ada drafted for Bluesky", author=Author("Ada", "persona", "1"))
    assert drawn(said).text.count("Ada") == 1
    assert drawn(replace(said, title="A draft")).text.startswith("Ada")


def test_a_chart_has_its_numbers_in_a_table() -> None:
    page = drawn(Card("t", (Chart("Posts", "bar", ("W1", "W2"), (("Ada", (1.5, -2.0)),)),)))
    assert page.all("svg")[0] == {**page.all("svg")[0], "role": "img", "aria-label": "Posts"}
    assert "W11.5" in page.text
    assert "W2-2" in page.text
    assert all(float(r["height"]) > 0 for r in page.all("rect"))
