"""The validator: what Slack takes, and every way of not being taken."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import figures as f
from bot.slack import limits
from tests.slack.reading import nodes

KEYS = ("type", "text", "options", "elements", "blocks", "initial_option", "action_id")

Json = dict[str, Any]


def plain(length: int = 1) -> Json:
    return {"type": "plain_text", "text": "x" * length}


def section(**more: Any) -> Json:
    return {"type": "section", "text": plain(), **more}


def button(action: str = "a:b:c", **more: Any) -> Json:
    return {"type": "button", "action_id": action, "text": plain(), **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def option(words: int = 1, value: int = 1, **more: Any) -> Json:
    return {"text": plain(words), "value": "v" * value, **more}


def select(options: list[Json], **more: Any) -> Json:
    return {"type": "static_select", "action_id": "menu", "options": options, **more}


def ask(**more: Any) -> Json:
    return {"title": plain(), "text": plain(), "confirm": plain(), "deny": plain(), **more}


def field(element: Json | None = None, **more: Any) -> Json:
    text_input = {"type": "plain_text_input", "action_id": "value"}
    return {"type": "input", "block_id": "name", "label": plain(), "element": element or text_input, **more}


def rich(*elements: Json, kind: str = "rich_text_section") -> Json:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(elements)}]}


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain(24), "submit": plain(24), "blocks": list(blocks), **more}


LEGAL: list[Json] = [
    {"type": "header", "text": plain(f.HEADER)},
    {"type": "divider"},
    section(text=plain(f.TEXT), fields=[plain(f.SECTION_FIELD)] * f.SECTION_FIELDS, accessory=button()),
    {"type": "section", "fields": [{"type": "mrkdwn", "text": "*x*", "verbatim": True}]},
    {"type": "context", "elements": [plain()] * f.CONTEXT_ELEMENTS},
    {
        "type": "image",
        "slack_file": {"id": "F1"},
        "alt_text": "x" * f.IMAGE_ALT,
        "title": plain(f.IMAGE_TITLE),
    },
    {"type": "image", "image_url": "https://e.example/x.png", "alt_text": "x"},
    actions(*(button(str(i)) for i in range(f.ACTIONS_ELEMENTS))),
    actions(button("x" * f.ACTION_ID, url="https://e.example/", style="danger", confirm=ask())),
    actions(
        {
            "type": "overflow",
            "action_id": "menu",
            "options": [option(url="https://e.example/")] * f.OVERFLOW_OPTIONS,
        }
    ),
    actions(
        select([option(f.OPTION_TEXT, f.OPTION_VALUE)] * f.SELECT_OPTIONS, placeholder=plain(f.PLACEHOLDER))
    ),
    actions(
        {
            "type": "static_select",
            "action_id": "m",
            "option_groups": [{"label": plain(), "options": [option()]}],
        }
    ),
    actions(button(confirm=ask(title=plain(100), text=plain(300), confirm=plain(30), deny=plain(30)))),
    actions({"type": "datetimepicker", "action_id": "at", "initial_date_time": 1795271400}),
    rich(
        {"type": "text", "text": "x" * f.TEXT, "style": {"bold": True}},
        {"type": "link", "url": "https://e.example/"},
    ),
    rich(
        {"type": "date", "timestamp": 1795271400, "format": "{time}", "fallback": "14:30 UTC"},
        kind="rich_text_quote",
    ),
    rich({"type": "text", "text": "x"}, kind="rich_text_preformatted"),
]
PARTS: list[Json] = [
    field(optional=True, hint=plain(f.INPUT_HINT)),
    field(
        {
            "type": "plain_text_input",
            "action_id": "v",
            "multiline": True,
            "max_length": 3000,
            "initial_value": "",
        }
    ),
    field({"type": "checkboxes", "action_id": "v", "options": [option()], "initial_options": [option()]}),
    field({"type": "radio_buttons", "action_id": "v", "options": [option()] * f.CHOICES}),
    field({"type": "datepicker", "action_id": "v", "initial_date": "2026-11-21"}),
    field({"type": "timepicker", "action_id": "v", "initial_time": "09:30"}),
    field({"type": "file_input", "action_id": "v", "filetypes": ["png"], "max_files": f.FILES}),
    field({"type": "number_input", "action_id": "v", "is_decimal_allowed": True, "initial_value": "1"}),
    field(select([option()], initial_option=option())),
    field({"type": "multi_static_select", "action_id": "v", "options": [option()], "max_selected_items": 1}),
    field({"type": "users_select", "action_id": "v"}),
]


@pytest.mark.parametrize("block", LEGAL)
def test_what_is_at_its_limit_is_legal_everywhere(block: Json) -> None:
    in_all = limits.size([block]) > f.MESSAGE_SIZE
    assert len(limits.check({"text": "x", "blocks": [block]}, "message")) == in_all
    assert limits.check(modal(block), "modal") == []
    assert limits.check({"type": "home", "blocks": [block]}, "home") == []


@pytest.mark.parametrize("block", PARTS)
def test_inputs_of_a_modal_are_legal(block: Json) -> None:
    assert limits.check(modal(block), "modal") == []


ILLEGAL: list[tuple[Json, str]] = [
    ({"type": "header", "text": plain(f.HEADER + 1)}, "/blocks/0/text/text: 151 characters, 1 to 150 may be"),
    ({"type": "header", "text": plain(0)}, "/blocks/0/text/text: 0 characters"),
    ({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "/blocks/0/text: 'mrkdwn' is no text"),
    ({"type": "header"}, "/blocks/0: text is missing"),
    ({"type": "divider", "colour": "red"}, "/blocks/0: colour is unknown here"),
    ({"type": "divider", "block_id": "x" * 256}, "/blocks/0/block_id: 256 characters"),
    ({"type": "hologram"}, "/blocks/0: 'hologram' is no block"),
    ({"type": ["section"]}, "/blocks/0: ['section'] is no block"),
    ({}, "/blocks/0: None is no block"),
    ({"type": "section"}, "/blocks/0: needs text or fields"),
    (section(text=plain(f.TEXT + 1)), "/blocks/0/text/text: 3001"),
    (section(text={"type": "plain_text", "text": "x", "verbatim": True}), "verbatim is unknown here"),
    (section(text=7), "/blocks/0/text: None is no text"),
    (section(fields=[plain(2001)]), "/blocks/0/fields/0/text: 2001"),
    (section(fields=[plain()] * 11), "/blocks/0/fields: 11 items, 1 to 10"),
    (section(fields=[]), "/blocks/0/fields: 0 items"),
    (section(fields="x"), "/blocks/0/fields: must be a list"),
    (section(accessory=field()), "/blocks/0/accessory: 'input' is no accessory"),
    ({"type": "context", "elements": [plain()] * 11}, "/blocks/0/elements: 11 items"),
    ({"type": "context", "elements": [button()]}, "/blocks/0/elements/0: 'button' is no element"),
    ({"type": "image", "alt_text": "x"}, "needs exactly one of image_url, slack_file"),
    (
        {"type": "image", "alt_text": "x", "image_url": "https://e.example", "slack_file": {"id": "F"}},
        "exactly one",
    ),
    (
        {"type": "image", "alt_text": "x", "image_url": "javascript:x"},
        "must be an address with http or https",
    ),
    ({"type": "image", "slack_file": {"id": "F"}, "alt_text": "x" * 2001}, "/blocks/0/alt_text: 2001"),
    ({"type": "image", "slack_file": {"id": "F"}}, "/blocks/0: alt_text is missing"),
    (
        {"type": "image", "slack_file": {}, "alt_text": "x"},
        "/blocks/0/slack_file: needs exactly one of id, url",
    ),
    (actions(), "/blocks/0/elements: 0 items"),
    (actions(*(button(str(i)) for i in range(26))), "/blocks/0/elements: 26 items"),
    (actions(button(), button()), "/blocks/0/elements/1/action_id: 'a:b:c' stands twice"),
    (actions(button("x" * 256)), "/blocks/0/elements/0/action_id: 256"),
    (actions(button(text=plain(76))), "/blocks/0/elements/0/text/text: 76"),
    (actions(button(text={"type": "mrkdwn", "text": "x"})), "'mrkdwn' is no text"),
    (actions(button(style="default")), "/blocks/0/elements/0/style: must be one of primary, danger"),
    (actions(button(url="https://e.example/" + "x" * 3000)), "/blocks/0/elements/0/url: 3018"),
    (actions(button(url="/posts/1")), "must be an address with http or https"),
    (actions(button(value="x" * 2001)), "/blocks/0/elements/0/value: 2001"),
    (actions(button(confirm=ask(title=plain(101)))), "/confirm/title/text: 101"),
    (actions(button(confirm=ask(text=plain(301)))), "/confirm/text/text: 301"),
    (actions(button(confirm=ask(confirm=plain(31)))), "/confirm/confirm/text: 31"),
    (actions(button(confirm=ask(deny=plain(31)))), "/confirm/deny/text: 31"),
    (actions(button(confirm={"title": plain()})), "/confirm: deny is missing"),
    (actions({"type": "overflow", "action_id": "m", "options": [option()] * 6}), "/options: 6 items, 1 to 5"),
    (actions({"type": "overflow", "action_id": "m", "options": []}), "/options: 0 items"),
    (actions({"type": "overflow", "action_id": "m", "options": [option(76)]}), "/options/0/text/text: 76"),
    (
        actions({"type": "overflow", "action_id": "m", "options": [option(value=151)]}),
        "/options/0/value: 151",
    ),
    (actions(select([option()] * 101)), "/options: 101 items"),
    (actions(select([option(url="https://e.example/")])), "/options/0: url is unknown here"),
    (actions(select([option(description=plain(76))])), "/options/0/description/text: 76"),
    (actions(select([option()], placeholder=plain(151))), "/placeholder/text: 151"),
    (actions(select([option()], option_groups=[])), "exactly one of options, option_groups"),
    (
        actions(select([option()], initial_option=option(value=2))),
        "/initial_option: is not one of the options",
    ),
    (actions({"type": "radio_buttons", "action_id": "m", "options": [option()] * 11}), "/options: 11 items"),
    (actions({"type": "checkboxes", "action_id": "m", "options": [option()] * 11}), "/options: 11 items"),
    (
        actions({"type": "datepicker", "action_id": "m", "initial_date": "21.11.2026"}),
        "must be a date such as",
    ),
    (actions({"type": "timepicker", "action_id": "m", "initial_time": "24:00"}), "must be a time such as"),
    (actions({"type": "datetimepicker", "action_id": "m", "initial_date_time": 1}), "must be a whole number"),
    (actions({"type": "plain_text_input", "action_id": "m"}), "'plain_text_input' is no element"),
    (rich({"type": "text", "text": ""}), "/blocks/0/elements/0/elements/0/text: 0 characters"),
    (rich({"type": "text", "text": "x", "style": {"blink": True}}), "blink is unknown here"),
    (rich({"type": "text", "text": "x", "style": {"bold": 1}}), "/style/bold: must be true or false"),
    (rich({"type": "link", "url": "javascript:x"}), "must be an address with http or https"),
    (
        rich({"type": "user", "user_id": "U1"}, kind="rich_text_preformatted"),
        "'user' is no preformatted element",
    ),
    (rich(kind="rich_text_quote"), "/elements: 0 items"),
    (rich({"type": "text", "text": "x"}, kind="rich_text_poem"), "'rich_text_poem' is no rich text"),
    (
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_list", "style": "bullet", "indent": 9, "elements": []}],
        },
        "/indent: must be a whole number from 0 to 8",
    ),
]


@pytest.mark.parametrize(("block", "breach"), ILLEGAL, ids=[breach for _, breach in ILLEGAL])
def test_each_breach_is_said_with_its_place(block: Json, breach: str) -> None:
    found = limits.check({"text": "x", "blocks": [block]}, "message")
    assert any(breach in said for said in found), found
    assert all(said.startswith("/blocks/0") for said in found)
    assert limits.check(modal(block), "modal") == found


ILLEGAL_FORMS: list[tuple[Json, str]] = [
    (field(label=plain(2001)), "/blocks/0/label/text: 2001"),
    (field(hint=plain(2001)), "/blocks/0/hint/text: 2001"),
    (field(button()), "'button' is no input"),
    (field({"type": "plain_text_input", "action_id": "v", "max_length": 3001}), "/element/max_length"),
    (
        field({"type": "plain_text_input", "action_id": "v", "initial_value": "x" * 3001}),
        "/element/initial_value: 3001",
    ),
    (field({"type": "file_input", "action_id": "v", "max_files": 11}), "/element/max_files"),
    (field({"type": "number_input", "action_id": "v"}), "is_decimal_allowed is missing"),
    (field({"type": "plain_text_input"}), "action_id is missing"),
]


@pytest.mark.parametrize(("block", "breach"), ILLEGAL_FORMS, ids=[breach for _, breach in ILLEGAL_FORMS])
def test_each_breach_of_an_input_is_said(block: Json, breach: str) -> None:
    assert any(breach in said for said in limits.check(modal(block), "modal"))


def test_files_are_asked_for_in_modals_only() -> None:
    block = field({"type": "file_input", "action_id": "v"})
    assert limits.check(modal(block), "modal") == []
    assert "'file_input' is no input" in limits.check({"blocks": [block]}, "message")[0]
    assert "'file_input' is no input" in limits.check({"type": "home", "blocks": [block]}, "home")[0]


@pytest.mark.parametrize(
    ("view", "breach"),
    [
        (modal(section(), title=plain(25)), "/title/text: 25"),
        (modal(section(), submit=plain(25)), "/submit/text: 25"),
        (modal(section(), close=plain(25)), "/close/text: 25"),
        (modal(section(), private_metadata="x" * 3001), "/private_metadata: 3001"),
        (modal(section(), callback_id="x" * 256), "/callback_id: 256"),
        (modal(*[section()] * 101), "/blocks: 101 items"),
        (modal(), "/blocks: 0 items"),
        (modal(field(), field()), "/blocks/1/block_id: 'name' stands twice"),
        (modal(section(), notify_on_close="yes"), "/notify_on_close: must be true or false"),
        (modal(section(), type="dialog"), "/type: must be one of modal"),
        ({k: v for k, v in modal(field()).items() if k != "submit"}, "/submit: is missing"),
        ({k: v for k, v in modal(section()).items() if k != "title"}, "title is missing"),
    ],
)
def test_each_breach_of_a_modal_is_said(view: Json, breach: str) -> None:
    assert any(breach in said for said in limits.check(view, "modal"))


def test_a_modal_without_inputs_needs_no_submit() -> None:
    assert limits.check({"type": "modal", "title": plain(), "blocks": [section()]}, "modal") == []


def test_a_message_holds_fifty_blocks_and_a_view_a_hundred() -> None:
    many = [{"type": "divider"}] * 51
    assert limits.check({"text": "x", "blocks": many[:50]}, "message") == []
    assert limits.check({"text": "x", "blocks": many}, "message") == ["/blocks: 51 items, 0 to 50 may be"]
    assert limits.check({"type": "home", "blocks": many + many[:49]}, "home") == []
    assert limits.check({"type": "home", "blocks": many * 2}, "home") == [
        "/blocks: 102 items, 1 to 100 may be"
    ]
    assert "is unknown here" in limits.check({"type": "home", "blocks": many, "title": plain()}, "home")[0]


def test_a_message_says_something() -> None:
    assert limits.check({"channel": "C1"}, "message") == ["/: a message needs text or blocks"]
    assert limits.check({"text": "x"}, "message") == []
    assert limits.check({"text": "x" * 40_001}, "message") == ["/text: 40001 characters, 0 to 40000 may be"]
    assert limits.check({"text": "x", "blocks": "x"}, "message") == ["/blocks: must be a list"]


def test_all_blocks_of_a_message_together_have_a_limit() -> None:
    blocks = [section(text=plain(3000)) for _ in range(5)]
    assert limits.check({"blocks": blocks[:4]}, "message") == []
    assert limits.check({"blocks": blocks}, "message") == [
        f"/blocks: {limits.size(blocks)} characters in all, 13200 may be"
    ]
    assert limits.check(modal(*blocks), "modal") == []


def test_a_divider_costs_what_people_measured() -> None:
    assert limits.size([{"type": "divider"}]) == 125


def test_markdown_has_a_limit_of_its_own() -> None:
    blocks = [{"type": "markdown", "text": "x" * 6001}, {"type": "markdown", "text": "x" * 6000}]
    assert limits.check({"blocks": blocks}, "message") == [
        "/blocks: 12001 characters of markdown, 12000 may be"
    ]
    assert "'markdown' is no block" in limits.check(modal(blocks[0]), "modal")[0]


def test_looking_changes_nothing() -> None:
    payload = {"text": "x", "blocks": deepcopy(LEGAL)}
    limits.check(payload, "message")
    assert payload["blocks"] == LEGAL


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(KEYS), part, max_size=3),
    max_leaves=6,
)


@given(st.data())
def test_whatever_stands_there_is_looked_at_without_an_error(data: st.DataObject) -> None:
    block = deepcopy(data.draw(st.sampled_from(LEGAL + PARTS)))
    holder = data.draw(st.sampled_from(list(nodes(block))))
    holder[data.draw(st.sampled_from([*holder, "options"]))] = data.draw(anything)
    for payload, kind in (({"blocks": [block]}, "message"), (modal(block), "modal")):
        assert all(said.startswith("/blocks") for said in limits.check(payload, kind))  # type: ignore[arg-type]
    assert isinstance(limits.check({"blocks": data.draw(anything)}, "home"), list)


def test_lengths_are_counted_as_the_strictest_reader_would() -> None:
    family = {"type": "header", "text": {"type": "plain_text", "text": "👩" * 76}}
    assert limits.check({"blocks": [family]}, "message") == [
        "/blocks/0/text/text: 152 characters, 1 to 150 may be"
    ]
