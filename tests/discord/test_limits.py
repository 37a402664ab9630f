"""The validator: what Discord takes, every way of not being taken, and the same judged by two others.

The two others are Discord's own description (where it lies beside the repository) and the emulator's reading of its pages.
"""

from __future__ import annotations

from copy import deepcopy
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import commands as handlers
from bot.discord import commands, limits, modals, render
from bot.discord import components as c
from bot.discord import figures as f
from bot.forms import FormField, FormView, Option
from bot.present.examples import NOW, examples
from tests.discord.emulator import components as strict
from tests.discord.emulator import declared, spec
from tests.discord.emulator import limits as whole
from tests.discord.emulator.errors import Refused
from tests.discord.filling import CALLBACK

handlers.load()
Json = dict[str, Any]
POST = ("POST", "/channels/{channel_id}/messages")
PUT = ("PUT", "/applications/{application_id}/commands")


def message(*components: Json, **more: Any) -> Json:
    return {"flags": c.V2, "components": list(components), "allowed_mentions": {"parse": []}, **more}


def text(length: int = 1, **more: Any) -> Json:
    return {"type": c.TEXT, "content": "x" * length, **more}


def button(id: str = "a:b:c", **more: Any) -> Json:
    return {"type": c.BUTTON, "style": 2, "label": "x", "custom_id": id, **more}


def link(url: str = "https://example.com", **more: Any) -> Json:
    return {"type": c.BUTTON, "style": c.LINK, "label": "x", "url": url, **more}


def select(options: list[Json] | None = None, **more: Any) -> Json:
    return {
        "type": c.SELECT,
        "custom_id": "menu",
        "options": [option()] if options is None else options,
        **more,
    }


def option(value: str = "v", **more: Any) -> Json:
    return {"label": "x", "value": value, **more}


def options(count: int) -> list[Json]:
    return [option(f"v{n}") for n in range(count)]


def picture(url: str = "attachment://a.png", **more: Any) -> Json:
    return {"media": {"url": url}, **more}


def box(*parts: Json, **more: Any) -> Json:
    return {"type": c.CONTAINER, "components": list(parts), **more}


def modal(*components: Json, **more: Any) -> Json:
    return {"custom_id": "a:b:c", "title": "T", "components": list(components), **more}


def label(component: Json, **more: Any) -> Json:
    return {"type": c.LABEL, "label": "L", "component": component, **more}


def field(**more: Any) -> Json:
    return {"type": c.TEXT_INPUT, "custom_id": "f", "style": 1, **more}


def ticks(count: int, **more: Any) -> Json:
    return {"type": c.CHECKBOX_GROUP, "custom_id": "f", "options": options(count), **more}


def slash(*given: Json, **more: Any) -> Json:
    return {"type": 1, "name": "go", "description": "Go", "options": list(given), **more}


def taken(name: str = "to", **more: Any) -> Json:
    return {"type": 3, "name": name, "description": "To", **more}


