"""Application commands: made of the registry, legal, and invoked to the same values as a typed line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import Invalid
from bot import commands as handlers
from bot.discord import commands, figures, limits, markdown
from bot.discord.command_kit import BOOLEAN, INTEGER, STRING, SUBCOMMAND, size
from bot.forms import Option
from bot.kinds import CHOICE, INT
from bot.parameters import ACCOUNTS, PERSON, PERSONA, TEXT, WHEN, WORD, YES
from bot.parse import parse, quoted, tokens
from bot.platforms import RULES
from bot.ports import Ports
from bot.registry import REGISTRY, Registry
from bot.wiring import Images
from tests.chat import Chat
from tests.discord.emulator import spec

handlers.load()
TYPED = Registry()
PUT = ("PUT", "/applications/{application_id}/commands")
NOBODY = cast(Ports, None)
"""For kinds that look nothing up."""


@TYPED.command("tell", "Say words")
def tell(
    call: object,
    ports: object,
    first: Annotated[str, WORD],
    rest: Annotated[str, TEXT] = "",
    *,
    on: Annotated[str, TEXT] = "",
    about: Annotated[str, TEXT] = "",
) -> None: ...


@TYPED.command("count up", "Count")
def count(
    call: object,
    ports: object,
    number: Annotated[int, INT(1, 9)],
    sort: Annotated[str, CHOICE("odd", "even")] = "odd",
    words: Annotated[str, TEXT] = "",
    *,
    loudly: Annotated[bool, YES] = False,
) -> None: ...


@TYPED.command("post draft", "Write")
def draft(
    call: object,
    ports: object,
    persona: Annotated[object, PERSONA],
    about: Annotated[str, TEXT],
    *,
    on: Annotated[tuple[str, ...], ACCOUNTS] = ("stage",),
    at: Annotated[object, WHEN] = None,
    by: Annotated[object, PERSON] = None,
) -> None: ...


def invoked(path: str, **given: Any) -> dict[str, Any]:
    """As Discord sends it."""
    kinds = {bool: BOOLEAN, int: INTEGER, str: STRING}
    options: list[Any] = [{"name": name, "type": kinds[type(v)], "value": v} for name, v in given.items()]
    group, _, verb = path.partition(" ")
    if verb:
        options = [{"name": verb, "type": SUBCOMMAND, "options": options}]
    return {"id": "1", "name": group, "type": 1, "options": options}


def option(made: list[dict[str, Any]], *path: str) -> dict[str, Any]:
    found: dict[str, Any] = {"options": made}
    for name in path:
        found = next(each for each in found["options"] if each["name"] == name)
    return found


# What there is


def test_the_commands_of_the_product_are_legal() -> None:
    made = commands.every()
    assert limits.check(made, "commands") == []
    assert spec.problems(*PUT, made) == []
    assert {each["name"] for each in made if each["type"] == 1} == {
        c.group for c in REGISTRY.commands.values()
    }
    assert made[-2:] == [
        {"type": 3, "name": name, "contexts": [0, 1], "integration_types": [0]}
        for name in ("Make a post from this", "Give this to a persona")
    ]
    assert max(size(each) for each in made) < figures.COMMAND_SIZE / 2, "there is room to grow"


def test_every_command_of_the_registry_is_there_with_every_parameter() -> None:
    made = commands.every()
    for path, each in REGISTRY.commands.items():
        found = option(made, *path.split())
        assert {o["name"] for o in found["options"]} == {p.name for p in each.parameters}
        assert found["description"] == each.summary, "none is cut"
        for o in found["options"]:
            assert " " in o["description"], f"/{path} {o['name']} has no line in hints.py"


def test_kinds_become_types_with_choices_or_completion_and_what_is_needed_comes_first() -> None:
    made = commands.every(TYPED)
    assert limits.check(made, "commands") == []
    up = option(made, "count", "up")["options"]
    assert up == [
        {
            "type": INTEGER,
            "name": "number",
            "description": "Number",
            "required": True,
            "min_value": 1,
            "max_value": 9,
        },
        {
            "type": STRING,
            "name": "sort",
            "description": "Sort",
            "required": False,
            "choices": [{"name": "odd", "value": "odd"}, {"name": "even", "value": "even"}],
        },
        {"type": STRING, "name": "words", "description": "Words", "required": False},
        {"type": BOOLEAN, "name": "loudly", "description": "Loudly", "required": False},
    ]
    assert option(made, "post", "draft", "persona")["autocomplete"] is True
    assert "autocomplete" not in option(made, "post", "draft", "about")
    assert option(made, "tell")["type"] == 1


def test_a_named_parameter_that_is_needed_stands_before_an_optional_one() -> None:
    registry = Registry()

    @registry.command("go", "Go")
    def go(
        call: object, ports: object, to: Annotated[str, WORD] = "", *, as_: Annotated[str, WORD]
    ) -> None: ...

    made = commands.every(registry)
    assert limits.check(made, "commands") == []
    assert [each["name"] for each in option(made, "go")["options"]] == ["as", "to"]
    assert commands.line(invoked("go", **{"as": "x"}), registry) == "/go as x"


def test_more_words_than_discord_takes_as_choices_are_completed() -> None:
    registry = Registry()

    @registry.command("go", "Go")
    def go(
        call: object, ports: object, to: Annotated[str, CHOICE(*(f"w{n}" for n in range(26)))]
    ) -> None: ...

    [to] = option(commands.every(registry), "go")["options"]
    assert to["autocomplete"] is True and "choices" not in to


def test_a_word_cannot_be_a_command_and_a_group() -> None:
    registry = Registry()

    @registry.command("go", "Go")
    @registry.command("go home", "Go home")
    def go(call: object, ports: object) -> None: ...

    with pytest.raises(ValueError, match="for Discord it can only be one"):
        commands.every(registry)


def test_they_are_told_again_only_when_they_have_changed() -> None:
    made = commands.every()
    assert commands.digest(made) == commands.digest(commands.every())
    assert commands.digest(made) != commands.digest(commands.every(permissions=8))
    assert commands.digest(made) != commands.digest(made[:-1])
    seen = commands.every(permissions=1 << 11)
    assert {each["default_member_permissions"] for each in seen} == {"2048"}
    assert limits.check(seen, "commands") == []


# What is invoked


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
TRICKS = st.sampled_from(
    ('"', '""', "“", "”", "on", "about", " on ", "\n", " ", "  ", "\t", "/", "-", "\u2028", "troupe")
)
said = st.lists(st.one_of(TRICKS, WORDS), max_size=8).map("".join)


@given(said, said, said)
def test_a_line_is_read_to_what_was_typed_into_the_options(rest: str, on: str, about: str) -> None:
    line = commands.line(invoked("tell", first="go", rest=rest, on=on, about=about), TYPED)
    assert parse(line, NOBODY, TYPED).values == {
        "first": "go",
        "rest": rest.strip(),
        "on": on.strip(),
        "about": about.strip(),
    }


@given(
    st.integers(1, 9),
    st.none() | st.sampled_from(("odd", "even")),
    st.none() | said,
    st.none() | st.booleans(),
)
def test_types_come_back_as_what_they_are(
    number: int, sort: str | None, words: str | None, loudly: bool | None
) -> None:
    given = {"number": number, "sort": sort, "words": words, "loudly": loudly}
    there = {name: value for name, value in given.items() if value is not None}
    line = commands.line(invoked("count up", **there), TYPED)
    assert parse(line, NOBODY, TYPED).values == {
        "number": number,
        "sort": sort or "odd",
        "words": (words or "").strip(),
        "loudly": bool(loudly),
    }


@given(said)
def test_what_is_quoted_is_one_word(text: str) -> None:
    assert [token.text for token in tokens(f"a {quoted(text)} b")] == ["a", text, "b"]


@given(said, said, said)
def test_what_is_mentioned_becomes_words_and_the_values_stay_what_they_are(
    rest: str, on: str, about: str
) -> None:
    def read(value: str) -> str:
        return markdown.mentions(
            value, user=lambda _: 'Ada "A" L', channel=lambda _: "#c", role=lambda _: "on"
        )

    given = {"first": "<@&7>", "rest": f"ask <@1> {rest}", "on": f"{on}<#2>", "about": f"\\*{about}"}
    line = commands.in_words(commands.line(invoked("tell", **given), TYPED), read)
    assert parse(line, NOBODY, TYPED).values == {
        "first": "on",
        "rest": f'ask Ada "A" L {rest}'.strip(),
        "on": f"{on}#c".strip(),
        "about": f"\\*{about}".strip(),
    }


def test_a_line_that_cannot_be_read_is_left_to_the_parser() -> None:
    assert commands.in_words("/tell \x00", str.upper) == "/tell \x00"


def test_a_line_looks_like_one_that_somebody_typed() -> None:
    given = {"persona": "@ada", "about": "our new release", "on": "bluesky", "at": "tomorrow 9:00"}
    assert commands.line(invoked("post draft", **given)) == (
        '/post draft @ada "our new release" on bluesky at "tomorrow 9:00"'
    )
    assert commands.line(invoked("halt")) == "/halt"
    assert commands.line(invoked("people sign-out", person="Ada L")) == '/people sign-out "Ada L"'
    assert commands.line(invoked("persona policy", persona="@ada", keys=False, quorum=2)) == (
        "/persona policy @ada quorum 2 keys no"
    )


@pytest.mark.parametrize(
    "data",
    [
        {},
        invoked("sing"),
        invoked("post sing"),
        invoked("post"),
        invoked("halt", colour="red"),
        {"name": "post draft"},
    ],
)
def test_what_the_registry_does_not_have_any_more_is_told(data: dict[str, Any]) -> None:
    if data.get("name") == "post draft":
        data = {"name": "post", "options": [{"type": SUBCOMMAND, "name": "drafts"}]}
    with pytest.raises(Invalid, match="commands have changed"):
        commands.line(data)


@pytest.fixture
def ports(chat: Chat) -> Iterator[Ports]:
    with chat.storage.reading() as work:
        yield Ports(work, RULES, {}, Images(), "http://troupe.test")


def test_what_is_invoked_is_what_is_typed(ports: Ports) -> None:
    given = {
        "persona": "@ada",
        "about": 'He said "on stage"',
        "on": "stage, bluesky",
        "at": "tomorrow 9:00",
        "by": "alice",
    }
    values = parse(commands.line(invoked("post draft", **given), TYPED), ports, TYPED).values
    typed = parse(
        '/post draft @ada "He said ""on stage""" on stage, bluesky at tomorrow 9:00 by Alice', ports, TYPED
    )
    assert values == typed.values
    assert values["about"] == 'He said "on stage"'


