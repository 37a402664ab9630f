"""Every kind of payload that Slack refuses is refused, through the real client, with Slack's error and a pointer."""

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.slack.emulator import Emulator
from tests.slack.emulator import blocks as kit

Body = dict[str, Any]


def plain(text: str) -> Body:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Body:
    return {"type": "mrkdwn", "text": text}


def section(**more: Any) -> Body:
    return {"type": "section", **more}


def button(**more: Any) -> Body:
    return {"type": "button", "action_id": "go", "text": plain("Go"), **more}


def actions(*elements: Body) -> Body:
    return {"type": "actions", "elements": list(elements)}


def option(text: str = "One", value: str = "1", **more: Any) -> Body:
    return {"text": plain(text), "value": value, **more}


def select(kind: str = "static_select", **more: Any) -> Body:
    return {"type": kind, "action_id": "pick", **more}


def asked(element: Body, **more: Any) -> Body:
    return {"type": "input", "label": plain("Label"), "element": element, **more}


def typing(**more: Any) -> Body:
    return {"type": "plain_text_input", "action_id": "text", **more}


def modal(*blocks: Body, **more: Any) -> Body:
    return {"type": "modal", "title": plain("Edit"), "submit": plain("Save"), "blocks": list(blocks), **more}


def confirm(**more: Any) -> Body:
    whole = {"title": plain("Sure?"), "text": plain("Really?"), "confirm": plain("Yes"), "deny": plain("No")}
    return {**whole, **more}


def options(count: int) -> list[Body]:
    return [option(f"Option {n}", str(n)) for n in range(count)]


