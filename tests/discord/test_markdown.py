"""Plain text to Discord's markdown and back, and what people type there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.addresses import urls
from bot.discord import markdown
from tests.cards import TRAPS, squashed
from tests.discord.reading import Found, read

DISCORD_TRAPS = (
    *TRAPS,
    *(
        "**",
        "__",
        "~~",
        "||x||",
        "# h",
        "## h",
        "-# small",
        ">>> all",
        "- item",
        "* item",
        "1. one",
        "12) x",
        "+ x",
    ),
    *(
        "[ok](https://evil.example)",
        "<@123>",
        "<@!123>",
        "<@&123>",
        "<#123>",
        "<:ok:123>",
        "<a:ok:1>",
        "<t:0:R>",
    ),
    *(
        "</post draft:1>",
        "<id:guide>",
        "\\",
        "\\\\",
        "¯\\_(ツ)_/¯",
        "<https://a.example>",
        "steam://run/1",
        "\u2028",
    ),
    *(
        "https://a.example/x_y_z*",
        "https://a.example\\",
        ":a:b:",
        "12:30:15",
        "@everyone",
        "*",
        "_",
        "~",
        "`",
        ":",
        "<",
        "#",
    ),
)
hostile = st.lists(st.one_of(st.sampled_from(DISCORD_TRAPS), st.text(max_size=6)), max_size=10).map("".join)


def plain(text: str, bot: str = "99") -> str:
    return markdown.plain(
        text,
        user=lambda id: f"@user{id}",
        channel=lambda id: f"#channel{id}",
        role=lambda id: f"@role{id}",
        bot_user_id=bot,
    )


@given(st.one_of(hostile, st.text()))
def test_what_is_escaped_comes_back(text: str) -> None:
    assert plain(markdown.escape(text)) == text
    assert plain(markdown.escape(f"<@99> {text}")) == f"<@99> {text}"


@given(hostile)
def test_a_client_shows_the_words_and_only_addresses_are_more_than_words(text: str) -> None:
    words, found = read(markdown.escape(text))
    assert words == text
    addresses = [url for url, is_url in urls(text) if is_url]
    assert found == [Found("autolink", url) for url in addresses]


@given(hostile, st.sampled_from(("**", "~~", "**__")))
def test_styles_are_closed_and_hold_the_words(text: str, marks: str) -> None:
    text = text.replace("\r", "").replace("\u2028", "")
    words, found = read(markdown.styled(text, marks))
    assert squashed(words) == squashed(text)
    assert words == text or "~" in text
    styles = [each for each in found if each.kind != "autolink"]
    assert {each.kind for each in styles} <= {"strong", "underline", "strike"}
    wanted = [line.strip() for line in text.split("\n") if line.strip()]
    assert [each.text.rstrip() for each in styles if each.kind != "underline"] == wanted


@given(hostile)
def test_quotes_and_small_print_hold_the_words(text: str) -> None:
    for marked, kind in ((markdown.quoted(markdown.escape(text)), "quote"), (markdown.small(text), "small")):
        words, found = read(marked)
        assert squashed(words) == squashed(text)
        assert {each.kind for each in found} <= {kind, "autolink"}


@given(hostile)
def test_code_holds_the_words_or_they_are_escaped(text: str) -> None:
    words, found = read(markdown.code(text))
    assert words.strip() == text.strip()
    assert {each.kind for each in found} <= {"fence", "autolink"}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("ask <@123> or <@!45>", "ask @user123 or @user45"),
        ("let <@&7> in", "let @role7 in"),
        ("in <#8>", "in #channel8"),
        ("well <:done:123> <a:party:4>", "well :done: :party:"),
        ("at <t:1392734382:F> or <t:1392734382>", "at 2014-02-18 14:39 UTC or 2014-02-18 14:39 UTC"),
        ("<t:99999999999999999:F>", "<t:99999999999999999:F>"),
        ("type </post draft:123>", "type /post draft"),
        (r"2 \* 3 \* 4 and ¯\\\_(ツ)\_/¯", r"2 * 3 * 4 and ¯\_(ツ)_/¯"),
        (
            "<https://example.com/a_b>, https://example.com/a\\_b",
            "https://example.com/a_b, https://example.com/a\\_b",
        ),
        (r"`a\_b` and ```x\_y```", r"`a\_b` and ```x\_y```"),
        (r"C:\dir and \n", r"C:\dir and \n"),
        ("1 < 2 and <3 <>", "1 < 2 and <3 <>"),
        ("<@99> draft a post", "draft a post"),
        ("  <@!99>:  draft", "draft"),
        ("<@99><@99>, draft", "draft"),
        ("draft it, <@99>", "draft it,"),
        ("ask <@99> for it", "ask for it"),
        ("<@991> is somebody else", "@user991 is somebody else"),
        ("", ""),
    ],
)
def test_what_people_type_is_read_as_plain_text(typed: str, said: str) -> None:
    assert plain(typed) == said


def test_a_name_that_looks_like_markup_is_not_read_again() -> None:
    told = markdown.plain(
        "<@1>", user=lambda _: r"<@2>\*", channel=lambda _: "", role=lambda _: "", bot_user_id=""
    )
    assert told == r"<@2>\*"


def test_a_time_is_told_by_the_readers_own_clock() -> None:
    told = markdown.date(datetime(2026, 11, 21, 14, 30, tzinfo=UTC))
    assert told == "<t:1795271400:F> (<t:1795271400:R>)"
    assert read("see <t:1795271400:F>")[0] == "see 2026-11-21 14:30 UTC"


@pytest.mark.parametrize(
    "markup",
    [
        "**b**",
        "_i_",
        "[a](https://b.example)",
        "# h",
        "> q",
        "||s||",
        "`c`",
        "@everyone",
        "<@1>",
        ":ok:",
        "- l",
        "1. l",
    ],
)
def test_the_reader_of_these_tests_sees_markup_where_there_is_some(markup: str) -> None:
    assert read(markup)[1]
    assert read(markdown.escape(markup)) == (
        (markup, [Found("autolink", "https://b.example")]) if "https" in markup else (markup, [])
    )