# What is being typed


def typing(path: str, focused: str, value: str, **given: Any) -> dict[str, Any]:
    data = invoked(path, **given, **{focused: value})
    options = data["options"][0]["options"] if " " in path else data["options"]
    options[-1]["focused"] = True
    return data


def test_what_is_being_typed_is_found() -> None:
    found = commands.completes(typing("post draft", "persona", "ad", about="x"))
    assert (found.command.path, found.parameter.name, found.before, found.prefix) == (
        "post draft",
        "persona",
        "",
        "ad",
    )
    several = commands.completes(typing("post draft", "on", "stage, blu"))
    assert (several.before, several.prefix) == ("stage, ", "blu")
    with pytest.raises(Invalid, match="have changed"):
        commands.completes(invoked("post draft", persona="x"))


def choices(data: dict[str, Any], ports: Ports) -> list[dict[str, Any]]:
    found = commands.completes(data)
    return commands.choices(found, found.parameter.kind.offers(ports))


def test_names_are_offered_and_taken_as_they_are(ports: Ports) -> None:
    made = choices(typing("post draft", "persona", "@a"), ports)
    assert made and all(each["value"].startswith("@") for each in made)
    assert choices(typing("post draft", "on", "stage, blu"), ports) == [
        {"name": "stage, Bluesky", "value": "stage, bluesky"}
    ]
    people = choices(typing("people show", "person", ""), ports)
    for each in people:
        line = commands.line(invoked("people show", person=each["value"]))
        assert parse(line, ports).values["person"].name == each["value"]


