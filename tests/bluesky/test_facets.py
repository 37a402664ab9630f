from __future__ import annotations

import re

import pytest
from atproto_client.utils import facet_detection  # type: ignore[import-untyped]
from hypothesis import example, given
from hypothesis import strategies as st

from integrations.bluesky.facets import Facet, facet_records, find_facets, mentioned

PIECES = [
    "https://example.com/a?b=c#d",
    "http://x",
    "https://en.wikipedia.org/wiki/Foo_(bar)",
    "example.com",
    "Example.ORG/path",
    "httpbin.org",
    "file.notatld",
    "@ada.test",
    "@Ada.bsky.social",
    "@-bad-.test",
    "@no",
    "#tag",
    "#日本語",
    "＃全角",
    "#12",
    "#a1",
    "##x",
    "#\ufe0f",
    "#" + "ä" * 65,
    "$AAPL",
    "$toolong",
    "$5",
    "👨‍👩‍👧‍👦",
    "e\u0301",
    "\u200b",
    "_",
]
JOINTS = [" ", "\n", "\u00a0", "\u3000", "\ufeff", "(", ")", ".", ",", "!", "…", "”", "", "-", "'"]

texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.text(st.sampled_from("ab1 .,:;!?()@#＃$/_-\n\u00a0\ufe0f\u200d👍é")),
    st.lists(st.sampled_from(PIECES + JOINTS)).map("".join),
)


def found(text: str) -> list[tuple[str, str, str]]:
    """(what is marked, kind, value), read back from the bytes as a client does."""
    return [(text.encode()[f.start : f.end].decode(), f.kind, f.value) for f in find_facets(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see https://example.com/x.", [("https://example.com/x", "link", "https://example.com/x")]),
        ("(https://example.com)", [("https://example.com", "link", "https://example.com")]),
        ("https://e.org/a_(b)", [("https://e.org/a_(b)", "link", "https://e.org/a_(b)")]),
        ("visit example.com, now", [("example.com", "link", "https://example.com")]),
        ("README.md5 is a file", []),
        ("mail me@example.com", []),
        ("hi @ada.bsky.social!", [("@ada.bsky.social", "mention", "ada.bsky.social")]),
        ("hi @ada", []),
        ("👨‍👩‍👧 @ada.test", [("@ada.test", "mention", "ada.test")]),
        (
            "#one, #two! #3 #vier4",
            [("#one", "tag", "one"), ("#two", "tag", "two"), ("#vier4", "tag", "vier4")],
        ),
        ("Zürich #Grüße… #日本語。", [("#Grüße", "tag", "Grüße"), ("#日本語", "tag", "日本語")]),
        ("no#tag", []),
        ("#" + "x" * 64, [("#" + "x" * 64, "tag", "x" * 64)]),
        ("#" + "x" * 65, []),
        ("buy $aapl.", [("$aapl", "tag", "$AAPL")]),
        ("http://.", []),  # the official app would send it, and the server refuse the whole post
        ("https://e.org/(@ada.test)", [("https://e.org/(@ada.test)", "link", "https://e.org/(@ada.test)")]),
        ("", []),
    ],
)
def test_what_is_found(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert found(text) == expected


@given(texts)
def test_every_facet_stands_on_whole_characters_and_on_its_own(text: str) -> None:
    raw, end = text.encode(), 0
    for facet in find_facets(text):
        marked = raw[facet.start : facet.end].decode()  # raises where a character was cut
        assert end <= facet.start < facet.end <= len(raw)
        assert says(facet, marked)
        end = facet.end


def says(facet: Facet, marked: str) -> bool:
    match facet.kind:
        case "link":
            return facet.value in {marked, f"https://{marked}"}
        case "mention":
            return marked == f"@{facet.value}"
        case "tag":
            return facet.value in {marked[1:], marked.upper()}


@given(texts)
@example("＃全角 ＃全角")
@example("@foo.com.bar_x @a.test(@b.test")
@example("HTTPS://EXAMPLE.COM http://a.. http://.")
def test_we_find_what_the_official_app_finds(text: str) -> None:
    """The SDK has a port of the app's detection, too heavy for the processes that preview a post. Less is found only
    where a facet overlaps another or would make the server refuse the whole post."""
    ours = {(f.start, f.end) for f in find_facets(text)}
    official = official_facets(text)
    assert ours <= official.keys()
    for start, end in official.keys() - ours:
        assert not VALID_URI.fullmatch(official[start, end]) or any(a < end and start < b for a, b in ours)


VALID_URI = re.compile(r"\w+:(?://)?[^\s/]\S*")  # of @atproto/syntax, with which a PDS checks


def official_facets(text: str) -> dict[tuple[int, int], str]:
    """(start, end) → a URI for links, and some valid one for all else."""
    facets = {
        (f.index.byte_start, f.index.byte_end): getattr(f.features[0], "uri", "tag:x")
        for f in facet_detection.detect_facets(text)
    }
    return facets | {(m.byte_start, m.byte_end): "at:x" for m in facet_detection.detect_mentions(text)}


@given(texts)
def test_mentions_that_lead_nowhere_stay_plain_text(text: str) -> None:
    assert all(
        feature["$type"] != "app.bsky.richtext.facet#mention"
        for record in facet_records(text, {})
        for feature in record["features"]
    )


def test_a_mention_leads_to_its_did_whatever_its_case() -> None:
    assert mentioned("@Ada.test, @ada.test and @bob.test") == ("ada.test", "bob.test")
    assert facet_records("ö @Ada.test", {"ada.test": "did:plc:abc"}) == [
        {
            "$type": "app.bsky.richtext.facet",
            "index": {"byteStart": 3, "byteEnd": 12},
            "features": [{"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:abc"}],
        }
    ]


def test_a_long_text_takes_no_time() -> None:
    """Linear: 200 kB of the worst kind, which a person may paste into a draft, in well under a second."""
    for piece in ("#a", "@a.", "https://(", "a.b", "$", "(", "#!"):
        assert len(find_facets(piece * (200_000 // len(piece)))) <= 1
