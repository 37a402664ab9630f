"""Links in a text, what fits into a segment, and the label under it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.writing.disclosure import is_labelled, labelled, room
from agents.writing.fit import fits, shorten
from agents.writing.wording import count_emoji, find_urls, hashtags
from tests.writing.cast import SKY, profile

TEXTS = st.text(st.characters(codec="utf-8"))


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("see https://a.example.", ("https://a.example",)),
        ("(https://a.example/b_(c))", ("https://a.example/b_(c)",)),
        ("“https://a.example/x”, HTTP://B.example", ("https://a.example/x", "HTTP://B.example")),
        ("https://a.example twice https://a.example", ("https://a.example",)),
        ("http:// https://[bad mailto:x@y.example a.example", ()),
    ],
)
def test_links_are_found_without_the_sentence_around_them(text: str, urls: tuple[str, ...]) -> None:
    assert find_urls(text) == urls


@given(TEXTS)
def test_found_links_stand_in_the_text(text: str) -> None:
    for url in find_urls(text + " https://a.example/" + text):
        assert url in text + " https://a.example/" + text


def test_emoji_are_counted_as_people_see_them() -> None:
    assert count_emoji("👨‍👩‍👧 🇩🇪 ❤️ 1️⃣ ™ 1 ✓") == 4


def test_hashtags_have_a_letter() -> None:
    assert hashtags("#Go #2026 #Straße ＃全角 a#b &#38;") == ("Go", "Straße", "全角")


@given(
    TEXTS,
    st.integers(1, 60),
    st.integers(1, 200),
    st.sampled_from(["", "\n\nWritten with AI", "\n\nhttps://a.example/x"]),
)
def test_a_shortened_text_fits_and_keeps_its_tail(text: str, limit: int, size: int, tail: str) -> None:
    rules = replace(SKY, limit=limit, max_bytes=size)
    made = shorten(text, rules, tail)
    assert made == "" or fits(made, rules)
    assert made == "" or made.endswith(tail.strip())
    if fits(text + tail, rules):
        assert made == text + tail


def test_it_is_cut_at_a_word_and_shows_it() -> None:
    assert shorten("one two three four", replace(SKY, limit=12)) == "one two…"
    assert shorten("onetwothreefour", replace(SKY, limit=5)) == "onet…"


@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_the_label_is_put_once_and_never_makes_a_text_too_long(texts: list[str]) -> None:
    ada = profile(label=True)
    made = labelled(texts, ada, SKY)
    assert is_labelled(made, ada)
    assert labelled(made, ada, SKY) == made
    assert fits(made[-1], SKY) or not fits(texts[-1].rstrip(), SKY)


@given(TEXTS)
def test_who_keeps_to_the_room_loses_no_word_to_the_label(text: str) -> None:
    ada = profile(label=True)
    if fits(text, room(ada, SKY)) and not is_labelled([text], ada):
        assert labelled([text], ada, SKY)[-1] == f"{text.rstrip()}\n\nWritten with AI".strip()


def test_without_the_setting_nothing_is_added() -> None:
    assert labelled(["Hello"], profile(), SKY) == ("Hello",)
    assert room(profile(), SKY) == SKY


def test_what_is_too_long_by_itself_keeps_every_word() -> None:
    long = "x" * 400
    assert labelled([long], profile(label=True), SKY)[0].startswith(long)