def test_what_is_offered_keeps_to_discords_limits() -> None:
    many = [
        Option("x" * 101, "too long"),
        Option('"Ada L"', "y" * 200),
        *(Option(f"o{n}", "") for n in range(40)),
    ]
    made = commands.offered(many)
    assert made[0] == {"name": "y" * 99 + "…", "value": "Ada L"}
    assert len(made) == 25
    assert all(1 <= len(each["name"]) <= 100 and 1 <= len(each["value"]) <= 100 for each in made)
    assert commands.offered([Option(quoted('A "B" C'), "x")], "a, ") == [
        {"name": "a, x", "value": 'a, A "B" C'}
    ]


# Under a message


def test_the_words_of_the_message_are_what_a_post_or_a_task_is_made_of() -> None:
    data = {
        "name": "Make a post from this",
        "type": 3,
        "target_id": "9",
        "resolved": {"messages": {"9": {"content": " hi "}}},
    }
    assert commands.under_message(data) == ("post.new", "about", "hi")
    given = {**data, "name": "Give this to a persona"}
    assert commands.under_message(given) == ("task.new", "brief", "hi")
    with pytest.raises(Invalid, match="no words"):
        commands.under_message({**data, "target_id": "8"})
    with pytest.raises(Invalid, match="have changed"):
        commands.under_message({**data, "name": "Sing"})
