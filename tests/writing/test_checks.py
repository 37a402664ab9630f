"""What keeps a version from being approved, and what is only pointed out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.writing import checks
from agents.writing.checks import Check, CheckState, LinkState, Moderation
from agents.writing.content import Content, LinkCard, Picture, Segment
from agents.writing.repeats import ALIKE, alike
from agents.writing.writer import ContentType
from tests.writing.cast import SKY, content, facts, profile

PASSED, WARNED, FAILED, SKIPPED = CheckState.PASSED, CheckState.WARNED, CheckState.FAILED, CheckState.SKIPPED


def found(name: str, said: Content | str, **known: Any) -> Check:
    version = content(said) if isinstance(said, str) else said
    return next(check for check in checks.run(version, facts(**known)) if check.name == name)


def picture(alt: str = "A cat") -> Picture:
    return Picture("p1", "0" * 64, "image/png", 640, 480, 1000, alt)


def test_a_good_post_passes_and_says_why_some_were_skipped() -> None:
    run = checks.run(content("Our new release is out today."), facts())
    assert [(check.name, check.state) for check in run] == [
        ("length", PASSED),
        ("characters", PASSED),
        ("pictures", PASSED),
        ("guardrails", PASSED),
        ("repeats", PASSED),
        ("habits", PASSED),
        ("disclosure", PASSED),
        ("links", PASSED),
        ("moderation", SKIPPED),
    ]
    assert all(check.reason for check in run if check.state is SKIPPED)
    assert not any(check.blocks for check in run)


# Length


@given(st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip), st.integers(1, 400))
def test_length_fails_exactly_when_the_platform_would_refuse(text: str, limit: int) -> None:
    rules = replace(SKY, limit=limit, max_bytes=2 * limit)
    fits = rules.length(text) <= limit and len(text.encode()) <= 2 * limit
    assert (found("length", text, rules=rules).state is PASSED) == fits


def test_it_says_by_how_much_a_text_is_too_long_in_that_platforms_unit() -> None:
    family = "👨‍👩‍👧‍👦"
    assert found("length", family * 314).reason == "The text is 14 graphemes too long (314 of 300)."
    assert (
        found("length", family * 300).reason == "The text is 4,500 bytes too long in UTF-8 (7,500 of 3,000)."
    )
    segments = content("fine", "x" * 301)
    said = found("length", segments, type=ContentType.THREAD)
    assert (said.state, said.reason) == (FAILED, "Segment 2 is 1 grapheme too long (301 of 300).")


def test_empty_segments_and_too_many_of_them_fail() -> None:
    assert found("length", "  \n ").reason == "The text is empty."
    assert found("length", Content(())).reason == "There is no text."
    many = found("length", content(*["a"] * 26), type=ContentType.THREAD)
    assert (many.state, many.reason) == (FAILED, "Sky takes 25 segments; these are 26.")


def test_a_picture_may_go_without_words() -> None:
    assert found("length", Content((Segment("", (picture(),)),))).state is PASSED


def test_a_post_that_became_a_thread_is_pointed_out() -> None:
    assert found("length", content("one", "two")).state is WARNED
    assert found("length", "one", type=ContentType.THREAD).state is WARNED


# Characters


@pytest.mark.parametrize("bad", ["bell \x07", "null \x00", "half \ud83d"])
def test_control_characters_and_broken_text_fail(bad: str) -> None:
    assert found("characters", bad).state is FAILED


@pytest.mark.parametrize("odd", ["pay\u200bpal", "\u202egnp.exe", "soft\u00adhyphen"])
def test_what_nobody_sees_is_pointed_out(odd: str) -> None:
    assert found("characters", odd).state is WARNED


def test_emoji_and_line_breaks_are_no_odd_characters() -> None:
    assert found("characters", "Hello 👩‍💻\n\nخوش آمدید 🏳️‍🌈").state is PASSED


# Pictures


def test_alt_texts_are_wanted_but_not_without_end() -> None:
    assert found("pictures", Content((Segment("a", (picture(),)),))).state is PASSED
    assert found("pictures", Content((Segment("a", (picture(""),)),))).state is WARNED
    long = found("pictures", Content((Segment("a", (picture("x" * 2001),)),)))
    assert (long.state, "1 grapheme too long" in long.reason) == (FAILED, True)


def test_five_pictures_or_a_card_beside_one_are_too_many() -> None:
    assert found("pictures", Content((Segment("a", (picture(),) * 5),))).state is FAILED
    both = Content((Segment("a", (picture(),), LinkCard("https://a.example", "A")),))
    assert found("pictures", both).state is FAILED
    assert found("pictures", both, rules=replace(SKY, card_with_images=True)).state is PASSED


# Guardrails


NEVER: dict[str, Any] = {"voice": {"never_say": ("game changer", "synergy", "革命", "C++", "#blessed")}}


@pytest.mark.parametrize(
    "text",
    [
        "A real Game-Changer!",
        "a game\nchanger",
        "#GameChanger",
        "Pure SYNERGY.",
        "ｓｙｎｅｒｇｙ",
        "syn\u200bergy for all",
        "我们的革命性产品",
        "We love C++.",
        "So #blessed today",
    ],
)
def test_what_is_never_said_is_found_however_it_is_spelled(text: str) -> None:
    assert found("guardrails", text, profile=profile(**NEVER)).state is FAILED


@pytest.mark.parametrize(
    "text", ["game changers", "endgame changer", "synergystic", "the C language", "blessed"]
)
def test_a_part_of_another_word_is_something_else(text: str) -> None:
    assert found("guardrails", text, profile=profile(**NEVER)).state is PASSED


@given(
    st.text(st.characters(categories=["Ll", "Lu"]), min_size=1, max_size=12),
    st.sampled_from(["{}", "A {} b", "({}),", "“{}”!", "\n{}\n"]),
)
def test_a_word_between_spaces_or_punctuation_is_always_found(word: str, frame: str) -> None:
    said = frame.format(word.swapcase() if word.swapcase().casefold() == word.casefold() else word)
    assert found("guardrails", said, profile=profile(voice={"never_say": (word,)})).state is FAILED


def test_alt_texts_and_link_cards_say_things_too() -> None:
    in_alt = Content((Segment("a", (picture("synergy"),)),))
    on_card = Content((Segment("a", (), LinkCard("https://a.example", "Synergy at work")),))
    for said in (in_alt, on_card):
        assert found("guardrails", said, profile=profile(**NEVER)).reason == "Ada never says “synergy”."


def test_a_topic_to_avoid_is_pointed_out() -> None:
    careful = profile(guardrails={"topics_to_avoid": ("elections",)})
    assert found("guardrails", "About the Elections", profile=careful).state is WARNED


@pytest.mark.parametrize(
    ("text", "must", "state"),
    [
        ("Read https://Example.com/a/.", True, PASSED),
        ("Read http://example.com/a#top", True, PASSED),
        ("Read https://example.com/b", True, FAILED),
        ("Read it", True, FAILED),
        ("Read it", False, WARNED),
    ],
)
def test_an_article_share_holds_its_link(text: str, must: bool, state: CheckState) -> None:
    strict = profile(guardrails={"must_link_source": must})
    known = {"profile": strict, "type": ContentType.ARTICLE, "source_url": "https://example.com/a"}
    assert found("guardrails", text, **known).state is state


# Repeats

REWORDED = [
    (
        "Our new release is out today: dark mode and faster search.",
        "Our new release is out now: dark mode and faster search.",
    ),
    ("We are hiring two backend engineers in Berlin.", "We are hiring a backend engineer in Berlin."),
    (
        "Worth three minutes: how we cut our build time in half.",
        "How we cut our build time in half. Worth three minutes!",
    ),
]
TOLD_ANEW = [
    (
        "Code review is where teams learn from each other. What do you look for first?",
        "Code review is how a team shares what it knows. What's the first thing you look for?",
    ),
    ("We are hiring two backend engineers in Berlin.", "We are hiring two designers in Lisbon."),
    ("Good morning! Today we talk about tests.", "Good evening! Tomorrow we sing about rest."),
]


@pytest.mark.parametrize(("one", "other"), REWORDED)
def test_a_reworded_post_is_pointed_out(one: str, other: str) -> None:
    assert alike(one, other) >= 90
    assert found("repeats", one, recent=(other,)).state is WARNED


@pytest.mark.parametrize(("one", "other"), TOLD_ANEW)
def test_the_same_news_told_anew_is_fine(one: str, other: str) -> None:
    assert alike(one, other) <= 71 < ALIKE
    assert found("repeats", one, recent=(other,)).state is PASSED


def test_the_same_again_fails_and_names_the_post() -> None:
    recent = ("Something else entirely.", "Our new RELEASE is out! https://a.example")
    said = found("repeats", "Our new release is out: https://b.example", recent=recent)
    assert (said.state, said.reason) == (
        FAILED,
        "It says the same as the post 2 before this one: “Our new RELEASE is out! https://a.example”.",
    )


@given(st.text(), st.text())
def test_likeness_is_mutual_and_full_only_for_the_same(one: str, other: str) -> None:
    assert alike(one, one) == 100
    assert alike(one, other) == alike(other, one)
    assert 0 <= alike(one, other) <= 100


# Habits, disclosure


@pytest.mark.parametrize(
    ("habit", "text", "state"),
    [
        ("never", "Hello 👋", WARNED),
        ("never", "© 2026, ™ and 1 # 2", PASSED),
        ("sparing", "Hello 👋🎉", PASSED),
        ("sparing", "Hello 👋🎉🚀", WARNED),
        ("often", "👋🎉🚀✨💡", PASSED),
    ],
)
def test_emoji_keep_to_the_habit(habit: str, text: str, state: CheckState) -> None:
    assert found("habits", text, profile=profile(voice={"emoji": habit})).state is state


def test_hashtags_keep_to_the_habit_and_fragments_of_links_are_none() -> None:
    shy = profile(voice={"hashtags": "never"})
    assert found("habits", "a #tag", profile=shy).state is WARNED
    assert found("habits", "https://a.example/#tag and #1", profile=shy).state is PASSED


def test_a_missing_label_fails_where_one_is_wanted() -> None:
    assert found("disclosure", "Hello", profile=profile(label=True)).state is FAILED
    assert found("disclosure", "Hello\n\nwritten with ai", profile=profile(label=True)).state is PASSED


# Links, moderation: what the world said is handed in


def test_links_are_as_alive_as_they_were_found() -> None:
    two = "See https://a.example/x, and (https://b.example/y)."
    states = {
        "https://a.example/x": LinkState(True),
        "https://b.example/y": LinkState(False, "It answers 404."),
    }
    said = found("links", two, links=states)
    assert (said.state, said.reason) == (FAILED, "https://b.example/y is dead. It answers 404.")
    states["https://b.example/y"] = LinkState(None, "It was slow.")
    assert found("links", two, links=states).state is WARNED
    states["https://b.example/y"] = LinkState(True)
    assert found("links", two, links=states).state is PASSED
    assert found("links", two, links={}).reason.startswith("https://a.example/x was not looked at.")


def test_a_link_card_is_a_link() -> None:
    carded = Content((Segment("a", (), LinkCard("https://a.example", "A")),))
    assert found("links", carded, links={"https://a.example": LinkState(False)}).state is FAILED


def test_moderation_objects_or_was_not_asked() -> None:
    flagged = Moderation(True, ("harassment", "violence"))
    assert found("moderation", "x", moderation=flagged).reason == "Moderation objects: harassment, violence."
    assert found("moderation", "x", moderation=Moderation()).state is PASSED
    silent = found("moderation", "x", moderation=Moderation(skipped="It did not answer."))
    assert (silent.state, silent.reason) == (SKIPPED, "It did not answer.")


@given(st.lists(st.text(), max_size=4))
def test_no_text_breaks_the_checks(texts: list[str]) -> None:
    run = checks.run(content(*texts), facts(profile=profile(label=True, **NEVER), recent=("Hello",)))
    assert [check.name for check in run] == list(checks.LOOKS)
    assert all(check.reason for check in run if check.state is not PASSED)
