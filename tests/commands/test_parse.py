"""Lines as people type them: quotes of every kind, names between words, and nothing that breaks it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.errors import Invalid, NotFound, TroupeError
from bot.calls import Call
from bot.cards import Card
from bot.kinds import INT, fitting
from bot.parameters import ACCOUNTS, PERSON, PERSONA, TEXT, WHEN, WORD
from bot.parse import complete, parse, quoted, tokens
from bot.platforms import RULES
from bot.ports import Ports
from bot.registry import Registry
from bot.wiring import Images
from tests.chat import Chat

REGISTRY = Registry()


@REGISTRY.command("post draft", "Write")
def draft(
    call: Call,
    ports: Ports,
    persona: Annotated[object, PERSONA],
    about: Annotated[str, TEXT],
    *,
    on: Annotated[tuple[str, ...], ACCOUNTS] = ("stage",),
    at: Annotated[object, WHEN] = None,
) -> Card:
    return Card("drafted")


@REGISTRY.command("say", "Say words")
def say(call: Call, ports: Ports, first: Annotated[str, WORD], rest: Annotated[str, TEXT] = "") -> Card:
    return Card("said")


@REGISTRY.command("count", "Count")
def count(call: Call, ports: Ports, number: Annotated[int, INT(1, 9)]) -> Card:
    return Card("counted")


@contextmanager
def ports_of(chat: Chat) -> Iterator[Ports]:
    with chat.storage.reading() as work:
        yield Ports(work, RULES, {}, Images(), "http://troupe.test")


@pytest.fixture
def ports(chat: Chat) -> Iterator[Ports]:
    with ports_of(chat) as made:
        yield made


def read(line: str, ports: Ports) -> dict[str, object]:
    return parse(line, ports, REGISTRY).values


def test_a_line_as_in_the_guide(ports: Ports) -> None:
    values = read('/post draft @ada "our new release" on bluesky', ports)
    assert (values["about"], values["on"]) == ("our new release", ("bluesky",))


@pytest.mark.parametrize("quotes", ['""', "“”", "„“", "«»", "”“"])
def test_quotes_of_every_keyboard_hold_words_together(quotes: str, ports: Ports) -> None:
    values = read(f"/post draft @ada {quotes[0]}on bluesky, at last{quotes[1]} on stage and bluesky", ports)
    assert (values["about"], values["on"]) == ("on bluesky, at last", ("stage", "bluesky"))


def test_without_quotes_a_name_counts_only_where_a_value_follows(ports: Ports) -> None:
    values = read("/post draft @ada notes on caching at scale on Bluesky at tomorrow 9:00", ports)
    assert values["about"] == "notes on caching at scale"
    assert values["on"] == ("bluesky",)
    assert values["at"] is not None


def test_an_apostrophe_and_an_inch_are_no_quotes(ports: Ports) -> None:
    assert read("""/post draft @ada Ada's 15" screen""", ports)["about"] == """Ada's 15" screen"""


def test_a_slash_a_capital_and_the_word_troupe_make_no_difference(ports: Ports) -> None:
    for line in ("/say hello", "say hello", "/SAY hello", "/troupe say hello", "  /say   hello  "):
        assert read(line, ports) == {"first": "hello", "rest": ""}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('/say "hello', "A quote is opened but not closed."),
        ("/sya hello", "There is no command called /sya. Did you mean /say?"),
        ("/post drat @ada x", "There is /post draft."),
        ("/post draft @adda x", "Did you mean @ada?"),
        ("/post draft @ada", "about is missing. Usage: /post draft @persona about [on PLATFORMS] [at TIME]"),
        ("/post draft @ada x on blusky", "Did you mean bluesky?"),
        ("/count 12", "12 is no number from 1 to 9."),
        ("/count 3 more", "I do not know what to do with “more”."),
        ("", "There is no command in that."),
        ("/", "There is no command in that."),
    ],
)
def test_what_is_wrong_is_said_with_what_to_type(line: str, told: str, ports: Ports) -> None:
    with pytest.raises(TroupeError) as refused:
        read(line, ports)
    assert told in str(refused.value)


words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"], exclude_characters='"“”„«»'), min_size=1)