PNG = {"attachments": [{"id": 0, "filename": "a.png"}]}
LEGAL_MESSAGES: dict[str, Json] = {
    "4000 characters": message(text(f.TEXTS)),
    "in a box": message(box(text(), accent_color=f.COLOUR)),
    "five buttons": message(c.row([button(f"b{n}") for n in range(f.ROW)])),
    "longest button": message(c.row([button("x" * f.CUSTOM_ID, label="x" * f.BUTTON_LABEL)])),
    "longest link": message(c.row([link("https://" + "x" * (f.BUTTON_URL - 8))])),
    "25 options": message(c.row([select(options(25), placeholder="x" * f.PLACEHOLDER)])),
    "longest option": message(c.row([select([option("v" * 100, label="x" * 100, description="x" * 100)])])),
    "40 in all": message(box(*(text() for _ in range(39)))),
    "gallery": message({"type": c.GALLERY, "items": [picture(description="x" * 1024)] * 10}, **PNG),
    "section": message(
        {"type": c.SECTION, "components": [text()] * 3, "accessory": {"type": c.THUMBNAIL, **picture()}},
        **PNG,
    ),
    "file": message({"type": c.FILE, "file": {"url": "attachment://a.png"}}, **PNG),
    "separator": message({"type": c.SEPARATOR, "divider": True, "spacing": 2}, text()),
    "mark": message(text(id=f.ID)),
    "plain": {"content": "x" * f.CONTENT, "allowed_mentions": {"parse": []}},
    "nonce": message(text(), nonce="x" * 25, enforce_nonce=True),
}
LEGAL_MODALS: dict[str, Json] = {
    "five": modal(*(label(field(custom_id=f"f{n}")) for n in range(5)), title="x" * 45),
    "longest label": modal(label(field(), label="x" * 45, description="x" * 100)),
    "longest input": modal(label(field(value="x" * 4000, max_length=4000, placeholder="x" * 100, style=2))),
    "text": modal(text(), label(field())),
    "select": modal(label(select(options(25), required=False, min_values=0, max_values=25))),
    "ticks": modal(label(ticks(10, required=False, min_values=0, max_values=10))),
    "tick": modal(label({"type": c.CHECKBOX, "custom_id": "f", "default": True})),
    "radios": modal(
        label({"type": c.RADIO_GROUP, "custom_id": "f", "options": options(2), "required": False})
    ),
    "file": modal(
        label({"type": c.FILE_UPLOAD, "custom_id": "f", "min_values": 0, "max_values": 10, "required": False})
    ),
}
LEGAL_COMMANDS: dict[str, list[Json]] = {
    "25 options": [slash(*(taken(f"o{n}") for n in range(25)))],
    "25 choices": [slash(taken(choices=[{"name": f"c{n}", "value": "v" * 100} for n in range(25)]))],
    "longest": [slash(name="x" * 32, description="x" * 100)],
    "under a message": [{"type": 3, "name": "Make a post from this"}],
    "100": [slash(name=f"c{n}") for n in range(100)],
    "8000": [slash(*(taken(f"{n:032}", description="x" * 100) for n in range(25)), name="x" * 32)],
}


@pytest.mark.parametrize("name", LEGAL_MESSAGES)
def test_a_message_at_its_limits_is_legal(name: str) -> None:
    payload = LEGAL_MESSAGES[name]
    assert limits.check(payload, "message") == []
    assert spec.problems(*POST, payload) == []
    whole.message(payload, ["a.png"])


@pytest.mark.parametrize("name", LEGAL_MODALS)
def test_a_modal_at_its_limits_is_legal(name: str) -> None:
    data = LEGAL_MODALS[name]
    assert limits.check(data, "modal") == []
    assert spec.problems(*CALLBACK, {"type": 9, "data": data}) == []
    assert strict.of_modal(data["components"]) == []


@pytest.mark.parametrize("name", LEGAL_COMMANDS)
def test_commands_at_their_limits_are_legal(name: str) -> None:
    assert limits.check(LEGAL_COMMANDS[name], "commands") == []
    assert spec.problems(*PUT, LEGAL_COMMANDS[name]) == []
    assert [problem for each in LEGAL_COMMANDS[name] for problem in declared.problems(each)] == []


