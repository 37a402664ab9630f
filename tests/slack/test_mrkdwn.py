"""Plain text to Slack's markup and back, and what people type there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import mrkdwn
from tests.cards import words


def plain(text: str, bot: str = "UBOT") -> str:
    return mrkdwn.plain(
        text, user=lambda id: f"@{id.lower()}", channel=lambda id, name: f"#{name or id}", bot_user_id=bot
    )


@given(st.one_of(words, st.text()))
def test_what_is_escaped_comes_back(text: str) -> None:
    assert plain(mrkdwn.escape(text)) == text


@given(words)
def test_nothing_that_is_escaped_is_a_mention_or_a_link(text: str) -> None:
    assert not set("<>") & set(mrkdwn.escape(text))
    assert mrkdwn.escape(text).count("&") == sum(text.count(sign) for sign in "&<>")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("ask <@U123|bob> or <@W9>", "ask @u123 or @w9"),
        ("in <#C1|general> and <#C2> and <#C3|>", "in #general and #C2 and #C3"),
        ("<https://example.com/a?b=1&amp;c=2|the notes>", "https://example.com/a?b=1&c=2"),
        ("<https://example.com>", "https://example.com"),
        ("connect <http://ada.example.com|ada.example.com>", "connect ada.example.com"),
        ("<mailto:bob@example.com|bob@example.com> <mailto:x@example.com>", "bob@example.com x@example.com"),
        ("<tel:+491234|0 1234>", "0 1234"),
        ("<!date^1392734382^{date_num}|18 Feb 2014>", "18 Feb 2014"),
        ("<!here> <!channel> <!everyone|everyone>", "@here @channel everyone"),
        ("<!subteam^S1|@writers> <!subteam^S2>", "@writers @S2"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("1 < 2, <> and <\n> stay", "1 < 2, <> and <\n> stay"),
        ("<@UBOT> draft a post", "draft a post"),
        ("  <@UBOT|troupe>:  draft", "draft"),
        ("<@UBOT><@UBOT>, draft", "draft"),
        ("draft it, <@UBOT>", "draft it,"),
        ("ask <@UBOT> for it", "ask for it"),
        ("<@UBOTTOM> is somebody else", "@ubottom is somebody else"),
        ("", ""),
    ],
)
def test_what_people_type_is_read_as_plain_text(typed: str, read: str) -> None:
    assert plain(typed) == read


def test_a_name_that_looks_like_markup_is_not_read_again() -> None:
    told = mrkdwn.plain("<@U1>", user=lambda _: "<!channel>&amp;", channel=lambda *_: "", bot_user_id="")
    assert told == "<!channel>&amp;"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("/people role <@U1> editor", '/people role "Mia Lopez" editor'),
        ('/post draft @ada "thanks to <@U1> for it"', '/post draft @ada "thanks to Mia Lopez for it"'),
        ("/post draft @ada “for <@U1>” on stage", "/post draft @ada “for Mia Lopez” on stage"),
        ('"one" <@U1> "two"', '"one" "Mia Lopez" "two"'),
    ],
)
def test_a_name_of_two_words_is_one_value_wherever_it_stands(typed: str, read: str) -> None:
    told = mrkdwn.plain(typed, user=lambda _: "Mia Lopez", channel=lambda *_: "", bot_user_id="UBOT")
    assert told == read


@pytest.mark.parametrize("text", ["a*b", "_x_", "~x~", "`x`", "_a\nb_", ":tada:", "> quote", "a\n  > b"])
def test_what_slack_would_read_is_not_inert(text: str) -> None:
    assert not mrkdwn.is_inert(text)


@pytest.mark.parametrize(
    "text", ["@ada.example.com on Bluesky", "@ada_b", "12:30", "1 > 0", "a & b", "<@U1>", "#general"]
)
def test_ordinary_facts_are_inert(text: str) -> None:
    assert mrkdwn.is_inert(text)


def test_a_time_carries_its_own_words_for_clients_that_cannot() -> None:
    told = mrkdwn.date(datetime(2026, 11, 21, 14, 30, tzinfo=UTC))
    assert told == "<!date^1795271400^{date_short_pretty} at {time}|2026-11-21 14:30 UTC>"
    assert plain(told) == "2026-11-21 14:30 UTC"
