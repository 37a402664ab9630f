"""Whether Slack would take a payload: every published limit of what we send, looked at before it is sent.

Slack itself says no more than invalid_blocks; this says where and why. Figures: `figures`. Shapes: `kit`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from bot.shapes import Rule, Shape, boolean, items, one_of, text, typed, unique
from bot.slack import figures as f
from bot.slack.elements import plain_text
from bot.slack.kit import BLOCKS
from bot.split import units

Kind = Literal["message", "modal", "home"]


def check(payload: Mapping[str, Any], kind: Kind) -> list[str]:
    """Every breach in words, each after its JSON path; [] when it is legal.

    payload: the arguments of chat.postMessage and its like (only text, blocks and attachments are looked at), or a view.
    """
    return list(_message(payload) if kind == "message" else _VIEWS[kind](payload, ""))


def size(blocks: Iterable[Mapping[str, Any]]) -> int:
    """What `figures.MESSAGE_SIZE` counts, by the stricter of the readings that people measured."""
    return sum(units(json.dumps(b, ensure_ascii=False, separators=(",", ":"))) + f.BLOCK_COST for b in blocks)


def _message(payload: Mapping[str, Any]) -> Iterator[str]:
    blocks = payload.get("blocks") or []
    if not blocks and not payload.get("text") and not payload.get("attachments"):
        yield "/: a message needs text or blocks"
    if "text" in payload:
        yield from text(f.MESSAGE_TEXT, least=0)(payload["text"], "/text")
    yield from _blocks("message", f.MESSAGE_BLOCKS, least=0)(blocks, "/blocks")
    if not isinstance(blocks, list):
        return
    if size(blocks) > f.MESSAGE_SIZE:
        yield f"/blocks: {size(blocks)} characters in all, {f.MESSAGE_SIZE} may be"
    markdown = sum(
        units(str(b.get("text"))) for b in blocks if isinstance(b, Mapping) and b.get("type") == "markdown"
    )
    if markdown > f.MARKDOWN:
        yield f"/blocks: {markdown} characters of markdown, {f.MARKDOWN} may be"


def _blocks(kind: Kind, most: int, least: int = 1) -> Rule:
    def rule(value: Any, path: str) -> Iterator[str]:
        yield from items(typed(BLOCKS[kind], "block"), most, least)(value, path)
        yield from unique("block_id")(value, path)

    return rule


def view_size(view: Any) -> int:
    """What `figures.VIEW_SIZE` counts."""
    return len(json.dumps(view, separators=(",", ":"), default=str))


def _not_too_large(view: Any, path: str) -> Iterator[str]:
    if view_size(view) > f.VIEW_SIZE:
        yield f"{path}: {view_size(view)} bytes, {f.VIEW_SIZE} may be"


def _submit_for_inputs(view: Any, path: str) -> Iterator[str]:
    blocks = view.get("blocks")
    if "submit" in view or not isinstance(blocks, list):
        return
    if any(isinstance(block, Mapping) and block.get("type") == "input" for block in blocks):
        yield f"{path}/submit: is missing, and there are inputs"


_EITHER: dict[str, Rule] = {
    "private_metadata": text(f.PRIVATE_METADATA, least=0),
    "callback_id": text(f.CALLBACK_ID),
    "external_id": text(f.EXTERNAL_ID),
}
_VIEWS = {
    "modal": Shape(
        {
            "type": one_of("modal"),
            "title": plain_text(f.VIEW_TITLE),
            "blocks": _blocks("modal", f.VIEW_BLOCKS),
        },
        {
            **_EITHER,
            "submit": plain_text(f.VIEW_BUTTON),
            "close": plain_text(f.VIEW_BUTTON),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
        (_submit_for_inputs, _not_too_large),
    ),
    "home": Shape(
        {"type": one_of("home"), "blocks": _blocks("home", f.VIEW_BLOCKS)}, _EITHER, (_not_too_large,)
    ),
}