ROW_OF_BOTH = c.row([select(), button()])
ILLEGAL_MESSAGES: list[tuple[Json, str]] = [
    (message(text(f.TEXTS + 1)), "/components/0/content: 4001 characters, 1 to 4000 may be"),
    (message(text(2500), box(text(1501))), "/components: 4001 characters in all, 4000 may be"),
    (message(text(0)), "/components/0/content: 0 characters"),
    (message({"type": c.TEXT, "content": " \n "}), "holds nothing but white space"),
    (message(box(*(text() for _ in range(40)))), "/components: 41 in all, 40 may be"),
    (message(*(c.row([button(f"{r}-{n}") for n in range(5)]) for r in range(7))), "/components: 42 in all"),
    (message(c.row([button(f"b{n}") for n in range(6)])), "/components/0/components: 6 items, 1 to 5"),
    (message(c.row([])), "/components/0/components: 0 items"),
    (message(ROW_OF_BOTH), "a select stands alone in its row"),
    (message(c.row([button("x" * 101)])), "/custom_id: 101 characters"),
    (message(c.row([button("")])), "/custom_id: 0 characters"),
    (message(c.row([button(label="x" * 81)])), "/label: 81 characters"),
    (message(c.row([button(label=" ")])), "/label: holds nothing but white space"),
    (message(c.row([button(), button()])), "/components: custom_id 'a:b:c' stands 2 times"),
    (message(c.row([button()]), box(c.row([button()]))), "custom_id 'a:b:c' stands 2 times"),
    (message(text(id=7), text(id=7)), "/components: id 7 stands 2 times"),
    (message(text(id=2**31)), "/id: must be a whole number from 0 to 2147483647"),
    (message(c.row([button(style=6)])), "/style: must be one of"),
    (message(c.row([button(style=c.LINK)])), "an url and the style of a link belong together"),
    (message(c.row([link(style=2)])), "an url and the style of a link belong together"),
    (message(c.row([button(url="https://example.com")])), "needs exactly one of custom_id, url"),
    (message(c.row([link("https://" + "x" * 505)])), "/url: 513 characters"),
    (message(c.row([link("/posts/1")])), "/url: must be an address with https?"),
    (message(c.row([link("javascript:alert(1)")])), "/url: must be an address with https?"),
    (message(c.row([select(options(26))])), "/options: 26 items, 1 to 25"),
    (message(c.row([select([])])), "/options: 0 items"),
    (message(c.row([select([option(), option()])])), "/options/1/value: 'v' stands twice"),
    (message(c.row([select([option("v" * 101)])])), "/value: 101 characters"),
    (message(c.row([select([option(label="x" * 101)])])), "/label: 101 characters"),
    (message(c.row([select(placeholder="x" * 151)])), "/placeholder: 151 characters"),
    (message(c.row([select(max_values=2)])), "/max_values: is more than there are options"),
    (message(c.row([select(min_values=2)])), "/min_values: is more than max_values"),
    (
        message(c.row([select([option("a", default=True), option("b", default=True)])])),
        "2 are chosen, 1 may be",
    ),
    (message(button()), "/components/0: 2 is no component"),
    (message(box(box(text()))), "17 is no component of a container"),
    (message(field()), "/components/0: 4 is no component"),
    (message({"type": True}), "True is no component"),
    (message({"type": "10", "content": "x"}), "'10' is no component"),
    (message(text(colour="red")), "colour is unknown here"),
    (message(box(text(), accent_color=0x1000000)), "/accent_color: must be a whole number"),
    (message({"type": c.GALLERY, "items": [picture()] * 11}, **PNG), "/items: 11 items, 1 to 10"),
    (message({"type": c.GALLERY, "items": [picture(description="x" * 1025)]}, **PNG), "/description: 1025"),
    (
        message({"type": c.GALLERY, "items": [picture("ftp://x")]}),
        "must be an address with https?|attachment",
    ),
    (message({"type": c.GALLERY, "items": [picture("https://" + "x" * 2041)]}), "/url: 2049 characters"),
    (
        message({"type": c.SECTION, "components": [text()] * 4, "accessory": button()}),
        "/components: 4 items, 1 to 3",
    ),
    (message({"type": c.SECTION, "components": [text()]}), "accessory is missing"),
    (message({"type": c.FILE, "file": {"url": "https://example.com"}}), "must be an address with attachment"),
    (message({"type": c.FILE, "file": {"url": "attachment://a.png"}}), "'a.png' is shown and not attached"),
    (message(text(), **PNG), "'a.png' is attached and not shown"),
    (
        message(text(), attachments=[{"id": n, "filename": f"{n}"} for n in range(11)]),
        "/attachments: 11 items",
    ),
    (message(text(), flags=0), "/flags: 32768 has to stand there"),
    (message(), "/flags: 32768 has to stand there"),
    (message(text(), content="x"), "/content: cannot stand beside components"),
    (message(text(), allowed_mentions={"parse": ["everyone"]}), "/allowed_mentions: must be one of"),
    ({"flags": c.V2, "components": [text()]}, "allowed_mentions is missing"),
    ({"content": "x" * 2001, "allowed_mentions": {"parse": []}}, "/content: 2001 characters"),
    ({"content": "", "allowed_mentions": {"parse": []}}, "a message needs components or content"),
    (message(text(), nonce="x" * 26), "/nonce: 26 characters"),
    (message(text(), username="x" * 81), "/username: 81 characters"),
    (message(text(), embeds=[]), "embeds is unknown here"),
]
ILLEGAL_MODALS: list[tuple[Json, str]] = [
    (modal(), "/components: 0 items, 1 to 5"),
    (modal(*(label(field(custom_id=f"f{n}")) for n in range(6))), "/components: 6 items"),
    (modal(label(field()), title="x" * 46), "/title: 46 characters"),
    (modal(label(field()), custom_id="x" * 101), "/custom_id: 101 characters"),
    (modal(label(field(), label="x" * 46)), "/label: 46 characters"),
    (modal(label(field(), description="x" * 101)), "/description: 101 characters"),
    (modal(label(field()), label(field())), "custom_id 'f' stands 2 times"),
    (modal(label(field(value="x" * 4001))), "/value: 4001 characters"),
    (modal(label(field(max_length=4001))), "/max_length: must be a whole number from 1 to 4000"),
    (modal(label(field(value="xx", max_length=1))), "/value: 2 characters, its max_length is 1"),
    (modal(label(field(placeholder="x" * 101))), "/placeholder: 101 characters"),
    (modal(label(field(style=3))), "/style: must be one of 1, 2"),
    (modal(label(field(label="x"))), "label is unknown here"),
    (modal(label(select(options(26)))), "/options: 26 items"),
    (modal(label(ticks(11))), "/options: 11 items, 1 to 10"),
    (
        modal(label({"type": c.RADIO_GROUP, "custom_id": "f", "options": options(1)})),
        "/options: 1 items, 2 to 10",
    ),
    (modal(label({"type": c.FILE_UPLOAD, "custom_id": "f", "max_values": 11})), "/max_values: must be"),
    (modal(label(button())), "2 is no input"),
    (modal(field()), "4 is no component of a modal"),
    (modal(c.row([field()])), "1 is no component of a modal"),
]
ILLEGAL_COMMANDS: list[tuple[list[Json], str]] = [
    ([slash(name="x" * 33)], "/0/name: must be"),
    ([slash(name="Go")], "/0/name: must be"),
    ([slash(name="go now")], "/0/name: must be"),
    ([slash(name="")], "/0/name: must be"),
    ([slash(description="x" * 101)], "/0/description: 101 characters"),
    ([slash(description="")], "/0/description: 0 characters"),
    ([slash(*(taken(f"o{n}") for n in range(26)))], "/0/options: 26 items"),
    ([slash(taken(choices=[{"name": f"c{n}", "value": "v"} for n in range(26)]))], "/choices: 26 items"),
    ([slash(taken(choices=[{"name": "c", "value": "v" * 101}]))], "/value: 101 characters"),
    ([slash(taken(choices=[{"name": "c", "value": "v"}], autocomplete=True))], "has choices and completes them"),
    ([slash(taken("a"), taken("b", required=True))], "a needed one stands after one that is not"),
    ([slash(taken(), taken())], "/options/1/name: 'to' stands twice"),
    ([slash(taken(), {"type": 1, "name": "x", "description": "x"})], "do not stand side by side"),
    ([slash({"type": 6, "name": "who", "description": "Who"})], "6 is no option"),
    ([slash(), slash()], "'go' stands twice"),
    ([slash(name=f"c{n}") for n in range(101)], "101 commands of type 1, 100 may be"),
    ([{"type": 3, "name": f"c{n}"} for n in range(16)], "16 commands of type 3, 15 may be"),
    ([{"type": 3, "name": "x" * 33}], "/0/name: 33 characters"),
    ([slash(contexts=[0, 0])], "/0/contexts: one of them stands twice"),
    ([slash(contexts=[3])], "/0/contexts/0: must be one of 0, 1, 2"),
    ([slash(default_member_permissions=8)], "/default_member_permissions: must be a number in digits"),
    (
        [
            slash(
                *(
                    {"type": 1, "name": f"s{n}", "description": "x" * 100, "options": [taken(description="x" * 100)] * 1
                     + [taken(f"b{m}", description="x" * 100) for m in range(3)]}
                    for n in range(25)
                )
            )
        ],
        "characters, 8000 may be",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("payload", "words"), ILLEGAL_MESSAGES)
def test_what_breaks_a_limit_of_messages_is_told_with_its_place(payload: Json, words: str) -> None:
    assert any(words in each for each in limits.check(payload, "message")), limits.check(payload, "message")


@pytest.mark.parametrize(("data", "words"), ILLEGAL_MODALS)
def test_what_breaks_a_limit_of_modals_is_told_with_its_place(data: Json, words: str) -> None:
    assert any(words in each for each in limits.check(data, "modal")), limits.check(data, "modal")


@pytest.mark.parametrize(("made", "words"), ILLEGAL_COMMANDS)
def test_what_breaks_a_limit_of_commands_is_told_with_its_place(made: list[Json], words: str) -> None:
    assert any(words in each for each in limits.check(made, "commands")), limits.check(made, "commands")


# What passes here is refused nowhere: legal payloads, changed at random.

CARDS = [
    render.message(card, files={"example": "e.png"}, now=NOW).payload(9)
    for g in examples().values()
    for card in g
]
FORM = FormView(
    "a:b:c",
    "Title",
    "Go",
    (
        FormField("text", "Text", "multiline", value="words", max_length=300),
        FormField("one", "One", "choice", options=(Option("a", "A"), Option("b", "B")), value="a"),
        FormField("some", "Some", "choices", options=(Option("a", "A"), Option("b", "B")), value=["a", "b"]),
        FormField("sure", "Sure", "check", value=True),
        FormField("picture", "Picture", "picture"),
    ),
)
ALL_LEGAL: dict[str, list[Any]] = {
    "message": [*LEGAL_MESSAGES.values(), *CARDS],
    "modal": [*LEGAL_MODALS.values(), modals.view(FORM, ZoneInfo("UTC"))],
    "commands": [*LEGAL_COMMANDS.values(), commands.every()],
}
NUMBERS = (0, -1, 1, 2, 3, 5, 26, 41, 4001, 2**31, 1.5, True, False)
TEXTS = ("", " ", "x", "Go now", "https://example.com", "attachment://e.png", "😀" * 60)
LONG = tuple("x" * (most + 1) for most in (45, 100, f.DESCRIPTION, f.TEXTS))
ODD: tuple[Any, ...] = (None, *NUMBERS, *TEXTS, *LONG, [], {}, ["x"], {"type": 10, "content": "x"})


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(deeper for key, part in inner for deeper in places(part, (*path, key)))]


