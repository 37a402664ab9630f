"""Block Kit as far as we send it: every block with its figures, by where it may stand. What is not in here is not sent."""

from __future__ import annotations

from collections.abc import Mapping

from bot.shapes import Rule, Shape, at_least_one, boolean, integer, items, one_of, text, typed, unique
from bot.slack import figures as f
from bot.slack.elements import (
    BUTTON,
    ID,
    IMAGE_ELEMENT,
    IMAGE_SOURCE,
    MODAL_INPUTS,
    ONE_IMAGE,
    OVERFLOW,
    PICKERS,
    SELECTS,
    TEXT_INPUT,
    any_text,
    named,
    plain_text,
    url,
)

# rich_text
_STYLE = Shape(may=dict.fromkeys(("bold", "italic", "strike", "underline", "code"), boolean))
_WORDS = Shape({"type": one_of("text"), "text": text(f.TEXT)}, {"style": _STYLE})
_RICH: dict[str, Rule] = {
    "text": _WORDS,
    "link": named("link", {"url": url(f.BUTTON_URL)}, {"text": text(f.TEXT), "style": _STYLE}),
    "date": named(
        "date",
        {"timestamp": integer(-(10**11), 10**12), "format": text(f.BLOCK_ID)},
        {"fallback": text(f.TEXT), "style": _STYLE, "url": url(f.BUTTON_URL)},
    ),
    "user": named("user", {"user_id": ID}, {"style": _STYLE}),
    "channel": named("channel", {"channel_id": ID}, {"style": _STYLE}),
    "emoji": named("emoji", {"name": ID}),
}
_ROW = items(typed(_RICH, "rich text element"), 10_000)
_BORDER: dict[str, Rule] = {"border": one_of(0, 1)}
_SECTION = named("rich_text_section", {"elements": _ROW})
_PREFORMATTED = items(typed({key: _RICH[key] for key in ("text", "link")}, "preformatted element"), 10_000)
RICH_TEXT: dict[str, Rule] = {
    "rich_text_section": _SECTION,
    "rich_text_quote": named("rich_text_quote", {"elements": _ROW}, _BORDER),
    "rich_text_preformatted": named("rich_text_preformatted", {"elements": _PREFORMATTED}, _BORDER),
    "rich_text_list": named(
        "rich_text_list",
        {"elements": items(_SECTION, 10_000), "style": one_of("bullet", "ordered")},
        {"indent": integer(0, f.LIST_INDENT), "offset": integer(0, 10_000), **_BORDER},
    ),
}

# Blocks
_IN_ACTIONS: dict[str, Rule] = {"button": BUTTON, "overflow": OVERFLOW, **SELECTS, **PICKERS}
_BESIDE: dict[str, Rule] = {**_IN_ACTIONS, "image": IMAGE_ELEMENT}
_IN_INPUT: dict[str, Rule] = {"plain_text_input": TEXT_INPUT, **SELECTS, **PICKERS}
_CONTEXT_TEXT: dict[str, Rule] = dict.fromkeys(("plain_text", "mrkdwn"), any_text(f.TEXT))
_BLOCK: dict[str, Rule] = {"block_id": text(f.BLOCK_ID)}


def _block(kind: str, needs: Mapping[str, Rule] = {}, may: Mapping[str, Rule] = {}, *also: Rule) -> Shape:
    return named(kind, needs, {**may, **_BLOCK}, *also)


def _input(elements: Mapping[str, Rule]) -> Shape:
    needs = {"label": plain_text(f.INPUT_LABEL), "element": typed(elements, "input")}
    return _block(
        "input", needs, {"hint": plain_text(f.INPUT_HINT), "optional": boolean, "dispatch_action": boolean}
    )


COMMON: dict[str, Rule] = {
    "header": _block("header", {"text": plain_text(f.HEADER)}),
    "divider": _block("divider"),
    "section": _block(
        "section",
        {},
        {
            "text": any_text(f.TEXT),
            "fields": items(any_text(f.SECTION_FIELD), f.SECTION_FIELDS),
            "accessory": typed(_BESIDE, "accessory"),
            "expand": boolean,
        },
        at_least_one("text", "fields"),
    ),
    "context": _block(
        "context",
        {"elements": items(typed({**_CONTEXT_TEXT, "image": IMAGE_ELEMENT}, "element"), f.CONTEXT_ELEMENTS)},
    ),
    "actions": _block(
        "actions",
        {"elements": items(typed(_IN_ACTIONS, "element"), f.ACTIONS_ELEMENTS)},
        {},
        unique("action_id", "elements"),
    ),
    "image": _block(
        "image",
        {"alt_text": text(f.IMAGE_ALT)},
        {"title": plain_text(f.IMAGE_TITLE), **IMAGE_SOURCE},
        ONE_IMAGE,
    ),
    "rich_text": _block("rich_text", {"elements": items(typed(RICH_TEXT, "rich text"), 10_000)}),
}
BLOCKS: dict[str, dict[str, Rule]] = {
    "message": {
        **COMMON,
        "input": _input(_IN_INPUT),
        "markdown": _block("markdown", {"text": text(f.MARKDOWN)}),
    },
    "modal": {**COMMON, "input": _input({**_IN_INPUT, **MODAL_INPUTS})},
    "home": {**COMMON, "input": _input(_IN_INPUT)},
}
"""By where they stand."""