PUBLIC = "https://example.com/a.png"
REFUSED_IN_MESSAGES: dict[str, tuple[list[Body], str]] = {
    "51 blocks": ([{"type": "divider"}] * 51, "no more than 50 items allowed [json-pointer:/blocks]"),
    "unknown block": ([{"type": "marquee"}], "unsupported type: marquee [json-pointer:/blocks/0/type]"),
    "no type": ([{"text": mrkdwn("hi")}], "unsupported type: None"),
    "unknown key": ([section(text=mrkdwn("hi"), colour="red")], "invalid additional property: colour"),
    "empty section": ([section()], "must have one of: text, fields"),
    "empty text": (
        [section(text=mrkdwn(""))],
        "must be more than 0 characters [json-pointer:/blocks/0/text/text]",
    ),
    "section text": ([section(text=mrkdwn("x" * 3001))], "must be less than 3001 characters"),
    "field text": ([section(fields=[mrkdwn("x" * 2001)])], "[json-pointer:/blocks/0/fields/0/text]"),
    "11 fields": ([section(fields=[mrkdwn("x")] * 11)], "no more than 10 items allowed"),
    "no fields": ([section(fields=[])], "no fewer than 1 items allowed"),
    "header markup": ([{"type": "header", "text": mrkdwn("*hi*")}], "unsupported type: mrkdwn"),
    "header text": ([{"type": "header", "text": plain("x" * 151)}], "must be less than 151 characters"),
    "mrkdwn emoji": ([section(text={**mrkdwn("hi"), "emoji": True})], "invalid additional property: emoji"),
    "11 in context": ([{"type": "context", "elements": [mrkdwn("x")] * 11}], "no more than 10 items"),
    "button in context": ([{"type": "context", "elements": [button()]}], "unsupported type: button"),
    "empty actions": ([actions()], "no fewer than 1 items allowed"),
    "26 actions": ([actions(*(button(action_id=str(n)) for n in range(26)))], "no more than 25 items"),
    "same action_id": ([actions(button(), button())], "action_id `go` already exists"),
    "same block_id": ([{"type": "divider", "block_id": "a"}] * 2, "block_id `a` already exists"),
    "block_id": ([{"type": "divider", "block_id": "x" * 256}], "must be less than 256 characters"),
    "action_id": ([actions(button(action_id="x" * 256))], "must be less than 256 characters"),
    "button markup": ([actions(button(text=mrkdwn("Go")))], "unsupported type: mrkdwn"),
    "button text": ([actions(button(text=plain("x" * 76)))], "must be less than 76 characters"),
    "button value": ([actions(button(value="x" * 2001))], "must be less than 2001 characters"),
    "button url": ([actions(button(url="https://" + "x" * 3000))], "must be less than 3001 characters"),
    "button style": ([actions(button(style="default"))], "must be one of: primary, danger"),
    "button label": ([actions(button(accessibility_label="x" * 76))], "must be less than 76 characters"),
    "confirm title": ([actions(button(confirm=confirm(title=plain("x" * 101))))], "less than 101"),
    "confirm text": ([actions(button(confirm=confirm(text=plain("x" * 301))))], "less than 301"),
    "confirm button": ([actions(button(confirm=confirm(confirm=plain("x" * 31))))], "less than 31"),
    "half a confirm": ([actions(button(confirm={"title": plain("?")}))], "missing required field: text"),
    "6 in overflow": ([actions(select("overflow", options=options(6)))], "no more than 5 items"),
    "empty overflow": ([actions(select("overflow", options=[]))], "no fewer than 1 items"),
    "101 options": ([actions(select(options=options(101)))], "no more than 100 items"),
    "options and groups": (
        [actions(select(options=options(1), option_groups=[{"label": plain("a"), "options": options(1)}]))],
        "must have exactly one of: options, option_groups",
    ),
    "option text": ([actions(select(options=[option("x" * 76)]))], "must be less than 76 characters"),
    "option value": (
        [actions(select(options=[option(value="x" * 151)]))],
        "must be less than 151 characters",
    ),
    "option url in a select": (
        [actions(select(options=[option(url=PUBLIC)]))],
        "invalid additional property: url",
    ),
    "foreign initial option": (
        [actions(select(options=options(2), initial_option=option("Other", "9")))],
        "initial option must be one of the options",
    ),
    "placeholder": ([actions(select(options=options(1), placeholder=plain("x" * 151)))], "less than 151"),
    "11 checkboxes": ([actions(select("checkboxes", options=options(11)))], "no more than 10 items"),
    "multi-select in actions": (
        [actions(select("multi_static_select", options=options(1)))],
        "unsupported type: multi_static_select",
    ),
    "no such day": ([actions(select("datepicker", initial_date="2026-02-30"))], "must be a date"),
    "no such minute": ([actions(select("timepicker", initial_time="25:00"))], "must be a time"),
    "moment in milliseconds": (
        [actions(select("datetimepicker", initial_date_time=1_700_000_000_000))],
        "must be at most 9999999999",
    ),
    "image of nothing": ([{"type": "image", "alt_text": "a"}], "exactly one of: image_url, slack_file"),
    "image of two": (
        [{"type": "image", "alt_text": "a", "image_url": PUBLIC, "slack_file": {"id": "F1"}}],
        "exactly one of: image_url, slack_file",
    ),
    "image without words": ([{"type": "image", "image_url": PUBLIC}], "missing required field: alt_text"),
    "image words": ([{"type": "image", "image_url": PUBLIC, "alt_text": "x" * 2001}], "less than 2001"),
    "image on this machine": (
        [{"type": "image", "alt_text": "a", "image_url": "http://127.0.0.1:8000/a.png"}],
        "downloading image failed [json-pointer:/blocks/0/image_url]",
    ),
    "image in a private network": (
        [{"type": "image", "alt_text": "a", "image_url": "http://192.168.0.7/a.png"}],
        "downloading image failed",
    ),
    "image at localhost": (
        [{"type": "image", "alt_text": "a", "image_url": "http://localhost/a.png"}],
        "downloading image failed",
    ),
    "unknown file": (
        [{"type": "image", "alt_text": "a", "slack_file": {"id": "F404"}}],
        "invalid slack file",
    ),
    "markdown": ([{"type": "markdown", "text": "x" * 12_001}], "must be less than 12001 characters"),
    "markdown in sum": ([{"type": "markdown", "text": "x" * 6_001}] * 2, "all markdown blocks together"),
    "table of 101 rows": (
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]] * 101}],
        "no more than 100 items",
    ),
    "table of 21 columns": (
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "a"}] * 21]}],
        "no more than 20 items",
    ),
    "list indent": (
        [
            {
                "type": "rich_text",
                "elements": [{"type": "rich_text_list", "style": "bullet", "indent": 9, "elements": []}],
            }
        ],
        "must be at most 8",
    ),
    "video without its scope": (
        [
            {
                "type": "video",
                "alt_text": "a",
                "title": plain("a"),
                "thumbnail_url": PUBLIC,
                "video_url": "https://example.com/v",
            }
        ],
        "missing scope links.embed:write",
    ),
    "file input in a message": ([asked(select("file_input"))], "unsupported type: file_input"),
    "not an object": ([section(text="hi")], "unsupported type: None [json-pointer:/blocks/0/text/type]"),
}
REFUSED_IN_MODALS: dict[str, tuple[Body, str]] = {
    "title": (
        modal(title=plain("x" * 25)),
        "must be less than 25 characters [json-pointer:/view/title/text]",
    ),
    "no title": ({"type": "modal", "blocks": []}, "missing required field: title"),
    "submit": (modal(submit=plain("x" * 25)), "must be less than 25 characters"),
    "close": (modal(close=plain("x" * 25)), "must be less than 25 characters"),
    "private_metadata": (modal(private_metadata="x" * 3001), "must be less than 3001 characters"),
    "callback_id": (modal(callback_id="x" * 256), "must be less than 256 characters"),
    "101 blocks": (modal(*([{"type": "divider"}] * 101)), "no more than 100 items allowed"),
    "input without submit": (
        {"type": "modal", "title": plain("Edit"), "blocks": [asked(typing())]},
        "submit is required",
    ),
    "label": (modal(asked(typing(), label=plain("x" * 2001))), "must be less than 2001 characters"),
    "hint": (modal(asked(typing(), hint=plain("x" * 2001))), "must be less than 2001 characters"),
    "max_length": (modal(asked(typing(max_length=3001))), "must be at most 3000"),
    "initial value": (modal(asked(typing(initial_value="x" * 3001))), "must be less than 3001 characters"),
    "initial value over its own limit": (
        modal(asked(typing(initial_value="xx", max_length=1))),
        "must be less than 2 characters",
    ),
    "min over max": (modal(asked(typing(min_length=5, max_length=2))), "must not exceed max_length"),
    "button as an input": (modal(asked(button())), "unsupported type: button"),
    "11 files": (modal(asked(select("file_input", max_files=11))), "must be at most 10"),
    "none of several": (
        modal(asked(select("multi_static_select", options=options(1), max_selected_items=0))),
        "must be at least 1",
    ),
    "two in focus": (
        modal(asked(typing(focus_on_load=True)), asked(typing(focus_on_load=True))),
        "only one element",
    ),
    "markdown block": (modal({"type": "markdown", "text": "hi"}), "unsupported type: markdown"),
    "a home": ({"type": "home", "blocks": []}, "unsupported type: home"),
    "unknown key": (modal(width="wide"), "invalid additional property: width"),
    "number without its kind": (
        modal(asked(select("number_input"))),
        "missing required field: is_decimal_allowed",
    ),
}


