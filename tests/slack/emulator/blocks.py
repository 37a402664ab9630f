"""Block Kit as Slack judges it: every block, element and view that an app may send, strictly.

Written from docs.slack.dev/reference/block-kit (blocks, views), not from the product's own checks, so that the
two watch each other.  Unknown keys and types are refused.  Deliberately stricter than Slack: kinds of blocks
that no app of ours sends (file, call, container, data_table, data_visualization, auth_provider) are unknown here.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tests.slack.emulator import elements as e
from tests.slack.emulator.rich import rich_text
from tests.slack.emulator.rules import (
    Check,
    Report,
    any_of,
    array,
    boolean,
    either,
    exactly_one,
    one_of,
    plain,
    shape,
    string,
    tagged,
    text,
)

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
BLOCK_ID, CALLBACK_ID, PRIVATE_METADATA, VIEW_TITLE = 255, 255, 3000, 24
SECTION, FIELD, FIELDS, HEADER, CONTEXT, ACTIONS, INPUT_LABEL = 3000, 2000, 10, 150, 10, 25, 2000
MARKDOWN = 12_000  # characters of all markdown blocks of a payload together
VIEW_BYTES = 250_000
# chat.postMessage answers msg_blocks_too_long for a sum over all blocks that no page states.  Reported: one markdown
# block passes up to 13,297 characters (slackapi/bolt-js#2509, "12,000 text characters with a buffer for block
# containers"); 9,597 characters in 50 blocks pass and 11,341 in 45 do not (slackapi/bolt-js#2867).  This fits all three.
TOTAL, PER_BLOCK = 13_300, 45


def _markdown(report: Report, value: Any, at: str) -> None:
    string(MARKDOWN)(report, value, at)
    size = len(value) if isinstance(value, str) else 0
    report.markdown += size
    report.written += size
    if report.markdown > MARKDOWN >= size:
        report.refuse(f"all markdown blocks together must be less than {MARKDOWN + 1} characters", at)


def _unique_actions(key: str) -> Check:
    def check(report: Report, value: Any, at: str) -> None:
        seen: set[str] = set()
        for index, each in enumerate(value.get(key) or ()):
            name = each.get("action_id") if isinstance(each, dict) else None
            if name in seen:
                report.refuse(f"action_id `{name}` already exists", f"{at}/{key}/{index}/action_id")
            seen |= {name} if name else set()

    return check


def _counted(report: Report, value: Any, at: str) -> None:
    report.inputs += 1


def _scope(name: str) -> Check:
    def check(report: Report, value: Any, at: str) -> None:
        if name not in report.scopes:
            report.refuse(f"missing scope {name}", at)

    return check


def _file_dispatch(report: Report, value: Any, at: str) -> None:
    element = value.get("element")
    if isinstance(element, dict) and element.get("type") == "file_input" and report.surface != "modal":
        report.refuse("unsupported type: file_input", f"{at}/element/type")


def _grid(report: Report, value: Any, at: str) -> None:
    rows = value.get("rows")
    if isinstance(rows, list) and len({len(row) for row in rows if isinstance(row, list)}) > 1:
        report.refuse("all rows must have the same number of cells", f"{at}/rows")


def _block(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None, *also: Check) -> Check:
    return shape(required, {"block_id": string(BLOCK_ID), **(optional or {})}, *also)


_mrkdwn_or_plain = ("plain_text", "mrkdwn")
_accessory = tagged(
    {**e.BUTTONS, **e.SELECTS, **e.MULTI, **e.DATES, **e.CHOICES, "image": e.image},
)
_acting = tagged({**e.BUTTONS, **e.SELECTS, **e.DATES, **e.MOMENT, **e.CHOICES})
_entered = tagged({**e.TYPED_IN, **e.SELECTS, **e.MULTI, **e.DATES, **e.MOMENT, **e.CHOICES, **e.FILE})
_said = tagged(
    {"image": e.image, "mrkdwn": text(SECTION, kinds=("mrkdwn",)), "plain_text": text(SECTION)},
)
_cell = tagged({"rich_text": rich_text, "raw_text": shape({"text": string()})})
_source = tagged({"url": shape({"url": e.link, "text": string()})})
_task = {
    "task_id": string(),
    "title": string(),
}
_task_more = {
    "status": one_of("pending", "in_progress", "complete", "error"),
    "details": tagged({"rich_text": rich_text}),
    "output": tagged({"rich_text": rich_text}),
    "sources": array(_source),
}
_card = _block(
    {},
    {
        "hero_image": tagged({"image": e.image}),
        "icon": tagged({"image": e.image}),
        "title": either(150),
        "subtitle": either(150),
        "body": either(200),
        "subtext": either(200),
        "actions": array(tagged({"button": e.button}), 3),
    },
    any_of("hero_image", "title", "actions", "body"),
    _unique_actions("actions"),
)

BLOCKS: dict[str, Check] = {
    "section": _block(
        {},
        {
            "text": either(SECTION),
            "fields": array(text(FIELD, kinds=_mrkdwn_or_plain), FIELDS),
            "accessory": _accessory,
            "expand": boolean,
        },
        any_of("text", "fields"),
    ),
    "divider": _block({}),
    "image": _block(
        e.PICTURE, {**e.SOURCE, "title": plain(e.IMAGE_TITLE)}, exactly_one("image_url", "slack_file")
    ),
    "header": _block({"text": plain(HEADER)}),
    "context": _block({"elements": array(_said, CONTEXT)}),
    "actions": _block({"elements": array(_acting, ACTIONS)}, None, _unique_actions("elements")),
    "input": _block(
        {"label": plain(INPUT_LABEL), "element": _entered},
        {"hint": plain(INPUT_LABEL), "optional": boolean, "dispatch_action": boolean},
        _counted,
        _file_dispatch,
    ),
    "rich_text": rich_text,
    "video": _block(
        {
            "alt_text": string(200),
            "title": plain(199),
            "thumbnail_url": e.reachable,
            "video_url": e.link,
        },
        {
            "title_url": e.link,
            "description": plain(200),
            "author_name": string(49),
            "provider_name": string(49),
            "provider_icon_url": e.reachable,
        },
        _scope("links.embed:write"),
    ),
    "alert": _block(
        {"text": either(200)}, {"level": one_of("default", "info", "warning", "error", "success")}
    ),
    "card": _card,
    "carousel": _block({"elements": array(tagged({"card": _card}), 10)}),
}
ONLY_IN_MESSAGES: dict[str, Check] = {
    "markdown": _block({"text": _markdown}),
    "table": _block(
        {"rows": array(array(_cell, 20), 100)},
        {
            "column_settings": array(
                shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean}), 20
            )
        },
        _grid,
    ),
    "context_actions": _block({"elements": array(tagged(e.FEEDBACK), 5)}, None, _unique_actions("elements")),
    "task_card": _block(_task, _task_more),
    "plan": _block(
        {"title": string()}, {"tasks": array(tagged({"task_card": _block(_task, _task_more)}), 50)}
    ),
}
_in_message = tagged({**BLOCKS, **ONLY_IN_MESSAGES})
_in_view = tagged(BLOCKS)


def _unique_blocks(report: Report, value: Any, at: str) -> None:
    for index, block in enumerate(value):
        name = block.get("block_id") if isinstance(block, dict) else None
        if name in report.block_ids:
            report.refuse(f"block_id `{name}` already exists", f"{at}/{index}/block_id")
        report.block_ids |= {name} if isinstance(name, str) else set()


def _blocks(each: Check, high: int) -> Check:
    many = array(each, high, low=0)

    def check(report: Report, value: Any, at: str) -> None:
        many(report, value, at)
        if isinstance(value, list):
            _unique_blocks(report, value, at)

    return check


def _submit_with_inputs(report: Report, value: Any, at: str) -> None:
    if report.inputs and "submit" not in value:
        report.refuse("submit is required when an input is in the view", f"{at}/submit")


_every_view: dict[str, Check] = {
    "private_metadata": string(PRIVATE_METADATA, low=0),
    "callback_id": string(CALLBACK_ID, low=0),
    "external_id": string(255, low=0),
}
_modal = shape(
    {"title": plain(VIEW_TITLE), "blocks": _blocks(_in_view, VIEW_BLOCKS)},
    {
        **_every_view,
        "submit": plain(VIEW_TITLE),
        "close": plain(VIEW_TITLE),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
    _submit_with_inputs,
)
_home = shape({"blocks": _blocks(_in_view, VIEW_BLOCKS)}, _every_view)
Files = Callable[[str], str | None]


def _any_file(_: str) -> str | None:
    return None


def message(blocks: Any, file: Files = _any_file, scopes: frozenset[str] = frozenset()) -> list[str]:
    """Every breach in the blocks of a message, each with its pointer; [] when Slack would take them."""
    report = Report("message", file, scopes)
    _blocks(_in_message, MESSAGE_BLOCKS)(report, blocks, "/blocks")
    return report.problems


def view(value: Any, kind: str, file: Files = _any_file, scopes: frozenset[str] = frozenset()) -> list[str]:
    """Every breach in a view.  kind: modal or home, whichever the method takes."""
    report = Report(kind, file, scopes)
    tagged({"modal": _modal} if kind == "modal" else {"home": _home})(report, value, "/view")
    return report.problems


def too_long(blocks: Sequence[Mapping[str, Any]]) -> bool:
    """Whether chat.postMessage and chat.update would answer msg_blocks_too_long (see TOTAL)."""
    return sum(map(len, texts(blocks))) + PER_BLOCK * len(blocks) > TOTAL


def texts(value: Any) -> Iterator[str]:
    """Every string called `text`, wherever it lies."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key == "text" and isinstance(each, str):
                yield each
            else:
                yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)


def view_too_large(value: Any) -> bool:
    return len(json.dumps(value, ensure_ascii=False).encode()) > VIEW_BYTES
