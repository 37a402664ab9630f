"""Every card that can be: strategies over the whole vocabulary, for whoever renders it."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from bot.cards import (
    Author,
    Block,
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
    Tone,
    plain,
)
from bot.invisible import named

TRAPS = (
    *(
        "*bold*",
        "_x_",
        "~x~",
        "`code`",
        "```",
        ":tada:",
        "> quote",
        "&amp;",
        "&lt;!channel&gt;",
        "\n\n",
        "\n",
    ),
    *("<!channel>", "<!here>", "<@U123>", "<#C1|general>", "<https://evil.example|ok>", "<!date^0^{date}|x>"),
    *("@here", "@everyone", "#general", "https://example.com/a_(b)?q=1&r=*2*", "javascript:alert(1)"),
    *(
        "\u202eEB1\u202c",
        "\u200b",
        "\x00",
        "\ud800",
        "👩‍👩‍👧",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "e\u0301\u0301",
        "\r\n",
        "|",
        "<",
        ">",
        "&",
        " ",
        "\t",
    ),
)
"""What some surface reads as something else than words, or cannot show."""

words = st.lists(st.one_of(st.sampled_from(TRAPS), st.text(max_size=12)), max_size=8).map("".join)
long_words = st.builds(lambda text, times: text * times, words, st.sampled_from((1, 1, 1, 30, 150, 600)))
ids = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=12)
pictures = st.sampled_from(("", "one", "two"))
urls = st.one_of(
    words,
    st.sampled_from(
        ("https://example.com/", "http://example.com/a|b", "/posts/1", "https://e.example/" + "x" * 4000)
    ),
)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001

checks = st.builds(Check, words, st.sampled_from(("passed", "warned", "failed", "skipped", "pending")), words)
pieces = st.tuples(st.sampled_from(("same", "added", "removed")), long_words)
values = st.floats(allow_nan=True, allow_infinity=True, width=32)


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    labels = tuple(draw(st.lists(words, max_size=6)))
    row = st.lists(values, min_size=len(labels), max_size=len(labels)).map(tuple)
    series = draw(st.lists(st.tuples(words, row), min_size=1, max_size=3).map(tuple))
    return Chart(draw(words), draw(st.sampled_from(("bar", "line", "pie"))), labels, series)


blocks: st.SearchStrategy[Block] = st.one_of(
    st.builds(
        Text, long_words, st.sampled_from(("plain", "muted", "quote", "code", "heading")), st.booleans()
    ),
    st.builds(
        Fields,
        st.lists(st.builds(Field, words, st.one_of(words, long_words, moments)), max_size=14).map(tuple),
    ),
    st.builds(Checks, st.lists(checks, max_size=8).map(tuple)),
    st.builds(Diff, st.lists(pieces, max_size=8).map(tuple), words),
    st.builds(Picture, pictures, long_words, long_words),
    charts(),
    st.builds(Progress, words, st.integers(0, 20), st.integers(0, 12)),
    st.builds(Stream, long_words, st.booleans()),
    st.builds(File, ids, words, st.integers(0, 10**9)),
    st.builds(Link, urls, long_words, long_words, pictures),
)

confirms = st.builds(Confirm, long_words, words, words)
styles = st.sampled_from(("plain", "primary", "danger"))
actions = st.builds(lambda verb, id: f"{verb}:{id}:", ids, ids)
buttons = st.one_of(
    st.builds(Button, long_words, actions, styles, st.none() | confirms),
    st.builds(Button, long_words, style=styles, url=urls.filter(bool)),
)
menus = st.builds(Menu, words, st.lists(buttons, max_size=9).map(tuple))
authors = st.builds(Author, words, st.sampled_from(("persona", "person", "troupe")), ids, pictures)
cards = st.builds(
    Card,
    long_words,
    st.lists(blocks, max_size=12).map(tuple),
    st.lists(buttons, max_size=12).map(tuple),
    st.none() | menus,
    authors,
    words,
    st.sampled_from(Tone),
)

# Reading

UNSEEN = {
    "action",
    "source",
    "thumb",
    "avatar",
    "id",
    "kind",
    "style",
    "state",
    "subject",
    "audience",
    "confirm",
}
SAID_BY_A_SIGN = {"picture", "file", "link"}
"""Words of `cards.plain` that are a sign, or the thing itself, in a chat."""


def strings(value: Any, key: str = "") -> Iterator[str]:
    """Every text of a card that people read, but not the label of a menu and the fixed words of the vocabulary."""
    if isinstance(value, Tone) or value == Author("Troupe") or key in UNSEEN:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, Diff):
        yield from (value.title, *(text for _, text in value.pieces))
    elif isinstance(value, Menu):
        yield from strings(value.options)
    elif is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            yield from strings(getattr(value, part.name), part.name)
    elif isinstance(value, tuple):
        for each in value:
            yield from strings(each)


def unsaid(card: Card, told: str) -> list[str]:
    """What the card says and a message, as its reader sees it, does not."""
    whole = squashed(told)
    parts = [text for text in strings(card) if squashed(named(text)) not in whole]
    words = set(re.findall(r"\w+", named(plain(card)))) - SAID_BY_A_SIGN
    return parts + [word for word in words if word not in whole]


def squashed(text: str) -> str:
    """Without white space, which lines and blocks may take the place of."""
    return "".join(text.split())