@pytest.fixture
def web(slack: Emulator) -> WebClient:
    slack.rates = "off"
    slack.grants("chat:write", "files:write", "commands")
    slack.channel("general")
    return WebClient(slack.bot_token, base_url=slack.url)


@pytest.mark.parametrize(("blocks", "said"), REFUSED_IN_MESSAGES.values(), ids=REFUSED_IN_MESSAGES)
def test_a_message_that_slack_refuses(web: WebClient, blocks: list[Body], said: str) -> None:
    with pytest.raises(SlackApiError) as refused:
        web.chat_postMessage(channel="#general", text="hi", blocks=blocks)
    assert refused.value.response["error"] == "invalid_blocks"
    assert any(said in each for each in refused.value.response["response_metadata"]["messages"])


@pytest.mark.parametrize(("view", "said"), REFUSED_IN_MODALS.values(), ids=REFUSED_IN_MODALS)
def test_a_modal_that_slack_refuses_leaves_the_trigger_as_it_was(
    slack: Emulator, web: WebClient, view: Body, said: str
) -> None:
    alice = slack.user("alice")
    trigger = slack.world.trigger(alice.id)
    with pytest.raises(SlackApiError) as refused:
        web.views_open(trigger_id=trigger, view=view)
    assert refused.value.response["error"] == "invalid_arguments"
    assert any(said in each for each in refused.value.response["response_metadata"]["messages"])
    assert not alice.has_modal
    assert web.views_open(trigger_id=trigger, view=modal())["ok"]