@given(st.lists(words, min_size=1, max_size=6))
def test_what_is_put_in_quotes_comes_out_as_it_was(said: list[str]) -> None:
    line = " ".join(f'"{one}"' for one in said)
    assert [(token.text, token.quoted) for token in tokens(line)] == [(one, True) for one in said]


@given(st.lists(words, min_size=1, max_size=6))
def test_words_without_quotes_are_parted_at_spaces_alone(said: list[str]) -> None:
    assert [token.text for token in tokens("  ".join(said))] == said


@given(words.filter(lambda w: w not in ("on", "at")))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_word_can_be_said_and_is_not_changed(chat: Chat, word: str) -> None:
    with ports_of(chat) as ports:
        assert read(f"/say x {word}", ports)["rest"] == word


PIECES = [
    "/",
    "post draft",
    "@ada",
    "@",
    "on",
    "at",
    "say",
    "count",
    '"',
    "“",
    "«",
    "'",
    "\\",
    "#",
    "\n",
    "\t",
]
PIECES += [
    "\x00",
    "\u202e",
    "\u200b",
    "\ud800",
    "𝕒",
    "🏳️‍🌈",
    "\u0301" * 40,
    "%s",
    "{0}",
    "'; DROP TABLE",
    "9" * 30,
]
lines = st.builds(
    str.__add__,
    st.sampled_from(["", "/post draft ", "/post draft @ada ", "/post draft @ada x on ", "/say ", "/count "]),
    st.text(max_size=100) | st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join),
)


@given(lines)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
def test_nothing_that_is_typed_breaks_the_parser_or_the_completion(chat: Chat, line: str) -> None:
    with ports_of(chat) as ports:
        try:
            values = read(line, ports)
        except TroupeError as refused:
            assert refused.what
        else:
            assert values.keys() <= {"persona", "about", "on", "at", "first", "rest", "number"}
        for option in complete(line, ports, REGISTRY):
            assert option.value.startswith("/")


def test_completions_lead_to_a_line_that_can_be_read(ports: Ports) -> None:
    """Each is the whole line; what cannot be completed is typed in between."""
    (command,) = complete("/po", ports, REGISTRY)
    (persona,) = complete(command.value + "@a", ports, REGISTRY)
    assert persona.value == "/post draft @ada "
    names = complete(persona.value + "caching ", ports, REGISTRY)
    assert [name.value for name in names] == ["/post draft @ada caching on ", "/post draft @ada caching at "]
    (platform,) = complete(names[0].value + "bl", ports, REGISTRY)
    assert read(platform.value, ports)["on"] == ("bluesky",)


def test_a_name_with_spaces_is_completed_in_quotes(chat: Chat) -> None:
    chat.says("alice", '/people invite "Mary Ann" as editor')
    with ports_of(chat) as ports:
        offered = [option.value for option in fitting(PERSON.offers(ports), "mary")]
    assert offered == ['"Mary Ann"']
    assert chat.says("alice", f"/people show {offered[0]}").card.title == "Mary Ann"
    assert shlex.split(offered[0]) == ["Mary Ann"]


def test_the_nearest_name_is_offered(ports: Ports) -> None:
    with pytest.raises(NotFound) as refused:
        PERSONA.parse("@aad", ports)
    assert refused.value.remedy == "Did you mean @ada?"


def test_platforms_are_named_in_any_way(ports: Ports) -> None:
    for text in ("stage and bluesky", "Stage, Bluesky", "stage,bluesky", "stage bluesky stage"):
        assert ACCOUNTS.parse(text, ports) == ("stage", "bluesky")
    assert ACCOUNTS.parse("@ada", ports) == ("stage",)
    with pytest.raises(Invalid):
        ACCOUNTS.parse(",", ports)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_any_text_can_be_one_word(text: str) -> None:
    assert [token.text for token in tokens(f"a {quoted(text)} b")] == ["a", text, "b"]


def test_a_quote_in_quotes_is_typed_twice_and_curly_ones_stay_as_they_are(ports: Ports) -> None:
    assert read('/say hi "He said ""now"", “at last”."', ports)["rest"] == 'He said "now", “at last”.'
    assert read("/say hi 15” and so on", ports)["rest"] == "15” and so on"
    assert read('/say hi "typed on a phone”', ports)["rest"] == "typed on a phone"
