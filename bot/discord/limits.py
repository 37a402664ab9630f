"""Whether Discord would take a payload: every published limit of what we send, looked at before it is sent.

Figures: `figures`. Shapes: `kit`, `command_kit`. Discord's OpenAPI file says less: it knows nothing of sums over a message,
of ids that stand twice, or of what excludes what.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from bot.discord import components as c
from bot.discord import figures as f
from bot.discord.command_kit import COMMANDS
from bot.discord.kit import CUSTOM_ID, IN_MESSAGE, IN_MODAL, url, words
from bot.shapes import Rule, Shape, boolean, integer, items, one_of, text, typed, unique
from bot.split import units

Kind = Literal["message", "modal", "commands"]


def check(payload: Any, kind: Kind) -> list[str]:
    """Every breach in words, each after its JSON path; [] when it is legal.

    payload: a message as it is posted, edited, or sent by a webhook; the data of a modal; or the list of all commands.
    """
    return list(_KINDS[kind](payload, ""))


def _ids_once(value: Any, path: str) -> Iterator[str]:
    """No custom_id and no number of ours stands twice, anywhere."""
    for key in ("custom_id", "id"):
        found = [
            one[key] for one in c.every(_list(value)) if isinstance(one.get(key), str | int) and one[key]
        ]
        for id, count in Counter(found).items():
            if count > 1:
                yield f"{path}/components: {key} {id!r} stands {count} times"


def _in_sum(value: Any, path: str) -> Iterator[str]:
    found = c.every(_list(value))
    if len(found) > f.COMPONENTS:
        yield f"{path}/components: {len(found)} in all, {f.COMPONENTS} may be"
    said = sum(units(str(one.get("content", ""))) for one in found if one.get("type") == c.TEXT)
    if said > f.TEXTS:
        yield f"{path}/components: {said} characters in all, {f.TEXTS} may be"


def _made_of_one_kind(value: Any, path: str) -> Iterator[str]:
    """Components with their flag, or content without."""
    flags = value.get("flags", 0)
    flagged = isinstance(flags, int) and bool(flags & c.V2)
    if bool(value.get("components")) != flagged:
        yield f"{path}/flags: {c.V2} has to stand there where there are components, and only there"
    if flagged and "content" in value:
        yield f"{path}/content: cannot stand beside components"
    if not value.get("components") and not value.get("content"):
        yield f"{path}/: a message needs components or content"


def _attachments_are_there(value: Any, path: str) -> Iterator[str]:
    """What is shown is attached, and what is attached is shown: Discord shows nothing else of a message of components."""
    listed = value.get("attachments") or []
    named = (
        [one.get("filename") for one in listed if isinstance(one, Mapping)]
        if isinstance(listed, list)
        else []
    )
    shown = c.attached(_list(value))
    yield from (
        f"{path}/attachments: {name!r} is shown and not attached" for name in shown if name not in named
    )
    yield from (
        f"{path}/attachments: {name!r} is attached and not shown" for name in named if name not in shown
    )


def _list(value: Any) -> list[Mapping[str, Any]]:
    inside = value.get("components")
    return [one for one in inside if isinstance(one, Mapping)] if isinstance(inside, list) else []


_ATTACHMENT = Shape(
    {"id": integer(0, f.ATTACHMENTS - 1), "filename": words(f.ATTACHMENT_NAME)},
    {"description": words(f.DESCRIPTION)},
)


def _attachments(value: Any, path: str) -> Iterator[str]:
    yield from items(_ATTACHMENT, f.ATTACHMENTS, least=0)(value, path)
    yield from unique("filename")(value, path)


_REFERENCE = Shape({"message_id": text(20)}, {"channel_id": text(20), "fail_if_not_exists": boolean})
_MESSAGE: Rule = Shape(
    {"allowed_mentions": one_of({"parse": []})},
    {
        "flags": integer(0, 1 << 16),
        "components": items(typed(IN_MESSAGE, "component"), f.COMPONENTS, least=0),
        "content": text(f.CONTENT, least=0),
        "attachments": _attachments,
        "nonce": text(f.NONCE),
        "enforce_nonce": boolean,
        "message_reference": _REFERENCE,
        "username": words(f.WEBHOOK_NAME),
        "avatar_url": url(f.MEDIA_URL, "https?"),
    },
    (_ids_once, _in_sum, _made_of_one_kind, _attachments_are_there),
)
_MODAL: Rule = Shape(
    {
        "custom_id": CUSTOM_ID,
        "title": words(f.MODAL_TITLE),
        "components": items(typed(IN_MODAL, "component of a modal"), f.MODAL_COMPONENTS),
    },
    {},
    (_ids_once,),
)
_KINDS: Mapping[Kind, Rule] = {"message": _MESSAGE, "modal": _MODAL, "commands": COMMANDS}
