"""What people type, as Slack transmits it.

docs.slack.dev/messaging/formatting-message-text: &, < and > are escaped; mentions are `<@U1>`, channels `<#C1|name>`.
"""

import re

from tests.slack.emulator.errors import Json
from tests.slack.emulator.state import Workspace

_MARK = re.compile(r"<[@#!][^>\s]*>")
_USER = re.compile(r"(?<![\w<])@([\w.-]*\w)")
_CHANNEL = re.compile(r"(?<![\w<&])#([\w-]+)")
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")


def _entities(text: str) -> str:
    """Escapes everything but marks that are there already."""
    kept, at = [], 0
    for mark in _MARK.finditer(text):
        kept += [_plain(text[at : mark.start()]), mark.group()]
        at = mark.end()
    return "".join([*kept, _plain(text[at:])])


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def typed(workspace: Workspace, text: str) -> str:
    """A message as its event tells it: `@ada` becomes `<@U1>` when there is an ada."""
    return _named(workspace, _entities(text), with_names=False)


def escaped(workspace: Workspace, text: str) -> str:
    """The text of a command whose manifest says should_escape: `<@U1|ada>`, `<#C1|general>`."""
    return _named(workspace, _entities(text), with_names=True)


def _named(workspace: Workspace, text: str, with_names: bool) -> str:
    def user(found: re.Match[str]) -> str:
        known = workspace.named(found[1])
        group = next((g for g in list(workspace.groups.values()) if g.handle == found[1]), None)
        if known is not None:
            return f"<@{known.id}|{known.name}>" if with_names else f"<@{known.id}>"
        return f"<!subteam^{group.id}|@{group.handle}>" if group else found[0]

    def channel(found: re.Match[str]) -> str:
        known = workspace.called(found[1])
        return f"<#{known.id}|{known.name}>" if known else found[0]

    return _CHANNEL.sub(channel, _USER.sub(user, text))


def rich(text: str) -> list[Json]:
    """The rich_text block that Slack's client makes of what a person typed."""
    pieces: list[Json] = []
    at = 0
    for found in _MENTION.finditer(text):
        if found.start() > at:
            pieces.append({"type": "text", "text": text[at : found.start()]})
        pieces.append({"type": "user", "user_id": found[1]})
        at = found.end()
    if at < len(text):
        pieces.append({"type": "text", "text": text[at:]})
    section = {"type": "rich_text_section", "elements": pieces}
    return [{"type": "rich_text", "block_id": f"b{abs(hash(text)) % 10**4}", "elements": [section]}]