def changed(seed: int, kind: str) -> Any:
    """A legal one with one or two things replaced, taken away, added or repeated."""
    dice = Random(seed)
    found = deepcopy(dice.choice(ALL_LEGAL[kind]))
    for _ in range(dice.choice((1, 2))):
        *above, key = dice.choice([place for place in places(found) if place] or [("x",)])
        holder = found
        for step in above:
            holder = holder[step]
        match dice.choice(("replace", "remove", "repeat", "add")):
            case "remove" if found:
                del holder[key]
            case "repeat" if isinstance(holder, list) and holder:
                holder.extend(deepcopy(holder[key]) for _ in range(dice.choice((1, 5, 10, 25, 40))))
            case "add" if isinstance(holder, dict):
                holder[dice.choice(("id", "description", "default", "required", "url", "x"))] = dice.choice(
                    ODD
                )
            case _ if found:
                holder[key] = deepcopy(dice.choice(ODD))
    return found


SEEDS = st.integers(0, 2**32 - 1)
MANY = settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))


@MANY
@given(SEEDS)
def test_a_message_that_passes_is_refused_by_nobody(seed: int) -> None:
    payload = changed(seed, "message")
    if limits.check(payload, "message"):
        return
    assert (
        spec.problems(*POST, {k: v for k, v in payload.items() if k not in ("username", "avatar_url")}) == []
    )
    try:
        whole.message(payload, [one["filename"] for one in payload.get("attachments") or ()])
    except Refused as error:
        raise AssertionError(error.body) from error


@MANY
@given(SEEDS)
def test_a_modal_that_passes_is_refused_by_nobody(seed: int) -> None:
    data = changed(seed, "modal")
    if not limits.check(data, "modal"):
        assert spec.problems(*CALLBACK, {"type": 9, "data": data}) == []
        assert strict.of_modal(data["components"]) == []


@MANY
@given(SEEDS)
def test_commands_that_pass_are_refused_by_nobody(seed: int) -> None:
    made = changed(seed, "commands")
    if not limits.check(made, "commands"):
        assert spec.problems(*PUT, made) == []
        assert [problem for each in made for problem in declared.problems(each)] == []