AT_THE_LIMIT: list[Body] = [
    {"type": "header", "text": plain("x" * 150)},
    section(text=mrkdwn("x" * 3000), accessory=button(value="x" * 2000)),
    section(fields=[mrkdwn("x" * 200)] * 10),
    {"type": "context", "elements": [mrkdwn("x")] * 10},
    actions(*(button(action_id=str(n), text=plain("x" * 75)) for n in range(25))),
    actions(select("overflow", options=options(5)), select(action_id="s", options=options(100))),
    {"type": "image", "image_url": PUBLIC, "alt_text": "x" * 2000, "title": plain("A picture")},
]


def test_what_is_just_within_the_limits_passes(slack: Emulator, web: WebClient) -> None:
    assert kit.message(AT_THE_LIMIT) == []
    assert web.chat_postMessage(channel="#general", text="hi", blocks=AT_THE_LIMIT)["ok"]
    assert web.chat_postMessage(channel="#general", text="hi", blocks=[{"type": "divider"}] * 50)["ok"]
    view = modal(*([{"type": "divider"}] * 99), asked(typing(max_length=3000)), title=plain("x" * 24))
    assert kit.view(view, "modal") == []


def test_the_sum_of_all_blocks_is_limited_too(web: WebClient) -> None:
    """Figures that users of Slack reported; see blocks.TOTAL."""
    fits = [section(text=mrkdwn("x" * 192))] * 50
    assert web.chat_postMessage(channel="#general", text="hi", blocks=fits)["ok"]
    with pytest.raises(SlackApiError, match="msg_blocks_too_long"):
        web.chat_postMessage(channel="#general", text="hi", blocks=[section(text=mrkdwn("x" * 252))] * 45)


def test_blocks_that_are_no_list_are_no_blocks(web: WebClient) -> None:
    with pytest.raises(SlackApiError, match="invalid_blocks_format"):
        web.chat_postMessage(channel="#general", text="hi", blocks='{"type": "divider"')
    with pytest.raises(SlackApiError, match="no_text"):
        web.api_call("chat.postMessage", json={"channel": "#general", "text": ""})


def test_a_picture_is_shown_once_it_is_uploaded_and_only_the_apps_own(
    slack: Emulator, web: WebClient
) -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 40
    slack.world.manifest = type(slack.world.manifest)()
    uploaded = web.files_upload_v2(content=png, filename="a.png", title="A")
    picture = {"type": "image", "alt_text": "a", "slack_file": {"id": uploaded["file"]["id"]}}
    assert web.chat_postMessage(channel="#general", text="hi", blocks=[picture])["ok"]
    theirs = slack.user("alice").uploads(png)
    with pytest.raises(SlackApiError, match="invalid slack file"):
        web.chat_postMessage(
            channel="#general", text="hi", blocks=[{**picture, "slack_file": {"id": theirs.id}}]
        )
    text = web.files_upload_v2(content=b"words", filename="a.txt", title="A")
    with pytest.raises(SlackApiError, match="not an image"):
        web.chat_postMessage(
            channel="#general", text="hi", blocks=[{**picture, "slack_file": {"id": text["file"]["id"]}}]
        )
